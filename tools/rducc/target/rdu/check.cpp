// Questions to each context, then to each link.
#include "tools/rducc/target/rdu/check.hpp"

#include <algorithm>

#include "tools/rducc/target/rdu/pcu_program.hpp"
#include "tools/rducc/target/rdu/rates.hpp"
#include "tools/rducc/target/rdu/units.hpp"

namespace rducc::rdu {
namespace {

using base::Code;
using base::Error;
using base::Result;

Error refuse(const Context& context, const std::string& what) {
  return base::fail(Code::kInvalidArgument, "context \"%s\": %s", context.label.name.c_str(),
                    what.c_str());
}

bool is_printable(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

class ContextChecker {
 public:
  ContextChecker(const Context& context, const Flow& flow, const Parts& parts,
                 const rdu_hw_arch& arch)
      : context_(context), flow_(flow), parts_(parts), arch_(arch) {}

  Result<void> run() const {
    if (!is_printable(context_.label.name)) return refuse(context_, "its name is not ASCII");
    RDU_TRY(check_counters());
    RDU_TRY(check_ports());
    RDU_TRY(check_steps());
    for (std::uint32_t i = 0; i < context_.operations.size(); ++i) RDU_TRY(check_operation(i));
    const bool accesses = context_.unit() == RDU_HW_UNIT_PMU;
    if (accesses && context_.access.buffer >= parts_.buffers.size()) {
      return refuse(context_, "its buffer is none of the section's");
    }
    return {};
  }

 private:
  Result<void> check_counters() const {
    for (std::size_t i = 0; i < context_.counters.size(); ++i) {
      const Counter& counter = context_.counters[i];
      const std::uint32_t most = i + 1 == context_.counters.size() ? arch_.pcu.lanes : 1;
      if (counter.extent == 0) return refuse(context_, base::format("counter %zu is empty", i));
      if (counter.lanes == 0 || counter.lanes > most) {
        return refuse(context_, base::format("counter %zu has %u lanes, and may have 1 to %u", i,
                                             counter.lanes, most));
      }
    }
    return {};
  }

  Result<void> check_ports() const {
    const std::uint32_t most = context_.innermost();
    const auto deep = [&](std::uint32_t level) {
      return refuse(context_, base::format("a port of level %u, with %u counters", level, most));
    };
    for (const Input& input : context_.inputs) {
      if (input.level > most) return deep(input.level);
    }
    for (const Output& output : context_.outputs) {
      if (output.level > most) return deep(output.level);
      const bool sends_value =
          context_.program == RDU_HW_PROGRAM_SIMD && output.kind != RDU_HW_CONTROL;
      if (sends_value) RDU_TRY(check_value(output.value, context_.operations.size(), "an output"));
    }
    return {};
  }

  // Address programs are not cut.
  Result<void> check_steps() const {
    if (context_.unit() == RDU_HW_UNIT_PCU) return {};
    const std::uint32_t most =
        context_.unit() == RDU_HW_UNIT_AGCU ? arch_.agcu.address_stages : arch_.pmu.address_stages;
    if (context_.steps.size() <= most) return {};
    return base::fail(Code::kLimit, "context \"%s\": an access of %zu steps, and the unit has %u",
                      context_.label.name.c_str(), context_.steps.size(), most);
  }

  Result<void> check_operation(std::uint32_t number) const {
    const Operation& operation = context_.operations[number];
    const std::string name = describe(operation);
    if (seat_of(operation, arch_) == Seat::kNowhere) {
      return base::fail(Code::kUnsupported,
                        "context \"%s\": %s is no operation of a PCU of chip %s",
                        context_.label.name.c_str(), name.c_str(), arch_.name);
    }
    if (accumulates(operation) && operation.level > context_.innermost()) {
      return refuse(context_, name + " has a level beyond the counters");
    }
    for (const Value& operand : operation.operands) {
      if (operand.given()) RDU_TRY(check_value(operand, number, name));
    }
    return {};
  }

  // `before`: operations that there are already.
  Result<void> check_value(const Value& value, std::size_t before, const std::string& where) const {
    const auto demand = [&](bool holds, const char* what) -> Result<void> {
      if (holds) return {};
      return refuse(context_, where + " takes " + what + " " + std::to_string(value.index));
    };
    switch (value.kind) {
      case Value::Kind::kNone:
        return refuse(context_, where + " has no value");
      case Value::Kind::kOperation:
        return demand(value.index < before, "the result of a later operation:");
      case Value::Kind::kPosition:
        return demand(value.index < before && picks(context_.operations[value.index]),
                      "the position of what is no earlier pick:");
      case Value::Kind::kInput:
        return demand(value.index < context_.inputs.size() &&
                          context_.inputs[value.index].kind != RDU_HW_CONTROL,
                      "what is no input of data:");
      case Value::Kind::kCounter:
        return demand(value.index < context_.counters.size(), "a counter that is not there:");
      case Value::Kind::kArgument:
        return demand(is_read_scalar(value.index), "what is no scalar argument for reading:");
      case Value::Kind::kFirst:
      case Value::Kind::kLast:
        return demand(value.index <= context_.counters.size(), "first or last of a level beyond:");
      default:
        return {};
    }
  }

  bool is_read_scalar(std::uint32_t number) const {
    if (number >= flow_.arguments().size()) return false;
    const rdu_hw_argument& argument = flow_.arguments()[number].record;
    return argument.kind == RDU_HW_ARGUMENT_SCALAR && argument.access == RDU_HW_ACCESS_READ;
  }

  const Context& context_;
  const Flow& flow_;
  const Parts& parts_;
  const rdu_hw_arch& arch_;
};

std::string end_text(const Parts& parts, const End& end) {
  return "\"" + parts.contexts[end.context].label.name + "\"";
}

// More than are sent are never there; what is sent and not taken must find room, or the sender never ends.
Result<void> check_count(const Parts& parts, const Link& link, const Sink& sink) {
  const Context& source = parts.contexts[link.source->context];
  const Context& target = parts.contexts[sink.end.context];
  const Output& output = source.outputs[link.source->port];
  const Input& input = target.inputs[sink.end.port];
  if (!is_constant(source, output.level) || !is_constant(target, input.level)) return {};
  const std::uint64_t sent = elements_sent(source, output);
  const std::uint64_t taken = elements(target, input.level);
  if (link.initial == 0 ? sent == taken : taken <= sent + link.initial) return {};
  return base::fail(Code::kInvalidArgument,
                    "a stream from %s to %s: %llu elements are sent, %llu taken (%u initial)",
                    end_text(parts, *link.source).c_str(), end_text(parts, sink.end).c_str(),
                    static_cast<unsigned long long>(sent), static_cast<unsigned long long>(taken),
                    link.initial);
}

Result<void> check_link(const Parts& parts, std::uint32_t number, const rdu_hw_arch& arch) {
  const Link& link = parts.links[number];
  if (!link.source) {
    return base::fail(Code::kInvalidArgument, "stream \"%s\" is never sent",
                      link.label.name.c_str());
  }
  if (link.sinks.empty()) {
    return base::fail(Code::kInvalidArgument, "a stream from %s is never received",
                      end_text(parts, *link.source).c_str());
  }
  for (const Sink& sink : link.sinks) {
    const std::uint32_t unit = parts.contexts[sink.end.context].unit();
    const std::uint32_t most = fifo_depth(arch, unit, link.kind);
    const std::uint32_t depth = sink.depth == 0 ? most : sink.depth;
    if (depth > most || link.initial > depth) {
      return base::fail(Code::kLimit,
                        "a stream from %s to %s: %u initial elements in a FIFO of %u, which may be "
                        "%u deep",
                        end_text(parts, *link.source).c_str(), end_text(parts, sink.end).c_str(),
                        link.initial, depth, most);
    }
    if (!sink.pace) RDU_TRY(check_count(parts, link, sink));
  }
  return {};
}

}  // namespace

std::string describe(const Operation& operation) {
  constexpr const char* kKinds[] = {"operation",     "accumulating fold", "accumulating product",
                                    "reducing fold", "accumulating pick", "reducing pick"};
  return std::string(kKinds[operation.kind]) + " " + std::to_string(operation.code);
}

Result<void> check_section(const Section& section, const Flow& flow, const rdu_hw_arch& arch) {
  const Parts& parts = section.parts();
  if (!section.mistake().empty()) {
    return base::fail(Code::kInvalidArgument, "%s", section.mistake().c_str());
  }
  if (!is_printable(parts.label.name)) {
    return base::fail(Code::kInvalidArgument, "the section's name is not ASCII");
  }
  for (const Context& context : parts.contexts) {
    RDU_TRY(ContextChecker(context, flow, parts, arch).run());
  }
  for (std::uint32_t i = 0; i < parts.links.size(); ++i) RDU_TRY(check_link(parts, i, arch));
  return {};
}

}  // namespace rducc::rdu
