// Convolutions with as many channels and points as networks have, alone and after one another, at borders, with windows
// wider than what they read, and transposed: a device may sum them by other methods than small ones.
#include <algorithm>

#include "tests/conformance/case.hpp"
#include "tests/conformance/suite.hpp"

namespace conformance {
namespace {

constexpr std::uint32_t M = RDU_LOOP_M, N = RDU_LOOP_N, K = RDU_LOOP_K, W = RDU_LOOP_WINDOW;

struct Window {
  int in = 1, out = 1, height = 1, width = 1, kernel_height = 3, kernel_width = 3, stride = 1;
  bool transposed = false;
  int pad_y() const { return transposed ? 0 : kernel_height / 2; }
  int pad_x() const { return transposed ? 0 : kernel_width / 2; }
  int out_of(int extent, int kernel) const {
    return transposed ? (extent - 1) * stride + kernel : (extent - 1) / stride + 1;
  }
  int out_height() const { return out_of(height, kernel_height); }
  int out_width() const { return out_of(width, kernel_width); }
};

Numbers small(int count, int seed) {
  Numbers numbers;
  for (int i = 0; i < count; ++i) numbers.push_back((i * 7 + seed * 5 + i / 13) % 5 - 2);
  return numbers;
}

const Number& at(const Numbers& numbers, int i) { return numbers[static_cast<std::size_t>(i)]; }

// max(convolution + bias, -3), each input handed to the outputs that it reaches.
Numbers convolve(const Window& s, const Numbers& x, const Numbers& w, const Numbers& bias) {
  const int points = s.out_height() * s.out_width();
  Numbers y(static_cast<std::size_t>(s.out * points));
  const auto add = [&](int o, int c, int iy, int ix, int ky, int kx) {
    const int py = iy + s.pad_y() - ky, px = ix + s.pad_x() - kx;
    const int oy = s.transposed ? iy * s.stride + ky : py / s.stride;
    const int ox = s.transposed ? ix * s.stride + kx : px / s.stride;
    const bool hits =
        s.transposed || (py >= 0 && px >= 0 && py % s.stride == 0 && px % s.stride == 0);
    if (!hits || oy >= s.out_height() || ox >= s.out_width()) return;
    y[static_cast<std::size_t>(o * points + oy * s.out_width() + ox)] +=
        at(x, (c * s.height + iy) * s.width + ix) *
        at(w, ((o * s.in + c) * s.kernel_height + ky) * s.kernel_width + kx);
  };
  for (int o = 0; o < s.out; ++o)
    for (int c = 0; c < s.in; ++c)
      for (int iy = 0; iy < s.height; ++iy)
        for (int ix = 0; ix < s.width; ++ix)
          for (int ky = 0; ky < s.kernel_height; ++ky)
            for (int kx = 0; kx < s.kernel_width; ++kx) add(o, c, iy, ix, ky, kx);
  for (int o = 0; o < s.out; ++o)
    for (int p = 0; p < points; ++p) {
      Number& sum = y[static_cast<std::size_t>(o * points + p)];
      sum = std::max<Number>(sum + at(bias, o), -3);
    }
  return y;
}

// Loops n, o, y, x | c, ky, kx
Node node(const Window& s, ValueId x, ValueId w, ValueId bias, ValueId y) {
  Node n =
      contract({1, s.out, s.out_height(), s.out_width(), s.in, s.kernel_height, s.kernel_width}, 4,
               {M, N, M, M, K, W, W}, F32, F32);
  const auto window = [&](std::uint32_t l, int pad) {
    return s.transposed
               ? with(RDU_OUTSIDE_FILL, exactly((loop(l) + -1 * loop(l + 3) + pad) / s.stride))
               : with(RDU_OUTSIDE_FILL, s.stride * loop(l) + loop(l + 3) - pad);
  };
  n.reads = {read(x, {loop(0), loop(4), window(2, s.pad_y()), window(3, s.pad_x())}),
             read(w, {loop(1), loop(4), loop(5), loop(6)}), read(bias, {loop(1)})};
  Code code;
  const auto sum = code.op(RDU_OP_ADD, F32, code.acc(F32), code.load(2, F32));
  n.epilogue = code.result({code.op(RDU_OP_MAX, F32, sum, code.number(F32, -3))});
  n.writes = {{y, {}}};
  return n;
}

void check(const std::vector<Window>& chain) {
  Case c;
  const Window& first = chain.front();
  Numbers numbers = small(first.in * first.height * first.width, 1);
  ValueId x = c.input(F32, {1, first.in, first.height, first.width}, numbers);
  for (const Window& s : chain) {
    INFO(s.in << " to " << s.out << " channels of " << s.height << " x " << s.width << ", window "
              << s.kernel_height << " x " << s.kernel_width << ", stride " << s.stride);
    const Numbers w = small(s.out * s.in * s.kernel_height * s.kernel_width, 2),
                  bias = small(s.out, 3);
    const Dims dims{1, s.out, s.out_height(), s.out_width()};
    const ValueId y = &s == &chain.back() ? c.output(F32, dims) : c.inner(F32, dims);
    c.add(node(s, x, c.constant(F32, {s.out, s.in, s.kernel_height, s.kernel_width}, w),
               c.constant(F32, {s.out}, bias), y));
    numbers = convolve(s, numbers, w, bias);
    x = y;
  }
  c.run();
  Number largest = 1;
  for (const Number n : numbers) largest = std::max(largest, n < 0 ? -n : n);
  const auto scaled = [&](Numbers values) {
    for (Number& value : values) value = 1 + value / largest;  // errors follow the largest sums
    return values;
  };
  CHECK_NEAR(scaled(c.get(x)), 1e-5, scaled(numbers));
}

}  // namespace

CONFORMANCE_CASE("convolutions: 3 x 3 over many channels and points") {
  check({{.in = 32, .out = 48, .height = 21, .width = 22}});
  check({{.in = 40, .out = 33, .height = 20, .width = 25}});
}
CONFORMANCE_CASE("convolutions: one after the other") {
  check({{.in = 3, .out = 32, .height = 20, .width = 21, .kernel_height = 5, .kernel_width = 5},
         {.in = 32, .out = 32, .height = 20, .width = 21},
         {.in = 32, .out = 24, .height = 20, .width = 21, .stride = 2},
         {.in = 24, .out = 17, .height = 10, .width = 11}});
}
CONFORMANCE_CASE("convolutions: short lines, and an odd number of them") {
  for (int width = 4; width <= 8; ++width) {
    check({{.in = 24, .out = 72, .height = 7, .width = width}});
    check({{.in = 17, .out = 64, .height = 11, .width = 2 * width, .stride = 2}});
  }
}
CONFORMANCE_CASE("convolutions: few channels of a picture") {
  for (const int channels : {2, 3, 4, 7, 12}) {
    check({{.in = channels, .out = 17, .height = 13, .width = 37, .stride = 2},
           {.in = 17, .out = 12, .height = 7, .width = 19}});
  }
}
CONFORMANCE_CASE("convolutions: 3 x 3 over few channels and many points") {
  check({{.in = 3, .out = 12, .height = 30, .width = 33},
         {.in = 12, .out = 12, .height = 30, .width = 33},
         {.in = 12, .out = 20, .height = 30, .width = 33}});
}
CONFORMANCE_CASE("convolutions: wider than what they read") {
  check({{.in = 9, .out = 20, .height = 2, .width = 3, .kernel_height = 5, .kernel_width = 7}});
}
CONFORMANCE_CASE("convolutions: along lines of one point") {
  check({{.in = 20, .out = 32, .height = 61, .width = 1, .kernel_width = 1}});
  check({{.in = 1,
          .out = 16,
          .height = 1,
          .width = 300,
          .kernel_height = 1,
          .kernel_width = 31,
          .stride = 3}});
}
CONFORMANCE_CASE("convolutions: transposed, phase by phase") {
  for (const int kernel : {2, 3, 4}) {
    check({{.in = 24,
            .out = 20,
            .height = 5,
            .width = 17,
            .kernel_height = kernel,
            .kernel_width = kernel,
            .stride = 2,
            .transposed = true}});
  }
}

}  // namespace conformance
