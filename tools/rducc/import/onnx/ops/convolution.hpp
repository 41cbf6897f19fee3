// What Conv, ConvTranspose, ConvInteger and QLinearConv share: loops, accesses and the epilogue.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/rducc/import/onnx/op_call.hpp"
#include "tools/rducc/import/onnx/ops/window.hpp"

namespace rducc::import_onnx {

struct ConvShape {
  std::int64_t groups = 1;
  std::vector<Window> windows;
};

struct ConvLoops {
  std::vector<ir::Loop> loops;
  std::uint32_t num_parallel = 0;
  ValueId x = ir::kNone, w = ir::kNone;  // as the accesses see them: split by groups
  ir::Access x_access, w_access;
  std::vector<std::uint32_t> channel;  // the loops that together number the output channel
  Dims result_dims;                    // of the contract's result, by loop
  Dims dims;                           // of the operator's result
};

// Checks the shapes of inputs `x` and `w` and reads the attributes.
ConvShape conv_shape(const OpCall& call, std::size_t x, std::size_t w);

ConvLoops conv_loops(ir::Builder& builder, ValueId x, ValueId w, const ConvShape& shape);

// Reads a value of one element per output channel.
ir::Read per_channel(ir::Builder& builder, ValueId value, const ConvLoops& loops,
                     const ConvShape& shape);

// The accumulated sum, plus the bias where it is read, in `dtype`.
ir::EpilogueFn add_bias(rdu_dtype dtype);
// kInvalid unless input 2, where present, has one element per output channel.
void check_bias(const OpCall& call, std::int64_t channels);

// kUnsupported where a node of so many loops would not fit the graph.
void require_domain(const OpCall& call, std::size_t loops);

}  // namespace rducc::import_onnx
