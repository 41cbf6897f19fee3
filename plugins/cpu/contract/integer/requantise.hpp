// The epilogue of a quantised contraction, where one kernel does all of it.
#pragma once

#include <optional>

#include "plugins/cpu/access/grid.hpp"
#include "plugins/cpu/body/evaluate.hpp"
#include "plugins/cpu/contract/integer/byte_table.hpp"
#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {

// saturate(round(clamp(float(sum + whole bias) * scale + bias) / divisor) + zero point), as bytes.
struct RequantiseMatch {
  struct Parameter {
    std::uint32_t read = RDU_NONE;  // NONE: the constant
    double constant = 0;
  };
  Parameter whole_bias, scale{RDU_NONE, 1}, bias{RDU_NONE, -0.0};
  float low = 0, high = 0;
  float divisor = 1, zero_point = 0;
  rdu_dtype dtype = RDU_DTYPE_U8;  // or F32: neither divided nor rounded
};

std::optional<RequantiseMatch> match_requantise(plugin::Graph graph, const rdu_node& node);

// The same, and then a table that makes other bytes of them.
struct TabledMatch {
  RequantiseMatch match;
  ByteTable table;
  rdu_dtype dtype;  // of the result
};
std::optional<TabledMatch> match_tabled_requantise(plugin::Graph graph, const rdu_node& node,
                                                   const Kernels& kernels);

// The same as floats: clamp(float(sum + whole bias) * scale + bias).
std::optional<RequantiseMatch> match_dequantise(plugin::Graph graph, const rdu_node& node);

}  // namespace rdu::cpu
