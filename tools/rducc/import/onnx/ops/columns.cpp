// Col2Im and CenterCropPad: what was cut from an image, put back in place.
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/ops/window.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

struct Columns {
  std::vector<Window> windows;  // over the image; `output` is how many fit
  std::int64_t taps = 1, positions = 1;
};

Columns read_columns(const OpCall& call) {
  const auto image = call.required_constant(1, "the image's shape").to_i64();
  const auto block = call.required_constant(2, "the block's shape").to_i64();
  if (image.empty() || block.size() != image.size()) {
    call.invalid("image_shape = " + to_text(image) + " and block_shape = " + to_text(block));
  }
  const auto strides = spatial_attr(call, "strides", image.size(), 1);
  const auto dilations = spatial_attr(call, "dilations", image.size(), 1);
  const auto pads = pads_attr(call, image.size());
  Columns columns;
  for (std::size_t d = 0; d < image.size(); ++d) {
    if (image[d] < 1 || image[d] > kMostStated || block[d] < 1 || block[d] > kMostStated) {
      call.invalid("image_shape = " + to_text(image) + " and block_shape = " + to_text(block));
    }
    Window w{image[d], block[d], 0, strides[d], dilations[d], pads[d], pads[image.size() + d]};
    const std::int64_t room = w.input + w.pad_begin + w.pad_end - w.reach();
    if (room < 0) {
      call.invalid("a block of " + std::to_string(w.reach()) + " in an image of " +
                   std::to_string(w.input) + " with its pads");
    }
    w.output = room / w.stride + 1;
    columns.taps = ir::num_elements(Dims{columns.taps, w.kernel});
    columns.positions = ir::num_elements(Dims{columns.positions, w.output});
    columns.windows.push_back(w);
  }
  return columns;
}

// Position i gathers the columns p and taps k with p * stride + k * dilation = i + pad.
ir::Index column_of(const Window& w, std::uint32_t position, std::uint32_t tap) {
  ir::Index index = ir::along(position, 1, w.pad_begin);
  index.terms.push_back({tap, -w.dilation});
  index.div = w.stride;
  index.exact = w.stride > 1;
  return ir::outside(index, RDU_OUTSIDE_FILL);
}

// Loops: n, channel, positions of the image | taps.
void import_col2im(OpCall& call) {
  const Dims in = call.dims(0);
  const Columns columns = read_columns(call);
  if (in.size() != 3 || in[1] % columns.taps != 0 || in[2] != columns.positions) {
    call.invalid("input of shape " + to_text(in) + " where blocks have " +
                 std::to_string(columns.taps) + " elements and " +
                 std::to_string(columns.positions) + " positions");
  }
  const auto spatial = static_cast<std::uint32_t>(columns.windows.size());
  if (2 + 2 * spatial > RDU_MAX_RANK) {
    call.unsupported("an image of " + std::to_string(spatial) + " dimensions");
  }
  Dims split{in[0], in[1] / columns.taps};
  ir::ReduceSpec spec;
  spec.dims = split;
  for (const Window& w : columns.windows) split.push_back(w.kernel);
  for (const Window& w : columns.windows) split.push_back(w.output);
  for (const Window& w : columns.windows) spec.dims.push_back(w.input);
  for (const std::int64_t extent : spec.dims) spec.loops.push_back({extent});
  spec.num_parallel = 2 + spatial;
  for (const Window& w : columns.windows) spec.loops.push_back({w.kernel});
  ir::Access access = ir::identity_access(2);
  for (std::uint32_t d = 0; d < spatial; ++d) access.push_back(ir::along(spec.num_parallel + d));
  for (std::uint32_t d = 0; d < spatial; ++d) {
    access.push_back(column_of(columns.windows[d], 2 + d, spec.num_parallel + d));
  }
  ir::Builder& b = call.b();
  spec.reads = {b.read(b.reshape(call.input(0), split), access)};
  spec.dtype = call.dtype(0);
  spec.acc_dtype = wide(spec.dtype);
  if (is_integer(spec.dtype)) spec.acc_dtype = RDU_DTYPE_I64;
  spec.body = [acc = spec.acc_dtype](Body& body, std::span<const Reg> r) {
    body.result(body.cast(r[0], acc));
  };
  call.set_output(0, b.reduce(std::move(spec)));
}

// Both start in the middle, an odd element more at the end.
void import_center_crop_pad(OpCall& call) {
  Dims dims = call.dims(0);
  const auto rank = static_cast<std::int64_t>(dims.size());
  const auto wanted = call.required_constant(1, "the output's shape").to_i64();
  std::vector<std::int64_t> axes = call.attr_ints("axes");
  if (!call.has_attr("axes")) {
    for (std::int64_t axis = 0; axis < rank; ++axis) axes.push_back(axis);
  }
  if (axes.size() != wanted.size()) {
    call.invalid("a shape of " + std::to_string(wanted.size()) + " extents for " +
                 std::to_string(axes.size()) + " axes");
  }
  ir::Access access = ir::identity_access(dims.size());
  std::vector<bool> seen(dims.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<std::size_t>(normalise_axis(call, axes[i], rank));
    if (seen[axis]) call.invalid("axes = " + to_text(axes) + " names one twice");
    seen[axis] = true;
    if (wanted[i] < 0 || wanted[i] > kMostStated || dims[axis] > kMostStated) {
      call.invalid("a shape of " + to_text(wanted));
    }
    const std::int64_t more = wanted[i] - dims[axis];
    access[axis].offset = more > 0 ? -(more / 2) : -more / 2;
    if (more > 0) access[axis].outside = RDU_OUTSIDE_FILL;
    dims[axis] = wanted[i];
  }
  call.set_output(0, call.b().map(call.dtype(0), dims, {call.b().read(call.input(0), access)},
                                  [](Body& b, std::span<const Reg> r) { b.result(r[0]); }));
}

constexpr OpEntry kOps[] = {
    {"", "CenterCropPad", 18, import_center_crop_pad},
    {"", "Col2Im", 18, import_col2im},
};

}  // namespace

std::span<const OpEntry> columns_ops() { return kOps; }

}  // namespace rducc::import_onnx
