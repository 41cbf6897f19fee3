// Hands out the doors of units in the order in which they are asked for.
#include "tests/drivers/emu/chip/parts.hpp"

#include <algorithm>

namespace chip_test {

namespace image = rdu_hw::image;

std::uint32_t Parts::region(std::uint32_t access, std::uint64_t bytes) {
  program.arguments.push_back({{RDU_HW_ARGUMENT_REGION, access, RDU_HW_TIER_DRAM, 64, bytes}, {}});
  return static_cast<std::uint32_t>(program.arguments.size() - 1);
}

std::uint32_t Parts::scalar(std::uint32_t access) {
  program.arguments.push_back({{RDU_HW_ARGUMENT_SCALAR, access, 0, 4, 4}, {}});
  return static_cast<std::uint32_t>(program.arguments.size() - 1);
}

std::uint32_t Parts::buffer(rdu_hw_buffer record) {
  section().buffers.push_back({record, {}});
  return static_cast<std::uint32_t>(section().buffers.size() - 1);
}

std::uint32_t Parts::add(Context context, std::uint32_t row, std::uint32_t column,
                         Counters counters) {
  context.row = row;
  context.column = column;
  context.counters = std::move(counters);
  section().contexts.push_back(std::move(context));
  return static_cast<std::uint32_t>(section().contexts.size() - 1);
}

std::uint32_t Parts::simd(std::uint32_t row, std::uint32_t column, Counters counters,
                          std::vector<rdu_hw_instruction> instructions) {
  Context context;
  context.instructions = std::move(instructions);
  return add(std::move(context), row, column, std::move(counters));
}

std::uint32_t Parts::access(std::uint32_t kind, std::uint32_t buffer, Counters counters,
                            Step step) {
  Context context;
  context.program = kind;
  context.steps = {std::move(step)};
  context.access = {buffer, 0, RDU_HW_FORMAT_WORD, RDU_HW_NONE, 0, 0, 0, 0};
  const rdu_hw_buffer& record = section().buffers[buffer].record;
  return add(std::move(context), record.row, record.column, std::move(counters));
}

std::uint32_t Parts::transfer(std::uint32_t kind, std::uint32_t agcu, std::uint32_t argument,
                              Counters counters, Step step, std::uint32_t mode) {
  Context context;
  context.program = kind;
  context.steps = {std::move(step)};
  context.transfer = {argument, mode, RDU_HW_FORMAT_WORD, 0, 0, 0};
  return add(std::move(context), agcu, 0, std::move(counters));
}

std::uint32_t Parts::result(std::uint32_t agcu, std::uint32_t argument, Counters counters) {
  Context context;
  context.program = RDU_HW_PROGRAM_RESULT;
  context.transfer = {argument, 0, RDU_HW_FORMAT_WORD, 0, 0, 0};
  return add(std::move(context), agcu, 0, std::move(counters));
}

std::uint32_t Parts::add_port(std::uint32_t number, rdu_hw_port port) {
  Context& owner = context(number);
  const std::uint32_t unit = rdu_hw_program_unit(owner.program);
  port.number = doors_[{unit, owner.row, owner.column, port.direction, port.kind}]++;
  owner.ports.push_back(port);
  const auto place = static_cast<std::uint32_t>(owner.ports.size() - 1);
  const bool sends = port.direction == RDU_HW_OUTPUT;
  const bool data = port.kind != RDU_HW_CONTROL;
  const bool loads = owner.program == RDU_HW_PROGRAM_READ || owner.program == RDU_HW_PROGRAM_LOAD;
  if (data && unit != RDU_HW_UNIT_PCU && sends == loads) {
    owner.access.data = place;
    owner.transfer.data = place;
  }
  return place;
}

std::uint32_t Parts::input(std::uint32_t context, std::uint32_t kind, std::uint32_t level) {
  return add_port(context, image::input(kind, 0, level));
}

std::uint32_t Parts::output(std::uint32_t context, std::uint32_t kind, std::uint32_t level,
                            rdu_hw_operand value, std::uint32_t room) {
  return add_port(context, image::output(kind, 0, level, value, room));
}

void Parts::link(std::uint32_t kind, rdu_hw_end from, std::vector<rdu_hw_end> to,
                 std::uint32_t depth, std::uint32_t initial) {
  image::Link link;
  link.kind = kind;
  link.source = from;
  link.initial = initial;
  for (const rdu_hw_end& end : to) link.sinks.push_back(image::sink(end, depth));
  section().links.push_back(std::move(link));
}

Step linear(const Parts::Counters& counters, std::int64_t element, std::size_t from) {
  Step step;
  std::int64_t bytes = element;
  for (std::size_t i = counters.size(); i-- > from;) {
    step.terms.push_back(counter_term(static_cast<std::uint32_t>(i), bytes));
    bytes *= counters[i].extent;
  }
  std::ranges::reverse(step.terms);
  return step;
}

}  // namespace chip_test
