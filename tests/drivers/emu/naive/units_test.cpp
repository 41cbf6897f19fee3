// What single contexts cost, by hand, on the ideal sara20: one cycle a hop, six for an address, 20 to the memory.
#include "tests/drivers/emu/naive/host.hpp"
#include "tests/drivers/emu/naive/machine.hpp"
#include "tests/drivers/image/support.hpp"

using naive::Bound;
using naive::End;
using naive::Outcome;
using naive::Time;
using naive::Times;
using namespace rdu_hw::image;
using image_test::chip;
using image_test::decoded;

namespace {

// Contexts that are wired one to one, and the run of their section.
class Bench {
 public:
  explicit Bench(const std::vector<const char*>& settings = {}) : arch_(chip("sara20", settings)) {
    program_.arch_hash = rdu_hw_arch_hash(&arch_);
  }

  std::uint32_t add(std::uint32_t kind, std::uint32_t row, std::uint32_t column,
                    std::vector<rdu_hw_counter> counters) {
    Context& context = section_.contexts.emplace_back();
    context.program = kind;
    context.row = row;
    context.column = column;
    context.counters = std::move(counters);
    return static_cast<std::uint32_t>(section_.contexts.size() - 1);
  }
  Context& at(std::uint32_t context) { return section_.contexts[context]; }

  std::uint32_t add_buffer(std::uint32_t row, std::uint32_t column, std::uint64_t bytes) {
    section_.buffers.push_back({{row, column, 1, RDU_HW_BANK_STRIDED, 0, bytes, 1, 0}, {}});
    return static_cast<std::uint32_t>(section_.buffers.size() - 1);
  }
  std::uint32_t add_region(std::uint32_t access, std::uint64_t bytes) {
    program_.arguments.push_back(
        {{RDU_HW_ARGUMENT_REGION, access, RDU_HW_TIER_DRAM, 64, bytes}, {}});
    return static_cast<std::uint32_t>(program_.arguments.size() - 1);
  }

  // A scratchpad's access at (0, column) or (1, column), with one step.
  std::uint32_t add_access(std::uint32_t kind, rdu_hw_end seat, std::uint32_t buffer,
                           std::uint32_t door, std::vector<rdu_hw_counter> counters, Step step) {
    const auto level = static_cast<std::uint32_t>(counters.size());
    const std::uint32_t context = add(kind, seat.context, seat.port, std::move(counters));
    at(context).ports = {kind == RDU_HW_PROGRAM_READ ? output(RDU_HW_VECTOR, door, level)
                                                     : input(RDU_HW_VECTOR, door, level)};
    at(context).steps = {std::move(step)};
    at(context).access = {buffer, 0, RDU_HW_FORMAT_WORD, RDU_HW_NONE, 0, 0, 0, 0};
    return context;
  }

  void wire(std::uint32_t kind, rdu_hw_end from, rdu_hw_end to, std::uint32_t depth,
            std::uint32_t initial = 0) {
    Link& link = section_.links.emplace_back();
    link.kind = kind;
    link.source = from;
    link.sinks = {sink(to, depth)};
    link.initial = initial;
  }

  Outcome run() {
    program_.sections = {section_};
    const auto image = decoded(write_image(program_));
    REQUIRE(image_test::answer(*image, arch_) == "0");
    Bound bound = naive::bind(*image, 3);
    const Outcome outcome = naive::run(*image, arch_, bound.arguments, bound.tiers);
    if (!outcome.sections.empty()) {
      start = outcome.sections[0].program_load + outcome.sections[0].argument_load;
    }
    return outcome;
  }

  Time start = 0;

 private:
  rdu_hw_arch arch_;
  Program program_;
  Section section_;
};

}  // namespace

TEST_CASE("a vector whose words lie in one bank takes a cycle for each") {
  Bench bench;
  const std::vector<rdu_hw_counter> counters = {counter(48, 16)};
  bench.add_buffer(0, 1, 48 * 64);
  bench.add_buffer(0, 3, 48 * 64);
  bench.add_access(RDU_HW_PROGRAM_READ, {0, 1}, 0, 0, counters, {.terms = {counter_term(0, 64)}});
  bench.add_access(RDU_HW_PROGRAM_WRITE, {0, 3}, 1, 0, counters, {.terms = {counter_term(0, 4)}});
  bench.wire(RDU_HW_VECTOR, {0, 0}, {1, 0}, 4);
  const Outcome outcome = bench.run();
  const Times& read = outcome.contexts.at(0).main;
  CHECK(read.first == bench.start);
  CHECK(read.last == bench.start + 32);
  CHECK(read.busy == 48);
  CHECK(read.conflicts == 45);
  CHECK(outcome.contexts.at(1).main.first == bench.start + 6 + 1);
  CHECK(outcome.contexts.at(1).main.starved == 7 + 15 + 15);
}

TEST_CASE("two reads take turns at one port") {
  Bench bench;
  const std::vector<rdu_hw_counter> counters = {counter(64, 16)};
  const Step step = {.terms = {counter_term(0, 4)}};
  bench.add_buffer(0, 1, 256);
  bench.add_buffer(0, 3, 256);
  bench.add_buffer(0, 5, 256);
  bench.add_access(RDU_HW_PROGRAM_READ, {0, 1}, 0, 0, counters, step);
  bench.add_access(RDU_HW_PROGRAM_READ, {0, 1}, 0, 1, counters, step);
  bench.add_access(RDU_HW_PROGRAM_WRITE, {0, 3}, 1, 0, counters, step);
  bench.add_access(RDU_HW_PROGRAM_WRITE, {0, 5}, 2, 0, counters, step);
  bench.wire(RDU_HW_VECTOR, {0, 0}, {2, 0}, 4);
  bench.wire(RDU_HW_VECTOR, {1, 0}, {3, 0}, 4);
  const Outcome outcome = bench.run();
  const Times& a = outcome.contexts.at(0).main;
  const Times& b = outcome.contexts.at(1).main;
  CHECK(a.first == bench.start);
  CHECK(b.first == bench.start + 1);
  CHECK(a.last == bench.start + 6);
  CHECK(b.last == bench.start + 7);
  CHECK(a.queued == 3);
  CHECK(b.queued == 4);
}

TEST_CASE("a token that goes round, and one that is missing") {
  for (const std::uint32_t initial : {1u, 0u}) {
    Bench bench;
    const std::uint32_t context = bench.add(RDU_HW_PROGRAM_SIMD, 0, 0, {counter(10)});
    bench.at(context).ports = {input(RDU_HW_CONTROL, 0, 1), output(RDU_HW_CONTROL, 0, 1)};
    bench.wire(RDU_HW_CONTROL, {0, 1}, {0, 0}, 2, initial);
    const Outcome outcome = bench.run();
    CHECK(outcome.end == (initial == 1 ? End::kFinished : End::kDeadlock));
    if (initial == 0) continue;
    CHECK(outcome.contexts.at(0).main.last == bench.start + 9 * 7);  // six stages and a hop
    CHECK(outcome.contexts.at(0).main.starved == 9 * 6);
  }
}

TEST_CASE("lanes of one burst are one request; lanes of many take a slot and a cycle each") {
  // Bytes from element to element; 64-byte bursts, 64 slots.
  for (const std::int64_t apart : {0, 64}) {
    Bench bench;
    const std::vector<rdu_hw_counter> counters = {counter(80, 16)};
    const std::uint32_t region = bench.add_region(RDU_HW_ACCESS_READ, 80 * 64);
    bench.add_buffer(0, 1, 320);
    const std::uint32_t load = bench.add(RDU_HW_PROGRAM_LOAD, 0, 0, counters);
    bench.at(load).ports = {output(RDU_HW_VECTOR, 0, 1)};
    bench.at(load).steps = {{.terms = {counter_term(0, apart)}}};
    bench.at(load).transfer = {region, RDU_HW_TRANSFER_SPARSE, RDU_HW_FORMAT_WORD, 0, 0, 0};
    bench.add_access(RDU_HW_PROGRAM_WRITE, {0, 1}, 0, 0, counters, {.terms = {counter_term(0, 4)}});
    bench.wire(RDU_HW_VECTOR, {0, 0}, {1, 0}, 4);
    const Outcome outcome = bench.run();
    const Times& request = outcome.contexts.at(0).main;
    const Times& data = outcome.contexts.at(0).second;
    CHECK(request.first == bench.start);
    CHECK(request.busy == (apart == 0 ? 5 : 80));
    if (apart == 0) {
      CHECK(request.last == bench.start + 4);
      CHECK(data.last == data.first + 4);
    } else {
      // The fifth vector's slots are those of the first.
      CHECK(request.last == std::max(bench.start + 64, data.first + 1));
      CHECK(request.queued == request.last - (bench.start + 64));
    }
  }
}

TEST_CASE("requests wait for room in the queue to their data, whether they use bursts or none") {
  for (const bool always : {true, false}) {
    Bench bench({"name=two-slots", "agcu.outstanding=2"});
    const std::uint32_t region = bench.add_region(RDU_HW_ACCESS_READ, 64);
    const std::uint32_t load = bench.add(RDU_HW_PROGRAM_LOAD, 0, 0, {counter(400)});
    bench.at(load).ports = {output(RDU_HW_VECTOR, 0, 1)};
    bench.at(load).steps = {{.terms = {counter_term(0, always ? 0 : 4)}, .low = 0, .high = 1}};
    bench.at(load).transfer = {region, RDU_HW_TRANSFER_SPARSE, RDU_HW_FORMAT_WORD, 0, 0, 0};
    const std::uint32_t sink = bench.add(RDU_HW_PROGRAM_SIMD, 0, 0, {counter(400), counter(3)});
    bench.at(sink).ports = {input(RDU_HW_VECTOR, 0, 1)};
    bench.wire(RDU_HW_VECTOR, {load, 0}, {sink, 0}, 2);
    const Outcome outcome = bench.run();
    REQUIRE(outcome.end == End::kFinished);
    const Times& request = outcome.contexts.at(load).main;
    const Times& data = outcome.contexts.at(load).second;
    // Two bursts of sixteen words; each word is used for three cycles.
    CHECK(request.last == data.last - 3 * 32 + 1);
    CHECK(request.queued == request.last - request.first - 399);
  }
}
