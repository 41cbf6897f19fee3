// Loads, one PCU, a store: no scratchpad and no route.
#include "tests/plugins/rdu/images.hpp"

#include <rdu_hw/arch.h>

#include <stdexcept>

namespace chip_test {

using namespace rdu_hw::image;

namespace {

constexpr std::uint32_t kLanes = 16;

Context transfer(std::uint32_t program, std::uint32_t agcu, std::uint32_t argument,
                 std::uint32_t count) {
  Context context;
  context.program = program;
  context.row = agcu;
  context.counters = {counter(count, kLanes)};
  context.ports = {program == RDU_HW_PROGRAM_LOAD ? output(RDU_HW_VECTOR, 0, 1)
                                                  : input(RDU_HW_VECTOR, 0, 1)};
  context.steps = {{.terms = {counter_term(0, 4)}}};
  context.transfer = {argument, RDU_HW_TRANSFER_DENSE, RDU_HW_FORMAT_WORD, 0, 0, 0};
  return context;
}

Link wire(std::uint32_t kind, rdu_hw_end from, rdu_hw_end to) {
  Link link;
  link.kind = kind;
  link.source = from;
  link.sinks = {sink(to, 16)};
  return link;
}

class SectionBuilder {
 public:
  explicit SectionBuilder(std::uint32_t count) : count_(count) {
    pcu_.counters = {counter(count, kLanes)};
  }

  rdu_hw_operand operand_of(const Operand& from) {
    switch (from.kind) {
      case Operand::kRegion:
        return operand(RDU_HW_OPERAND_INPUT, load(from.value));
      case Operand::kScalar:
        return operand(RDU_HW_OPERAND_ARGUMENT, from.value);
      default:
        return operand(RDU_HW_OPERAND_CONSTANT, from.value);
    }
  }

  Section build(const Step& step) {
    const rdu_hw_operand a = operand_of(step.a), b = operand_of(step.b);
    pcu_.instructions = {compute(step.op, 0, 0, a, b)};
    pcu_.ports.push_back(output(RDU_HW_VECTOR, 0, 1, operand(RDU_HW_OPERAND_REGISTER, 0)));
    pcu_.label = {step.name, RDU_HW_NONE};
    section_.label = {step.name, RDU_HW_NONE};
    const std::uint32_t loads = static_cast<std::uint32_t>(section_.contexts.size());
    section_.contexts.push_back(pcu_);
    section_.contexts.push_back(transfer(RDU_HW_PROGRAM_STORE, loads, step.result, count_));
    for (std::uint32_t i = 0; i < loads; ++i) {
      section_.links.push_back(wire(RDU_HW_VECTOR, {i, 0}, {loads, i}));
    }
    section_.links.push_back(wire(RDU_HW_VECTOR, {loads, loads}, {loads + 1, 0}));
    return std::move(section_);
  }

 private:
  // The port that a region's elements come in at.
  std::uint32_t load(std::uint32_t argument) {
    const auto number = static_cast<std::uint32_t>(section_.contexts.size());
    section_.contexts.push_back(transfer(RDU_HW_PROGRAM_LOAD, number, argument, count_));
    pcu_.ports.push_back(input(RDU_HW_VECTOR, number, 1));
    return number;
  }

  std::uint32_t count_;
  Context pcu_;
  Section section_;
};

}  // namespace

Argument region_argument(std::uint32_t access, std::uint64_t bytes, std::uint32_t tier) {
  return {{RDU_HW_ARGUMENT_REGION, access, tier, 64, bytes}, {}};
}

Argument scalar_argument(std::uint32_t access) {
  return {{RDU_HW_ARGUMENT_SCALAR, access, 0, 4, 4}, {}};
}

std::vector<std::uint8_t> elementwise_image(std::uint64_t arch_hash, std::uint32_t count,
                                            std::vector<Argument> arguments,
                                            const std::vector<Step>& steps) {
  Program program;
  program.arch_hash = arch_hash;
  program.arguments = std::move(arguments);
  for (const Step& step : steps) program.sections.push_back(SectionBuilder(count).build(step));
  return write_image(program);
}

std::vector<std::uint8_t> sum_image(std::uint64_t arch_hash, std::uint32_t count) {
  Program program;
  program.arch_hash = arch_hash;
  program.arguments = {region_argument(RDU_HW_ACCESS_READ, 4 * std::uint64_t{count}),
                       scalar_argument(RDU_HW_ACCESS_WRITE)};
  Context pcu;
  pcu.counters = {counter(count, kLanes)};
  pcu.ports = {input(RDU_HW_VECTOR, 0, 1),
               output(RDU_HW_SCALAR, 0, 0, operand(RDU_HW_OPERAND_REGISTER, 0))};
  pcu.instructions = {accumulate(RDU_HW_DO_REDUCE, RDU_HW_FOLD_ADD_I32, 0, 0, 0,
                                 operand(RDU_HW_OPERAND_INPUT, 0),
                                 operand(RDU_HW_OPERAND_CONSTANT, 0))};
  Context result;
  result.program = RDU_HW_PROGRAM_RESULT;
  result.row = 1;
  result.ports = {input(RDU_HW_SCALAR, 0, 0)};
  result.transfer = {1, 0, RDU_HW_FORMAT_WORD, 0, 0, 0};
  Section section;
  section.contexts = {transfer(RDU_HW_PROGRAM_LOAD, 0, 0, count), pcu, result};
  section.links = {wire(RDU_HW_VECTOR, {0, 0}, {1, 0}), wire(RDU_HW_SCALAR, {1, 1}, {2, 0})};
  program.sections = {section};
  return write_image(program);
}

std::vector<std::uint8_t> endless_image(std::uint64_t arch_hash, std::uint32_t count) {
  Program program;
  program.arch_hash = arch_hash;
  program.arguments = {region_argument(RDU_HW_ACCESS_READ, 4 * std::uint64_t{count}),
                       region_argument(RDU_HW_ACCESS_WRITE, 4 * std::uint64_t{count})};
  Section section;
  section.contexts = {transfer(RDU_HW_PROGRAM_LOAD, 0, 0, count),
                      transfer(RDU_HW_PROGRAM_STORE, 1, 1, count)};
  for (Context& context : section.contexts) {
    context.counters.insert(context.counters.begin(), counter(1u << 30));
    context.ports[0].level = 2;
    context.steps[0].terms[0].index = 1;
  }
  section.links = {wire(RDU_HW_VECTOR, {0, 0}, {1, 0})};
  program.sections = {section};
  return write_image(program);
}

std::vector<std::byte> payload(const Package& package) {
  const auto bytes = write_package(package);
  const auto* data = reinterpret_cast<const std::byte*>(bytes.data());
  return {data, data + bytes.size()};
}

std::uint64_t hash_of(const std::string& preset, std::vector<const char*> settings) {
  rdu_hw_arch arch;
  rdu_hw_arch_error error = {};
  if (rdu_hw_arch_load(preset.c_str(), &arch, &error) != RDU_HW_ARCH_OK ||
      rdu_hw_arch_override(&arch, settings.data(), settings.size(), &error) != RDU_HW_ARCH_OK) {
    throw std::runtime_error(error.text);
  }
  return rdu_hw_arch_hash(&arch);
}

}  // namespace chip_test
