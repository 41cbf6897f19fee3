// Which ONNX operators are supported: one table per family, looked up by (domain, name, opset).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "tools/rducc/import/onnx/op_call.hpp"

namespace rducc::import_onnx {

using ImportFn = void (*)(OpCall&);

struct OpEntry {
  std::string_view domain;  // "" = ai.onnx
  std::string_view name;
  std::int64_t
      since;  // first opset in which this function holds; the highest one <= the model's is taken
  ImportFn import;
};

// One per family in ops/; ops/families.hpp lists those that exist.
std::span<const OpEntry> activation_ops();
std::span<const OpEntry> contraction_ops();
std::span<const OpEntry> control_ops();
std::span<const OpEntry> convolution_ops();
std::span<const OpEntry> cumulative_ops();
std::span<const OpEntry> einsum_ops();
std::span<const OpEntry> elementwise_ops();
std::span<const OpEntry> indexing_ops();
std::span<const OpEntry> layout_ops();
std::span<const OpEntry> loss_ops();
std::span<const OpEntry> normalisation_ops();
std::span<const OpEntry> pooling_ops();
std::span<const OpEntry> positional_ops();
std::span<const OpEntry> quantisation_ops();
std::span<const OpEntry> quantised_product_ops();
std::span<const OpEntry> random_ops();
std::span<const OpEntry> recurrent_ops();
std::span<const OpEntry> reduction_ops();
std::span<const OpEntry> resize_ops();
std::span<const OpEntry> scatter_ops();
std::span<const OpEntry> selection_ops();
std::span<const OpEntry> shape_ops();
std::span<const OpEntry> slice_pad_ops();
std::span<const OpEntry> softmax_ops();
std::span<const OpEntry> sorting_ops();
std::span<const OpEntry> unary_ops();
std::span<const OpEntry> unique_ops();

// The function for an operator, or nullptr.
const OpEntry* find_op(std::string_view domain, std::string_view name, std::int64_t opset);

}  // namespace rducc::import_onnx
