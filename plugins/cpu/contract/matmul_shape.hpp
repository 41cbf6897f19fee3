// Finds the matrix product in a contract, by the strides of its operands alone.
#pragma once

#include <optional>
#include <vector>

#include "plugins/cpu/contract/dnnl_call.hpp"
#include "plugins/cpu/contract/operands.hpp"

namespace rdu::cpu {

// Loops by graph number, outermost first. The result steps by 1 along the last loop of `n`.
struct MatmulMatch {
  bool swapped = false;  // the second operand has the rows
  std::vector<std::uint32_t> batch, m, n, k;
  MatmulShape shape;  // of one batch

  // Is the operand the same in every batch?
  bool batch_free(const Access& operand) const {
    for (const std::uint32_t l : batch) {
      if (operand.stride[l] != 0) return false;
    }
    return true;
  }
};

// The extents are bounds where a run decides. Nothing where an operand or the result lies in blocks of channels.
std::optional<MatmulMatch> match_matmul(const BuildContext& context, const rdu_node& node,
                                        const Operands& operands);

}  // namespace rdu::cpu
