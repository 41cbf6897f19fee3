// The masks that Attention and MultiHeadAttention of com.microsoft share.
#pragma once

#include "tools/rducc/import/onnx/ops/attention_mask.hpp"

namespace rducc::import_onnx {

// A mask of int32 in one of its shapes: [batch] lengths, [2 * batch] ends and starts, [batch,
// columns] or [batch, rows, columns]; what it hides gets mask_filter_value added.
void add_key_padding(OpCall& call, const Scores& scores, std::size_t input,
                     std::vector<ScoreStep>& masks);

// The attribute unidirectional: what it hides is as small as a float can be.
void add_unidirectional(OpCall& call, const Scores& scores, Position first_row,
                        std::vector<ScoreStep>& masks);

// The attribute scale, where 0 means 1 / sqrt(size of a head).
double scale_of(const OpCall& call, const HeadTensor& query);

// Inputs and attributes that only other devices of that runtime know.
void refuse_inputs(const OpCall& call, std::initializer_list<std::pair<std::size_t, const char*>>);
void refuse_attributes(const OpCall& call, std::initializer_list<const char*> names);

}  // namespace rducc::import_onnx
