// Programs whose times depend on values are measured with what their package and graph know.
#include <catch2/catch.hpp>
#include <cstring>

#include "drivers/image/package.hpp"
#include "tests/tools/rdu/chip/works.hpp"
#include "tools/rdu/chip/measure.hpp"
#include "tools/rdu/error.hpp"

using namespace rdu::tool;
using namespace rdu_hw::image;

namespace {

constexpr std::uint32_t kWords = 256;
constexpr const char* kChip = "edge?network.kind=ideal";

enum { kIndices, kTable, kRows };

Context transfer(std::uint32_t program, std::uint32_t agcu, std::uint32_t argument,
                 std::vector<rdu_hw_port> ports) {
  Context context;
  context.program = program;
  context.row = agcu;
  context.counters = {counter(kWords, 16)};
  context.ports = std::move(ports);
  context.steps = {{.terms = {counter_term(0, 4)}}};
  context.transfer = {argument, RDU_HW_TRANSFER_DENSE, RDU_HW_FORMAT_WORD, 0, 0, 0};
  return context;
}

Link wire(rdu_hw_end from, rdu_hw_end to) {
  Link link;
  link.source = from;
  link.sinks = {rdu_hw::image::sink(to, 16)};
  return link;
}

// rows[i] = table[indices[i]]
Program lookup() {
  const auto region = [](std::uint32_t access) {
    return Argument{{RDU_HW_ARGUMENT_REGION, access, RDU_HW_TIER_DRAM, 64, 4 * kWords}, {}};
  };
  const rdu_hw_arch arch = load_chip(kChip);
  Program program;
  program.arch_hash = rdu_hw_arch_hash(&arch);
  program.arguments = {region(RDU_HW_ACCESS_READ), region(RDU_HW_ACCESS_READ),
                       region(RDU_HW_ACCESS_WRITE)};
  Context gather = transfer(RDU_HW_PROGRAM_LOAD, 1, kTable,
                            {input(RDU_HW_VECTOR, 0, 1), output(RDU_HW_VECTOR, 0, 1)});
  gather.steps = {{.terms = {{RDU_HW_TERM_PORT, 0, 4}}, .low = 0, .high = 4 * kWords - 3}};
  gather.transfer.mode = RDU_HW_TRANSFER_SPARSE;
  gather.transfer.data = 1;
  Section section;
  section.contexts = {transfer(RDU_HW_PROGRAM_LOAD, 0, kIndices, {output(RDU_HW_VECTOR, 0, 1)}),
                      gather,
                      transfer(RDU_HW_PROGRAM_STORE, 2, kRows, {input(RDU_HW_VECTOR, 0, 1)})};
  section.links = {wire({0, 0}, {1, 0}), wire({1, 1}, {2, 0})};
  program.sections = {section};
  return program;
}

// The indices count down, as data of the package.
ChipWork lookup_work(const rdu_hw_binding& table) {
  Package package;
  package.image = write_image(lookup());
  std::vector<std::uint8_t> indices(4 * kWords);
  for (std::uint32_t i = 0; i < kWords; ++i) {
    const std::uint32_t index = kWords - 1 - i;
    std::memcpy(&indices[4 * i], &index, 4);
  }
  package.bindings = {bind_data(add_data(package, indices), 4 * kWords), table,
                      bind_value(1, RDU_HW_MOVE_OUT, 4 * kWords)};
  const std::vector<std::uint8_t> bytes = write_package(package);
  ChipRequest request;
  request.chip = kChip;
  return chip_work_of(std::as_bytes(std::span(bytes)), "lookup", request);
}

}  // namespace

TEST_CASE("a lookup is measured with the package's indices") {
  ChipWork work = lookup_work(bind_value(0, RDU_HW_MOVE_IN, 4 * kWords));
  measure_work(work, Trace::kOff);
  CHECK(work.programs[0].needed_values);
  const RunCounters& counters = *work.programs[0].counters;
  CHECK(counters.link_elements == std::vector<std::uint64_t>{16, 16});
  // All of the table once, burst by burst: with zeros for indices it were one burst.
  CHECK(counters.sections[0].memory[0].read_bytes == 2 * 4 * kWords);
}

TEST_CASE("constants that the graph has not are refused where values are needed") {
  ChipWork work = lookup_work(bind_constant(5, 4 * kWords));
  CHECK_THROWS_WITH(measure_work(work, Trace::kOff),
                    "constant 5 of the package: the graph has no such value");
  ChipWork map = chip_test::map_work();
  measure_work(map, Trace::kOff);
  CHECK_FALSE(map.programs[0].needed_values);
}
