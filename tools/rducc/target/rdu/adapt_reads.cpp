// A context without operations behind each of them.
#include "tools/rducc/target/rdu/adapt_reads.hpp"

#include <utility>

namespace rducc::rdu {
namespace {

void adapt(Parts& parts, std::uint32_t reader) {
  const auto pass = static_cast<std::uint32_t>(parts.contexts.size());
  const auto words = static_cast<std::uint32_t>(parts.links.size());
  Context& context = parts.contexts[reader];
  Output& output = context.outputs.front();
  const std::uint32_t vectors = output.link;
  output.kind = RDU_HW_VECTOR;

  Context first_lane;
  first_lane.label = context.label;
  first_lane.label.name += " lane 0";
  first_lane.counters = context.counters;
  for (rdu_hw_counter& counter : first_lane.counters) counter.start = 0, counter.step = 1;
  const std::uint32_t every = first_lane.innermost();
  first_lane.inputs.push_back({RDU_HW_VECTOR, every, vectors});
  first_lane.outputs.push_back(
      {RDU_HW_SCALAR, every, RDU_HW_ROOM_LAST, {Value::Kind::kInput, 0, 0}, words});

  Link link = parts.links[vectors];
  link.source = End{pass, 0};
  parts.links[vectors].kind = RDU_HW_VECTOR;
  parts.links[vectors].sinks = {{{pass, 0}, 0, {}}};
  parts.links.push_back(std::move(link));
  for (const Sink& sink : parts.links[words].sinks) {
    parts.contexts[sink.end.context].inputs[sink.end.port].link = words;
  }
  parts.contexts.push_back(std::move(first_lane));
}

// Extents that a port brings would have to be brought to both.
bool brings_extents(const Context& context) {
  for (const rdu_hw_counter& counter : context.counters) {
    if (counter.extent_from == RDU_HW_EXTENT_PORT) return true;
  }
  return false;
}

}  // namespace

void adapt_reads(Parts& parts, const rdu_hw_arch& arch) {
  if (arch.pmu.ports.scalar_out != 0) return;
  const auto count = static_cast<std::uint32_t>(parts.contexts.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    const Context& context = parts.contexts[i];
    const bool sends_scalars =
        context.program == RDU_HW_PROGRAM_READ && context.outputs.front().kind == RDU_HW_SCALAR;
    if (sends_scalars && !brings_extents(context)) adapt(parts, i);
  }
}

}  // namespace rducc::rdu
