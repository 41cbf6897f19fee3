// Section by section: builds the units and the channels between them, and ticks until nothing is left, or nothing can happen.
#include "tests/drivers/emu/naive/machine.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <set>

#include "tests/drivers/emu/naive/agcu.hpp"
#include "tests/drivers/emu/naive/pcu.hpp"
#include "tests/drivers/emu/naive/pmu.hpp"

namespace naive {
namespace {

struct Deadlock {};

std::uint64_t divided_up(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

Time program_load(const rdu_hw_arch& arch) {
  const std::uint64_t units = std::uint64_t{rdu_hw_arch_num_units(&arch)} +
                              rdu_hw_arch_num_switches(&arch) + arch.agcu.count;
  return static_cast<Time>(divided_up(units * arch.load.program_bits_per_unit * arch.clock_hz,
                                      8 * arch.load.program_bytes_per_s));
}

// Of the section's contexts together.
std::set<std::uint32_t> named_arguments(const rdu_hw_image& image, const Context& context) {
  std::set<std::uint32_t> named;
  for (const rdu_hw_counter& counter : context.counters()) {
    if (counter.extent_from == RDU_HW_EXTENT_ARGUMENT) named.insert(counter.source);
  }
  const auto name = [&](const rdu_hw_operand& operand) {
    if (operand.kind == RDU_HW_OPERAND_ARGUMENT) named.insert(operand.value);
  };
  for (const rdu_hw_instruction& instruction : context.instructions()) {
    for (const rdu_hw_operand& operand : instruction.operands) name(operand);
  }
  for (const rdu_hw_port& port : context.ports()) name(port.value);
  if (rdu_hw_program_unit(context.record.program) == RDU_HW_UNIT_AGCU) {
    named.insert(image.transfers[context.record.detail].argument);
  }
  return named;
}

Time stages(const Context& context, std::uint32_t kind) {
  switch (context.record.program) {
    case RDU_HW_PROGRAM_SIMD:
      return simd_stages(context);
    case RDU_HW_PROGRAM_WRITE:
    case RDU_HW_PROGRAM_READ:
      return kind == RDU_HW_CONTROL ? 1 : context.arch.pmu.address_cycles;
    default:
      return 1;
  }
}

class SectionRun {
 public:
  SectionRun(const rdu_hw_image& image, const rdu_hw_arch& arch, std::uint32_t section,
             Arguments& arguments, Memory& memory, Scratchpads& scratchpads)
      : image_(image),
        arch_(arch),
        section_(image.sections[section]),
        arguments_(arguments),
        memory_(memory),
        scratchpads_(scratchpads) {
    for (std::uint32_t i = 0; i < section_.contexts.count; ++i) {
      const rdu_hw_context& record = image.contexts[section_.contexts.first + i];
      contexts_.push_back({image, arch, section_, record, i, arguments, {}, {}});
      contexts_.back().from.resize(record.ports.count);
      contexts_.back().to.resize(record.ports.count);
    }
  }

  Time argument_load() const {
    std::set<std::uint32_t> named;
    for (const Context& context : contexts_) named.merge(named_arguments(image_, context));
    std::uint64_t bytes = 0;
    for (const std::uint32_t argument : named) {
      bytes += image_.arguments[argument].kind == RDU_HW_ARGUMENT_REGION ? 8 : 4;
    }
    const std::uint64_t way = divided_up(bytes * arch_.clock_hz, arch_.load.argument_bytes_per_s);
    return static_cast<Time>(arch_.load.argument_cycles + way);
  }

  void start(Time now) {
    for (std::uint32_t i = 0; i < section_.links.count; ++i) {
      connect(image_.links[section_.links.first + i], now);
    }
    for (const Context& context : contexts_) settle_down(context, now);
    share_ports();
  }

  // Whether anything happened.
  bool tick(Time now) {
    bool happened = false;
    for (const auto& side : sides_) happened |= side->tick(now);
    for (auto& [pmu, ports] : ports_) happened |= ports.serve(now);
    memory_.tick(now);
    for (const auto& side : sides_) side->settle(now);
    return happened;
  }

  bool done() const {
    return std::ranges::all_of(
        sides_, [](const auto& side) { return side->done() && side->acknowledged() != kNever; });
  }

  // Nothing under way will change anything.
  bool still(Time now) const {
    Time latest = 0;
    for (const auto& side : sides_) latest = std::max(latest, side->latest());
    for (const Channel& channel : channels_) latest = std::max(latest, channel.latest());
    for (const auto& [pmu, ports] : ports_) latest = std::max(latest, ports.latest());
    return memory_.idle() && latest <= now;
  }

  Time last_firing_end(Time start) const {
    for (const auto& side : sides_) start = std::max(start, side->times().end);
    return start;
  }
  Time last_acknowledgement() const {
    Time last = 0;
    for (const auto& side : sides_) last = std::max(last, side->acknowledged());
    return last;
  }

  void report(std::uint32_t section, Outcome& outcome) const {
    for (const Context& context : contexts_) {
      outcome.contexts.push_back({section, context.number, {}, {}});
    }
    const std::size_t first = outcome.contexts.size() - contexts_.size();
    std::vector<bool> seen(contexts_.size(), false);
    for (const auto& side : sides_) {
      const std::uint32_t number = side->context().number;
      ContextTimes& times = outcome.contexts[first + number];
      (seen[number] ? times.second : times.main) = side->times();
      seen[number] = true;
    }
    for (const std::vector<Channel*>& sinks : links_) {
      outcome.elements.push_back(sinks.front()->sent);
    }
  }

 private:
  // Hops from the entry to where a sink leaves.
  Time hops(const rdu_hw_link& link, const rdu_hw_sink& sink) const {
    Time count = 0;
    for (std::uint32_t hop = sink.hop; hop != RDU_HW_NONE; ++count) {
      hop = image_.hops[link.hops.first + hop].parent;
    }
    return count;
  }

  void connect(const rdu_hw_link& link, Time now) {
    Context& source = contexts_[link.source.context];
    const Time p = stages(source, link.kind);
    for (std::uint32_t i = 0; i < link.sinks.count; ++i) {
      const rdu_hw_sink& sink = image_.sinks[link.sinks.first + i];
      Context& reader = contexts_[sink.end.context];
      const Time h = 1 + hops(link, sink);
      const bool counts = link.kind == RDU_HW_CONTROL;  // copies of a buffer, say
      const std::int64_t depth =
          counts ? sink.depth : sink.depth + h * arch_.network.buffers_per_hop + p;
      Channel& channel = channels_.emplace_back();
      channel.sink = sink;
      channel.latency = p + h * arch_.network.cycles_per_hop;
      channel.credit_latency = 1 + h;
      const std::size_t words = link.kind == RDU_HW_VECTOR   ? arch_.pcu.lanes
                                : link.kind == RDU_HW_SCALAR ? 1
                                                             : 0;
      channel.elements.assign(link.initial, {now, Words(words, 0)});
      channel.credits.assign(static_cast<std::size_t>(depth - link.initial), now);
      reader.from[sink.end.port] = &channel;
      source.to[link.source.port].push_back(&channel);
    }
    links_.push_back(source.to[link.source.port]);
  }

  Share share(const Context& context) const {
    std::int64_t count = 0;
    for (const Context& other : contexts_) {
      const std::uint32_t program = other.record.program;
      count += (program == RDU_HW_PROGRAM_LOAD || program == RDU_HW_PROGRAM_STORE) &&
               other.record.row == context.record.row;
    }
    return {arch_.agcu.outstanding / count, arch_.agcu.coalescing_entries / count};
  }

  template <typename T, typename... Args>
  T& add(const Context& context, Args&&... args) {
    sides_.push_back(std::make_unique<T>(context, std::forward<Args>(args)...));
    return static_cast<T&>(*sides_.back());
  }

  void settle_down(const Context& context, Time now) {
    switch (context.record.program) {
      case RDU_HW_PROGRAM_SIMD:
        add<Simd>(context, now);
        return;
      case RDU_HW_PROGRAM_SYSTOLIC: {
        Block& block = blocks_.emplace_back();
        const Array& array = add<Array>(context, now, block);
        add<Drain>(context, now, block, array);
        return;
      }
      case RDU_HW_PROGRAM_WRITE:
      case RDU_HW_PROGRAM_READ: {
        auto& scratchpad = scratchpads_[{context.record.row, context.record.column}];
        scratchpad.resize(arch_.pmu.bytes, 0);
        add<Access>(context, now, scratchpad);
        return;
      }
      case RDU_HW_PROGRAM_LOAD: {
        Request& request = add<Request>(context, now, memory_, share(context));
        add<Data>(context, now, request);
        return;
      }
      case RDU_HW_PROGRAM_STORE:
        add<Store>(context, now, memory_, share(context));
        return;
      default:
        add<Result>(context, now, arguments_);
    }
  }

  void share_ports() {
    for (const auto& side : sides_) {
      const rdu_hw_context& record = side->context().record;
      if (rdu_hw_program_unit(record.program) != RDU_HW_UNIT_PMU) continue;
      const std::uint32_t count =
          record.program == RDU_HW_PROGRAM_READ ? arch_.pmu.vector_reads : arch_.pmu.vector_writes;
      const std::array key = {record.row, record.column, record.program};
      side->share(&ports_.try_emplace(key, count).first->second);
    }
  }

  const rdu_hw_image& image_;
  const rdu_hw_arch& arch_;
  const rdu_hw_section& section_;
  Arguments& arguments_;
  Memory& memory_;
  Scratchpads& scratchpads_;
  std::vector<Context> contexts_;
  std::deque<Channel> channels_;
  std::vector<std::vector<Channel*>> links_;
  std::deque<Block> blocks_;
  std::vector<std::unique_ptr<Side>> sides_;
  std::map<std::array<std::uint32_t, 3>, Ports> ports_;  // by PMU and kind of access
};

class Machine {
 public:
  Machine(const rdu_hw_image& image, const rdu_hw_arch& arch, Arguments& arguments, Memory& memory)
      : image_(image), arch_(arch), arguments_(arguments), memory_(memory) {}

  Outcome run(Before& before) {
    const std::uint32_t num_setup = image_.num_setups == 0 ? 0 : image_.setups[0].sections;
    const bool is_kept = num_setup != 0 && before.is_set_up;
    if (is_kept) outcome_.scratchpads = before.scratchpads;
    loaded_ = before.loaded;
    before = {};
    try {
      for (std::uint32_t i = is_kept ? num_setup : 0; i < image_.num_sections; ++i) run_section(i);
      before = {outcome_.scratchpads, true, loaded_};
    } catch (const Deadlock&) {
      outcome_.end = End::kDeadlock;
    } catch (const BadExtent&) {
      outcome_.end = End::kExtent;
    }
    outcome_.cycles = now_;
    return std::move(outcome_);
  }

 private:
  void run_section(std::uint32_t number) {
    SectionRun section(image_, arch_, number, arguments_, memory_, outcome_.scratchpads);
    SectionTimes times;
    times.begin = now_;
    times.program_load = loaded_ == number ? 0 : program_load(arch_);
    loaded_ = number;
    times.argument_load = section.argument_load();
    const Time start = now_ + times.program_load + times.argument_load;
    wait_until(start);
    section.start(start);
    for (; !section.done(); ++now_) {
      const bool happened = section.tick(now_);
      if (!happened && !section.done() && section.still(now_)) throw Deadlock{};
    }
    const Time over = section.last_firing_end(start);
    const Time end = std::max(over, section.last_acknowledgement());
    times.execution = over - start;
    times.quiesce = end - over;
    wait_until(end);
    outcome_.sections.push_back(times);
    section.report(number, outcome_);
  }

  void wait_until(Time time) {
    for (; now_ < time; ++now_) memory_.tick(now_);
  }

  const rdu_hw_image& image_;
  const rdu_hw_arch& arch_;
  Arguments& arguments_;
  Memory& memory_;
  Outcome outcome_;
  std::uint32_t loaded_ = RDU_HW_NONE;
  Time now_ = 0;
};

}  // namespace

Outcome run(const rdu_hw_image& image, const rdu_hw_arch& arch, Arguments& arguments,
            Tiers& tiers) {
  Before nothing;
  return run(image, arch, arguments, tiers, nothing);
}

Outcome run(const rdu_hw_image& image, const rdu_hw_arch& arch, Arguments& arguments, Tiers& tiers,
            Before& before) {
  Memory memory(arch);
  for (std::uint32_t i = 0; i < tiers.size(); ++i) {
    if (memory.has(i)) memory.tier(i).bytes = tiers[i];
  }
  Outcome outcome = Machine(image, arch, arguments, memory).run(before);
  for (std::uint32_t i = 0; i < tiers.size(); ++i) {
    if (memory.has(i)) tiers[i] = memory.tier(i).bytes;
  }
  return outcome;
}

}  // namespace naive
