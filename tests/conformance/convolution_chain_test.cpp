// Convolutions one after the other: a device may keep what lies between them in a layout of its own, and whatever stands
// at its end, or looks at it from an epilogue, has to see the same numbers.
#include "tests/conformance/case.hpp"
#include "tests/conformance/suite.hpp"

namespace conformance {
namespace {

constexpr std::uint32_t B = RDU_LOOP_BATCH, M = RDU_LOOP_M, N = RDU_LOOP_N, K = RDU_LOOP_K,
                        W = RDU_LOOP_WINDOW;

struct Chain {
  int images = 1, channels = 1, height = 6, width = 5, stride = 1;
  rdu_dtype last = F32;       // of the depthwise result
  bool residual = false;      // the depthwise epilogue adds what the depthwise convolution reads
  bool then_another = false;  // a pointwise convolution follows
  int out_height() const { return (height - 1) / stride + 1; }
  int out_width() const { return (width - 1) / stride + 1; }
};

// Small whole numbers, so that every sum is exact.
Numbers small(int count, int seed) {
  Numbers numbers;
  for (int i = 0; i < count; ++i) numbers.push_back((i * 7 + seed * 5 + i / 11) % 5 - 2);
  return numbers;
}

const Number& at(const Numbers& numbers, int i) { return numbers[static_cast<std::size_t>(i)]; }

// y[n, o, p] = sum_c x[n, c, p] w[o, c]
Numbers pointwise(const Numbers& x, const Numbers& w, int images, int channels, int points) {
  Numbers y;
  for (int n = 0; n < images; ++n)
    for (int o = 0; o < channels; ++o)
      for (int p = 0; p < points; ++p) {
        Number sum = 0;
        for (int c = 0; c < channels; ++c)
          sum += at(x, (n * channels + c) * points + p) * at(w, o * channels + c);
        y.push_back(sum);
      }
  return y;
}

// 2 · (3x3 with padding 1) + x where it is residual
Numbers depthwise(const Chain& s, const Numbers& x, const Numbers& w) {
  Numbers y;
  for (int plane = 0; plane < s.images * s.channels; ++plane)
    for (int i = 0; i < s.out_height(); ++i)
      for (int j = 0; j < s.out_width(); ++j) {
        Number sum = 0;
        for (int tap = 0; tap < 9; ++tap) {
          const int row = i * s.stride + tap / 3 - 1, column = j * s.stride + tap % 3 - 1;
          if (row < 0 || row >= s.height || column < 0 || column >= s.width) continue;
          sum += at(x, (plane * s.height + row) * s.width + column) *
                 at(w, plane % s.channels * 9 + tap);
        }
        sum *= 2;
        if (s.residual) sum += at(x, (plane * s.height + i) * s.width + j);
        y.push_back(rounded(s.last, sum));
      }
  return y;
}

// Loops n, o, y, x | c
Node pointwise_node(const Dims& dims, ValueId x, ValueId w, ValueId y) {
  Node n = contract({dims[0], dims[1], dims[2], dims[3], dims[1]}, 4, {M, N, M, M, K}, F32, F32);
  n.reads = {read(x, {loop(0), loop(4), loop(2), loop(3)}), read(w, {loop(1), loop(4)})};
  n.writes = {{y, {}}};
  return n;
}

// Loops n, c, y, x | ky, kx
Node depthwise_node(const Chain& s, ValueId x, ValueId w, ValueId y) {
  Node n = contract({s.images, s.channels, s.out_height(), s.out_width(), 3, 3}, 4,
                    {M, B, M, M, W, W}, F32, F32);
  const auto window = [&](std::uint32_t l) {
    return with(RDU_OUTSIDE_FILL, s.stride * loop(l) + loop(l + 2) - 1);
  };
  n.reads = {read(x, {loop(0), loop(1), window(2), window(3)}),
             read(w, {loop(1), loop(4), loop(5)})};
  Code code;
  const auto acc = code.acc(F32), two = code.number(F32, 2);
  auto sum = code.op(RDU_OP_MUL, F32, acc, two);
  if (s.residual) {
    n.reads.push_back(read(x, {loop(0), loop(1), loop(2), loop(3)}));
    sum = code.op(RDU_OP_ADD, F32, sum, code.load(2, F32));
  }
  if (s.last != F32) sum = code.op(RDU_OP_CAST, s.last, sum);
  n.epilogue = code.result({sum});
  n.writes = {{y, {}}};
  return n;
}

void check(const Chain& s) {
  INFO(s.images << " images, " << s.channels << " channels, stride " << s.stride << ", residual "
                << s.residual << ", another " << s.then_another << ", dtype " << s.last);
  const int points = s.height * s.width, out_points = s.out_height() * s.out_width();
  const Dims wide{s.images, s.channels, s.height, s.width},
      narrow{s.images, s.channels, s.out_height(), s.out_width()};
  const Numbers x_numbers = small(s.images * s.channels * points, 1),
                first = small(s.channels * s.channels, 2), taps = small(s.channels * 9, 3),
                second = small(s.channels * s.channels, 4);
  Case c;
  const ValueId x = c.input(F32, wide, x_numbers), between = c.inner(F32, wide);
  const Dims square{s.channels, s.channels};
  c.add(pointwise_node(wide, x, c.constant(F32, square, first), between));
  const ValueId y = s.then_another ? c.inner(s.last, narrow) : c.output(s.last, narrow);
  c.add(depthwise_node(s, between, c.constant(F32, {s.channels, 3, 3}, taps), y));
  Numbers expected = depthwise(s, pointwise(x_numbers, first, s.images, s.channels, points), taps);
  ValueId last = y;
  if (s.then_another) {
    last = c.output(F32, narrow);
    c.add(pointwise_node(narrow, y, c.constant(F32, square, second), last));
    expected = pointwise(expected, second, s.images, s.channels, out_points);
  }
  c.run();
  CHECK_SAME(c.get(last), expected);
}

}  // namespace

CONFORMANCE_CASE("convolutions: a depthwise one ends a chain, its epilogue more than a bias") {
  for (const int channels : {3, 8, 16, 20, 32}) {
    check({.images = 1, .channels = channels});
    check({.images = 2, .channels = channels, .stride = 2});
  }
}

CONFORMANCE_CASE("convolutions: a depthwise one that adds what it reads") {
  for (const int channels : {16, 20, 32}) {
    check({.images = 2, .channels = channels, .residual = true});
    check({.images = 2, .channels = channels, .residual = true, .then_another = true});
  }
}

CONFORMANCE_CASE("convolutions: a depthwise one amid a chain") {
  for (const int channels : {8, 16, 20, 32})
    check({.images = 2, .channels = channels, .stride = 2, .then_another = true});
}

CONFORMANCE_CASE("convolutions: a depthwise one that narrows its result") {
  for (const rdu_dtype dtype : {F16, BF16}) check({.channels = 16, .last = dtype});
}

}  // namespace conformance
