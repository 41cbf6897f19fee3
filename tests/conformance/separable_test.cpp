// Depthwise convolutions between products of channels, as mobile networks have them, large enough that a device may take them
// through all nodes line by line: whatever it does with lines at the borders of its pieces, every sum has to be there.
#include <algorithm>

#include "tests/conformance/case.hpp"
#include "tests/conformance/suite.hpp"

namespace conformance {
namespace {

constexpr std::uint32_t B = RDU_LOOP_BATCH, M = RDU_LOOP_M, N = RDU_LOOP_N, K = RDU_LOOP_K,
                        W = RDU_LOOP_WINDOW;
constexpr int kHeight = 43, kWidth = 38;

struct Block {
  int images = 1, channels = 16, wide = 64, out = 16, kernel = 3, stride = 1;
  bool expands = true, residual = false;
  int deep() const { return expands ? wide : channels; }
  int out_height() const { return (kHeight - 1) / stride + 1; }
  int out_width() const { return (kWidth - 1) / stride + 1; }
};

// Small whole numbers, most of them 0, so that every sum is exact.
Numbers sparse(int count, int seed) {
  Numbers numbers;
  for (int i = 0; i < count; ++i) {
    const int r = (i * 37 + seed * 11 + i / 17) % 23;
    numbers.push_back(r < 3 ? r - 1 : r == 7 ? 2 : 0);
  }
  return numbers;
}

const Number& at(const Numbers& numbers, int i) { return numbers[static_cast<std::size_t>(i)]; }
Number clamped(const Number& x) { return std::clamp<Number>(x, -3, 6); }

// The sums of a product of channels, x[image, c, point] w[o, c] + b[o].
Numbers product(const Numbers& x, const Numbers& w, const Numbers& b, int images, int points) {
  const int out = static_cast<int>(b.size()), in = static_cast<int>(w.size()) / out;
  Numbers y;
  for (int n = 0; n < images; ++n)
    for (int o = 0; o < out; ++o)
      for (int p = 0; p < points; ++p) {
        Number sum = at(b, o);
        for (int c = 0; c < in; ++c) {
          if (at(w, o * in + c) != 0) sum += at(x, (n * in + c) * points + p) * at(w, o * in + c);
        }
        y.push_back(sum);
      }
  return y;
}

Numbers filtered(const Block& s, const Numbers& x, const Numbers& w, const Numbers& b) {
  Numbers y;
  const int pad = s.kernel / 2;
  for (int plane = 0; plane < s.images * s.deep(); ++plane)
    for (int i = 0; i < s.out_height(); ++i)
      for (int j = 0; j < s.out_width(); ++j) {
        const int c = plane % s.deep();
        Number sum = at(b, c);
        for (int tap = 0; tap < s.kernel * s.kernel; ++tap) {
          const int row = i * s.stride + tap / s.kernel - pad;
          const int column = j * s.stride + tap % s.kernel - pad;
          if (row < 0 || row >= kHeight || column < 0 || column >= kWidth) continue;
          sum += at(x, (plane * kHeight + row) * kWidth + column) *
                 at(w, c * s.kernel * s.kernel + tap);
        }
        y.push_back(clamped(sum));
      }
  return y;
}

Numbers each_clamped(Numbers numbers) {
  for (Number& x : numbers) x = clamped(x);
  return numbers;
}

class Builder {
 public:
  explicit Builder(const Block& block) : s_(block) {}

  void check() {
    const int points = kHeight * kWidth;
    const Dims first{s_.images, s_.channels, kHeight, kWidth};
    const Dims last{s_.images, s_.out, s_.out_height(), s_.out_width()};
    Numbers values = sparse(s_.images * s_.channels * points, 1);
    ValueId x = c_.input(F32, first, values);
    x = product_of(x, values, first, s_.channels, 2, RDU_NONE, {});
    const ValueId source = x;
    const Numbers source_values = values;
    Dims wide = first;
    if (s_.expands) {
      wide[1] = s_.wide;
      x = product_of(x, values, first, s_.wide, 3, RDU_NONE, {});
    }
    x = filter(x, values, wide);
    Dims narrow = wide;
    narrow[2] = last[2];
    narrow[3] = last[3];
    x = product_of(x, values, narrow, s_.out, 6, s_.residual ? source : RDU_NONE, source_values);
    x = product_of(x, values, last, s_.out, 7, RDU_NONE, {}, true);
    c_.run();
    CHECK_SAME(c_.get(x), values);
  }

 private:
  // Loops n, o, y, x | c. `values` go in as those of x and come out as those of the result.
  ValueId product_of(ValueId x, Numbers& values, const Dims& dims, int out, int seed,
                     ValueId residual, const Numbers& residual_values, bool ends = false) {
    const int in = static_cast<int>(dims[1]);
    const Numbers w = sparse(out * in, seed), b = sparse(out, seed + 1);
    Node n = contract({dims[0], out, dims[2], dims[3], in}, 4, {M, N, M, M, K}, F32, F32);
    n.reads = {read(x, {loop(0), loop(4), loop(2), loop(3)}),
               read(c_.constant(F32, {out, in}, w), {loop(1), loop(4)}),
               read(c_.constant(F32, {out}, b), {loop(1)})};
    Code code;
    auto sum = code.op(RDU_OP_ADD, F32, code.acc(F32), code.load(2, F32));
    values = product(values, w, b, static_cast<int>(dims[0]), static_cast<int>(dims[2] * dims[3]));
    if (residual != RDU_NONE) {
      n.reads.push_back(read(residual, {loop(0), loop(1), loop(2), loop(3)}));
      sum = code.op(RDU_OP_ADD, F32, sum, code.load(3, F32));
      for (std::size_t i = 0; i < values.size(); ++i) values[i] += residual_values[i];
    }
    n.epilogue = code.result({clamp(code, sum)});
    values = each_clamped(std::move(values));
    const Dims result{dims[0], out, dims[2], dims[3]};
    const ValueId y = ends ? c_.output(F32, result) : c_.inner(F32, result);
    n.writes = {{y, {}}};
    c_.add(n);
    return y;
  }

  // Loops n, c, y, x | ky, kx
  ValueId filter(ValueId x, Numbers& values, const Dims& dims) {
    const Numbers w = sparse(s_.deep() * s_.kernel * s_.kernel, 4), b = sparse(s_.deep(), 5);
    Node n = contract({s_.images, s_.deep(), s_.out_height(), s_.out_width(), s_.kernel, s_.kernel},
                      4, {M, B, M, M, W, W}, F32, F32);
    const auto window = [&](std::uint32_t l) {
      return with(RDU_OUTSIDE_FILL, s_.stride * loop(l) + loop(l + 2) - s_.kernel / 2);
    };
    n.reads = {
        read(x, {loop(0), loop(1), window(2), window(3)}),
        read(c_.constant(F32, {s_.deep(), s_.kernel, s_.kernel}, w), {loop(1), loop(4), loop(5)}),
        read(c_.constant(F32, {s_.deep()}, b), {loop(1)})};
    Code code;
    const auto sum = code.op(RDU_OP_ADD, F32, code.acc(F32), code.load(2, F32));
    n.epilogue = code.result({clamp(code, sum)});
    const ValueId y = c_.inner(F32, {dims[0], dims[1], s_.out_height(), s_.out_width()});
    n.writes = {{y, {}}};
    c_.add(n);
    values = filtered(s_, values, w, b);
    return y;
  }

  static std::uint32_t clamp(Code& code, std::uint32_t sum) {
    const auto low = code.op(RDU_OP_MAX, F32, sum, code.number(F32, -3));
    return code.op(RDU_OP_MIN, F32, low, code.number(F32, 6));
  }

  const Block s_;
  Case c_;
};

void check(const Block& block) {
  INFO(block.images << " images, " << block.channels << " to " << block.wide << " to " << block.out
                    << " channels, window " << block.kernel << ", stride " << block.stride
                    << ", expands " << block.expands << ", residual " << block.residual);
  Builder(block).check();
}

}  // namespace

CONFORMANCE_CASE("separable: a wide value between two products of channels") {
  check({.wide = 64});
  check({.images = 2, .wide = 72, .out = 24, .stride = 2});
  check({.channels = 20, .wide = 76, .out = 12, .kernel = 5});
}
CONFORMANCE_CASE("separable: a residual around it, in whole blocks and not") {
  for (const int channels : {16, 24}) {
    check({.channels = channels, .wide = 72, .out = channels, .residual = true});
  }
}
CONFORMANCE_CASE("separable: one product after it") {
  check({.channels = 64, .out = 20, .expands = false});
  check({.channels = 72, .out = 16, .stride = 2, .expands = false});
}

}  // namespace conformance
