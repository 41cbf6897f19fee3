// What moves data and computes nothing: copies, transposes, padding, gather and scatter.
#include "tests/bench/cpu/kernels/family.hpp"

namespace cpu_bench {
namespace {

constexpr std::int64_t kSide = 1024;

void add_move(Case& c, Node n) {
  Dims dims;
  for (const auto& l : n.loops) dims.push_back(l.extent);
  n.body = copy_of(F32);
  n.writes = {{c.output(F32, dims), identity(static_cast<std::uint32_t>(dims.size()))}};
  c.graph.add(n);
}

void build_copy(Case& c) {
  Node n = map({kSide, kSide});
  n.reads = {read(c.input(F32, {kSide, kSide}), identity(2))};
  add_move(c, n);
}

void build_transpose(Case& c) {
  Node n = map({kSide, kSide});
  n.reads = {read(c.input(F32, {kSide, kSide}), {loop(1), loop(0)})};
  add_move(c, n);
}

// Heads of a transformer: [row][head][width] to [head][row][width].
void build_heads(Case& c) {
  Node n = map({12, 512, 64});
  n.reads = {read(c.input(F32, {512, 12, 64}), {loop(1), loop(0), loop(2)})};
  add_move(c, n);
}

void build_pad(Case& c) {
  Node n = map({64, 114, 114});
  n.reads = {read(c.input(F32, {64, 112, 112}), {loop(0), with(RDU_OUTSIDE_FILL, loop(1) - 1),
                                                 with(RDU_OUTSIDE_FILL, loop(2) - 1)})};
  add_move(c, n);
}

void build_gather(Case& c, std::int64_t width) {
  constexpr std::int64_t kRows = 4096;
  Node n = map({kRows, width});
  n.pattern = RDU_PATTERN_GATHER;
  const ValueId rows = c.input(I64, {kRows});
  n.reads = {read(c.input(F32, {kRows, width}),
                  {with(RDU_OUTSIDE_WRAP, indirect(rows, {loop(0)})), loop(1)})};
  add_move(c, n);
}

void build_scatter(Case& c, rdu_combine_op combine) {
  constexpr std::int64_t kRows = 4096, kWidth = 64;
  Node n = node(RDU_PATTERN_SCATTER, {kRows, kWidth}, 2);
  n.combine = combine;
  n.acc_dtype = F32;
  n.base = c.input(F32, {kRows, kWidth});
  const ValueId rows = c.input(I64, {kRows});
  n.reads = {read(c.input(F32, {kRows, kWidth}), identity(2))};
  n.body = copy_of(F32);
  n.writes = {{c.output(F32, {kRows, kWidth}),
               {with(RDU_OUTSIDE_WRAP, indirect(rows, {loop(0)})), loop(1)}}};
  c.graph.add(n);
}

}  // namespace

void add_moves() {
  add_case("move/copy", build_copy);
  add_case("move/transpose", build_transpose);
  add_case("move/heads", build_heads);
  add_case("move/pad", build_pad);
  add_case("gather/rows_of_256", [](Case& c) { build_gather(c, 256); });
  add_case("gather/rows_of_1", [](Case& c) { build_gather(c, 1); });
  add_case("scatter/add_rows_of_64", [](Case& c) { build_scatter(c, RDU_COMBINE_ADD); });
  add_case("scatter/replace_rows_of_64", [](Case& c) { build_scatter(c, RDU_COMBINE_REPLACE); });
}

}  // namespace cpu_bench
