// Single elements, outside of any loop: constants of programs, fills, identities of reductions.
#pragma once

#include <rdu/body_ops.h>
#include <rdu/types.h>

#include <cstdint>

namespace rdu::cpu {

// The bits of a scalar in memory, low bytes first: `f` counts for float dtypes, `i` for all others.
std::uint64_t scalar_bits(rdu_dtype dtype, double f, std::int64_t i);

// The same in a register, where f16 and bf16 are floats.
std::uint64_t register_bits(rdu_dtype dtype, double f, std::int64_t i);

// What an empty reduction yields, as register bits.
std::uint64_t identity_bits(std::uint32_t combine, rdu_dtype dtype);

// Bytes of an element in a register.
std::uint32_t register_bytes(rdu_dtype dtype);

// Bytes of an element in memory; 4-bit dtypes, two to a byte, count as 1.
std::uint32_t memory_bytes(rdu_dtype dtype);

}  // namespace rdu::cpu
