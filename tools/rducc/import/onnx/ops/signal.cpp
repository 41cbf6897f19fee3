// Fourier transforms as contractions with a constant matrix, and the constants of signal processing.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "tools/rducc/import/onnx/ops/contraction.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

std::int64_t scalar_i64(const OpCall& call, std::size_t i, std::string_view what) {
  const std::vector<std::int64_t> values = call.required_constant(i, what).to_i64();
  if (values.size() != 1) call.invalid(std::string(what) + " is not a scalar");
  return values[0];
}

double scalar_f64(const OpCall& call, std::size_t i, std::string_view what) {
  const std::vector<double> values = call.required_constant(i, what).to_f64();
  if (values.size() != 1) call.invalid(std::string(what) + " is not a scalar");
  return values[0];
}

// --- Windows: sums of cosines --------------------------------------------------------------------

void set_window(OpCall& call, std::initializer_list<double> coefficients) {
  const std::int64_t size = scalar_i64(call, 0, "the size");
  if (size < 0 || size > (std::int64_t{1} << 24)) call.invalid("size = " + std::to_string(size));
  const rdu_dtype dtype = dtype_attr(call, "output_datatype", RDU_DTYPE_F32);
  const bool periodic = call.attr_i("periodic", 1) != 0;
  const double period = static_cast<double>(std::max<std::int64_t>(1, periodic ? size : size - 1));
  std::vector<double> window;
  for (std::int64_t n = 0; n < size; ++n) {
    const double turn = 2 * std::numbers::pi * static_cast<double>(n) / period;
    double value = 0, multiple = 0;
    for (const double coefficient : coefficients)
      value += coefficient * std::cos(turn * multiple++);
    window.push_back(value);
  }
  call.set_output(
      0, call.b().add_constant(ir::make_tensor(dtype, {size}, std::span<const double>(window))));
}

void import_hann(OpCall& call) { set_window(call, {0.5, -0.5}); }
void import_hamming(OpCall& call) { set_window(call, {25.0 / 46, -21.0 / 46}); }
void import_blackman(OpCall& call) { set_window(call, {0.42, -0.5, 0.08}); }

// --- Mel weights: triangles between neighbouring centres -------------------------------------------

void import_mel_weights(OpCall& call) {
  const std::int64_t bands = scalar_i64(call, 0, "num_mel_bins");
  const std::int64_t length = scalar_i64(call, 1, "dft_length");
  const std::int64_t rate = scalar_i64(call, 2, "sample_rate");
  if (bands < 1 || length < 1 || rate < 1 || bands > kMostStated || length > kMostStated ||
      bands * length > (std::int64_t{1} << 24)) {
    call.invalid("num_mel_bins = " + std::to_string(bands) + ", dft_length = " +
                 std::to_string(length) + ", sample_rate = " + std::to_string(rate));
  }
  const auto mel = [](double hertz) { return 2595 * std::log10(1 + hertz / 700); };
  const double low = mel(scalar_f64(call, 3, "lower_edge_hertz"));
  const double high = mel(scalar_f64(call, 4, "upper_edge_hertz"));
  const double step = (high - low) / static_cast<double>(bands + 2);
  std::vector<std::int64_t> centres;
  for (std::int64_t i = 0; i < bands + 2; ++i) {
    const double hertz = 700 * (std::pow(10, (static_cast<double>(i) * step + low) / 2595) - 1);
    centres.push_back(static_cast<std::int64_t>(
        std::floor(static_cast<double>(length + 1) * hertz / static_cast<double>(rate))));
  }
  const std::int64_t rows = length / 2 + 1;
  std::vector<double> weights(static_cast<std::size_t>(rows * bands), 0);
  for (std::int64_t i = 0; i < bands; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const std::int64_t left = centres[at], middle = centres[at + 1], right = centres[at + 2];
    for (std::int64_t j = std::max<std::int64_t>(left, 0); j < std::min(right, rows); ++j) {
      double weight = 1;
      if (j < middle) weight = static_cast<double>(j - left) / static_cast<double>(middle - left);
      if (j > middle) weight = static_cast<double>(right - j) / static_cast<double>(right - middle);
      weights[static_cast<std::size_t>(j * bands + i)] = weight;
    }
    if (middle == right && middle >= 0 && middle < rows) {
      weights[static_cast<std::size_t>(middle * bands + i)] = 1;
    }
  }
  const rdu_dtype dtype = dtype_attr(call, "output_datatype", RDU_DTYPE_F32);
  call.set_output(0, call.b().add_constant(
                         ir::make_tensor(dtype, {rows, bands}, std::span<const double>(weights))));
}

// --- Transforms -----------------------------------------------------------------------------------

// p · q of the two reads, summed in the wide form of `dtype`.
void set_product(ir::ReduceSpec& spec, rdu_dtype dtype) {
  const rdu_dtype acc = wide(dtype);
  spec.acc_dtype = acc;
  spec.dtype = dtype;
  spec.body = product_in(acc);
  spec.epilogue = [dtype](Body& b, Reg sum, std::span<const Reg>) { b.result(b.cast(sum, dtype)); };
}

// [samples, parts, bins, 2]: what real and imaginary parts of a sample add to those of a bin.
ValueId fourier_matrix(OpCall& call, std::int64_t samples, std::int64_t parts, std::int64_t bins,
                       std::int64_t length, bool inverse) {
  constexpr std::int64_t kMostElements = std::int64_t{1} << 24;
  if (samples * bins > kMostElements / (2 * parts)) {
    call.unsupported("a transform of " + std::to_string(samples) + " samples to " +
                     std::to_string(bins) + " bins");
  }
  const double scale = inverse ? 1 / static_cast<double>(length) : 1, sign = inverse ? 1 : -1;
  std::vector<double> matrix;
  for (std::int64_t n = 0; n < samples; ++n) {
    for (std::int64_t part = 0; part < parts; ++part) {
      for (std::int64_t k = 0; k < bins; ++k) {
        const double turn = sign * 2 * std::numbers::pi * static_cast<double>(n * k % length) /
                            static_cast<double>(length);
        const double real = scale * std::cos(turn), imaginary = scale * std::sin(turn);
        matrix.push_back(part == 0 ? real : -imaginary);
        matrix.push_back(part == 0 ? imaginary : real);
      }
    }
  }
  return call.b().add_constant(ir::make_tensor(wide(call.dtype(0)), {samples, parts, bins, 2},
                                               std::span<const double>(matrix)));
}

// The transform along one axis; the last dimension holds the real part, or both.
void import_dft(OpCall& call) {
  require_float(call, 0);
  const Dims in = call.dims(0);
  if (in.size() < 2 || (in.back() != 1 && in.back() != 2)) {
    call.invalid("input of shape " + to_text(in));
  }
  std::int64_t axis = call.opset() < 20 ? call.attr_i("axis", 1) : -2;
  if (call.opset() >= 20 && call.has_input(2)) axis = scalar_i64(call, 2, "the axis");
  axis = normalise_axis(call, axis, call.rank(0));
  const auto at = static_cast<std::size_t>(axis);
  if (at + 1 == in.size()) call.invalid("axis " + std::to_string(axis) + " holds the parts");
  const std::int64_t length = call.has_input(1) ? scalar_i64(call, 1, "dft_length") : in[at];
  if (length < 1 || length > kMostStated) call.invalid("dft_length = " + std::to_string(length));
  const bool inverse = call.attr_i("inverse", 0) != 0, onesided = call.attr_i("onesided", 0) != 0;
  if (inverse && onesided) call.unsupported("attributes inverse = 1 and onesided = 1 together");
  const std::int64_t bins = onesided ? length / 2 + 1 : length, samples = std::min(length, in[at]);
  ir::Builder& b = call.b();
  const ValueId matrix = fourier_matrix(call, samples, in.back(), bins, length, inverse);
  ir::ReduceSpec spec;
  spec.dims = in;
  spec.dims[at] = bins;
  spec.dims.back() = 2;
  for (std::size_t d = 0; d < in.size(); ++d) {
    const std::uint32_t role = d == at || d + 1 == in.size() ? RDU_LOOP_N : RDU_LOOP_M;
    spec.loops.push_back({spec.dims[d], ir::kNone, role});
  }
  const auto rank = static_cast<std::uint32_t>(in.size());
  spec.num_parallel = rank;
  spec.loops.push_back({samples, ir::kNone, RDU_LOOP_K});
  spec.loops.push_back({in.back(), ir::kNone, RDU_LOOP_K});
  if (spec.loops.size() > RDU_MAX_LOOPS) {
    call.unsupported("a transform of " + std::to_string(spec.loops.size()) + " loops");
  }
  ir::Access x = ir::identity_access(in.size());
  x[at] = ir::along(rank);
  x.back() = ir::along(rank + 1);
  spec.reads = {b.read(call.input(0), x),
                b.read(matrix, {ir::along(rank), ir::along(rank + 1),
                                ir::along(static_cast<std::uint32_t>(at)), ir::along(rank - 1)})};
  set_product(spec, call.dtype(0));
  call.set_output(0, b.contract(std::move(spec)));
}

// Transforms of overlapping frames; the window scales the rows of the matrix.
void import_stft(OpCall& call) {
  require_float(call, 0);
  const Dims in = call.dims(0);
  if (in.size() != 3 || (in[2] != 1 && in[2] != 2)) call.invalid("signal of shape " + to_text(in));
  const std::int64_t step = scalar_i64(call, 1, "frame_step");
  const std::int64_t length = call.has_input(3)   ? scalar_i64(call, 3, "frame_length")
                              : call.has_input(2) ? call.dims(2).at(0)
                                                  : 0;
  if (step < 1 || length < 1 || length > std::min(in[1], kMostStated)) {
    call.invalid("frame_step = " + std::to_string(step) + ", frame_length = " +
                 std::to_string(length) + " for a signal of shape " + to_text(in));
  }
  const std::int64_t bins = call.attr_i("onesided", 1) != 0 ? length / 2 + 1 : length;
  ir::Builder& b = call.b();
  ValueId matrix = fourier_matrix(call, length, in[2], bins, length, false);
  if (call.has_input(2)) {
    if (call.dims(2) != Dims{length}) call.invalid("window of shape " + to_text(call.dims(2)));
    const ValueId window = b.reshape(call.input(2), {length, 1, 1, 1});
    matrix =
        b.elementwise(b.dtype(matrix), {matrix, window}, [](Body& body, std::span<const Reg> r) {
          body.result(body.mul(r[0], body.cast(r[1], r[0].dtype)));
        });
  }
  ir::ReduceSpec spec;
  spec.dims = {in[0], (in[1] - length) / step + 1, bins, 2};
  spec.loops = {{in[0], ir::kNone, RDU_LOOP_M},  {spec.dims[1], ir::kNone, RDU_LOOP_M},
                {bins, ir::kNone, RDU_LOOP_N},   {2, ir::kNone, RDU_LOOP_N},
                {length, ir::kNone, RDU_LOOP_K}, {in[2], ir::kNone, RDU_LOOP_K}};
  spec.num_parallel = 4;
  ir::Index sample = ir::along(1, step);
  sample.terms.push_back({4, 1});
  spec.reads = {b.read(call.input(0), {ir::along(0), sample, ir::along(5)}),
                b.read(matrix, {ir::along(4), ir::along(5), ir::along(2), ir::along(3)})};
  set_product(spec, call.dtype(0));
  call.set_output(0, b.contract(std::move(spec)));
}

constexpr OpEntry kOps[] = {
    {"", "BlackmanWindow", 17, import_blackman},     {"", "DFT", 17, import_dft},
    {"", "HammingWindow", 17, import_hamming},       {"", "HannWindow", 17, import_hann},
    {"", "MelWeightMatrix", 17, import_mel_weights}, {"", "STFT", 17, import_stft},
};

}  // namespace

std::span<const OpEntry> signal_ops() { return kOps; }

}  // namespace rducc::import_onnx
