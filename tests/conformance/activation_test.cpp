// Activations that programs spell out in several operations: swish, GELU by the error function and by tanh, their factors
// in any order. A device may run each in one piece, in a map and behind a product.
#include <cmath>
#include <functional>

#include "tests/conformance/case.hpp"
#include "tests/conformance/suite.hpp"

namespace conformance {
namespace {

using Register = std::uint32_t;

Register mul(Code& c, Register a, Register b) { return c.op(RDU_OP_MUL, F32, a, b); }
Register add(Code& c, Register a, Register b) { return c.op(RDU_OP_ADD, F32, a, b); }
Register times(Code& c, Register a, double b) { return mul(c, a, c.number(F32, b)); }
Register one_plus(Code& c, Register a) { return add(c, a, c.number(F32, 1)); }

struct Activation {
  const char* name;
  std::function<Register(Code&, Register)> spell;
  std::function<double(double)> exact;
};

double gelu(double x) { return x * 0.5 * (1 + std::erf(x * 0.70710678)); }
double tanh_gelu(double x) {
  return x * 0.5 * (1 + std::tanh(0.797884583 * (x + 0.044715 * x * x * x)));
}
double swish(double x) { return x / (1 + std::exp(-x)); }

Register erf_of(Code& c, Register x) {
  return c.op(RDU_OP_ERF, F32, c.op(RDU_OP_DIV, F32, x, c.number(F32, 1.41421354)));
}
Register tanh_of(Code& c, Register x, Register cube) {
  return c.op(RDU_OP_TANH, F32, times(c, add(c, x, times(c, cube, 0.044715)), 0.797884583));
}

std::vector<Activation> activations() {
  return {
      {"swish",
       [](Code& c, Register x) {
         const Register e = c.op(RDU_OP_EXP, F32, c.op(RDU_OP_NEG, F32, x));
         return mul(c, x, c.op(RDU_OP_RCP, F32, add(c, c.number(F32, 1), e)));
       },
       swish},
      {"gelu, half last",
       [](Code& c, Register x) { return times(c, mul(c, x, one_plus(c, erf_of(c, x))), 0.5); },
       gelu},
      {"gelu, half first, scale multiplies",
       [](Code& c, Register x) {
         const Register e = c.op(RDU_OP_ERF, F32, times(c, x, 0.70710678));
         return mul(c, one_plus(c, e), times(c, x, 0.5));
       },
       gelu},
      {"gelu with a third for a half",
       [](Code& c, Register x) { return times(c, mul(c, x, one_plus(c, erf_of(c, x))), 0.25); },
       [](double x) { return gelu(x) / 2; }},
      {"tanh gelu of products",
       [](Code& c, Register x) {
         const Register cube = mul(c, mul(c, x, x), x);
         return mul(c, times(c, x, 0.5), one_plus(c, tanh_of(c, x, cube)));
       },
       tanh_gelu},
      {"tanh gelu of a power",
       [](Code& c, Register x) {
         const Register cube = c.op(RDU_OP_POW, F32, x, c.number(F32, 3));
         return mul(c, times(c, x, 0.5), one_plus(c, tanh_of(c, x, cube)));
       },
       tanh_gelu},
      {"no gelu: the cube of something else",
       [](Code& c, Register x) {
         const Register y = times(c, x, 2);
         const Register cube = mul(c, mul(c, y, y), y);
         return mul(c, times(c, x, 0.5), one_plus(c, tanh_of(c, x, cube)));
       },
       [](double x) {
         return x * 0.5 * (1 + std::tanh(0.797884583 * (x + 0.044715 * 8 * x * x * x)));
       }},
      {"twice",
       [](Code& c, Register x) {
         const Register once = times(c, mul(c, x, one_plus(c, erf_of(c, x))), 0.5);
         return times(c, mul(c, once, one_plus(c, erf_of(c, once))), 0.5);
       },
       [](double x) { return gelu(gelu(x)); }},
  };
}

// The error of 1 + f(x) is that of a number near 1: results meet a tolerance 8 away from 0.
Numbers shifted(Numbers numbers) {
  for (Number& v : numbers) v += 8;
  return numbers;
}

void check_map(const Activation& activation, int count) {
  INFO(activation.name << " of " << count);
  Numbers numbers, expected;
  for (int i = 0; i < count; ++i) {
    numbers.push_back(rounded(F32, -6 + 12.0 * i / count));
    expected.push_back(8 + activation.exact(static_cast<double>(numbers.back())));
  }
  Case c;
  const ValueId x = c.input(F32, {count}, numbers), y = c.output(F32, {count});
  Node n = map({count});
  Code code;
  n.reads = {read(x, {loop(0)})};
  n.body = code.result({activation.spell(code, code.load(0, F32))});
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_NEAR(shifted(c.get(y)), 2e-6, expected);
}

// activation(a b + bias), each row of a having one element that is not 0.
void check_product(const Activation& activation, int m, int n, int k) {
  INFO(activation.name << " of a product " << m << " x " << n << " x " << k);
  Numbers a(static_cast<std::size_t>(m * k), 0), b, bias, expected;
  for (int i = 0; i < m; ++i) a[static_cast<std::size_t>(i * k + i % k)] = 1 + i % 3;
  for (int i = 0; i < k * n; ++i) b.push_back(rounded(F32, std::sin(i * 0.7)));
  for (int i = 0; i < n; ++i) bias.push_back(rounded(F32, std::cos(i * 1.3)));
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < n; ++j) {
      const Number product = (1 + i % 3) * b[static_cast<std::size_t>(i % k * n + j)];
      expected.push_back(
          8 + activation.exact(static_cast<double>(product + bias[static_cast<std::size_t>(j)])));
    }
  }
  Case c;
  const ValueId rows = c.input(F32, {m, k}, a), weights = c.constant(F32, {k, n}, b),
                biases = c.constant(F32, {n}, bias), y = c.output(F32, {m, n});
  Node node = contract({m, n, k}, 2, {RDU_LOOP_M, RDU_LOOP_N, RDU_LOOP_K}, F32, F32);
  node.reads = {read(rows, {loop(0), loop(2)}), read(weights, {loop(2), loop(1)}),
                read(biases, {loop(1)})};
  Code code;
  const Register sum = add(code, code.load(2, F32), code.acc(F32));
  node.epilogue = code.result({activation.spell(code, sum)});
  node.writes = {{y, {}}};
  c.add(node);
  c.run();
  CHECK_NEAR(shifted(c.get(y)), 2e-6, expected);
}

// A convolution 3 x 3 of stride 2 whose bias is not the last that is done with the sum: t * clip(t / 6 + 1/2, 0, 1).
void check_convolution(int channels, int outputs, int size) {
  INFO(channels << " channels to " << outputs << ", " << size << " x " << size);
  const int half = size / 2;
  Numbers x, w, bias, expected;
  for (int i = 0; i < channels * size * size; ++i) x.push_back(i * 7 % 5 - 2);
  for (int i = 0; i < outputs * channels * 9; ++i) w.push_back(i * 5 % 3 - 1);
  for (int i = 0; i < outputs; ++i) bias.push_back(i % 4 - 1);
  for (int o = 0; o < outputs; ++o) {
    for (int p = 0; p < half * half; ++p) {
      Number t = bias[static_cast<std::size_t>(o)];
      for (int k = 0; k < channels * 9; ++k) {
        const int row = 2 * (p / half) + k % 9 / 3 - 1, column = 2 * (p % half) + k % 3 - 1;
        if (row < 0 || row >= size || column < 0 || column >= size) continue;
        t += x[static_cast<std::size_t>((k / 9 * size + row) * size + column)] *
             w[static_cast<std::size_t>(o * channels * 9 + k)];
      }
      expected.push_back(8 + t * std::min<Number>(1, std::max<Number>(0, t / 6 + Number(0.5))));
    }
  }
  Case c;
  const ValueId image = c.input(F32, {1, channels, size, size}, x),
                weights = c.constant(F32, {outputs, channels, 3, 3}, w),
                biases = c.constant(F32, {outputs}, bias),
                y = c.output(F32, {1, outputs, half, half});
  Node n = contract({1, outputs, half, half, channels, 3, 3}, 4,
                    {RDU_LOOP_M, RDU_LOOP_N, RDU_LOOP_M, RDU_LOOP_M, RDU_LOOP_K, RDU_LOOP_WINDOW,
                     RDU_LOOP_WINDOW},
                    F32, F32);
  const auto window = [](std::uint32_t l) {
    return with(RDU_OUTSIDE_FILL, 2 * loop(l) + loop(l + 3) - 1);
  };
  n.reads = {read(image, {loop(0), loop(4), window(2), window(3)}),
             read(weights, {loop(1), loop(4), loop(5), loop(6)}), read(biases, {loop(1)})};
  Code code;
  const Register t = add(code, code.acc(F32), code.load(2, F32));
  const Register line = add(code, times(code, t, 1.0 / 6), code.number(F32, 0.5));
  const Register low = code.op(RDU_OP_MIN, F32, code.number(F32, 1), line);
  n.epilogue = code.result({mul(code, t, code.op(RDU_OP_MAX, F32, code.number(F32, 0), low))});
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_NEAR(shifted(c.get(y)), 2e-6, expected);
}

}  // namespace

CONFORMANCE_CASE("activations: behind a convolution, of a sum that came with its bias") {
  check_convolution(12, 24, 32);
  check_convolution(16, 32, 16);
  check_convolution(3, 5, 8);
}

CONFORMANCE_CASE("activations: of a map") {
  for (const Activation& activation : activations()) {
    for (const int count : {1, 15, 16, 50, 3000}) check_map(activation, count);
  }
}

CONFORMANCE_CASE("activations: behind a product") {
  for (const Activation& activation : activations()) {
    check_product(activation, 1, 40, 20);
    check_product(activation, 5, 16, 3);
    check_product(activation, 33, 77, 19);
    check_product(activation, 3, 7, 1030);
  }
}

}  // namespace conformance
