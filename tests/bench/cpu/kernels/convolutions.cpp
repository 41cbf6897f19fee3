// Convolutions of floats and of bytes: the kernels that a network has, each at a size that it has there.
#include "tests/bench/cpu/kernels/family.hpp"

namespace cpu_bench {
namespace {

struct Window {
  std::int64_t inputs, outputs, side, taps, stride = 1;
  bool depthwise = false;
};

// [group or 0][output][y][x] over [input][tap][tap], padded so that a stride of 1 keeps the side.
Node convolution(const Window& w, rdu_dtype dtype, rdu_dtype sum, ValueId image, ValueId weights) {
  const std::int64_t groups = w.depthwise ? w.inputs : 1, side = w.side / w.stride;
  const std::int64_t outputs = w.outputs / groups, inputs = w.inputs / groups, pad = w.taps / 2;
  Node n = contract({groups, outputs, side, side, inputs, w.taps, w.taps}, 4,
                    {RDU_LOOP_BATCH, RDU_LOOP_N, RDU_LOOP_M, RDU_LOOP_M, RDU_LOOP_K,
                     RDU_LOOP_WINDOW, RDU_LOOP_WINDOW},
                    dtype, sum);
  const auto at = [&](std::uint32_t place, std::uint32_t tap) {
    return with(RDU_OUTSIDE_FILL, w.stride * loop(place) + loop(tap) - pad);
  };
  n.reads = {read(image, {fixed(0), inputs * loop(0) + loop(4), at(2, 5), at(3, 6)}),
             read(weights, {outputs * loop(0) + loop(1), loop(4), loop(5), loop(6)})};
  return n;
}

double operations_of(const Window& w) {
  const std::int64_t side = w.side / w.stride, inputs = w.depthwise ? 1 : w.inputs;
  return 2.0 * static_cast<double>(w.outputs * side * side * inputs * w.taps * w.taps);
}

void build(Case& c, const Window& w, rdu_dtype image, rdu_dtype weights, rdu_dtype sum) {
  const std::int64_t side = w.side / w.stride;
  const Dims dims{w.outputs, w.depthwise ? 1 : w.inputs, w.taps, w.taps};
  Node n = convolution(w, sum, sum, c.input(image, {1, w.inputs, w.side, w.side}),
                       c.weights(weights, dims));
  if (sum == I32) {
    Code code;
    const auto a = code.op(RDU_OP_CAST, I32, code.load(0, image));
    n.body = code.result({a, code.op(RDU_OP_CAST, I32, code.load(1, weights))});
    c.unit = Unit::kBytes;
  }
  const std::int64_t step = w.depthwise ? 1 : w.outputs;
  n.writes = {{c.output(sum, {1, w.outputs, side, side}),
               {fixed(0), (w.depthwise ? 1 : step) * loop(0) + loop(1), loop(2), loop(3)}}};
  c.graph.add(n);
  c.operations = operations_of(w);
}

}  // namespace

void add_convolutions() {
  const std::pair<const char*, Window> windows[] = {
      {"first_7x7_stride_2", {3, 64, 224, 7, 2}},
      {"pointwise_256", {256, 256, 28, 1}},
      {"3x3_128_of_winograd", {128, 128, 56, 3}},
      {"3x3_stride_2", {128, 256, 56, 3, 2}},
      {"5x5_64", {64, 64, 28, 5}},
      {"depthwise_3x3", {128, 128, 56, 3, 1, true}},
      {"depthwise_3x3_stride_2", {128, 128, 56, 3, 2, true}},
      {"depthwise_5x5", {128, 128, 28, 5, 1, true}}};
  for (const auto& entry : windows) {
    const Window window = entry.second;
    const std::string name = entry.first;
    add_case("convolution/" + name, [=](Case& c) { build(c, window, F32, F32, F32); });
    add_case("convolution_int8/" + name, [=](Case& c) { build(c, window, U8, I8, I32); });
  }
}

}  // namespace cpu_bench
