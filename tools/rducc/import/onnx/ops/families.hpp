// The families of operators that the compiler knows: each file of operators has a table.
#pragma once

#include <span>

#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {

std::span<const OpEntry> activation_ops();
std::span<const OpEntry> affine_grid_ops();
std::span<const OpEntry> attention_ops();
std::span<const OpEntry> bit_cast_ops();
std::span<const OpEntry> cache_update_ops();
std::span<const OpEntry> causal_conv_ops();
std::span<const OpEntry> columns_ops();
std::span<const OpEntry> contraction_ops();
std::span<const OpEntry> control_ops();
std::span<const OpEntry> conv_transpose_ops();
std::span<const OpEntry> convolution_ops();
std::span<const OpEntry> cumulative_ops();
std::span<const OpEntry> deform_conv_ops();
std::span<const OpEntry> detection_ops();
std::span<const OpEntry> einsum_ops();
std::span<const OpEntry> elementwise_ops();
std::span<const OpEntry> indexing_ops();
std::span<const OpEntry> layout_ops();
std::span<const OpEntry> linear_attention_ops();
std::span<const OpEntry> local_norm_ops();
std::span<const OpEntry> loop_ops();
std::span<const OpEntry> loss_ops();
std::span<const OpEntry> matrix_ops();
std::span<const OpEntry> max_roi_pool_ops();
std::span<const OpEntry> microsoft_attention_ops();
std::span<const OpEntry> microsoft_biased_ops();
std::span<const OpEntry> microsoft_block_quantised_ops();
std::span<const OpEntry> microsoft_crop_resize_ops();
std::span<const OpEntry> microsoft_embedding_ops();
std::span<const OpEntry> microsoft_equivalent_ops();
std::span<const OpEntry> microsoft_fused_product_ops();
std::span<const OpEntry> microsoft_group_norm_ops();
std::span<const OpEntry> microsoft_group_query_attention_ops();
std::span<const OpEntry> microsoft_inverse_ops();
std::span<const OpEntry> microsoft_mixture_ops();
std::span<const OpEntry> microsoft_multi_head_attention_ops();
std::span<const OpEntry> microsoft_quantised_map_ops();
std::span<const OpEntry> microsoft_quantised_product_ops();
std::span<const OpEntry> microsoft_quantised_recurrent_ops();
std::span<const OpEntry> microsoft_quantised_reduction_ops();
std::span<const OpEntry> microsoft_skip_norm_ops();
std::span<const OpEntry> microsoft_unfold_ops();
std::span<const OpEntry> ngrams_ops();
std::span<const OpEntry> normalisation_ops();
std::span<const OpEntry> optimizer_ops();
std::span<const OpEntry> pooling_ops();
std::span<const OpEntry> positional_ops();
std::span<const OpEntry> quantisation_ops();
std::span<const OpEntry> quantised_product_ops();
std::span<const OpEntry> random_ops();
std::span<const OpEntry> recurrent_ops();
std::span<const OpEntry> reduction_ops();
std::span<const OpEntry> resize_ops();
std::span<const OpEntry> roi_align_ops();
std::span<const OpEntry> rotary_ops();
std::span<const OpEntry> sampling_ops();
std::span<const OpEntry> scan_ops();
std::span<const OpEntry> scatter_ops();
std::span<const OpEntry> selection_ops();
std::span<const OpEntry> sequence_ops();
std::span<const OpEntry> shape_ops();
std::span<const OpEntry> signal_ops();
std::span<const OpEntry> slice_pad_ops();
std::span<const OpEntry> softmax_ops();
std::span<const OpEntry> sorting_ops();
std::span<const OpEntry> unary_ops();
std::span<const OpEntry> unique_ops();
std::span<const OpEntry> unpool_ops();

using Family = std::span<const OpEntry> (*)();

inline constexpr Family kFamilies[] = {
    activation_ops,
    affine_grid_ops,
    attention_ops,
    bit_cast_ops,
    cache_update_ops,
    causal_conv_ops,
    columns_ops,
    contraction_ops,
    control_ops,
    conv_transpose_ops,
    convolution_ops,
    cumulative_ops,
    deform_conv_ops,
    detection_ops,
    einsum_ops,
    elementwise_ops,
    indexing_ops,
    layout_ops,
    linear_attention_ops,
    local_norm_ops,
    loop_ops,
    loss_ops,
    matrix_ops,
    max_roi_pool_ops,
    microsoft_attention_ops,
    microsoft_biased_ops,
    microsoft_block_quantised_ops,
    microsoft_crop_resize_ops,
    microsoft_embedding_ops,
    microsoft_equivalent_ops,
    microsoft_fused_product_ops,
    microsoft_group_norm_ops,
    microsoft_group_query_attention_ops,
    microsoft_inverse_ops,
    microsoft_mixture_ops,
    microsoft_multi_head_attention_ops,
    microsoft_quantised_map_ops,
    microsoft_quantised_product_ops,
    microsoft_quantised_recurrent_ops,
    microsoft_quantised_reduction_ops,
    microsoft_skip_norm_ops,
    microsoft_unfold_ops,
    ngrams_ops,
    normalisation_ops,
    optimizer_ops,
    pooling_ops,
    positional_ops,
    quantisation_ops,
    quantised_product_ops,
    random_ops,
    recurrent_ops,
    reduction_ops,
    resize_ops,
    roi_align_ops,
    rotary_ops,
    sampling_ops,
    scan_ops,
    scatter_ops,
    selection_ops,
    sequence_ops,
    shape_ops,
    signal_ops,
    slice_pad_ops,
    softmax_ops,
    sorting_ops,
    unary_ops,
    unique_ops,
    unpool_ops,
};

}  // namespace rducc::import_onnx
