// Rotary position embedding: pairs of channels turned by an angle that depends on the position.
#pragma once

#include <functional>

#include "tools/rducc/import/onnx/ops/head_tensor.hpp"

namespace rducc::import_onnx {

// Cosines and sines of `pairs` angles, the last dimension of both tensors.
struct RotaryTable {
  ValueId cos = ir::kNone, sin = ir::kNone;
  std::int64_t pairs = 0;
  bool interleaved = false;  // a pair is channels 2i, 2i + 1, else i, pairs + i
  // Where the angles of a token are: the access but for the last dimension.
  std::function<ir::Access(const ir::Index& batch, const ir::Index& position)> row;
};

// Tables [positions, pairs] or [batch, length, pairs].
RotaryTable rotary_table(OpCall& call, std::size_t cos_input, std::size_t sin_input);
// The rows of a table [positions, pairs]: those that `ids` says, [batch, length] of them, ...
void rows_by_id(OpCall& call, RotaryTable& table, ValueId ids, const HeadTensor& x);
// ... or from the integer `first` on, a scalar, [1] or [batch]; kNone: from 0.
void rows_from(OpCall& call, RotaryTable& table, ValueId first, const HeadTensor& x);

// The first 2 * pairs channels of each head turned, the others as they are.
HeadTensor rotate(ir::Builder& builder, const HeadTensor& x, const RotaryTable& table,
                  HeadLayout layout);

}  // namespace rducc::import_onnx
