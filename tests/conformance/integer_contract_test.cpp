// contract of small integers: every signedness, zero points in all places, results that are quantised again, weights that
// are dequantised on the way. All of it exact, against loops written out here.
#include <algorithm>
#include <cmath>

#include "tests/conformance/case.hpp"
#include "tests/conformance/suite.hpp"

namespace conformance {
namespace {

constexpr std::uint32_t B = RDU_LOOP_BATCH, M = RDU_LOOP_M, N = RDU_LOOP_N, K = RDU_LOOP_K,
                        W = RDU_LOOP_WINDOW;

// The whole range of a byte, its ends often.
Numbers bytes(std::size_t count, rdu_dtype dtype, std::size_t seed) {
  const Number low = dtype == I8 ? -128 : 0;
  Numbers numbers;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t hash = (i + 1) * 2654435761u + seed * 40503u;
    const std::size_t pick = hash >> 8 & 7;
    numbers.push_back(pick == 0   ? low
                      : pick == 1 ? low + 255
                                  : low + static_cast<Number>(hash >> 13 & 255));
  }
  return numbers;
}

struct Zero {
  Number value = 0;
  bool run_time = false;
};

// cast(load, I32) less the zero point: a constant, or read number `read`.
std::uint32_t centred(Code& code, std::uint32_t operand, rdu_dtype dtype, const Zero& zero,
                      std::uint32_t read) {
  const auto x = code.op(RDU_OP_CAST, I32, code.load(operand, dtype));
  if (!zero.run_time) {
    return code.op(RDU_OP_SUB, I32, x, code.number(I32, static_cast<double>(zero.value)));
  }
  return code.op(RDU_OP_SUB, I32, x, code.op(RDU_OP_CAST, I32, code.load(read, dtype)));
}

struct Product {
  int m = 1, k = 1, n = 1;
  rdu_dtype a = U8, b = I8;
  Zero a_zero = {}, b_zero = {};
  bool constant = true;  // b
};

void check_product(const Product& s) {
  INFO("m " << s.m << " k " << s.k << " n " << s.n << " dtypes " << s.a << " " << s.b
            << " zero points " << double(s.a_zero.value) << " " << double(s.b_zero.value)
            << " constant " << s.constant);
  Case c;
  const Numbers a_numbers = bytes(static_cast<std::size_t>(s.m * s.k), s.a, 1),
                b_numbers = bytes(static_cast<std::size_t>(s.k * s.n), s.b, 2);
  const ValueId a = c.input(s.a, {s.m, s.k}, a_numbers);
  const ValueId b =
      s.constant ? c.constant(s.b, {s.k, s.n}, b_numbers) : c.input(s.b, {s.k, s.n}, b_numbers);
  const ValueId a_zero = c.input(s.a, {}, {s.a_zero.value}),
                b_zero = c.input(s.b, {}, {s.b_zero.value});
  const ValueId y = c.output(I32, {s.m, s.n});
  Node node = contract({s.m, s.n, s.k}, 2, {M, N, K}, s.a, I32);
  node.reads = {read(a, {loop(0), loop(2)}), read(b, {loop(2), loop(1)}), read(a_zero, {}),
                read(b_zero, {})};
  Code code;
  const auto p = centred(code, 0, s.a, s.a_zero, 2), q = centred(code, 1, s.b, s.b_zero, 3);
  node.body = code.result({p, q});
  node.writes = {{y, {}}};
  c.add(node);
  c.run();
  Numbers expected;
  for (int i = 0; i < s.m; ++i)
    for (int j = 0; j < s.n; ++j) {
      Number sum = 0;
      for (int l = 0; l < s.k; ++l)
        sum += (a_numbers[static_cast<std::size_t>(i * s.k + l)] - s.a_zero.value) *
               (b_numbers[static_cast<std::size_t>(l * s.n + j)] - s.b_zero.value);
      expected.push_back(sum);
    }
  CHECK_SAME(c.get(y), expected);
}

struct Conv {
  int batch = 1, groups = 1, in = 1, out = 1;  // channels of a group
  int height = 1, width = 1, kernel = 1, stride = 1, dilation = 1, pad = 0;
  rdu_dtype x = U8, w = I8;
  Number x_zero = 0;
  int out_height() const { return (height + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1; }
  int out_width() const { return (width + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1; }
  int channels() const { return groups * out; }
};

Numbers convolve(const Conv& s, const Numbers& x, const Numbers& w) {
  Numbers y;
  for (int n = 0; n < s.batch; ++n)
    for (int o = 0; o < s.channels(); ++o)
      for (int i = 0; i < s.out_height(); ++i)
        for (int j = 0; j < s.out_width(); ++j) {
          Number sum = 0;
          for (int c = 0; c < s.in; ++c)
            for (int ky = 0; ky < s.kernel; ++ky)
              for (int kx = 0; kx < s.kernel; ++kx) {
                const int row = i * s.stride + ky * s.dilation - s.pad,
                          column = j * s.stride + kx * s.dilation - s.pad;
                if (row < 0 || row >= s.height || column < 0 || column >= s.width) continue;
                const int plane = n * s.groups * s.in + o / s.out * s.in + c;
                sum +=
                    (x[static_cast<std::size_t>((plane * s.height + row) * s.width + column)] -
                     s.x_zero) *
                    w[static_cast<std::size_t>(((o * s.in + c) * s.kernel + ky) * s.kernel + kx)];
              }
          y.push_back(sum);
        }
  return y;
}

// What follows the sums: nothing, or bias, a scale per channel, ReLU, and 8 bits again.
struct Quantise {
  Numbers bias, scales;
  Number divisor = 1, zero = 0;
  rdu_dtype dtype = U8;
};

Number quantised(const Quantise& q, std::size_t channel, Number sum) {
  const float real =
      static_cast<float>(sum + q.bias[channel]) * static_cast<float>(q.scales[channel]);
  const float scaled = std::nearbyint(std::max(real, 0.0f) / static_cast<float>(q.divisor)) +
                       static_cast<float>(q.zero);
  const float low = q.dtype == I8 ? -128.0f : 0.0f;
  return std::clamp(scaled, low, low + 255.0f);
}

Program quantising_epilogue(const Quantise& q) {
  Code code;
  const auto low = code.number(F32, q.dtype == I8 ? -128 : 0),
             high = code.number(F32, q.dtype == I8 ? 127 : 255);
  const auto sum = code.op(RDU_OP_ADD, I32, code.acc(I32), code.load(2, I32));
  const auto real = code.op(RDU_OP_MUL, F32, code.op(RDU_OP_CAST, F32, sum), code.load(3, F32));
  const auto positive = code.op(RDU_OP_MAX, F32, real, code.number(F32, 0));
  const auto divided =
      code.op(RDU_OP_DIV, F32, positive, code.number(F32, static_cast<double>(q.divisor)));
  const auto moved = code.op(RDU_OP_ADD, F32, code.op(RDU_OP_ROUND, F32, divided),
                             code.number(F32, static_cast<double>(q.zero)));
  const auto clamped = code.op(RDU_OP_MIN, F32, code.op(RDU_OP_MAX, F32, moved, low), high);
  return code.result({code.op(RDU_OP_CAST, q.dtype, clamped)});
}

// Loops n, g, o, y, x | c, ky, kx over x [n, g, c, h, w] and w [g, o, c, kh, kw].
void check_conv(const Conv& s, const Quantise* q = nullptr) {
  INFO("groups " << s.groups << " in " << s.in << " out " << s.out << " kernel " << s.kernel
                 << " stride " << s.stride << " dtypes " << s.x << " " << s.w);
  Case c;
  const Numbers x_numbers =
      bytes(static_cast<std::size_t>(s.batch * s.groups * s.in * s.height * s.width), s.x, 3);
  const Numbers w_numbers =
      bytes(static_cast<std::size_t>(s.channels() * s.in * s.kernel * s.kernel), s.w, 4);
  const ValueId x = c.input(s.x, {s.batch, s.groups, s.in, s.height, s.width}, x_numbers);
  const ValueId w = c.constant(s.w, {s.groups, s.out, s.in, s.kernel, s.kernel}, w_numbers);
  const ValueId y = c.output(q == nullptr ? I32 : q->dtype,
                             {s.batch, s.groups, s.out, s.out_height(), s.out_width()});
  Node n =
      contract({s.batch, s.groups, s.out, s.out_height(), s.out_width(), s.in, s.kernel, s.kernel},
               5, {M, B, N, M, M, K, W, W}, s.x, I32);
  Read padded =
      read(x, {loop(0), loop(1), loop(5),
               with(RDU_OUTSIDE_FILL, s.stride * loop(3) + s.dilation * loop(6) - s.pad),
               with(RDU_OUTSIDE_FILL, s.stride * loop(4) + s.dilation * loop(7) - s.pad)});
  padded.fill.i = static_cast<std::int64_t>(s.x_zero);
  n.reads = {padded, read(w, {loop(1), loop(2), loop(5), loop(6), loop(7)})};
  Code code;
  const auto p = centred(code, 0, s.x, {s.x_zero}, 0),
             r = code.op(RDU_OP_CAST, I32, code.load(1, s.w));
  n.body = code.result({p, r});
  if (q != nullptr) {
    n.reads.push_back(read(c.constant(I32, {s.groups, s.out}, q->bias), {loop(1), loop(2)}));
    n.reads.push_back(read(c.constant(F32, {s.groups, s.out}, q->scales), {loop(1), loop(2)}));
    n.epilogue = quantising_epilogue(*q);
  }
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  Numbers expected = convolve(s, x_numbers, w_numbers);
  const auto points = static_cast<std::size_t>(s.out_height() * s.out_width());
  const auto channels = static_cast<std::size_t>(s.channels());
  for (std::size_t i = 0; q != nullptr && i < expected.size(); ++i) {
    expected[i] = quantised(*q, i / points % channels, expected[i]);
  }
  CHECK_SAME(c.get(y), expected);
}

Quantise quantise_for(const Conv& s, rdu_dtype dtype) {
  Quantise q;
  q.dtype = dtype;
  q.divisor = 0.25;
  q.zero = dtype == I8 ? -100 : 3;
  for (int channel = 0; channel < s.channels(); ++channel) {
    q.bias.push_back(channel * 1000 - 3000);
    q.scales.push_back(channel % 2 == 0 ? 0.0009765625 : 0.00033);  // exact ties, and none
  }
  return q;
}

}  // namespace

CONFORMANCE_CASE("contract: bytes of every signedness") {
  for (const rdu_dtype a : {U8, I8}) {
    for (const rdu_dtype b : {U8, I8}) {
      for (const bool constant : {true, false}) {
        check_product({.m = 5, .k = 7, .n = 3, .a = a, .b = b, .constant = constant});
        check_product({.m = 4,
                       .k = 66,
                       .n = 70,
                       .a = a,
                       .b = b,
                       .a_zero = {a == U8 ? Number{128} : Number{-5}},
                       .b_zero = {b == U8 ? Number{120} : Number{3}},
                       .constant = constant});
      }
    }
  }
}

CONFORMANCE_CASE("contract: bytes with zero points that a run decides") {
  check_product({.m = 6, .k = 9, .n = 17, .a_zero = {77, true}, .b_zero = {-4, true}});
  check_product({.m = 1, .k = 130, .n = 40, .a = I8, .a_zero = {-128, true}, .constant = false});
}

CONFORMANCE_CASE("contract: bytes, one row, one column, one step") {
  check_product({.m = 1, .k = 200, .n = 150, .a_zero = {9}});
  check_product({.m = 150, .k = 200, .n = 1, .a_zero = {9}});
  check_product({.m = 1, .k = 1, .n = 1, .a_zero = {255}});
  check_product({.m = 40, .k = 1, .n = 40, .b_zero = {-128}});
}

CONFORMANCE_CASE("contract: the largest bytes meet without saturation") {
  for (const rdu_dtype a : {U8, I8}) {
    Case c;
    const int k = 1000;
    const Number x = a == U8 ? 255 : -128;
    const ValueId first = c.input(a, {2, k}, Numbers(2 * k, x)),
                  second = c.constant(I8, {k, 3}, Numbers(3 * k, -128)), y = c.output(I32, {2, 3});
    Node n = contract({2, 3, k}, 2, {M, N, K}, a, I32);
    n.reads = {read(first, {loop(0), loop(2)}), read(second, {loop(2), loop(1)})};
    Code code;
    const auto p = code.op(RDU_OP_CAST, I32, code.load(0, a)),
               q = code.op(RDU_OP_CAST, I32, code.load(1, I8));
    n.body = code.result({p, q});
    n.writes = {{y, {}}};
    c.add(n);
    c.run();
    CHECK_SAME(c.get(y), Numbers(6, x * -128 * k));
  }
}

CONFORMANCE_CASE("contract: bytes with a zero point for each row and each column") {
  Case c;
  const int m = 5, k = 11, n = 18;
  const Numbers a_numbers = bytes(m * k, U8, 5), b_numbers = bytes(k * n, I8, 6),
                a_zeros = bytes(m, U8, 7), b_zeros = bytes(n, I8, 8);
  const ValueId a = c.input(U8, {m, k}, a_numbers), b = c.constant(I8, {k, n}, b_numbers);
  const ValueId az = c.input(U8, {m}, a_zeros), bz = c.constant(I8, {n}, b_zeros);
  const ValueId y = c.output(I32, {m, n});
  Node node = contract({m, n, k}, 2, {M, N, K}, U8, I32);
  node.reads = {read(a, {loop(0), loop(2)}), read(b, {loop(2), loop(1)}), read(az, {loop(0)}),
                read(bz, {loop(1)})};
  Code code;
  const auto p = centred(code, 0, U8, {0, true}, 2), q = centred(code, 1, I8, {0, true}, 3);
  node.body = code.result({p, q});
  node.writes = {{y, {}}};
  c.add(node);
  c.run();
  Numbers expected;
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      Number sum = 0;
      for (std::size_t l = 0; l < k; ++l)
        sum += (a_numbers[i * k + l] - a_zeros[i]) * (b_numbers[l * n + j] - b_zeros[j]);
      expected.push_back(sum);
    }
  CHECK_SAME(c.get(y), expected);
}

CONFORMANCE_CASE("contract: convolution of bytes pads with the zero point") {
  for (const rdu_dtype x : {U8, I8}) {
    const Number zero = x == U8 ? 114 : -7;
    check_conv({.batch = 2,
                .in = 3,
                .out = 5,
                .height = 9,
                .width = 8,
                .kernel = 3,
                .pad = 1,
                .x = x,
                .x_zero = zero});
    check_conv({.in = 16,
                .out = 20,
                .height = 12,
                .width = 11,
                .kernel = 3,
                .stride = 2,
                .pad = 1,
                .x = x,
                .x_zero = zero});
    check_conv({.in = 5,
                .out = 4,
                .height = 9,
                .width = 9,
                .kernel = 3,
                .dilation = 2,
                .pad = 2,
                .x = x,
                .x_zero = zero});
    check_conv({.in = 24, .out = 33, .height = 7, .width = 7, .kernel = 1, .x = x, .x_zero = zero});
    check_conv({.batch = 2,
                .groups = 3,
                .in = 2,
                .out = 4,
                .height = 6,
                .width = 5,
                .kernel = 3,
                .pad = 1,
                .x = x,
                .x_zero = zero});
    check_conv({.batch = 2,
                .groups = 18,
                .height = 10,
                .width = 19,
                .kernel = 3,
                .pad = 1,
                .x = x,
                .x_zero = zero});
  }
}

CONFORMANCE_CASE("contract: sums of bytes become bytes, ties to even, saturated") {
  const Conv dense{
      .batch = 2, .in = 8, .out = 6, .height = 6, .width = 7, .kernel = 3, .pad = 1, .x_zero = 128};
  const Conv depthwise{.groups = 7,
                       .height = 9,
                       .width = 9,
                       .kernel = 3,
                       .stride = 2,
                       .pad = 1,
                       .x = I8,
                       .x_zero = 5};
  for (const rdu_dtype dtype : {U8, I8}) {
    for (const Conv& shape : {dense, depthwise}) {
      const Quantise q = quantise_for(shape, dtype);
      check_conv(shape, &q);
    }
  }
}

CONFORMANCE_CASE("contract: weights dequantised block by block") {
  for (const rdu_dtype dtype : {I8, I4, U4}) {
    for (const int m : {1, 5, 70}) {
      Case c;
      const int k = 64, n = 37, block = 32;
      Numbers weights = bytes(static_cast<std::size_t>(k * n), U8, 9);
      for (Number& w : weights) w = static_cast<int>(w) % 16 - (dtype == U4 ? 0 : 8);
      Numbers x_numbers = bytes(static_cast<std::size_t>(m * k), I8, 10), scales, zeros;
      for (int i = 0; i < k / block * n; ++i) {
        scales.push_back(i % 3 == 0 ? 0.5 : 2);
        zeros.push_back(i % 5 - (dtype == U4 ? 0 : 2));
      }
      const ValueId x = c.input(F32, {m, k}, x_numbers), w = c.constant(dtype, {k, n}, weights);
      const ValueId scale = c.constant(F32, {k / block, n}, scales),
                    zero = c.constant(dtype, {k / block, n}, zeros), y = c.output(F32, {m, n});
      Node node = contract({m, n, k}, 2, {M, N, K}, F32, F32);
      const Access blocks{loop(2) / block, loop(1)};
      node.reads = {read(x, {loop(0), loop(2)}), read(w, {loop(2), loop(1)}), read(scale, blocks),
                    read(zero, blocks)};
      Code code;
      const auto p = code.load(0, F32), whole = centred(code, 1, dtype, {0, true}, 3);
      const auto q = code.op(RDU_OP_MUL, F32, code.op(RDU_OP_CAST, F32, whole), code.load(2, F32));
      node.body = code.result({p, q});
      node.writes = {{y, {}}};
      c.add(node);
      c.run();
      Numbers expected;
      for (int i = 0; i < m; ++i)
        for (int j = 0; j < n; ++j) {
          Number sum = 0;
          for (int l = 0; l < k; ++l) {
            const auto at = static_cast<std::size_t>(l / block * n + j);
            sum += x_numbers[static_cast<std::size_t>(i * k + l)] *
                   (weights[static_cast<std::size_t>(l * n + j)] - zeros[at]) * scales[at];
          }
          expected.push_back(sum);
        }
      CHECK_SAME(c.get(y), expected);
    }
  }
}

}  // namespace conformance
