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

// One per file in ops/.
std::span<const OpEntry> elementwise_ops();  // unary and binary arithmetic, comparison, logic,
                                             // activations, Where, Clip, Cast
std::span<const OpEntry> reduction_ops();    // Reduce*, ArgMax, ArgMin, Softmax family, CumSum
std::span<const OpEntry>
layout_ops();  // Reshape … Transpose, Slice, Concat, Split, Pad, Tile, Expand, DepthToSpace
std::span<const OpEntry>
shape_ops();  // Shape, Size, Constant, ConstantOfShape, Range, EyeLike, Identity, Dropout
std::span<const OpEntry> contraction_ops();  // MatMul, Gemm, Einsum
std::span<const OpEntry> convolution_ops();  // Conv, ConvTranspose
std::span<const OpEntry> pooling_ops();      // MaxPool, AveragePool, LpPool, Global*
std::span<const OpEntry>
normalisation_ops();  // BatchNormalization, LayerNormalization, InstanceNormalization, LRN, …
std::span<const OpEntry>
indexing_ops();  // Gather*, Scatter*, OneHot, NonZero, Compress, TopK, Unique, Trilu
std::span<const OpEntry> resize_ops();  // Resize, Upsample, GridSample
std::span<const OpEntry>
quantisation_ops();  // QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear, *Integer, QLinear*
std::span<const OpEntry> recurrent_ops();  // LSTM, GRU, RNN
std::span<const OpEntry> control_ops();    // If, Loop, Scan
std::span<const OpEntry> loss_ops();       // NegativeLogLikelihoodLoss, SoftmaxCrossEntropyLoss

// The function for an operator, or nullptr.
const OpEntry* find_op(std::string_view domain, std::string_view name, std::int64_t opset);

}  // namespace rducc::import_onnx
