// The families of operators that the compiler knows.
#pragma once

#include <span>

#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {

using Family = std::span<const OpEntry> (*)();

inline constexpr Family kFamilies[] = {
    activation_ops,    contraction_ops, control_ops,    convolution_ops,  cumulative_ops,
    einsum_ops,        elementwise_ops, indexing_ops,   layout_ops,       loss_ops,
    normalisation_ops, pooling_ops,     positional_ops, quantisation_ops, quantised_product_ops,
    random_ops,        recurrent_ops,   reduction_ops,  resize_ops,       scatter_ops,
    selection_ops,     shape_ops,       slice_pad_ops,  softmax_ops,      sorting_ops,
    unary_ops,         unique_ops,
};

}  // namespace rducc::import_onnx
