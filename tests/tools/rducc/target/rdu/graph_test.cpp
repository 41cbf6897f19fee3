// Random graphs of contexts whose streams part and meet again, with sums over rows and buffers of rows on the way: they run to their end, at a vector
// a cycle, and compute what they should.
#include <catch2/catch.hpp>

#include "tests/tools/rducc/target/rdu/chips.hpp"
#include "tests/tools/rducc/target/rdu/evaluate.hpp"
#include "tests/tools/rducc/target/rdu/flows.hpp"
#include "tests/tools/rducc/target/rdu/run.hpp"
#include "tools/rducc/target/rdu/random.hpp"

using namespace rducc::rdu;
using namespace rdu_test;

namespace {

class Graph {
 public:
  Graph(Flow& flow, Random& random, std::uint32_t width)
      : flow_(flow),
        random_(random),
        section_(flow.section("graph")),
        chain_({loop(2 + random.below(40)),
                lanes(16 * (1 + random.below(50)) - random.below(3), width)}) {}

  std::uint64_t firings() const { return chain_[0].extent * ((chain_[1].extent + 15) / 16); }
  std::uint64_t row() const { return (chain_[1].extent + 15) / 16; }

  void run(std::uint32_t steps) {
    vectors_.push_back(source());
    for (std::uint32_t i = 0; i < steps; ++i) step();
    finish();
  }

 private:
  // Numbers that a counter makes.
  Stream source() {
    Simd simd = section_.simd("source", chain_);
    return simd.vector(simd.compute(RDU_HW_OP_ADD_I32, Simd::counter(0), Simd::counter(1)));
  }

  void step() {
    switch (random_.below(5)) {
      case 0:
        return add(take(), sum_of_row(take()));
      case 1:
        return vectors_.push_back(through_buffer(take()));
      default:
        return add(take(), {});
    }
  }

  Stream take() { return vectors_[random_.below(static_cast<std::uint32_t>(vectors_.size()))]; }

  // The sum of two streams and a constant; some operations more, so that latencies differ.
  void add(Stream x, std::optional<Stream> scalar) {
    Simd simd = section_.simd("add", chain_);
    Value sum = simd.compute(RDU_HW_OP_ADD_I32, simd.input(x), simd.input(take()));
    if (scalar) sum = simd.compute(RDU_HW_OP_ADD_I32, sum, simd.input(*scalar, 1));
    for (std::uint32_t i = random_.below(12); i-- > 0;) {
      sum = simd.compute(RDU_HW_OP_ADD_I32, sum, Simd::integer(static_cast<std::int32_t>(i)));
    }
    vectors_.push_back(simd.vector(sum));
  }

  Stream sum_of_row(Stream x) {
    Simd simd = section_.simd("sum", chain_);
    return simd.scalar(simd.reduce(RDU_HW_FOLD_ADD_I32, 1, simd.input(x)), 1);
  }

  Stream through_buffer(Stream x) {
    const BufferHandle rows = section_.buffer("rows", 4 * std::uint64_t{chain_[1].extent},
                                              {.copies = 2 + random_.below(2)});
    const Memory write = section_.write("write", chain_, rows, x, at(1, 4));
    const Memory read = section_.read("read", chain_, rows, at(1, 4));
    section_.metapipe(rows, {write, 1}, {read, 1});
    return read.data();
  }

  // Every stream that nobody took, as one number.
  void finish() {
    std::vector<Stream> open;
    for (const Stream& stream : vectors_) {
      if (section_.parts().links[stream.link].sinks.empty()) open.push_back(stream);
    }
    for (const Stream& stream : open) {
      Simd simd = section_.simd("total", chain_);
      const Value total = simd.reduce(RDU_HW_FOLD_ADD_I32, 0, simd.input(stream));
      section_.result("result", {}, flow_.result("result"), simd.scalar(total, 0));
    }
  }

  Flow& flow_;
  Random& random_;
  Section& section_;
  Chain chain_;
  std::vector<Stream> vectors_;
};

// By argument.
Words expected(const Parts& parts, std::uint32_t chip_lanes) {
  const Streams streams = evaluate(parts, chip_lanes, Shift::kAsWritten);
  Words words;
  for (const Context& context : parts.contexts) {
    if (context.program != RDU_HW_PROGRAM_RESULT) continue;
    words.push_back(streams.at(context.inputs.front().link).front().front());
  }
  return words;
}

}  // namespace

TEST_CASE("streams that part and meet at random end, compute what they should, and lose no cycle") {
  for (const char* name : {"sara20", "sn10"}) {
    const rdu_hw_arch arch = chip(name, {"network.kind=routed"});
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      INFO(name << ", seed " << seed);
      Random random(seed);
      Flow flow;
      Graph graph(flow, random, 16);
      const std::uint32_t steps = 1 + random.below(14);
      graph.run(steps);
      const Ran ran = run(flow, arch, 1, {.effort = 30});
      INFO((ran.first.notes.empty() ? std::string() : ran.first.notes.front()));
      REQUIRE(ran.error == "");
      const Words words = expected(flow.sections().front().parts(), arch.pcu.lanes);
      for (std::size_t i = 0; i < words.size(); ++i) CHECK(ran.after[i][0] == words[i]);
      // What each step may be late by: two rows in a buffer, a sum's row, pipelines and routes.
      CHECK(ran.cycles <
            static_cast<std::int64_t>(graph.firings() + (steps + 1) * (2 * graph.row() + 60)));
    }
  }
}
