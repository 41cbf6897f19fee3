// Random nodes of every pattern and kind of access: cpu against the reference, and against itself on other thread counts
// and instruction sets.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <rdu/plugin.hpp>

#include "tests/plugins/cpu/random_node.hpp"

namespace cpu_test {
namespace {

bool too_large(const rdu::artifact::FlatGraph& flat) {
  for (const rdu_value& value : flat.values) {
    if (value.bytes > (1u << 24)) return true;
  }
  return false;
}

struct Output {
  Outcome outcome;
  std::vector<std::byte> bytes;
};

Output run_on(Device& device, const rdu::artifact::FlatGraph& flat, ValueId result,
              std::uint64_t seed) {
  Loaded loaded(device, flat);
  const rdu_subgraph& top = flat.graphs[0];
  for (std::uint32_t i = 0; i < top.num_inputs; ++i) {
    const ValueId id = flat.value_lists[top.first_input + i];
    const rdu_value& value = flat.values[id];
    fill_random(value.dtype, seed + id, loaded.storage(id).data(),
                static_cast<std::uint64_t>(rdu::plugin::num_elements(value)));
  }
  Output output{loaded.run(), {}};
  Memory& memory = loaded.storage(result);
  output.bytes.assign(memory.data(), memory.data() + memory.size());
  return output;
}

}  // namespace

TEST_CASE(
    "random nodes: cpu computes what the reference does, on any threads and instruction set") {
  static Device reference("reference:"), one("cpu:?threads=1"), two("cpu:?threads=2"),
      baseline("cpu:?threads=2&isa=baseline");
  const char* env = std::getenv("RDU_RANDOM_GRAPHS");
  const int count = env != nullptr ? std::atoi(env) : 400;
  for (int seed = 0; seed < count; ++seed) {
    Maker maker(static_cast<std::uint64_t>(seed));

    maker.make();
    const auto flat = maker.graph.flat();
    if (too_large(flat)) continue;
    const auto n = static_cast<std::uint64_t>(rdu::plugin::num_elements(flat.values[maker.result]));
    const Output expected = run_on(reference, flat, maker.result, static_cast<std::uint64_t>(seed));
    const Output actual = run_on(one, flat, maker.result, static_cast<std::uint64_t>(seed));
    CAPTURE(seed, maker.dtype, flat.nodes[0].pattern, expected.outcome.message,
            actual.outcome.message);
    CHECK(actual.outcome.code == expected.outcome.code);
    if (!expected.outcome.ok()) continue;
    CHECK(difference(maker.dtype, actual.bytes.data(), expected.bytes.data(), n) <=
          maker.tolerance);
    CHECK(run_on(two, flat, maker.result, static_cast<std::uint64_t>(seed)).bytes == actual.bytes);
    const Output plain = run_on(baseline, flat, maker.result, static_cast<std::uint64_t>(seed));
    CHECK(difference(maker.dtype, plain.bytes.data(), expected.bytes.data(), n) <= maker.tolerance);
  }
}

}  // namespace cpu_test
