// The longest way through a section, its busiest port and its memory traffic: the largest of the three, and the arguments before it.
#include "tools/rducc/target/rdu/estimate.hpp"

#include <rdu_hw/package.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "tools/rducc/target/rdu/rates.hpp"
#include "tools/rducc/target/rdu/schedule.hpp"

namespace rducc::rdu {
namespace {

constexpr double kMemoryShare = 0.9;  // of its peak, that a memory reaches

const rdu_hw_dram& tier_of(const rdu_hw_arch& arch, std::uint32_t tier) {
  return tier == RDU_HW_TIER_HBM ? arch.hbm : arch.dram;
}

double cycles_of(double bytes, std::uint64_t bytes_per_s, const rdu_hw_arch& arch) {
  return bytes * static_cast<double>(arch.clock_hz) / static_cast<double>(bytes_per_s);
}

// When a context's first firing is, and when its last one is over.
struct Span {
  double begin = 0;
  double end = 0;
};

class Estimate {
 public:
  Estimate(const Parts& parts, const std::vector<Argument>& arguments, const rdu_hw_arch& arch)
      : parts_(parts), arguments_(arguments), arch_(arch), hops_(Distances::guess(arch).estimate) {
    for (const Context& context : parts.contexts) busy_.push_back(busy(context));
  }

  double longest_way() {
    std::vector<Span> spans(parts_.contexts.size());
    for (std::size_t i = 0; i < spans.size(); ++i) spans[i].end = busy_[i];
    // Streams that must come make no circle, so that this ends.
    for (bool moved = true; moved;) {
      moved = false;
      for (const Link& link : parts_.links) {
        for (const Sink& sink : link.sinks) moved |= push(link, sink, spans);
      }
    }
    double end = 0;
    for (const Span& span : spans) end = std::max(end, span.end);
    return end;
  }

  // A PMU reads one vector in a cycle and writes one.
  double busiest_port(const std::vector<Unit>& units) const {
    double most = 0;
    for (const Unit& unit : units) {
      if (unit.type != RDU_HW_UNIT_PMU) continue;
      double reads = 0, writes = 0;
      for (const std::uint32_t number : unit.contexts) {
        const bool is_read = parts_.contexts[number].program == RDU_HW_PROGRAM_READ;
        (is_read ? reads : writes) += busy_[number];
      }
      most = std::max({most, reads, writes});
    }
    return most;
  }

  // `counted`: arguments; null: all of them.
  double traffic(const std::set<std::uint32_t>* counted = nullptr) const {
    double bytes[RDU_HW_NUM_TIERS] = {};
    for (const Context& context : parts_.contexts) {
      if (!moves(context)) continue;
      const bool counts = counted == nullptr || counted->contains(context.transfer.argument);
      if (counts) bytes[tier(context)] += bytes_of(context);
    }
    double longest = 0;
    for (std::uint32_t tier = 0; tier < RDU_HW_NUM_TIERS; ++tier) {
      if (bytes[tier] == 0) continue;
      const auto peak = static_cast<double>(rdu_hw_dram_peak_bytes_per_s(&tier_of(arch_, tier)));
      longest = std::max(longest,
                         bytes[tier] * static_cast<double>(arch_.clock_hz) / (peak * kMemoryShare));
    }
    return longest;
  }

  double argument_load() const {
    std::set<std::uint32_t> used;
    for (const Context& context : parts_.contexts) {
      if (context.unit() == RDU_HW_UNIT_AGCU) used.insert(context.transfer.argument);
    }
    double bits = 0;
    for (const std::uint32_t number : used) {
      bits += arguments_[number].record.kind == RDU_HW_ARGUMENT_REGION ? 64 : 32;
    }
    return static_cast<double>(arch_.load.argument_cycles) +
           cycles_of(bits / 8, arch_.load.argument_bytes_per_s, arch_);
  }

 private:
  static bool moves(const Context& context) {
    return context.program == RDU_HW_PROGRAM_LOAD || context.program == RDU_HW_PROGRAM_STORE;
  }
  std::uint32_t tier(const Context& context) const {
    return arguments_[context.transfer.argument].record.tier;
  }

  // Bytes of memory between neighbours along a counter, where the address says so.
  static double step_of(const Context& context, std::size_t counter) {
    double step = 0;
    for (const rdu_hw_term& term : context.steps.back().terms) {
      if (term.source != RDU_HW_TERM_COUNTER) return std::numeric_limits<double>::max();
      if (term.index == counter) step += static_cast<double>(term.coefficient);
    }
    return std::abs(step * context.counters[counter].step);
  }

  // Lanes that meet in a burst share it, and so do vectors behind one another.
  static double sparse_bytes(const Context& context, double burst) {
    const std::size_t lanes = context.counters.size() - 1;
    const double vectors = static_cast<double>(firings(context));
    const double runs = static_cast<double>(elements(context, context.innermost() - 1));
    const double moved =
        runs * context.counters[lanes].extent * std::min(step_of(context, lanes), burst);
    const double bytes = std::max(moved, vectors * burst);
    if (lanes == 0) return bytes;
    const double next = std::clamp(step_of(context, lanes - 1), 1.0, burst);
    return bytes / std::min(burst / next, static_cast<double>(context.counters[lanes - 1].extent));
  }

  double bytes_of(const Context& context) const {
    const auto burst = static_cast<double>(rdu_hw_dram_burst_bytes(&tier_of(arch_, tier(context))));
    if (context.counters.empty()) return burst;
    if (context.transfer.mode == RDU_HW_TRANSFER_SPARSE) return sparse_bytes(context, burst);
    const double runs = static_cast<double>(elements(context, context.innermost() - 1));
    const double run = context.counters.back().extent;
    return runs * std::max(run * rdu_hw_format_bytes(context.transfer.format), burst);
  }

  // Cycles that a context is at work when nobody makes it wait.
  double busy(const Context& context) const {
    const double count = static_cast<double>(firings(context));
    if (!moves(context)) return count;
    const auto peak =
        static_cast<double>(rdu_hw_dram_peak_bytes_per_s(&tier_of(arch_, tier(context))));
    return std::max(count, bytes_of(context) * static_cast<double>(arch_.clock_hz) / peak);
  }

  // What a stream does to its sink's span; whether it is another one now.
  bool push(const Link& link, const Sink& sink, std::vector<Span>& spans) const {
    if (!must_come(link, sink)) return false;
    const std::uint32_t from = link.source->context, to = sink.end.context;
    const Context& source = parts_.contexts[from];
    const Context& target = parts_.contexts[to];
    const Output& output = source.outputs[link.source->port];
    const double way = static_cast<double>(latency(source, output.kind, arch_)) +
                       hops_ * static_cast<double>(arch_.network.cycles_per_hop);
    const double first = sink.pace ? static_cast<double>(first_tokens(*sink.pace)) : 1;
    const double sent = static_cast<double>(elements_sent(source, output));
    const double pace = (spans[from].end - spans[from].begin) / sent;
    const double taken = static_cast<double>(elements(target, target.inputs[sink.end.port].level));
    Span next = spans[to];
    next.begin = std::max(next.begin, spans[from].begin + pace * std::min(first, sent) + way);
    next.end =
        std::max({next.end, next.begin + busy_[to], spans[from].end + way + busy_[to] / taken});
    const bool moved = next.begin > spans[to].begin || next.end > spans[to].end;
    spans[to] = next;
    return moved;
  }

  const Parts& parts_;
  const std::vector<Argument>& arguments_;
  const rdu_hw_arch& arch_;
  double hops_;
  std::vector<double> busy_;  // of each context
};

}  // namespace

std::uint64_t program_load_cycles(const rdu_hw_arch& arch) {
  const double units =
      rdu_hw_arch_num_units(&arch) + rdu_hw_arch_num_switches(&arch) + arch.agcu.count;
  const double bytes = units * static_cast<double>(arch.load.program_bits_per_unit) / 8;
  return static_cast<std::uint64_t>(cycles_of(bytes, arch.load.program_bytes_per_s, arch));
}

double traffic_cycles(const Parts& parts, const std::vector<Argument>& arguments,
                      const rdu_hw_arch& arch) {
  return Estimate(parts, arguments, arch).traffic();
}

double traffic_cycles(const Parts& parts, const std::vector<Argument>& arguments,
                      const std::set<std::uint32_t>& counted, const rdu_hw_arch& arch) {
  return Estimate(parts, arguments, arch).traffic(&counted);
}

std::uint64_t estimate_cycles(const Parts& parts, const std::vector<Unit>& units,
                              const std::vector<Argument>& arguments, const rdu_hw_arch& arch) {
  Estimate estimate(parts, arguments, arch);
  const double execution =
      std::max({estimate.longest_way(), estimate.busiest_port(units), estimate.traffic()});
  return static_cast<std::uint64_t>(estimate.argument_load() + execution);
}

}  // namespace rducc::rdu
