// Operators on the layout of tensors and on pairs: windows along an axis, complex products,
// distances, real Fourier transforms.
#include <array>
#include <cmath>
#include <numbers>

#include "tools/rducc/import/onnx/ops/delegate.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/domain.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// All windows of `size` elements along a dimension, `step` apart, as a new last dimension.
void import_unfold(OpCall& call) {
  ir::Builder& builder = call.b();
  Dims dims = call.dims(0);
  const auto at =
      static_cast<std::size_t>(normalise_axis(call, call.attr_i("dim", -1), call.rank(0)));
  const std::int64_t size = call.attr_i("size", 0), step = call.attr_i("step", 1);
  if (size < 1 || step < 1 || size > dims[at] || step > kMostStated) {
    call.invalid("size = " + std::to_string(size) + ", step = " + std::to_string(step) +
                 " for an input of shape " + to_text(dims));
  }
  ir::Access access = ir::identity_access(dims.size());
  access[at] = ir::along(static_cast<std::uint32_t>(at), step);
  access[at].terms.push_back({static_cast<std::uint32_t>(dims.size()), 1});
  dims[at] = (dims[at] - size) / step + 1;
  dims.push_back(size);
  call.set_output(0, builder.map(call.dtype(0), dims, {builder.read(call.input(0), access)},
                                 [](Body& b, std::span<const Reg> r) { b.result(r[0]); }));
}

// Pairs (real, imaginary) in the last dimension; `sign` is that of b's imaginary part.
void complex_product(OpCall& call, double sign) {
  require_float(call, 0);
  require_same_dtype(call, 0, 2);
  ir::Builder& builder = call.b();
  const Dims dims = ir::broadcast_dims(call.dims(0), call.dims(1));
  std::vector<ir::Read> reads;
  for (const std::size_t i : {0, 1}) {
    if (call.dims(i).empty() || call.dims(i).back() != 2) {
      call.invalid("input " + std::to_string(i) + " of shape " + to_text(call.dims(i)));
    }
    for (const std::int64_t part : {0, 1}) {
      ir::Access access = ir::broadcast_access(call.dims(i), dims);
      access.back() = ir::at(part);
      reads.push_back(builder.read(call.input(i), access));
    }
  }
  const rdu_dtype dtype = call.dtype(0), compute = wide(dtype);
  const auto part = static_cast<std::uint32_t>(dims.size() - 1);
  call.set_output(0, builder.map(dtype, dims, reads, [=](Body& b, std::span<const Reg> r) {
    const auto real = [&](std::size_t i) { return b.cast(r[i], compute); };
    const Reg imaginary = b.mul(real(3), b.constant(compute, sign));
    const Reg x = b.sub(b.mul(real(0), real(2)), b.mul(real(1), imaginary));
    const Reg y = b.add(b.mul(real(0), imaginary), b.mul(real(1), real(2)));
    const Reg first = b.binary(RDU_OP_EQ, b.index(part), b.integer(RDU_DTYPE_I64, 0));
    b.result(b.cast(b.select(first, x, y), dtype));
  }));
}

void import_complex_mul(OpCall& call) { complex_product(call, 1); }
void import_complex_mul_conj(OpCall& call) { complex_product(call, -1); }

// The distance of each row of A from each row of B.
void import_cdist(OpCall& call) {
  require_float(call, 0);
  require_same_dtype(call, 0, 2);
  const Dims a = call.dims(0), b = call.dims(1);
  if (a.size() != 2 || b.size() != 2 || a[1] != b[1]) {
    call.invalid("operands of shapes " + to_text(a) + " and " + to_text(b));
  }
  const std::string metric = call.attr_s("metric", "sqeuclidean");
  if (metric != "euclidean" && metric != "sqeuclidean") {
    call.unsupported("attribute metric = '" + metric + "'");
  }
  const bool root = metric == "euclidean";
  ir::Builder& builder = call.b();
  ir::ReduceSpec spec;
  for (const std::int64_t extent : {a[0], b[0], a[1]}) {
    spec.loops.push_back({extent, ir::kNone, RDU_LOOP_PLAIN});
  }
  spec.num_parallel = 2;
  spec.reads = {builder.read(call.input(0), {ir::along(0), ir::along(2)}),
                builder.read(call.input(1), {ir::along(1), ir::along(2)})};
  spec.body = [](Body& body, std::span<const Reg> r) {
    const Reg difference = body.sub(r[0], r[1]);
    body.result(body.mul(difference, difference));
  };
  spec.acc_dtype = spec.dtype = call.dtype(0);
  spec.epilogue = [root](Body& body, Reg sum, std::span<const Reg>) {
    body.result(root ? body.unary(RDU_OP_SQRT, sum) : sum);
  };
  spec.dims = {a[0], b[0]};
  call.set_output(0, builder.reduce(std::move(spec)));
}

void require_plain_transform(const OpCall& call) {
  require_float(call, 0);
  if (call.attr_i("normalized", 0) != 0) call.unsupported("attribute normalized = 1");
  if (call.attr_i("onesided", 1) != 1) call.unsupported("attribute onesided = 0");
  const std::int64_t dimensions = call.attr_i("signal_ndim", 1);
  if (dimensions != 1) call.unsupported("attribute signal_ndim = " + std::to_string(dimensions));
}

// Of the last dimension.
void import_rfft(OpCall& call) {
  require_plain_transform(call);
  Dims dims = call.dims(0);
  if (dims.empty()) call.invalid("the input is a scalar");
  dims.push_back(1);
  call.set_output(0, Delegate(call, "DFT", 17)
                         .set("onesided", std::int64_t{1})
                         .set("axis", static_cast<std::int64_t>(dims.size()) - 2)
                         .run({call.b().reshape(call.input(0), dims)}));
}

// [bins, 2, n]: what the parts of a bin add to a sample. All bins but the first and the last stand
// for two of the whole spectrum.
ValueId inverse_matrix(OpCall& call, std::int64_t bins) {
  const std::int64_t n = 2 * (bins - 1);
  std::vector<double> matrix;
  for (std::int64_t k = 0; k < bins; ++k) {
    const double weight = (k == 0 || k == bins - 1 ? 1.0 : 2.0) / static_cast<double>(n);
    for (const bool imaginary : {false, true}) {
      for (std::int64_t t = 0; t < n; ++t) {
        const double turn =
            2 * std::numbers::pi * static_cast<double>(k * t % n) / static_cast<double>(n);
        matrix.push_back(weight * (imaginary ? -std::sin(turn) : std::cos(turn)));
      }
    }
  }
  return call.b().add_constant(
      ir::make_tensor(wide(call.dtype(0)), {bins, 2, n}, std::span<const double>(matrix)));
}

void import_irfft(OpCall& call) {
  require_plain_transform(call);
  const Dims x = call.dims(0);
  constexpr std::int64_t kMostBins = 1024;
  if (x.size() < 2 || x.back() != 2 || x[x.size() - 2] < 2) {
    call.invalid("input of shape " + to_text(x));
  }
  const std::int64_t bins = x[x.size() - 2];
  if (bins > kMostBins) call.unsupported("a transform of " + std::to_string(bins) + " bins");
  ir::Builder& b = call.b();
  Dims rows(x.begin(), x.end() - 2), dims = rows;
  dims.push_back(2 * (bins - 1));
  rows.push_back(2 * bins);
  call.set_output(
      0, b.reshape(
             Delegate(call, "MatMul", 13)
                 .run({b.cast(b.reshape(call.input(0), rows), call.dtype(0)),
                       b.cast(b.reshape(inverse_matrix(call, bins), Dims{2 * bins, 2 * (bins - 1)}),
                              call.dtype(0))}),
             dims));
}

constexpr OpEntry kOps[] = {
    {kMicrosoft, "CDist", 1, import_cdist},
    {kMicrosoft, "ComplexMul", 1, import_complex_mul},
    {kMicrosoft, "ComplexMulConj", 1, import_complex_mul_conj},
    {kMicrosoft, "Irfft", 1, import_irfft},
    {kMicrosoft, "Rfft", 1, import_rfft},
    {kMicrosoft, "UnfoldTensor", 1, import_unfold},
};

}  // namespace

std::span<const OpEntry> microsoft_unfold_ops() { return kOps; }

}  // namespace rducc::import_onnx
