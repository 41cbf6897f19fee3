// Each pattern of the cpu plugin beside the limit that it has: bytes per second against a copy of as many bytes, or
// operations per second. Counters: `bytes` of one pass over operands and results, `ops` of contractions.
#include <benchmark/benchmark.h>

#include <cstring>
#include <memory>

#include "tests/plugins/cpu/test_graph.hpp"

namespace cpu_test {
namespace {

constexpr std::int64_t kRows = 2048, kColumns = 2048;

struct Bench {
  TestGraph graph;
  double bytes = 0, ops = 0;

  ValueId input(const Dims& dims) {
    count(dims);
    return graph.input(F32, dims);
  }
  ValueId output(const Dims& dims) {
    count(dims);
    return graph.output(F32, dims);
  }
  void count(const Dims& dims) {
    double n = sizeof(float);
    for (const std::int64_t d : dims) n *= static_cast<double>(d);
    bytes += n;
  }
};

Access identity(std::uint32_t rank) {
  Access access;
  for (std::uint32_t l = 0; l < rank; ++l) access.push_back(loop(l));
  return access;
}

void add_map(Bench& b, Node n, Program body) {
  Dims dims;
  for (const auto& l : n.loops) dims.push_back(l.extent);
  n.body = std::move(body);
  n.writes = {{b.output(dims), identity(static_cast<std::uint32_t>(dims.size()))}};
  b.graph.add(n);
}

void add_bias_relu(Bench& b) {
  Node n = map({kRows, kColumns});
  n.reads = {read(b.input({kRows, kColumns}), identity(2)), read(b.input({kColumns}), {loop(1)})};
  Code code;
  const auto sum = code.op(RDU_OP_ADD, F32, code.load(0, F32), code.load(1, F32));
  const auto relu = code.op(RDU_OP_MAX, F32, sum, code.number(F32, 0));
  add_map(b, n, code.result({relu}));
}

void add_function(Bench& b, rdu_body_op op) {
  Node n = map({kRows, kColumns});
  n.reads = {read(b.input({kRows, kColumns}), identity(2))};
  Code code;
  const auto value = code.op(op, F32, code.load(0, F32));
  add_map(b, n, code.result({value}));
}
void add_exp(Bench& b) { add_function(b, RDU_OP_EXP); }
void add_erf(Bench& b) { add_function(b, RDU_OP_ERF); }
void add_sin(Bench& b) { add_function(b, RDU_OP_SIN); }

void add_transpose(Bench& b) {
  Node n = map({kColumns, kRows});
  n.reads = {read(b.input({kRows, kColumns}), {loop(1), loop(0)})};
  add_map(b, n, copy_of(F32));
}

void add_pad(Bench& b) {
  Node n = map({64, 226, 226});
  n.reads = {read(b.input({64, 224, 224}), {loop(0), with(RDU_OUTSIDE_FILL, loop(1) - 1),
                                            with(RDU_OUTSIDE_FILL, loop(2) - 1)})};
  add_map(b, n, copy_of(F32));
}

void add_reduction(Bench& b, bool rows, rdu_combine_op combine) {
  Node n = reduce({kRows, kColumns}, 1, combine, F32);
  n.reads = {
      read(b.input({kRows, kColumns}), rows ? Access{loop(0), loop(1)} : Access{loop(1), loop(0)})};
  n.body = copy_of(F32);
  n.writes = {{b.output({kRows}), {loop(0)}}};
  b.graph.add(n);
}
void add_sum_rows(Bench& b) { add_reduction(b, true, RDU_COMBINE_ADD); }
void add_sum_columns(Bench& b) { add_reduction(b, false, RDU_COMBINE_ADD); }
void add_max_rows(Bench& b) { add_reduction(b, true, RDU_COMBINE_MAX); }

void add_max_pool(Bench& b) {
  Node n = reduce({64, 56, 56, 3, 3}, 3, RDU_COMBINE_MAX, F32);
  n.reads = {read(b.input({64, 112, 112}),
                  {loop(0), with(RDU_OUTSIDE_FILL, 2 * loop(1) + loop(3) - 1),
                   with(RDU_OUTSIDE_FILL, 2 * loop(2) + loop(4) - 1)},
                  -1e30)};
  n.body = copy_of(F32);
  n.writes = {{b.output({64, 56, 56}), identity(3)}};
  b.graph.add(n);
}

void add_gather_rows(Bench& b) {
  Node n = map({kRows, kColumns});
  n.pattern = RDU_PATTERN_GATHER;
  const ValueId rows = b.graph.input(I64, {kRows});
  n.reads = {read(b.input({kRows, kColumns}),
                  {with(RDU_OUTSIDE_WRAP, indirect(rows, {loop(0)})), loop(1)})};
  add_map(b, n, copy_of(F32));
}

void add_matmul(Bench& b, std::int64_t m, std::int64_t n, std::int64_t k) {
  Node node = contract({m, n, k}, 2, {RDU_LOOP_M, RDU_LOOP_N, RDU_LOOP_K}, F32, F32);
  node.reads = {read(b.input({m, k}), {loop(0), loop(2)}),
                read(b.input({n, k}), {loop(1), loop(2)})};
  node.writes = {{b.output({m, n}), identity(2)}};
  b.graph.add(node);
  b.ops = 2.0 * static_cast<double>(m * n * k);
}
void add_matmul_1024(Bench& b) { add_matmul(b, 1024, 1024, 1024); }
void add_matrix_vector(Bench& b) { add_matmul(b, 1, 4096, 4096); }

void add_convolution(Bench& b, std::int64_t channels, std::int64_t groups, std::int64_t side) {
  const std::int64_t outputs = channels / groups, inputs = channels / groups;
  Node n = contract({groups, outputs, side, side, inputs, 3, 3}, 4,
                    {RDU_LOOP_BATCH, RDU_LOOP_N, RDU_LOOP_M, RDU_LOOP_M, RDU_LOOP_K,
                     RDU_LOOP_WINDOW, RDU_LOOP_WINDOW},
                    F32, F32);
  std::vector<std::byte> weights(static_cast<std::size_t>(channels * inputs * 9) * sizeof(float));
  const ValueId w = b.graph.constant(F32, {channels, inputs, 3, 3}, weights);
  n.reads = {
      read(b.input({1, channels, side, side}),
           {fixed(0), inputs * loop(0) + loop(4), with(RDU_OUTSIDE_FILL, loop(2) + loop(5) - 1),
            with(RDU_OUTSIDE_FILL, loop(3) + loop(6) - 1)}),
      read(w, {outputs * loop(0) + loop(1), loop(4), loop(5), loop(6)})};
  n.writes = {{b.output({1, channels, side, side}),
               {fixed(0), outputs * loop(0) + loop(1), loop(2), loop(3)}}};
  b.graph.add(n);
  b.ops = 2.0 * 9 * static_cast<double>(channels * inputs * side * side);
}
void add_convolution_3x3(Bench& b) { add_convolution(b, 128, 1, 56); }
void add_depthwise_3x3(Bench& b) { add_convolution(b, 128, 128, 56); }

using Add = void (*)(Bench&);

void run_pattern(benchmark::State& state, Add add) {
  Bench bench;
  add(bench);
  const auto flat = bench.graph.flat();
  Device device("cpu:?threads=" + std::to_string(state.range(0)));
  Loaded loaded(device, flat);
  for (auto _ : state) {
    const Outcome outcome = loaded.run();
    if (!outcome.ok()) state.SkipWithError(outcome.message.c_str());
  }
  using benchmark::Counter;
  state.counters["bytes"] = Counter(bench.bytes, Counter::kIsIterationInvariantRate);
  if (bench.ops != 0)
    state.counters["ops"] = Counter(bench.ops, Counter::kIsIterationInvariantRate);
}

// The limit of whatever moves 2 x 16 MiB.
void copy_limit(benchmark::State& state) {
  const std::size_t bytes = static_cast<std::size_t>(kRows * kColumns) * sizeof(float);
  std::vector<char> from(bytes, 1), to(bytes);
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), bytes);
    benchmark::ClobberMemory();
  }
  state.counters["bytes"] = benchmark::Counter(2.0 * static_cast<double>(bytes),
                                               benchmark::Counter::kIsIterationInvariantRate);
}

BENCHMARK(copy_limit)->UseRealTime();

#define RDU_PATTERN_BENCH(name) \
  BENCHMARK_CAPTURE(run_pattern, name, add_##name)->Arg(1)->Arg(2)->UseRealTime()
RDU_PATTERN_BENCH(bias_relu);
RDU_PATTERN_BENCH(exp);
RDU_PATTERN_BENCH(erf);
RDU_PATTERN_BENCH(sin);
RDU_PATTERN_BENCH(transpose);
RDU_PATTERN_BENCH(pad);
RDU_PATTERN_BENCH(sum_rows);
RDU_PATTERN_BENCH(sum_columns);
RDU_PATTERN_BENCH(max_rows);
RDU_PATTERN_BENCH(max_pool);
RDU_PATTERN_BENCH(gather_rows);
RDU_PATTERN_BENCH(matmul_1024);
RDU_PATTERN_BENCH(matrix_vector);
RDU_PATTERN_BENCH(convolution_3x3);
RDU_PATTERN_BENCH(depthwise_3x3);
#undef RDU_PATTERN_BENCH

}  // namespace
}  // namespace cpu_test

BENCHMARK_MAIN();
