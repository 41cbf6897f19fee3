// Maps: one function of each element, chains of them, casts, and the smallest run that there is.
#include "tests/bench/cpu/kernels/family.hpp"

namespace cpu_bench {
namespace {

constexpr std::int64_t kRows = 512, kColumns = 1024;

void add_map(Case& c, Node n, const Program& body, rdu_dtype to = F32) {
  Dims dims;
  for (const auto& l : n.loops) dims.push_back(l.extent);
  n.body = body;
  n.writes = {{c.output(to, dims), identity(static_cast<std::uint32_t>(dims.size()))}};
  c.graph.add(n);
}

void build_function(Case& c, rdu_body_op op) {
  Node n = map({kRows, kColumns});
  n.reads = {read(c.input(F32, {kRows, kColumns}), identity(2))};
  Code code;
  const auto x = code.op(RDU_OP_ABS, F32, code.load(0, F32));
  add_map(c, n, code.result({code.op(op, F32, x)}));
}

void build_bias_relu(Case& c) {
  Node n = map({kRows, kColumns});
  n.reads = {read(c.input(F32, {kRows, kColumns}), identity(2)),
             read(c.input(F32, {kColumns}), {loop(1)})};
  Code code;
  const auto sum = code.op(RDU_OP_ADD, F32, code.load(0, F32), code.load(1, F32));
  add_map(c, n, code.result({code.op(RDU_OP_MAX, F32, sum, code.number(F32, 0))}));
}

void build_sum(Case& c) {
  Node n = map({kRows, kColumns});
  n.reads = {read(c.input(F32, {kRows, kColumns}), identity(2)),
             read(c.input(F32, {kRows, kColumns}), identity(2))};
  Code code;
  add_map(c, n, code.result({code.op(RDU_OP_ADD, F32, code.load(0, F32), code.load(1, F32))}));
}

// 0.5 x (1 + tanh(0.797884 (x + 0.044715 x³)))
void build_gelu(Case& c) {
  Node n = map({kRows, kColumns});
  n.reads = {read(c.input(F32, {kRows, kColumns}), identity(2))};
  Code code;
  const auto x = code.load(0, F32);
  const auto mul = [&](auto a, auto b) { return code.op(RDU_OP_MUL, F32, a, b); };
  const auto add = [&](auto a, auto b) { return code.op(RDU_OP_ADD, F32, a, b); };
  const auto cube = mul(mul(mul(x, x), x), code.number(F32, 0.044715));
  const auto bent = code.op(RDU_OP_TANH, F32, mul(add(x, cube), code.number(F32, 0.79788456)));
  add_map(c, n, code.result({mul(mul(x, code.number(F32, 0.5)), add(bent, code.number(F32, 1)))}));
}

void build_cast(Case& c, rdu_dtype from, rdu_dtype to) {
  Node n = map({kRows, kColumns});
  n.reads = {read(c.input(from, {kRows, kColumns}), identity(2))};
  Code code;
  add_map(c, n, code.result({code.op(RDU_OP_CAST, to, code.load(0, from))}), to);
}

void build_dispatch(Case& c) {
  Node n = map({1});
  n.reads = {read(c.input(F32, {1}), identity(1))};
  add_map(c, n, copy_of(F32));
}

}  // namespace

void add_maps() {
  const std::pair<const char*, rdu_body_op> functions[] = {
      {"exp", RDU_OP_EXP},   {"log", RDU_OP_LOG}, {"tanh", RDU_OP_TANH}, {"erf", RDU_OP_ERF},
      {"sqrt", RDU_OP_SQRT}, {"sin", RDU_OP_SIN}, {"rcp", RDU_OP_RCP},   {"floor", RDU_OP_FLOOR}};
  for (const auto& entry : functions) {
    const rdu_body_op op = entry.second;
    add_case(std::string("map/") + entry.first, [=](Case& c) { build_function(c, op); });
  }
  add_case("map/sum", build_sum);
  add_case("map/bias_relu", build_bias_relu);
  add_case("map/gelu", build_gelu);
  add_case("cast/bytes_to_floats", [](Case& c) { build_cast(c, U8, F32); });
  add_case("cast/floats_to_half", [](Case& c) { build_cast(c, F32, BF16); });
  add_case("dispatch/one_element", build_dispatch);
}

}  // namespace cpu_bench
