// What is left of a program after some of its registers, where that one is a byte: a function of 256 values.
#pragma once

#include <array>
#include <optional>
#include <rdu/plugin.hpp>

#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {

using ByteTable = std::array<std::uint8_t, 256>;

// By the byte that `reg` holds, the byte that `result` does. Nothing where it takes more than `reg` and constants, or
// either is no byte.
std::optional<ByteTable> tabulate(plugin::View<rdu_instr> code, std::uint32_t reg,
                                  std::uint32_t result, const Kernels& kernels);

}  // namespace rdu::cpu
