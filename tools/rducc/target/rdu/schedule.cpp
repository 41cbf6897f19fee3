// The longest way to each context, over links whose first element must come.
#include "tools/rducc/target/rdu/schedule.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "tools/rducc/target/rdu/pcu_program.hpp"
#include "tools/rducc/target/rdu/rates.hpp"
#include "tools/rducc/target/rdu/units.hpp"

namespace rducc::rdu {
namespace {

// From a request to its data, beside the way to the controller and back: a row that is not open, and some queueing.
constexpr std::uint64_t kMemoryCycles = 100;

// The first iteration that waits for a token, of a sink whose first does not.
std::uint64_t first_waiting(const Pace& pace) {
  if (pace.step == 0) return pace.group;
  const std::int64_t missing = std::int64_t{pace.per} - pace.lead;
  const auto iteration = static_cast<std::uint64_t>((missing + pace.step - 1) / pace.step);
  return std::min<std::uint64_t>(iteration, pace.group);
}

// Contexts in an order in which each comes behind those that it waits for; those of circles are missing.
std::vector<std::uint32_t> order_of(const Parts& parts) {
  std::vector<std::uint32_t> waits(parts.contexts.size(), 0);
  for (const Link& link : parts.links) {
    for (const Sink& sink : link.sinks) {
      if (must_come(link, sink)) ++waits[sink.end.context];
    }
  }
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < waits.size(); ++i) {
    if (waits[i] == 0) order.push_back(i);
  }
  for (std::size_t next = 0; next < order.size(); ++next) {
    for (const Output& output : parts.contexts[order[next]].outputs) {
      const Link& link = parts.links[output.link];
      for (const Sink& sink : link.sinks) {
        if (must_come(link, sink) && --waits[sink.end.context] == 0) {
          order.push_back(sink.end.context);
        }
      }
    }
  }
  return order;
}

// One of the contexts that wait in a circle, then who each waits for, until it repeats.
base::Error circle(const Parts& parts, const std::vector<std::uint32_t>& order) {
  std::vector<bool> done(parts.contexts.size(), false);
  for (const std::uint32_t context : order) done[context] = true;
  const auto waits_for = [&](std::uint32_t context) {
    for (const Input& input : parts.contexts[context].inputs) {
      const Link& link = parts.links[input.link];
      const std::uint32_t source = link.source->context;
      const bool comes = std::ranges::any_of(link.sinks, [&](const Sink& sink) {
        return sink.end.context == context && must_come(link, sink);
      });
      if (comes && !done[source]) return source;
    }
    return context;
  };
  auto at = static_cast<std::uint32_t>(std::ranges::find(done, false) - done.begin());
  for (std::size_t i = 0; i < parts.contexts.size(); ++i) at = waits_for(at);
  std::string text = "\"" + parts.contexts[at].label.name + "\"";
  for (std::uint32_t next = waits_for(at);; next = waits_for(next)) {
    text += " waits for \"" + parts.contexts[next].label.name + "\"";
    if (next == at) break;
  }
  return base::fail(base::Code::kInvalidArgument,
                    "contexts wait for each other, and no stream has initial elements: %s",
                    text.c_str());
}

}  // namespace

bool must_come(const Link& link, const Sink& sink) {
  return sink.pace ? first_tokens(*sink.pace) != 0 : link.initial == 0;
}

std::uint64_t first_tokens(const Pace& pace) {
  const std::int64_t count =
      std::min<std::int64_t>(pace.lead / std::int64_t{std::max(pace.per, 1u)}, pace.tokens);
  return count > 0 ? static_cast<std::uint64_t>(count) : 0;
}

std::uint64_t latency(const Context& source, std::uint32_t kind, const rdu_hw_arch& arch) {
  switch (source.program) {
    case RDU_HW_PROGRAM_SIMD:
      return lay_out(source, arch).latency(arch);
    case RDU_HW_PROGRAM_SYSTOLIC:
      return source.systolic.columns + 1;
    case RDU_HW_PROGRAM_WRITE:
    case RDU_HW_PROGRAM_READ:
      return kind == RDU_HW_CONTROL ? 1 : arch.pmu.address_cycles;
    default:
      return kind == RDU_HW_CONTROL && source.program == RDU_HW_PROGRAM_LOAD
                 ? 1
                 : 2 * std::uint64_t{arch.agcu.dram_cycles} + kMemoryCycles;
  }
}

base::Result<Schedule> Schedule::find(const Parts& parts, const rdu_hw_arch& arch,
                                      Distances distances) {
  Schedule schedule(parts, arch, std::move(distances));
  const std::vector<std::uint32_t> order = order_of(parts);
  if (order.size() != parts.contexts.size()) return circle(parts, order);
  for (const std::uint32_t context : order) {
    for (const Output& output : parts.contexts[context].outputs) {
      const Link& link = parts.links[output.link];
      for (const Sink& sink : link.sinks) {
        if (!must_come(link, sink)) continue;
        std::uint64_t& begin = schedule.begins_[sink.end.context];
        begin = std::max(begin, schedule.arrival(link, sink));
      }
    }
  }
  const std::vector<std::uint64_t> soonest = schedule.begins_;
  schedule.begin_late(order);
  schedule.begin_early(order, soonest);
  return schedule;
}

// Who is not waited for begins as early as it can.
void Schedule::begin_late(const std::vector<std::uint32_t>& order) {
  for (std::size_t i = order.size(); i-- > 0;) {
    std::uint64_t& begin = begins_[order[i]];
    std::uint64_t latest = std::numeric_limits<std::uint64_t>::max();
    for (const Output& output : parts_->contexts[order[i]].outputs) {
      const Link& link = parts_->links[output.link];
      for (const Sink& sink : link.sinks) {
        if (!must_come(link, sink)) continue;
        latest = std::min(latest, begins_[sink.end.context] - way(link, sink));
      }
    }
    if (latest != std::numeric_limits<std::uint64_t>::max()) begin = latest;
  }
}

// What is sent early waits in the FIFO at its sink, what is written early in its buffer.
void Schedule::begin_early(const std::vector<std::uint32_t>& order,
                           const std::vector<std::uint64_t>& soonest) {
  const std::vector<std::uint64_t> allowed = earliest(order, soonest);
  for (const std::uint32_t context : order) {
    std::uint64_t begin = allowed[context];
    for (const Input& input : parts_->contexts[context].inputs) {
      const Link& link = parts_->links[input.link];
      for (const Sink& sink : link.sinks) {
        if (sink.end.context == context && must_come(link, sink)) {
          begin = std::max(begin, arrival(link, sink));
        }
      }
    }
    begins_[context] = std::min(begins_[context], begin);
  }
}

// When each could begin if all that is behind it were full. Tokens that must have come for a later iteration bound a writer by its readers.
std::vector<std::uint64_t> Schedule::earliest(const std::vector<std::uint32_t>& order,
                                              const std::vector<std::uint64_t>& soonest) const {
  std::vector<std::uint64_t> list = soonest;
  const auto less = [](std::uint64_t a, std::uint64_t b) { return a - std::min(a, b); };
  for (std::size_t i = order.size(); i-- > 0;) {
    const Context& context = parts_->contexts[order[i]];
    std::uint64_t& begin = list[order[i]];
    for (const Output& output : context.outputs) {
      const Link& link = parts_->links[output.link];
      for (const Sink& sink : link.sinks) {
        if (!must_come(link, sink) || output.kind == RDU_HW_CONTROL) continue;
        begin = std::max(begin, less(list[sink.end.context], way(link, sink) + room(link, sink)));
      }
    }
    for (const Input& input : context.inputs) {
      const Link& link = parts_->links[input.link];
      for (const Sink& sink : link.sinks) {
        if (sink.end.context != order[i] || must_come(link, sink)) continue;
        const std::uint64_t free = sink.pace ? first_waiting(*sink.pace) : link.initial;
        const std::uint64_t ahead = last(order[i], period(context, input.level) * free);
        begin = std::max(begin, less(list[link.source->context] + way(link, sink), ahead));
      }
    }
  }
  return list;
}

// Cycles in which the sink's FIFO fills, but for two elements that waiting() counts beside.
std::uint64_t Schedule::room(const Link& link, const Sink& sink) const {
  const Context& source = parts_->contexts[link.source->context];
  const std::uint64_t most =
      fifo_depth(*arch_, parts_->contexts[sink.end.context].unit(), link.kind);
  const std::uint64_t depth = sink.depth == 0 ? most : sink.depth;
  const std::uint64_t sent = elements_sent(source, source.outputs[link.source->port]);
  return static_cast<std::uint64_t>(
      static_cast<unsigned __int128>(depth - std::min<std::uint64_t>(depth, 2)) * length_ / sent);
}

Distances Distances::guess(const rdu_hw_arch& arch) {
  if (arch.network.kind == RDU_HW_NETWORK_IDEAL) return {};
  return {1 + (rdu_hw_arch_mesh_rows(&arch) + rdu_hw_arch_mesh_columns(&arch)) / 24, {}};
}

Schedule::Schedule(const Parts& parts, const rdu_hw_arch& arch, Distances distances)
    : parts_(&parts),
      arch_(&arch),
      distances_(std::move(distances)),
      begins_(parts.contexts.size(), 0) {
  for (const Context& context : parts.contexts) length_ = std::max(length_, firings(context));
}

std::uint32_t Schedule::hops(const Link& link, const Sink& sink) const {
  if (distances_.hops.empty()) return distances_.estimate;
  return distances_.hops[static_cast<std::size_t>(&link - parts_->links.data())]
                        [static_cast<std::size_t>(&sink - link.sinks.data())];
}

std::uint64_t Schedule::last(std::uint32_t context, std::uint64_t count) const {
  const std::uint64_t all = firings(parts_->contexts[context]);
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(count) * length_ / all);
}

std::uint64_t Schedule::way(const Link& link, const Sink& sink) const {
  const std::uint32_t number = link.source->context;
  const Context& source = parts_->contexts[number];
  const Output& output = source.outputs[link.source->port];
  const std::uint64_t tokens = sink.pace ? std::max<std::uint64_t>(first_tokens(*sink.pace), 1) : 1;
  const std::uint64_t until = period(source, output.level) * tokens;
  return last(number, until) - last(number, 1) + latency(source, output.kind, *arch_) +
         hops(link, sink) * std::uint64_t{arch_->network.cycles_per_hop};
}

std::uint64_t Schedule::arrival(const Link& link, const Sink& sink) const {
  return begins_[link.source->context] + way(link, sink);
}

std::uint64_t Schedule::waiting(const Link& link, const Sink& sink) const {
  const Context& source = parts_->contexts[link.source->context];
  const Output& output = source.outputs[link.source->port];
  const std::uint64_t early = begins_[sink.end.context] - arrival(link, sink);
  const std::uint64_t sent = elements_sent(source, output);
  const auto waiting =
      static_cast<std::uint64_t>(static_cast<unsigned __int128>(early) * sent / length_);
  return std::min(waiting + 2, sent);
}

}  // namespace rducc::rdu
