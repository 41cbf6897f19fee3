// Mean and variance over axes: the first half of every normalisation.
#pragma once

#include <cstdint>
#include <span>

#include "tools/rducc/ir/builder.hpp"

namespace rducc::import_onnx {

// Elements met per result of a reduction over the axes, whose extents must be constant.
double num_reduced(ir::Builder& builder, ir::ValueId x, std::span<const std::int64_t> axes);

struct Moments {
  ir::ValueId mean;       // reduced axes kept as 1
  ir::ValueId deviation;  // x - mean
  ir::ValueId variance;   // of the population
};

// Two passes, in `compute`: the mean first, then the mean of the squared deviations.
Moments moments(ir::Builder& builder, ir::ValueId x, std::span<const std::int64_t> axes,
                rdu_dtype compute);

// 1 / sqrt(variance + epsilon)
ir::ValueId inverse_deviation(ir::Builder& builder, ir::ValueId variance, double epsilon);

// deviation * inverse * scale + bias in `dtype`; scale and bias broadcast to it or are kNone.
ir::ValueId scale_shift(ir::Builder& builder, ir::ValueId deviation, ir::ValueId inverse,
                        ir::ValueId scale, ir::ValueId bias, rdu_dtype dtype);

}  // namespace rducc::import_onnx
