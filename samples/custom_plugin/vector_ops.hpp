// The operations of a vector program that this device has: the one list that both the check and the kernel ask.
#pragma once

#include <cstdint>

namespace mapper {

// Points that an operation treats at once: few enough that a program's registers stay in the L1 cache.
inline constexpr std::int64_t kLanes = 256;

// out[i] = op(a[i], b[i], c[i]) for i < lanes; an operation ignores the operands that it does not have.
using VectorOp = void (*)(const float* a, const float* b, const float* c, float* out,
                          std::int64_t lanes);

// NULL where this device does not implement `op`. LOAD and CONST belong to the kernel.
VectorOp find_vector_op(std::uint32_t op);

}  // namespace mapper
