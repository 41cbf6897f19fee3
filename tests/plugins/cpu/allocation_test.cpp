// A run allocates nothing: every call of malloc on this thread and on the workers is counted. oneDNN, which makes a list
// of arguments for each call, is left out: the graph has maps, reductions and a gather.
// (Sanitizers bring an allocator of their own: nothing is counted there.)
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/plugins/cpu/test_graph.hpp"

namespace {

std::atomic<bool> g_counting{false};
std::atomic<long> g_allocations{0};

void count() {
  if (g_counting.load(std::memory_order_relaxed)) ++g_allocations;
}

}  // namespace

extern "C" void* __libc_malloc(size_t);
extern "C" void* __libc_memalign(size_t, size_t);

// Interposed for the whole process, the plugin included: it asks the program first.
extern "C" __attribute__((visibility("default"))) void* malloc(size_t bytes) {
  count();
  return __libc_malloc(bytes);
}
extern "C" __attribute__((visibility("default"))) void* aligned_alloc(size_t alignment,
                                                                      size_t bytes) {
  count();
  return __libc_memalign(alignment, bytes);
}

namespace cpu_test {
namespace {

// y = softmax(gather(x, i)).
struct Model {
  TestGraph graph;
  ValueId x, rows, y;

  Model() {
    constexpr std::int64_t kRows = 512, kWidth = 700;
    x = graph.input(F32, {64, kWidth});
    rows = graph.input(I64, {kRows});
    const ValueId gathered = graph.inner(F32, {kRows, kWidth}), top = graph.inner(F32, {kRows});
    const ValueId raised = graph.inner(F32, {kRows, kWidth}), sum = graph.inner(F32, {kRows});
    y = graph.output(F32, {kRows, kWidth});
    Node gather = map({kRows, kWidth});
    gather.pattern = RDU_PATTERN_GATHER;
    gather.reads = {read(x, {with(RDU_OUTSIDE_CLAMP, indirect(rows, {loop(0)})), loop(1)})};
    gather.body = copy_of(F32);
    gather.writes = {{gathered, {loop(0), loop(1)}}};
    graph.add(gather);
    Node most = reduce({kRows, kWidth}, 1, RDU_COMBINE_MAX, F32);
    most.reads = {read(gathered, {loop(0), loop(1)})};
    most.body = copy_of(F32);
    most.writes = {{top, {loop(0)}}};
    graph.add(most);
    Node raise = map({kRows, kWidth});
    raise.reads = {read(gathered, {loop(0), loop(1)}), read(top, {loop(0)})};
    Code exponent;
    const auto apart = exponent.op(RDU_OP_SUB, F32, exponent.load(0, F32), exponent.load(1, F32));
    raise.body = exponent.result({exponent.op(RDU_OP_EXP, F32, apart)});
    raise.writes = {{raised, {loop(0), loop(1)}}};
    graph.add(raise);
    Node total = reduce({kRows, kWidth}, 1, RDU_COMBINE_ADD, F32);
    total.reads = {read(raised, {loop(0), loop(1)})};
    total.body = copy_of(F32);
    total.writes = {{sum, {loop(0)}}};
    graph.add(total);
    Node divide = map({kRows, kWidth});
    divide.reads = {read(raised, {loop(0), loop(1)}), read(sum, {loop(0)})};
    Code quotient;
    const auto share = quotient.op(RDU_OP_DIV, F32, quotient.load(0, F32), quotient.load(1, F32));
    divide.body = quotient.result({share});
    divide.writes = {{y, {loop(0), loop(1)}}};
    graph.add(divide);
  }
};

// v = v / 2 + 1, a thousand times.
struct Repeated {
  TestGraph graph;
  ValueId x, y;

  Repeated() {
    x = graph.input(F32, {kWidth});
    y = graph.output(F32, {kWidth});
    auto& variant = graph.variant();
    auto& body = variant.graphs.emplace_back();
    const ValueId before = graph.value(F32, {kWidth}, RDU_ROLE_INPUT);
    const ValueId after = graph.inner(F32, {kWidth});
    Node step = map({kWidth});
    step.name = "step";
    step.reads = {read(before, {loop(0)})};
    Code code;
    const auto half = code.op(RDU_OP_MUL, F32, code.load(0, F32), code.number(F32, 0.5));
    step.body = code.result({code.op(RDU_OP_ADD, F32, half, code.number(F32, 1))});
    step.writes = {{after, {loop(0)}}};
    body.nodes.push_back(step);
    body.inputs = {before};
    body.outputs = {after};
    Node scan;
    scan.pattern = RDU_PATTERN_SCAN;
    scan.loops = {{1000, RDU_NONE, RDU_LOOP_PLAIN}};
    scan.graphs[0] = 1;
    rdu::artifact::Port carried;
    carried.kind = RDU_PORT_CARRIED;
    carried.outer = x;
    carried.inner_in = before;
    carried.inner_out = after;
    carried.result = y;
    scan.ports = {carried};
    scan.writes = {{y, {}}};
    graph.add(scan);
  }

  static constexpr std::int64_t kWidth = 16;
};

// The fewest allocations of twenty runs, after as many as oneDNN needs to set up what it keeps for each thread.
long fewest_allocations(Loaded& loaded) {
  for (int i = 0; i < 200; ++i) REQUIRE(loaded.run().ok());
  long fewest = 1;
  for (int i = 0; i < 20 && fewest != 0; ++i) {
    g_allocations = 0;
    g_counting = true;
    const Outcome outcome = loaded.run();
    g_counting = false;
    REQUIRE(outcome.ok());
    fewest = std::min(fewest, g_allocations.load());
  }
  return fewest;
}

}  // namespace

TEST_CASE("a run allocates nothing") {
  Model model;
  const auto flat = model.graph.flat();
  for (const char* uri : {"cpu:?threads=1", "cpu:?threads=2"}) {
    Device device(uri);
    g_allocations = 0;
    g_counting = true;
    Loaded loaded(device, flat);
    g_counting = false;
    CHECK(g_allocations > 0);  // the plugin's own are counted, too: it loads with many
    fill_random(F32, 1, loaded.storage(model.x).data(), 64 * 700);
    fill_random(I64, 2, loaded.storage(model.rows).data(), 512);
    INFO(uri);
    CHECK(fewest_allocations(loaded) == 0);
  }
}

TEST_CASE("a scan allocates nothing, however often it repeats") {
  Repeated model;
  const auto flat = model.graph.flat();
  for (const char* uri : {"cpu:?threads=1", "cpu:?threads=2"}) {
    Device device(uri);
    Loaded loaded(device, flat);
    fill_random(F32, 1, loaded.storage(model.x).data(), Repeated::kWidth);
    INFO(uri);
    CHECK(fewest_allocations(loaded) == 0);
  }
}

}  // namespace cpu_test
#endif
