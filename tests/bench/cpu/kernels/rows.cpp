// What goes over rows: softmax and normalisation as chains of nodes, and reductions along either dimension.
#include "tests/bench/cpu/kernels/chains.hpp"
#include "tests/bench/cpu/kernels/family.hpp"

namespace cpu_bench {
namespace {

void build_softmax(Case& c, std::int64_t rows, std::int64_t columns) {
  add_softmax(c, c.input(F32, {rows, columns}), c.output(F32, {rows, columns}), {rows, columns});
}

Program square_of_difference() {
  Code code;
  const auto d = code.op(RDU_OP_SUB, F32, code.load(0, F32), code.load(1, F32));
  return code.result({code.op(RDU_OP_MUL, F32, d, d)});
}

// (x - mean) / sqrt(variance + epsilon) * weight + bias
void build_normalisation(Case& c, std::int64_t rows, std::int64_t columns) {
  const ValueId x = c.input(F32, {rows, columns}), mean = c.inner(F32, {rows});
  const ValueId scale = c.inner(F32, {rows});
  const double share = 1.0 / static_cast<double>(columns);
  Node sum = reduce({rows, columns}, 1, RDU_COMBINE_ADD, F32);
  sum.reads = {read(x, identity(2))};
  sum.body = copy_of(F32);
  Code of_mean;
  const auto total = of_mean.acc(F32);
  sum.epilogue = of_mean.result({of_mean.op(RDU_OP_MUL, F32, total, of_mean.number(F32, share))});
  sum.writes = {{mean, identity(1)}};
  c.graph.add(sum);
  Node squares = reduce({rows, columns}, 1, RDU_COMBINE_ADD, F32);
  squares.reads = {read(x, identity(2)), read(mean, identity(1))};
  squares.body = square_of_difference();
  Code root;
  const auto variance = root.op(RDU_OP_MUL, F32, root.acc(F32), root.number(F32, share));
  const auto safe = root.op(RDU_OP_ADD, F32, variance, root.number(F32, 1e-5));
  squares.epilogue = root.result({root.op(RDU_OP_SQRT, F32, safe)});
  squares.writes = {{scale, identity(1)}};
  c.graph.add(squares);
  Node last = map({rows, columns});
  last.reads = {read(x, identity(2)), read(mean, identity(1)), read(scale, identity(1)),
                read(c.weights(F32, {columns}), {loop(1)}),
                read(c.weights(F32, {columns}), {loop(1)})};
  Code code;
  const auto centred = code.op(RDU_OP_SUB, F32, code.load(0, F32), code.load(1, F32));
  const auto even = code.op(RDU_OP_DIV, F32, centred, code.load(2, F32));
  const auto scaled = code.op(RDU_OP_MUL, F32, even, code.load(3, F32));
  last.body = code.result({code.op(RDU_OP_ADD, F32, scaled, code.load(4, F32))});
  last.writes = {{c.output(F32, {rows, columns}), identity(2)}};
  c.graph.add(last);
}

void build_reduction(Case& c, bool along_rows, rdu_combine_op combine) {
  constexpr std::int64_t kSide = 2048;
  Node n = reduce({kSide, kSide}, 1, combine, F32);
  n.reads = {read(c.input(F32, {kSide, kSide}),
                  along_rows ? Access{loop(0), loop(1)} : Access{loop(1), loop(0)})};
  n.body = copy_of(F32);
  n.writes = {{c.output(F32, {kSide}), identity(1)}};
  c.graph.add(n);
}

}  // namespace

void add_rows() {
  add_case("softmax/512x512", [](Case& c) { build_softmax(c, 512, 512); });
  add_case("softmax/32x30000", [](Case& c) { build_softmax(c, 32, 30000); });
  add_case("normalise/512x768", [](Case& c) { build_normalisation(c, 512, 768); });
  add_case("reduce/sum_rows", [](Case& c) { build_reduction(c, true, RDU_COMBINE_ADD); });
  add_case("reduce/sum_columns", [](Case& c) { build_reduction(c, false, RDU_COMBINE_ADD); });
  add_case("reduce/max_rows", [](Case& c) { build_reduction(c, true, RDU_COMBINE_MAX); });
  add_case("reduce/max_columns", [](Case& c) { build_reduction(c, false, RDU_COMBINE_MAX); });
}

}  // namespace cpu_bench
