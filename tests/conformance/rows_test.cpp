// Softmax and normalisation as chains of nodes over rows: a device may run a chain as one step, unless somebody looks at
// what lies between.
#include <cmath>

#include "tests/conformance/case.hpp"
#include "tests/conformance/suite.hpp"

namespace conformance {
namespace {

struct Rows {
  int rows = 1, columns = 1;
  rdu_dtype from = F32, to = F32;
  Dims both() const { return {rows, columns}; }
};

Numbers wave(int count, double step, rdu_dtype dtype = F32) {
  Numbers numbers;
  for (int i = 0; i < count; ++i) numbers.push_back(rounded(dtype, 3 * std::sin(i * step)));
  return numbers;
}

// f(row, out) for each row of x.
template <class F>
Numbers by_row(const Rows& s, const Numbers& x, const F& f) {
  Numbers y;
  for (int r = 0; r < s.rows; ++r) {
    const Numbers row(x.begin() + r * s.columns, x.begin() + (r + 1) * s.columns);
    const Numbers result = f(row);
    y.insert(y.end(), result.begin(), result.end());
  }
  return y;
}

Numbers softmax_of(const Numbers& row) {
  Number top = row[0], sum = 0;
  for (const Number& v : row) top = std::max(top, v);
  Numbers y;
  for (const Number& v : row) y.push_back(std::exp(static_cast<double>(v - top)));
  for (const Number& v : y) sum += v;
  for (Number& v : y) v /= sum;
  return y;
}

// A reduction of rows by `combine`, body and epilogue as given.
Node statistic(const Rows& s, rdu_combine_op combine, std::vector<Read> reads, Program body,
               Program epilogue, ValueId y) {
  Node n = reduce({s.rows, s.columns}, 1, combine, F32);
  n.reads = std::move(reads);
  n.body = std::move(body);
  n.epilogue = std::move(epilogue);
  n.writes = {{y, {}}};
  return n;
}

Node by_element(const Rows& s, std::vector<Read> reads, Program body, ValueId y) {
  Node n = map(s.both());
  n.reads = std::move(reads);
  n.body = std::move(body);
  n.writes = {{y, {}}};
  return n;
}

Read element(ValueId v) { return read(v, {loop(0), loop(1)}); }
Read of_row(ValueId v) { return read(v, {loop(0)}); }

// Read 0 as a float.
std::uint32_t source(Code& code, const Rows& s) {
  const auto x = code.load(0, s.from);
  return s.from == F32 ? x : code.op(RDU_OP_CAST, F32, x);
}
Program source_alone(const Rows& s) {
  Code code;
  return code.result({source(code, s)});
}
Program stored(Code& code, const Rows& s, std::uint32_t reg) {
  return code.result({s.to == F32 ? reg : code.op(RDU_OP_CAST, s.to, reg)});
}
double tolerance(const Rows& s, double of_floats) { return s.to == F32 ? of_floats : 1.0 / 256; }

// op(read 0, read 1)
Program two(const Rows& s, rdu_body_op op) {
  Code code;
  const auto a = code.load(0, F32), b = code.load(1, F32);
  return stored(code, s, code.op(op, F32, a, b));
}

Program exp_of_difference(const Rows& s) {
  Code code;
  const auto a = source(code, s), b = code.load(1, F32);
  return code.result({code.op(RDU_OP_EXP, F32, code.op(RDU_OP_SUB, F32, a, b))});
}

Program reciprocal() {
  Code code;
  return code.result({code.op(RDU_OP_RCP, F32, code.acc(F32))});
}

// `shown`: the exponentials are an output, so that the nodes have to stay apart.
void check_softmax(const Rows& s, bool divides, bool shown) {
  INFO(s.rows << " x " << s.columns << ", divides " << divides << ", shown " << shown);
  const Numbers numbers = wave(s.rows * s.columns, 0.37, s.from);
  Case c;
  const ValueId x = c.input(s.from, s.both(), numbers), top = c.inner(F32, {s.rows}),
                powers = shown ? c.output(F32, s.both()) : c.inner(F32, s.both()),
                sum = c.inner(F32, {s.rows}), y = c.output(s.to, s.both());
  c.add(statistic(s, RDU_COMBINE_MAX, {element(x)}, source_alone(s), {}, top));
  c.add(by_element(s, {element(x), of_row(top)}, exp_of_difference(s), powers));
  c.add(statistic(s, RDU_COMBINE_ADD, {element(powers)}, copy_of(F32),
                  divides ? Program{} : reciprocal(), sum));
  c.add(
      by_element(s, {element(powers), of_row(sum)}, two(s, divides ? RDU_OP_DIV : RDU_OP_MUL), y));
  c.run();
  CHECK_NEAR(c.get(y), tolerance(s, 1e-5), by_row(s, numbers, softmax_of));
}

struct Norm {
  bool centred = true, divides = false, weights = true, biases = true;
};

Numbers norm_of(const Norm& norm, const Numbers& row, const Numbers& w, const Numbers& b) {
  const auto n = static_cast<Number>(row.size());
  Number mean = 0, squares = 0;
  for (const Number& v : row) mean += v / n;
  if (!norm.centred) mean = 0;
  for (const Number& v : row) squares += (v - mean) * (v - mean) / n;
  const Number scale = std::sqrt(static_cast<double>(squares) + 1e-2);
  Numbers y;
  for (std::size_t i = 0; i < row.size(); ++i) {
    Number v = (row[i] - mean) / scale;
    if (norm.weights) v *= w[i];
    if (norm.biases) v += b[i];
    y.push_back(v);
  }
  return y;
}

// (x - mean)², or x².
Program square(const Rows& s, const Norm& norm) {
  Code code;
  auto d = source(code, s);
  if (norm.centred) d = code.op(RDU_OP_SUB, F32, d, code.load(1, F32));
  return code.result({code.op(RDU_OP_MUL, F32, d, d)});
}

Program mean_of(int columns) {
  Code code;
  return code.result({code.op(RDU_OP_DIV, F32, code.acc(F32), code.number(F32, columns))});
}

Program deviation(const Norm& norm, int columns) {
  Code code;
  auto v = code.op(RDU_OP_DIV, F32, code.acc(F32), code.number(F32, columns));
  v = code.op(RDU_OP_ADD, F32, v, code.number(F32, 1e-2));
  return code.result({code.op(norm.divides ? RDU_OP_SQRT : RDU_OP_RSQRT, F32, v)});
}

void check_norm(const Rows& s, const Norm& norm) {
  INFO(s.rows << " x " << s.columns << ", centred " << norm.centred << ", divides " << norm.divides
              << ", weights " << norm.weights << ", biases " << norm.biases);
  const Numbers numbers = wave(s.rows * s.columns, 0.61, s.from), w = wave(s.columns, 0.2),
                b = Numbers(static_cast<std::size_t>(s.columns), 20);  // nothing cancels
  Case c;
  const ValueId x = c.input(s.from, s.both(), numbers), mean = c.inner(F32, {s.rows}),
                scale = c.inner(F32, {s.rows}), y = c.output(s.to, s.both()),
                weights = c.constant(F32, {s.columns}, w), biases = c.constant(F32, {s.columns}, b);
  std::vector<Read> reads = {element(x)};
  if (norm.centred) {
    c.add(statistic(s, RDU_COMBINE_ADD, reads, source_alone(s), mean_of(s.columns), mean));
    reads.push_back(of_row(mean));
  }
  c.add(statistic(s, RDU_COMBINE_ADD, reads, square(s, norm), deviation(norm, s.columns), scale));
  Code code;
  auto v = source(code, s);
  if (norm.centred) v = code.op(RDU_OP_SUB, F32, v, code.load(1, F32));
  const auto next = [&](Read r) {
    reads.push_back(std::move(r));
    return code.load(static_cast<std::uint32_t>(reads.size() - 1), F32);
  };
  v = code.op(norm.divides ? RDU_OP_DIV : RDU_OP_MUL, F32, v, next(of_row(scale)));
  if (norm.weights) v = code.op(RDU_OP_MUL, F32, v, next(read(weights, {loop(1)})));
  if (norm.biases) v = code.op(RDU_OP_ADD, F32, next(read(biases, {loop(1)})), v);
  c.add(by_element(s, reads, stored(code, s, v), y));
  c.run();
  CHECK_NEAR(c.get(y), tolerance(s, 1e-4),
             by_row(s, numbers, [&](const Numbers& row) { return norm_of(norm, row, w, b); }));
}

}  // namespace

CONFORMANCE_CASE("rows: softmax of short, long and ragged rows") {
  for (const int columns : {2, 15, 16, 17, 33, 64, 65, 130, 5000}) {
    check_softmax({3, columns}, false, false);
  }
  check_softmax({1, 40}, true, false);
  check_softmax({200, 20}, true, false);
  check_softmax({5, 37}, false, true);
}

CONFORMANCE_CASE("rows: normalisation in every form") {
  for (const int columns : {3, 16, 48, 100}) {
    for (const bool flag : {false, true}) {
      check_norm({4, columns}, {true, flag, true, true});
      check_norm({4, columns}, {true, flag, !flag, flag});
      check_norm({70, columns}, {false, flag, true, flag});
      check_norm({1, columns}, {true, flag, true, !flag});
    }
  }
}

CONFORMANCE_CASE("rows: softmax and normalisation of 16-bit floats") {
  for (const int columns : {7, 64, 130, 5000}) {
    for (const bool flag : {false, true}) {
      const rdu_dtype from = flag ? BF16 : F32;
      check_softmax({9, columns, from, BF16}, flag, false);
      check_softmax({9, columns, BF16, F32}, flag, false);
      check_norm({9, columns, from, BF16}, {flag, !flag, true, true});
      check_norm({9, columns, BF16, F32}, {true, flag, true, true});
    }
  }
  check_softmax({300, 40, BF16, BF16}, true, false);
  check_norm({300, 40, BF16, BF16}, {true, true, true, true});
}

}  // namespace conformance
