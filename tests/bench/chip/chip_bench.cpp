// Simulated cycles per second of the chip's engine: vector pipelines out of scratchpads, a systolic tile, a stream through DRAM;
// in blocks, vector by vector, and times only.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "drivers/emu/chip/chip.hpp"
#include "drivers/image/program.hpp"
#include "tests/drivers/image/samples.hpp"

namespace chip_bench {
namespace {

using namespace rdu_hw::image;
namespace emu = rdu_hw::emu;

constexpr std::uint32_t kLanes = 16;
constexpr std::uint32_t kDepth = 16;

rdu_hw_arch chip(const char* name, const char* setting) {
  rdu_hw_arch arch;
  rdu_hw_arch_error error = {};
  if (rdu_hw_arch_load(name, &arch, &error) != RDU_HW_ARCH_OK ||
      rdu_hw_arch_override(&arch, &setting, 1, &error) != RDU_HW_ARCH_OK) {
    std::fprintf(stderr, "%s\n", error.text);
    std::exit(1);
  }
  return arch;
}

Context access(std::uint32_t program, std::uint32_t row, std::uint32_t column, std::uint32_t buffer,
               std::vector<rdu_hw_counter> counters, Step step, rdu_hw_port data) {
  Context context;
  context.program = program;
  context.row = row;
  context.column = column;
  context.counters = std::move(counters);
  context.steps = {std::move(step)};
  context.ports = {data};
  context.access = {buffer, 0, RDU_HW_FORMAT_WORD, RDU_HW_NONE, 0, 0, 0, 0};
  return context;
}

Buffer tile(std::uint32_t row, std::uint32_t column, std::uint64_t bytes) {
  return {{row, column, 1, RDU_HW_BANK_STRIDED, 0, bytes, 1, 0}, {}};
}

Link wire(std::uint32_t kind, rdu_hw_end from, rdu_hw_end to) {
  Link link;
  link.kind = kind;
  link.source = from;
  link.sinks = {sink(to, kDepth)};
  return link;
}

// Whether both operands lie in one PMU, whose port they share.
enum class Operands { kApart, kTogether };

// Rows of PCUs that multiply tiles of m × k and k × n, n = 16 lanes: a scalar of a and a vector of b in each firing.
Program products(const rdu_hw_arch& arch, std::uint32_t pipelines, std::uint32_t m, std::uint32_t k,
                 Operands operands) {
  Program program;
  program.arch_hash = rdu_hw_arch_hash(&arch);
  Section section;
  for (std::uint32_t i = 0; i < pipelines; ++i) {
    const std::uint32_t row =
        2 * i;  // a at (row, 1), b at (row + 1, 0), the product at (row, 0), c at (row, 3)
    const std::uint32_t context = 4 * i;
    const std::uint32_t buffer = 3 * i;
    section.buffers.push_back(tile(row, 1, 4ull * m * k));
    const bool together = operands == Operands::kTogether;
    const rdu_hw_end b = together ? rdu_hw_end{row, 1} : rdu_hw_end{row + 1, 0};
    section.buffers.push_back(tile(b.context, b.port, 64ull * k));
    if (together) section.buffers.back().record.base = 4ull * m * k;
    section.buffers.push_back(tile(row, 3, 64ull * m));
    section.contexts.push_back(access(RDU_HW_PROGRAM_READ, row, 1, buffer, {counter(m), counter(k)},
                                      {.terms = {counter_term(0, 4ll * k), counter_term(1, 4)}},
                                      output(RDU_HW_SCALAR, 0, 2)));
    section.contexts.push_back(access(RDU_HW_PROGRAM_READ, b.context, b.port, buffer + 1,
                                      {counter(m), counter(k), counter(kLanes, kLanes)},
                                      {.terms = {counter_term(1, 64), counter_term(2, 4)}},
                                      output(RDU_HW_VECTOR, 0, 3)));
    Context mac;
    mac.row = row;
    mac.counters = {counter(m), counter(k), counter(kLanes, kLanes)};
    mac.ports = {input(RDU_HW_SCALAR, 0, 3), input(RDU_HW_VECTOR, 0, 3),
                 output(RDU_HW_VECTOR, 0, 1, operand(RDU_HW_OPERAND_REGISTER, 0))};
    mac.instructions = {accumulate(RDU_HW_DO_ACCUMULATE_PRODUCT, RDU_HW_FOLD_ADD_F32, 0, 0, 1,
                                   operand(RDU_HW_OPERAND_INPUT, 0),
                                   operand(RDU_HW_OPERAND_INPUT, 1))};
    section.contexts.push_back(mac);
    section.contexts.push_back(
        access(RDU_HW_PROGRAM_WRITE, row, 3, buffer + 2, {counter(m), counter(kLanes, kLanes)},
               {.terms = {counter_term(0, 64), counter_term(1, 4)}}, input(RDU_HW_VECTOR, 0, 2)));
    section.links.push_back(wire(RDU_HW_SCALAR, {context, 0}, {context + 2, 0}));
    section.links.push_back(wire(RDU_HW_VECTOR, {context + 1, 0}, {context + 2, 1}));
    section.links.push_back(wire(RDU_HW_VECTOR, {context + 2, 2}, {context + 3, 0}));
  }
  program.sections = {section};
  return program;
}

// A systolic array of 16 × 6, fed by two PMUs, `blocks` times k pairs.
Program contraction(const rdu_hw_arch& arch, std::uint32_t blocks, std::uint32_t pairs) {
  Program program;
  program.arch_hash = rdu_hw_arch_hash(&arch);
  Section section;
  section.buffers = {tile(0, 1, 64ull * pairs), tile(1, 0, 64ull * pairs), tile(1, 2, 64ull * 16)};
  const auto operands = [&](std::uint32_t row, std::uint32_t column, std::uint32_t buffer,
                            std::uint32_t width) {
    return access(RDU_HW_PROGRAM_READ, row, column, buffer,
                  {counter(blocks), counter(pairs), counter(width, kLanes)},
                  {.terms = {counter_term(1, 64), counter_term(2, 4)}},
                  output(RDU_HW_VECTOR, 0, 3));
  };
  Context array;
  array.program = RDU_HW_PROGRAM_SYSTOLIC;
  array.row = 1;
  array.column = 1;
  array.counters = {counter(blocks), counter(pairs)};
  array.ports = {input(RDU_HW_VECTOR, 0, 2), input(RDU_HW_VECTOR, 1, 2),
                 output(RDU_HW_VECTOR, 0, 1)};
  array.systolic = {16, 6, RDU_HW_SYSTOLIC_BF16_PAIR, 1, 0, 1, 2, 0};
  section.contexts = {
      operands(0, 1, 0, 16), operands(1, 0, 1, 6), array,
      access(RDU_HW_PROGRAM_WRITE, 1, 2, 2, {counter(blocks), counter(16), counter(6, kLanes)},
             {.terms = {counter_term(1, 64), counter_term(2, 4)}}, input(RDU_HW_VECTOR, 0, 3))};
  section.links = {wire(RDU_HW_VECTOR, {0, 0}, {2, 0}), wire(RDU_HW_VECTOR, {1, 0}, {2, 1}),
                   wire(RDU_HW_VECTOR, {2, 2}, {3, 0})};
  program.sections = {section};
  return program;
}

void run(benchmark::State& state, const rdu_hw_arch& arch, const Program& program) {
  const auto bytes = write_image(program);
  rdu_hw_image* image = nullptr;
  rdu_hw_image_error error = {};
  if (rdu_hw_image_decode(bytes.data(), bytes.size(), &image, &error) != RDU_HW_IMAGE_OK ||
      rdu_hw_image_validate(image, &arch, &error) != RDU_HW_IMAGE_OK) {
    return state.SkipWithError(error.text);
  }
  std::vector<emu::Binding> bindings(image->num_arguments);
  std::uint64_t end = 0;
  for (std::uint32_t i = 0; i < image->num_arguments; ++i) {
    bindings[i].address = end;
    end += (image->arguments[i].bytes + 4095) / 4096 * 4096;
  }
  std::vector<std::byte> dram(end);
  const emu::Memory memory[emu::kNumTiers] = {{dram.data(), dram.size()}, {}};
  emu::Options options;
  options.granularity = state.range(0);
  options.values = state.range(1) != 0;
  emu::Time cycles = 0;
  std::int64_t firings = 0;
  for (auto _ : state) {
    const emu::Result result = emu::run(*image, arch, bindings, memory, options);
    if (!result.ok()) return state.SkipWithError(result.error.c_str());
    cycles += result.report.sections[0].execution;
    for (const auto& context : result.report.contexts) firings += context.main.firings;
  }
  rdu_hw_image_free(image);
  state.counters["cycles/s"] =
      benchmark::Counter(static_cast<double>(cycles), benchmark::Counter::kIsRate);
  state.counters["firings/s"] =
      benchmark::Counter(static_cast<double>(firings), benchmark::Counter::kIsRate);
}

// Arguments: the longest block (0: as long as it comes), and whether there are values.
void gemm(benchmark::State& state) {
  const rdu_hw_arch arch = chip("sara20", "pcu.ports.vector_fifo_depth=16");
  run(state, arch, products(arch, 4, 64, 256, Operands::kApart));
}

void shared_ports(benchmark::State& state) {
  const rdu_hw_arch arch = chip("sara20", "pcu.ports.vector_fifo_depth=16");
  run(state, arch, products(arch, 4, 64, 256, Operands::kTogether));
}

void systolic(benchmark::State& state) {
  const rdu_hw_arch arch = chip("sn10", "network.kind=ideal");
  run(state, arch, contraction(arch, 64, 256));
}

void stream(benchmark::State& state) {
  const rdu_hw_arch arch = chip("sara20", "pcu.ports.vector_fifo_depth=16");
  run(state, arch, image_test::metapipelined_map(rdu_hw_arch_hash(&arch), 64, 1024));
}

void ways(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"granularity", "values"});
  benchmark->Args({0, 1})->Args({1, 1})->Args({0, 0})->Args({1, 0})->Unit(benchmark::kMillisecond);
}

BENCHMARK(gemm)->Apply(ways);
BENCHMARK(shared_ports)->Apply(ways);
BENCHMARK(systolic)->Apply(ways);
BENCHMARK(stream)->Apply(ways);

}  // namespace
}  // namespace chip_bench

BENCHMARK_MAIN();
