// MaxUnpool: a scatter of the maxima to where they came from.
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/ops/window.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// The pooled input's shape: (output - 1) * stride + kernel - pads.
Dims pooled_shape(const OpCall& call) {
  Dims dims = call.dims(0);
  if (dims.size() < 3 || call.dims(1) != dims) {
    call.invalid("indices of shape " + to_text(call.dims(1)) + " for an input of shape " +
                 to_text(dims));
  }
  const std::size_t count = dims.size() - 2;
  const auto kernel = spatial_attr(call, "kernel_shape", count, 1);
  const auto strides = spatial_attr(call, "strides", count, 1);
  const auto pads = pads_attr(call, count);
  for (std::size_t d = 0; d < count; ++d) {
    if (dims[2 + d] > kMostStated) call.invalid("input of shape " + to_text(dims));
    dims[2 + d] = (dims[2 + d] - 1) * strides[d] + kernel[d] - pads[d] - pads[count + d];
    if (dims[2 + d] < 1) call.invalid("an output extent is " + std::to_string(dims[2 + d]));
  }
  return dims;
}

// The indices count in the pooled shape; a larger output_shape adds zeros at the ends.
void import_max_unpool(OpCall& call) {
  ir::Builder& b = call.b();
  const Dims dims = pooled_shape(call), in = call.dims(0);
  if (call.dtype(1) != RDU_DTYPE_I64) call.invalid("the indices must be of type int64");
  const rdu_dtype dtype = call.dtype(0);
  const Dims flat{ir::num_elements(dims)};
  const ValueId zeros = b.expand(b.scalar(dtype, 0), flat);
  const ValueId result = b.add_value(dtype, flat);
  ir::Index index;
  index.source = call.input(1);
  index.source_access = ir::identity_access(in.size());
  index.outside = RDU_OUTSIDE_ERROR;
  ir::Node node;
  node.pattern = RDU_PATTERN_SCATTER;
  for (const std::int64_t extent : in) node.loops.push_back({extent, ir::kNone, RDU_LOOP_PLAIN});
  node.num_parallel = static_cast<std::uint32_t>(in.size());
  node.reads = {b.read(call.input(0), ir::identity_access(in.size()))};
  Body body;
  body.result(body.load(0, dtype));
  node.body = body.program();
  node.combine = RDU_COMBINE_REPLACE;
  node.base = zeros;
  node.writes = {{result, {index}}};
  b.add_node(std::move(node));
  const ValueId pooled = b.reshape(result, dims);
  if (!call.has_input(2)) return call.set_output(0, pooled);
  const Dims wanted = call.required_constant(2, "the output shape").to_i64();
  if (wanted.size() != dims.size()) call.invalid("output_shape = " + to_text(wanted));
  std::vector<std::int64_t> before(dims.size(), 0), after;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    after.push_back(wanted[d] - dims[d]);
    if (after[d] < 0) call.invalid("output_shape = " + to_text(wanted));
  }
  call.set_output(0, b.pad(pooled, before, after, RDU_OUTSIDE_FILL, 0));
}

constexpr OpEntry kOps[] = {{"", "MaxUnpool", 9, import_max_unpool}};

}  // namespace

std::span<const OpEntry> unpool_ops() { return kOps; }

}  // namespace rducc::import_onnx
