// Finds the matrix product in a contract, by the strides of its operands alone.
#pragma once

#include <optional>
#include <vector>

#include "plugins/cpu/contract/dnnl/call.hpp"
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

  // All of the node's parallel loops inside one batch.
  Box batch_box(const LoopArray& extents, std::uint32_t num_parallel, std::int64_t number) const;
};

// Where the operand of floats has the first element of a box.
const float* floats_at(const Run& run, const Access& access, const Box& box);

// The extents are bounds where a run decides. Nothing where an operand or the result lies in blocks of channels.
std::optional<MatmulMatch> match_matmul(const BuildContext& context, const rdu_node& node,
                                        const Operands& operands);

}  // namespace rdu::cpu
