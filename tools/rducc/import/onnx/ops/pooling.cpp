// Pooling: reductions over window loops, and their global forms over all positions.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/ops/window.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// Loops n, c, positions | taps, and the access of x over them.
struct Pool {
  std::vector<Window> windows;
  ir::ReduceSpec spec;
  ir::Access access;
};

Pool read_pool(const OpCall& call) {
  const Dims& in = call.dims(0);
  if (in.size() < 3) call.invalid("input of shape " + to_text(in));
  const std::size_t count = in.size() - 2;
  if (!call.has_attr("kernel_shape")) call.invalid("has no attribute kernel_shape");
  const auto kernel = spatial_attr(call, "kernel_shape", count, 1);
  Pool p;
  p.windows =
      read_windows(call, std::span(in).subspan(2), kernel, call.attr_i("ceil_mode", 0) != 0);
  p.spec.loops = {{in[0], ir::kNone, RDU_LOOP_PLAIN}, {in[1], ir::kNone, RDU_LOOP_PLAIN}};
  p.access = ir::identity_access(2);
  p.spec.dims = {in[0], in[1]};
  const auto taps = static_cast<std::uint32_t>(in.size());
  for (std::uint32_t d = 0; d < count; ++d) {
    p.spec.loops.push_back({p.windows[d].output, ir::kNone, RDU_LOOP_PLAIN});
    p.access.push_back(p.windows[d].tap(2 + d, taps + d));
    p.spec.dims.push_back(p.windows[d].output);
  }
  p.spec.num_parallel = taps;
  for (const Window& w : p.windows) p.spec.loops.push_back({w.kernel, ir::kNone, RDU_LOOP_PLAIN});
  if (p.spec.loops.size() > RDU_MAX_LOOPS) {
    call.unsupported("pooling of " + std::to_string(p.spec.loops.size()) + " loops");
  }
  return p;
}

double lowest(rdu_dtype dtype) {
  if (is_float(dtype)) return -std::numeric_limits<double>::infinity();
  return static_cast<double>(integer_range(dtype).lowest);
}

// From the position of the largest in its window to its position in the whole input: row-major, or
// with the first spatial dimension fastest (storage_order 1).
Reg input_position(Body& b, Reg in_window, const OpCall& call, const std::vector<Window>& windows) {
  const auto i64 = [&b](std::int64_t value) { return b.integer(RDU_DTYPE_I64, value); };
  const Dims& in = call.dims(0);
  const bool column_major = call.attr_i("storage_order", 0) != 0;
  const std::int64_t plane =
      std::accumulate(in.begin() + 2, in.end(), std::int64_t{1}, std::multiplies<>());
  Reg position = b.add(b.mul(b.index(0), i64(in[1])), b.index(1));
  position = b.mul(position, i64(plane));
  std::int64_t stride = column_major ? plane : 1;
  for (std::size_t i = windows.size(); i-- > 0;) {
    const Window& w = windows[i];
    if (column_major) stride /= w.input;
    const Reg tap = b.binary(RDU_OP_REM, in_window, i64(w.kernel));
    in_window = b.div(in_window, i64(w.kernel));
    const Reg start =
        b.sub(b.mul(b.index(static_cast<std::uint32_t>(2 + i)), i64(w.stride)), i64(w.pad_begin));
    const Reg at = b.add(start, b.mul(tap, i64(w.dilation)));
    position = b.add(position, b.mul(at, i64(stride)));
    if (!column_major) stride *= w.input;
  }
  return position;
}

void import_max_pool(OpCall& call) {
  const rdu_dtype dtype = call.dtype(0);
  Pool p = read_pool(call);
  p.spec.reads = {call.b().read_fill(call.input(0), p.access, lowest(dtype))};
  p.spec.body = [](Body& b, std::span<const Reg> r) { b.result(r[0]); };
  p.spec.dtype = p.spec.acc_dtype = dtype;
  p.spec.combine = RDU_COMBINE_MAX;
  if (call.wants_output(1)) {
    ir::ReduceSpec where = p.spec;
    where.combine = RDU_COMBINE_ARGMAX_FIRST;
    where.dtype = where.acc_dtype = RDU_DTYPE_I64;
    where.epilogue = [&](Body& b, Reg acc, std::span<const Reg>) {
      b.result(input_position(b, acc, call, p.windows));
    };
    call.set_output(1, call.b().reduce(std::move(where)));
  }
  call.set_output(0, call.b().reduce(std::move(p.spec)));
}

// How many taps of each window count, per output position; one number where all agree.
std::vector<double> tap_counts(const OpCall& call, const std::vector<Window>& windows,
                               bool with_padding) {
  std::vector<double> counts{1};
  double work = 1;
  for (const Window& w : windows) work *= static_cast<double>(w.output) + 1;
  for (const Window& w : windows) {
    if (work * static_cast<double>(w.kernel) > kMostStated) {
      call.unsupported("windows of " + std::to_string(w.kernel) + " at " +
                       std::to_string(w.output) + " positions");
    }
  }
  for (const Window& w : windows) {
    const std::int64_t low = with_padding ? -w.pad_begin : 0;
    const std::int64_t high = w.input + (with_padding ? w.pad_end : 0);
    std::vector<double> joined;
    for (const double outer : counts) {
      for (std::int64_t o = 0; o < w.output; ++o) {
        std::int64_t inside = 0;
        for (std::int64_t k = 0; k < w.kernel; ++k) {
          const std::int64_t at = o * w.stride - w.pad_begin + k * w.dilation;
          inside += at >= low && at < high;
        }
        joined.push_back(outer * static_cast<double>(std::max<std::int64_t>(inside, 1)));
      }
    }
    counts = std::move(joined);
  }
  const bool uniform =
      std::adjacent_find(counts.begin(), counts.end(), std::not_equal_to<>()) == counts.end();
  if (uniform && !counts.empty()) counts.resize(1);
  return counts;
}

void import_average_pool(OpCall& call) {
  require_float(call, 0);
  const rdu_dtype dtype = call.dtype(0);
  ir::Builder& builder = call.b();
  Pool p = read_pool(call);
  p.spec.reads = {builder.read_fill(call.input(0), p.access, 0)};
  p.spec.dtype = dtype;
  const rdu_dtype acc = p.spec.acc_dtype = wide(dtype);
  p.spec.body = [=](Body& b, std::span<const Reg> r) { b.result(b.cast(r[0], acc)); };
  const auto counts = tap_counts(call, p.windows, call.attr_i("count_include_pad", 0) != 0);
  if (counts.size() == 1) {
    p.spec.epilogue = [=](Body& b, Reg sum, std::span<const Reg>) {
      b.result(b.cast(b.div(sum, b.like(sum, counts[0])), dtype));
    };
  } else {
    const Dims dims(p.spec.dims.begin() + 2, p.spec.dims.end());
    const ValueId divisor =
        builder.add_constant(ir::make_tensor(acc, dims, std::span<const double>(counts)));
    p.spec.epilogue_reads = {builder.read(divisor, ir::identity_access(dims.size(), 2))};
    p.spec.epilogue = [=](Body& b, Reg sum, std::span<const Reg> r) {
      b.result(b.cast(b.div(sum, r[0]), dtype));
    };
  }
  call.set_output(0, builder.reduce(std::move(p.spec)));
}

// |x|^p and its root; p = 1 and p = 2 need no power.
Reg power(Body& b, Reg x, double p) {
  const Reg magnitude = b.unary(RDU_OP_ABS, x);
  if (p == 1) return magnitude;
  return p == 2 ? b.mul(x, x) : b.binary(RDU_OP_POW, magnitude, b.like(x, p));
}

Reg root(Body& b, Reg x, double p) {
  if (p == 1) return x;
  return p == 2 ? b.unary(RDU_OP_SQRT, x) : b.binary(RDU_OP_POW, x, b.like(x, 1 / p));
}

// A float at opset 1, an integer since.
double norm_order(const OpCall& call) {
  const double p =
      call.opset() < 2 ? call.attr_f("p", 2) : static_cast<double>(call.attr_i("p", 2));
  if (!(p >= 1)) call.invalid("attribute p = " + std::to_string(p));
  return p;
}

void import_lp_pool(OpCall& call) {
  require_float(call, 0);
  const rdu_dtype dtype = call.dtype(0);
  const double order = norm_order(call);
  Pool p = read_pool(call);
  p.spec.reads = {call.b().read_fill(call.input(0), p.access, 0)};
  p.spec.dtype = dtype;
  const rdu_dtype acc = p.spec.acc_dtype = wide(dtype);
  p.spec.body = [=](Body& b, std::span<const Reg> r) {
    b.result(power(b, b.cast(r[0], acc), order));
  };
  p.spec.epilogue = [=](Body& b, Reg sum, std::span<const Reg>) {
    b.result(b.cast(root(b, sum, order), dtype));
  };
  call.set_output(0, call.b().reduce(std::move(p.spec)));
}

// --- Global forms: a reduction over all spatial dimensions ----------------------------------------

std::vector<std::int64_t> spatial_axes(const OpCall& call) {
  if (call.rank(0) < 3) call.invalid("input of shape " + to_text(call.dims(0)));
  std::vector<std::int64_t> axes(static_cast<std::size_t>(call.rank(0) - 2));
  std::iota(axes.begin(), axes.end(), 2);
  return axes;
}

void import_global_max_pool(OpCall& call) {
  const rdu_dtype dtype = call.dtype(0);
  call.set_output(0, call.b().reduce_axes(call.input(0), spatial_axes(call), true, RDU_COMBINE_MAX,
                                          dtype, dtype));
}

void import_global_average_pool(OpCall& call) {
  require_float(call, 0);
  const rdu_dtype dtype = call.dtype(0), acc = wide(dtype);
  const auto axes = spatial_axes(call);
  double count = 1;
  for (const std::int64_t d : axes) {
    count *= static_cast<double>(call.dims(0)[static_cast<std::size_t>(d)]);
  }
  call.set_output(
      0, call.b().reduce_axes(
             call.input(0), axes, true, RDU_COMBINE_ADD, acc, dtype,
             [=](Body& b, Reg x) { return b.cast(x, acc); },
             [=](Body& b, Reg sum) { return b.cast(b.div(sum, b.like(sum, count)), dtype); }));
}

void import_global_lp_pool(OpCall& call) {
  require_float(call, 0);
  const rdu_dtype dtype = call.dtype(0), acc = wide(dtype);
  const double order = norm_order(call);
  call.set_output(0, call.b().reduce_axes(
                         call.input(0), spatial_axes(call), true, RDU_COMBINE_ADD, acc, dtype,
                         [=](Body& b, Reg x) { return power(b, b.cast(x, acc), order); },
                         [=](Body& b, Reg sum) { return b.cast(root(b, sum, order), dtype); }));
}

constexpr OpEntry kOps[] = {
    {"", "AveragePool", 1, import_average_pool},
    {"", "GlobalAveragePool", 1, import_global_average_pool},
    {"", "GlobalLpPool", 1, import_global_lp_pool},
    {"", "GlobalMaxPool", 1, import_global_max_pool},
    {"", "LpPool", 1, import_lp_pool},
    {"", "MaxPool", 1, import_max_pool},
};

}  // namespace

std::span<const OpEntry> pooling_ops() { return kOps; }

}  // namespace rducc::import_onnx
