// Recognises, in a compiled program, an activation of a sum and what is added to it.
#pragma once

#include <optional>
#include <vector>

#include "plugins/cpu/contract/epilogue.hpp"

namespace rdu::cpu {

struct ActivatedSum {
  RowActivation activation;
  std::vector<std::uint32_t> addends;  // accesses of the program, F32 or BF16
};

// cast(activation(acc + reads)), in any order of the additions; nothing where the program does more.
std::optional<ActivatedSum> match_activated_sum(const Kernels& kernels, const Body& body);

}  // namespace rdu::cpu
