// contract: matrix products and convolutions of every shape, against loops written out here.
#include <functional>

#include "tests/conformance/case.hpp"
#include "tests/conformance/suite.hpp"

namespace conformance {
namespace {

constexpr std::uint32_t B = RDU_LOOP_BATCH, M = RDU_LOOP_M, N = RDU_LOOP_N, K = RDU_LOOP_K,
                        W = RDU_LOOP_WINDOW;

// Small whole numbers, so that every float dtype holds every sum exactly.
Numbers small(std::size_t count, int seed) {
  Numbers numbers;
  for (std::size_t i = 0; i < count; ++i)
    numbers.push_back(static_cast<int>((i * 7 + static_cast<std::size_t>(seed) * 5) % 11) - 5);
  return numbers;
}

Numbers matmul(const Numbers& a, const Numbers& b, int m, int k, int n) {
  Numbers y(static_cast<std::size_t>(m * n));
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < n; ++j) {
      for (int l = 0; l < k; ++l)
        y[static_cast<std::size_t>(i * n + j)] +=
            a[static_cast<std::size_t>(i * k + l)] * b[static_cast<std::size_t>(l * n + j)];
    }
  }
  return y;
}

struct Conv {
  int batch = 1, groups = 1, in = 1, out = 1;  // channels of a group
  int height = 1, width = 1, kernel = 1, stride = 1, dilation = 1, pad = 0;
  int out_height() const { return (height + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1; }
  int out_width() const { return (width + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1; }
};

Numbers convolve(const Conv& s, const Numbers& x, const Numbers& w) {
  Numbers y;
  for (int n = 0; n < s.batch; ++n)
    for (int o = 0; o < s.groups * s.out; ++o)
      for (int i = 0; i < s.out_height(); ++i)
        for (int j = 0; j < s.out_width(); ++j) {
          Number sum = 0;
          for (int c = 0; c < s.in; ++c)
            for (int ky = 0; ky < s.kernel; ++ky)
              for (int kx = 0; kx < s.kernel; ++kx) {
                const int channel = o / s.out * s.in + c;
                const int row = i * s.stride + ky * s.dilation - s.pad,
                          column = j * s.stride + kx * s.dilation - s.pad;
                if (row < 0 || row >= s.height || column < 0 || column >= s.width) continue;
                const int at =
                    ((n * s.groups * s.in + channel) * s.height + row) * s.width + column;
                sum +=
                    x[static_cast<std::size_t>(at)] *
                    w[static_cast<std::size_t>(((o * s.in + c) * s.kernel + ky) * s.kernel + kx)];
              }
          y.push_back(sum);
        }
  return y;
}

// Loops n, g, o, y, x | c, ky, kx over x [n, g, c, h, w] and w [g, o, c, kh, kw].
void check_conv(const Conv& s, rdu_dtype dtype, rdu_dtype acc_dtype) {
  Case c;
  const Numbers x_numbers =
      small(static_cast<std::size_t>(s.batch * s.groups * s.in * s.height * s.width), 1);
  const Numbers w_numbers =
      small(static_cast<std::size_t>(s.groups * s.out * s.in * s.kernel * s.kernel), 2);
  const ValueId x = c.input(dtype, {s.batch, s.groups, s.in, s.height, s.width}, x_numbers);
  const ValueId w = c.constant(dtype, {s.groups, s.out, s.in, s.kernel, s.kernel}, w_numbers);
  const ValueId y = c.output(acc_dtype, {s.batch, s.groups, s.out, s.out_height(), s.out_width()});
  Node n =
      contract({s.batch, s.groups, s.out, s.out_height(), s.out_width(), s.in, s.kernel, s.kernel},
               5, {M, B, N, M, M, K, W, W}, dtype, acc_dtype);
  const std::uint32_t rule = s.pad == 0 ? RDU_OUTSIDE_NEVER : RDU_OUTSIDE_FILL;
  n.reads = {read(x, {loop(0), loop(1), loop(5),
                      with(rule, s.stride * loop(3) + s.dilation * loop(6) - s.pad),
                      with(rule, s.stride * loop(4) + s.dilation * loop(7) - s.pad)}),
             read(w, {loop(1), loop(2), loop(5), loop(6), loop(7)})};
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), convolve(s, x_numbers, w_numbers));
}

void check_matmul(rdu_dtype dtype, rdu_dtype acc_dtype, int m, int k, int n,
                  bool constant_weights) {
  Case c;
  const Numbers a_numbers = small(static_cast<std::size_t>(m * k), 1),
                b_numbers = small(static_cast<std::size_t>(k * n), 2);
  const ValueId a = c.input(dtype, {m, k}, a_numbers);
  const ValueId b =
      constant_weights ? c.constant(dtype, {k, n}, b_numbers) : c.input(dtype, {k, n}, b_numbers);
  const ValueId y = c.output(acc_dtype, {m, n});
  Node node = contract({m, n, k}, 2, {M, N, K}, dtype, acc_dtype);
  node.reads = {read(a, {loop(0), loop(2)}), read(b, {loop(2), loop(1)})};
  node.writes = {{y, {}}};
  c.add(node);
  c.run();
  CHECK_SAME(c.get(y), matmul(a_numbers, b_numbers, m, k, n));
}

// y[m, n] = sum_k a[m, k] * (w[n, k] - 8) * scale[n, k / block] + bias[n], w in U4.
void check_blocks(int m, int n, int k, int block) {
  const int blocks = (k + block - 1) / block;
  const Numbers a_numbers = small(static_cast<std::size_t>(m * k), 1);
  const Numbers scales = small(static_cast<std::size_t>(n * blocks), 3),
                bias_numbers = small(static_cast<std::size_t>(n), 4);
  Numbers w_numbers, expected;
  for (int i = 0; i < n * k; ++i) w_numbers.push_back(i * 7 % 16);
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < n; ++j) {
      Number sum = bias_numbers[static_cast<std::size_t>(j)];
      for (int l = 0; l < k; ++l) {
        sum += a_numbers[static_cast<std::size_t>(i * k + l)] *
               (w_numbers[static_cast<std::size_t>(j * k + l)] - 8) *
               scales[static_cast<std::size_t>(j * blocks + l / block)];
      }
      expected.push_back(sum);
    }
  }
  Case c;
  const ValueId a = c.input(F32, {m, k}, a_numbers), w = c.constant(U4, {n, k}, w_numbers);
  const ValueId scale = c.constant(F32, {n, blocks}, scales), y = c.output(F32, {m, n});
  const ValueId bias = c.constant(F32, {n}, bias_numbers);
  Node node = contract({m, n, k}, 2, {M, N, K}, F32, F32);
  node.reads = {read(a, {loop(0), loop(2)}), read(w, {loop(1), loop(2)}),
                read(scale, {loop(1), loop(2) / block}), read(bias, {loop(1)})};
  Code code;
  const auto p = code.load(0, F32), q = code.op(RDU_OP_CAST, F32, code.load(1, U4));
  const auto centred = code.op(RDU_OP_SUB, F32, q, code.number(F32, 8));
  node.body = code.result({p, code.op(RDU_OP_MUL, F32, centred, code.load(2, F32))});
  Code after;
  const auto sum = after.acc(F32);
  node.epilogue = after.result({after.op(RDU_OP_ADD, F32, sum, after.load(3, F32))});
  node.writes = {{y, {}}};
  c.add(node);
  c.run();
  CHECK_SAME(c.get(y), expected);
}

}  // namespace

CONFORMANCE_CASE("contract: matrix product in every float dtype") {
  for (const rdu_dtype dtype : {F32, F64, F16, BF16}) {
    INFO("dtype " << dtype);
    check_matmul(dtype, dtype == F64 ? F64 : F32, 5, 7, 3, false);
    check_matmul(dtype, dtype == F64 ? F64 : F32, 4, 16, 32, true);
  }
}

CONFORMANCE_CASE("contract: matrix product of integers") {
  check_matmul(I8, I32, 5, 7, 3, false);
  check_matmul(I8, I32, 5, 7, 3, true);
  check_matmul(I16, I64, 3, 9, 4, false);
  check_matmul(I32, I32, 3, 9, 4, true);
}

CONFORMANCE_CASE("contract: extents of one and of none") {
  check_matmul(F32, F32, 1, 1, 1, false);
  check_matmul(F32, F32, 1, 13, 1, true);
  check_matmul(F32, F32, 3, 1, 5, false);
  check_matmul(F32, F32, 3, 0, 5, false);
}

CONFORMANCE_CASE("contract: batched, both operands transposed, batch of one operand broadcast") {
  Case c;
  const Numbers a_numbers = small(2 * 4 * 3, 1), b_numbers = small(5 * 4, 2);
  const ValueId a = c.input(F32, {2, 4, 3}, a_numbers);  // [batch, K, M]
  const ValueId b = c.input(F32, {1, 5, 4}, b_numbers);  // [1, N, K]
  const ValueId y = c.output(F32, {2, 3, 5});
  Node n = contract({2, 3, 5, 4}, 3, {M, M, N, K}, F32, F32);
  n.reads = {read(a, {loop(0), loop(3), loop(1)}), read(b, {fixed(0), loop(2), loop(3)})};
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  Numbers expected;
  for (std::size_t batch = 0; batch < 2; ++batch)
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < 5; ++j) {
        Number sum = 0;
        for (std::size_t k = 0; k < 4; ++k)
          sum += a_numbers[batch * 12 + k * 3 + i] * b_numbers[j * 4 + k];
        expected.push_back(sum);
      }
  CHECK_SAME(c.get(y), expected);
}

CONFORMANCE_CASE("contract: attention scores, a batch in both operands") {
  Case c;
  const Numbers q_numbers = small(2 * 3 * 4, 3), k_numbers = small(2 * 5 * 4, 4);
  const ValueId q = c.input(F32, {2, 3, 4}, q_numbers), k = c.input(F32, {2, 5, 4}, k_numbers);
  const ValueId y = c.output(F32, {2, 3, 5});
  Node n = contract({2, 3, 5, 4}, 3, {B, M, N, K}, F32, F32);
  n.reads = {read(q, {loop(0), loop(1), loop(3)}), read(k, {loop(0), loop(2), loop(3)})};
  Code code;
  const auto sum = code.acc(F32), half = code.number(F32, 0.5);
  n.epilogue = code.result({code.op(RDU_OP_MUL, F32, sum, half)});
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  Numbers expected;
  for (std::size_t batch = 0; batch < 2; ++batch)
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < 5; ++j) {
        Number dot = 0;
        for (std::size_t d = 0; d < 4; ++d)
          dot += q_numbers[(batch * 3 + i) * 4 + d] * k_numbers[(batch * 5 + j) * 4 + d];
        expected.push_back(dot / 2);
      }
  CHECK_SAME(c.get(y), expected);
}

CONFORMANCE_CASE("contract: bias and ReLU as the epilogue") {
  Case c;
  const Numbers a_numbers = small(4 * 6, 1), b_numbers = small(6 * 3, 2), bias_numbers{-20, 0, 20};
  const ValueId a = c.input(F32, {4, 6}, a_numbers), b = c.constant(F32, {6, 3}, b_numbers);
  const ValueId bias = c.constant(F32, {3}, bias_numbers), y = c.output(F32, {4, 3});
  Node n = contract({4, 3, 6}, 2, {M, N, K}, F32, F32);
  n.reads = {read(a, {loop(0), loop(2)}), read(b, {loop(2), loop(1)}), read(bias, {loop(1)})};
  Code code;
  const auto sum = code.acc(F32), shift = code.load(2, F32), zero = code.number(F32, 0);
  n.epilogue = code.result({code.op(RDU_OP_MAX, F32, code.op(RDU_OP_ADD, F32, sum, shift), zero)});
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  Numbers expected = matmul(a_numbers, b_numbers, 4, 6, 3);
  for (std::size_t i = 0; i < expected.size(); ++i)
    expected[i] = std::max<Number>(expected[i] + bias_numbers[i % 3], 0);
  CHECK_SAME(c.get(y), expected);
}

CONFORMANCE_CASE("contract: convolution with padding and stride") {
  check_conv({.batch = 2, .in = 3, .out = 4, .height = 6, .width = 5, .kernel = 3, .pad = 1}, F32,
             F32);
  check_conv(
      {.batch = 1, .in = 2, .out = 5, .height = 9, .width = 7, .kernel = 3, .stride = 2, .pad = 1},
      F32, F32);
  check_conv({.in = 3, .out = 16, .height = 8, .width = 8, .kernel = 5, .stride = 1, .pad = 2}, F32,
             F32);
}
CONFORMANCE_CASE("contract: convolution without padding") {
  check_conv({.in = 3, .out = 4, .height = 6, .width = 5, .kernel = 3}, F32, F32);
  check_conv({.batch = 2, .in = 8, .out = 6, .height = 4, .width = 4, .kernel = 1}, F32, F32);
}
CONFORMANCE_CASE("contract: dilated convolution") {
  check_conv({.in = 2, .out = 3, .height = 9, .width = 9, .kernel = 3, .dilation = 2, .pad = 2},
             F32, F32);
}
CONFORMANCE_CASE("contract: depthwise convolution") {
  check_conv({.batch = 2, .groups = 5, .height = 6, .width = 6, .kernel = 3, .pad = 1}, F32, F32);
  check_conv({.groups = 16, .height = 7, .width = 7, .kernel = 3, .stride = 2, .pad = 1}, F32, F32);
}
CONFORMANCE_CASE("contract: grouped convolution") {
  check_conv(
      {.batch = 2, .groups = 2, .in = 3, .out = 2, .height = 5, .width = 5, .kernel = 3, .pad = 1},
      F32, F32);
}
CONFORMANCE_CASE("contract: convolution of other dtypes") {
  const Conv shape{.batch = 1, .in = 3, .out = 2, .height = 5, .width = 5, .kernel = 3, .pad = 1};
  check_conv(shape, F64, F64);
  check_conv(shape, F16, F32);
  check_conv(shape, BF16, F32);
  check_conv(shape, I8, I32);
}

CONFORMANCE_CASE("contract: transposed convolution reads where the stride divides") {
  Case c;
  const int in = 2, out = 3, length = 4, kernel = 3, stride = 2, pad = 1,
            result = (length - 1) * stride - 2 * pad + kernel;
  const Numbers x_numbers = small(in * length, 1), w_numbers = small(in * out * kernel, 2);
  const ValueId x = c.input(F32, {in, length}, x_numbers),
                w = c.constant(F32, {in, out, kernel}, w_numbers);
  const ValueId y = c.output(F32, {out, result});
  Node n = contract({out, result, in, kernel}, 2, {N, M, K, W}, F32, F32);
  n.reads = {
      read(x, {loop(2), with(RDU_OUTSIDE_FILL, exactly((loop(1) + -1 * loop(3) + pad) / stride))}),
      read(w, {loop(2), loop(0), loop(3)})};
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  Numbers expected(out * result);
  for (int ci = 0; ci < in; ++ci)
    for (int i = 0; i < length; ++i)
      for (int o = 0; o < out; ++o)
        for (int k = 0; k < kernel; ++k) {
          const int at = i * stride + k - pad;
          if (at < 0 || at >= result) continue;
          expected[static_cast<std::size_t>(o * result + at)] +=
              x_numbers[static_cast<std::size_t>(ci * length + i)] *
              w_numbers[static_cast<std::size_t>((ci * out + o) * kernel + k)];
        }
  CHECK_SAME(c.get(y), expected);
}

CONFORMANCE_CASE("contract: p subtracts a zero point, which is what it pads with") {
  Case c;
  const Numbers x_numbers{130, 125, 255, 0}, w_numbers{1, 2, -3};
  const ValueId x = c.input(U8, {4}, x_numbers), zero_point = c.input(U8, {}, {128});
  const ValueId w = c.constant(I8, {3}, w_numbers), y = c.output(I32, {4});
  Node n = contract({4, 3}, 1, {M, W}, U8, I32);
  Read padded = read(x, {with(RDU_OUTSIDE_FILL, loop(0) + loop(1) - 1)});
  padded.fill_value = zero_point;
  n.reads = {padded, read(w, {loop(1)}), read(zero_point, {})};
  Code code;
  const auto a = code.op(RDU_OP_CAST, I32, code.load(0, U8)),
             b = code.op(RDU_OP_CAST, I32, code.load(1, I8));
  const auto zero = code.op(RDU_OP_CAST, I32, code.load(2, U8));
  n.body = code.result({code.op(RDU_OP_SUB, I32, a, zero), b});
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  Numbers expected;
  for (int i = 0; i < 4; ++i) {
    Number sum = 0;
    for (int k = 0; k < 3; ++k) {
      const int at = i + k - 1;
      if (at >= 0 && at < 4)
        sum += (x_numbers[static_cast<std::size_t>(at)] - 128) *
               w_numbers[static_cast<std::size_t>(k)];
    }
    expected.push_back(sum);
  }
  CHECK_SAME(c.get(y), expected);
}

CONFORMANCE_CASE("contract: weights of four bits") {
  for (const rdu_dtype dtype : {I4, U4}) {
    Case c;
    const Numbers w_numbers =
        dtype == I4 ? Numbers{-8, 7, 3, -1, 0, 5} : Numbers{15, 7, 3, 9, 0, 5};
    const ValueId x = c.input(F32, {2, 3}, {1, 2, 3, 4, 5, 6}),
                  w = c.constant(dtype, {3, 2}, w_numbers);
    const ValueId y = c.output(F32, {2, 2});
    Node n = contract({2, 2, 3}, 2, {M, N, K}, F32, F32);
    n.reads = {read(x, {loop(0), loop(2)}), read(w, {loop(2), loop(1)})};
    Code code;
    const auto p = code.load(0, F32), q = code.op(RDU_OP_CAST, F32, code.load(1, dtype));
    n.body = code.result({p, q});
    n.writes = {{y, {}}};
    c.add(n);
    c.run();
    CHECK_SAME(c.get(y), matmul({1, 2, 3, 4, 5, 6}, w_numbers, 2, 3, 2));
  }
}

CONFORMANCE_CASE("contract: weights of four bits made real block by block") {
  check_blocks(1, 5, 40, 16);  // the last block is not full
  check_blocks(3, 33, 48, 16);
  check_blocks(2, 40, 2100, 64);  // rows longer than a register
}

CONFORMANCE_CASE("contract: three operands of an einsum with a diagonal") {
  Case c;
  const ValueId a = c.input(F32, {3, 3}, iota(9, 1)), b = c.input(F32, {3}, {1, 10, 100}),
                y = c.output(F32, {});
  Node n = contract({3}, 0, {K}, F32, F32);  // Σ a[k, k] b[k]
  n.reads = {read(a, {loop(0), loop(0)}), read(b, {loop(0)})};
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {1 + 50 + 900});
}

}  // namespace conformance
