// Contexts of one unit get disjoint stages and ports; everything else is copied.
#include "tools/rducc/target/rdu/encode.hpp"

#include "tools/rducc/target/rdu/pcu_program.hpp"

namespace rducc::rdu {
namespace {

namespace image = rdu_hw::image;

rdu_hw_operand operand_of(const Value& value, const PcuProgram& program) {
  const auto direct = [&](std::uint16_t kind) { return rdu_hw_operand{kind, 0, value.index}; };
  switch (value.kind) {
    case Value::Kind::kNone:
      return {};
    case Value::Kind::kOperation:
      return {RDU_HW_OPERAND_REGISTER, value.shift, program.results[value.index]};
    case Value::Kind::kPosition:
      return {RDU_HW_OPERAND_REGISTER, value.shift, program.positions[value.index]};
    case Value::Kind::kInput:
      return direct(RDU_HW_OPERAND_INPUT);
    case Value::Kind::kCounter:
      return direct(RDU_HW_OPERAND_COUNTER);
    case Value::Kind::kLane:
      return direct(RDU_HW_OPERAND_LANE);
    case Value::Kind::kConstant:
      return direct(RDU_HW_OPERAND_CONSTANT);
    case Value::Kind::kArgument:
      return direct(RDU_HW_OPERAND_ARGUMENT);
    case Value::Kind::kValid:
      return direct(RDU_HW_OPERAND_VALID);
    case Value::Kind::kFirst:
      return direct(RDU_HW_OPERAND_FIRST);
    case Value::Kind::kLast:
      return direct(RDU_HW_OPERAND_LAST);
  }
  return {};
}

class UnitEncoder {
 public:
  UnitEncoder(const Parts& parts, const rdu_hw_arch& arch, image::Section& section)
      : parts_(parts), arch_(arch), section_(section) {}

  void run(const Unit& unit, const Site& site, std::uint64_t base) {
    numbers_ = {};
    next_stage_ = 0;
    for (const std::uint32_t number : unit.contexts) {
      image::Context& context = section_.contexts[number];
      context.row = site.row;
      context.column = site.column;
      encode(parts_.contexts[number], context);
    }
    for (const std::uint32_t number : unit.buffers) {
      rdu_hw_buffer& record = section_.buffers[number].record;
      record.row = site.row;
      record.column = site.column;
      record.base = base;
      base += footprint(parts_.buffers[number], arch_);
    }
  }

 private:
  void encode(const Context& from, image::Context& to) {
    to.program = from.program;
    to.counters = from.counters;
    to.label = from.label;
    to.steps = from.steps;
    PcuProgram program;
    if (from.program == RDU_HW_PROGRAM_SIMD) {
      program = lay_out(from, arch_);
      encode_instructions(from, program, to);
    }
    for (const Input& input : from.inputs) {
      to.ports.push_back(
          image::input(input.kind, numbers_[RDU_HW_INPUT][input.kind]++, input.level));
    }
    for (const Output& output : from.outputs) {
      const bool sends_value = from.program == RDU_HW_PROGRAM_SIMD && output.kind != RDU_HW_CONTROL;
      to.ports.push_back(image::output(
          output.kind, numbers_[RDU_HW_OUTPUT][output.kind]++, output.level,
          sends_value ? operand_of(output.value, program) : rdu_hw_operand{}, output.room));
    }
    encode_details(from, to);
  }

  // Data comes in through the first input, and goes out through the first output: so they were made.
  static void encode_details(const Context& from, image::Context& to) {
    const auto first_output = static_cast<std::uint32_t>(from.inputs.size());
    to.systolic = from.systolic;
    to.access = from.access;
    to.transfer = from.transfer;
    switch (from.program) {
      case RDU_HW_PROGRAM_SYSTOLIC:
        to.systolic.a = 0;
        to.systolic.b = 1;
        to.systolic.result = first_output;
        return;
      case RDU_HW_PROGRAM_READ:
        to.access.data = first_output;
        return;
      case RDU_HW_PROGRAM_LOAD:
        to.transfer.data = first_output;
        return;
      default:
        return;
    }
  }

  // From stage to stage without gaps; a context with an operation of the tail ends at the last stage.
  void encode_instructions(const Context& from, const PcuProgram& program, image::Context& to) {
    std::uint32_t stage = next_stage_;
    if (program.tail) {
      stage = arch_.pcu.stages - program.stages;
    } else {
      next_stage_ += program.stages;
    }
    for (const std::uint32_t number : program.order) {
      const Operation& operation = from.operations[number];
      rdu_hw_instruction instruction = {};
      instruction.kind = operation.kind;
      instruction.code = operation.code;
      instruction.stage = stage;
      instruction.result = program.results[number];
      instruction.position = program.positions[number];
      instruction.level = operation.level;
      for (std::size_t i = 0; i < 3; ++i) {
        instruction.operands[i] = operand_of(operation.operands[i], program);
      }
      to.instructions.push_back(instruction);
      stage += stages_of(operation, arch_);
    }
  }

  const Parts& parts_;
  const rdu_hw_arch& arch_;
  image::Section& section_;
  PortCounts numbers_ = {};  // ports of the unit in use
  std::uint32_t next_stage_ = 0;
};

image::Link encode_link(const Parts& parts, const Link& from, const Route& route,
                        const rdu_hw_arch& arch) {
  image::Link link;
  const auto first_output = [&](std::uint32_t context) {
    return static_cast<std::uint32_t>(parts.contexts[context].inputs.size());
  };
  link.kind = from.kind;
  link.initial = from.initial;
  link.label = from.label;
  link.source = {from.source->context, first_output(from.source->context) + from.source->port};
  for (std::size_t i = 0; i < from.sinks.size(); ++i) {
    const Sink& sink = from.sinks[i];
    const rdu_hw_end end = {sink.end.context, sink.end.port};
    if (sink.pace) {
      const Pace& pace = *sink.pace;
      link.sinks.push_back(
          {end, 1, route.sinks[i], pace.group, pace.tokens, pace.step, pace.per, pace.lead});
      continue;
    }
    const std::uint32_t unit = parts.contexts[sink.end.context].unit();
    const std::uint32_t depth = sink.depth == 0 ? fifo_depth(arch, unit, from.kind) : sink.depth;
    link.sinks.push_back(image::sink(end, depth, route.sinks[i]));
  }
  link.entry_row = route.entry_row;
  link.entry_column = route.entry_column;
  link.hops = route.hops;
  return link;
}

}  // namespace

image::Section encode_section(const Parts& parts, const std::vector<Unit>& units,
                              const std::vector<Site>& sites,
                              const std::vector<std::uint64_t>& bases,
                              const std::vector<Route>& routes, const rdu_hw_arch& arch) {
  image::Section section;
  section.label = parts.label;
  section.contexts.resize(parts.contexts.size());
  const std::uint64_t slice = std::uint64_t{arch.pmu.banks} * (arch.grid.word_bits / 8);
  for (const Buffer& buffer : parts.buffers) {
    const std::uint64_t bytes = (buffer.bytes + slice - 1) / slice * slice;
    section.buffers.push_back(
        {{0, 0, buffer.copies, buffer.bank_mode, 0, bytes, buffer.bank_stride, 0}, buffer.label});
  }
  UnitEncoder encoder(parts, arch, section);
  for (std::size_t i = 0; i < units.size(); ++i) encoder.run(units[i], sites[i], bases[i]);
  for (std::size_t i = 0; i < parts.links.size(); ++i) {
    section.links.push_back(encode_link(parts, parts.links[i], routes[i], arch));
  }
  return section;
}

}  // namespace rducc::rdu
