// Every input of every context: what waits there, whether its sender matters to the slow input, and what is done about it.
#include "tools/rducc/target/rdu/retime.hpp"

#include <algorithm>

#include "tools/rducc/target/rdu/delay.hpp"
#include "tools/rducc/target/rdu/schedule.hpp"
#include "tools/rducc/target/rdu/units.hpp"

namespace rducc::rdu {
namespace {

// FIFOs of PCUs in a row, before a scratchpad is taken instead.
constexpr std::uint64_t kMostPcus = 2;

// Which contexts a context's elements come from, itself included. Plain tokens do not count: whoever they hold back is let go by whole iterations, for
// which buffers have as many copies as the flow gave them; what waits behind them is there, not in FIFOs.
class Ancestors {
 public:
  explicit Ancestors(const Parts& parts) : parts_(parts), sets_(parts.contexts.size()) {}

  const std::vector<bool>& of(std::uint32_t context) {
    std::vector<bool>& set = sets_[context];
    if (!set.empty()) return set;
    set.assign(parts_.contexts.size(), false);
    std::vector<std::uint32_t> stack = {context};
    set[context] = true;
    while (!stack.empty()) {
      const Context& at = parts_.contexts[stack.back()];
      stack.pop_back();
      for (const Input& input : at.inputs) {
        const Link& link = parts_.links[input.link];
        const std::uint32_t source = link.source->context;
        if (set[source] || is_plain_token(link)) continue;
        set[source] = true;
        stack.push_back(source);
      }
    }
    return set;
  }

 private:
  static bool is_plain_token(const Link& link) {
    const auto counts = [](const Sink& sink) { return sink.pace.has_value(); };
    return link.kind == RDU_HW_CONTROL && std::ranges::none_of(link.sinks, counts);
  }

  const Parts& parts_;
  std::vector<std::vector<bool>> sets_;
};

class Retimer {
 public:
  Retimer(Parts& parts, const rdu_hw_arch& arch, std::uint32_t pmus)
      : parts_(parts), arch_(arch), pmus_(pmus) {}

  base::Result<Retimed> run() {
    RDU_ASSIGN(const Schedule schedule, Schedule::find(parts_, arch_));
    find_short(schedule);
    for (const Short& it : short_) mend(it);
    return std::move(result_);
  }

 private:
  struct Short {
    std::uint32_t link;
    std::uint32_t sink;
    std::uint64_t needed;  // elements that wait
  };

  // All of them first: ancestors and times are those of the section as it was.
  void find_short(const Schedule& schedule) {
    Ancestors ancestors(parts_);
    for (std::uint32_t i = 0; i < parts_.links.size(); ++i) {
      const Link& link = parts_.links[i];
      if (link.kind == RDU_HW_CONTROL) continue;
      for (std::uint32_t k = 0; k < link.sinks.size(); ++k) {
        const Sink& sink = link.sinks[k];
        if (!must_come(link, sink)) continue;
        const std::uint64_t needed = schedule.waiting(link, sink) + schedule.hops();
        if (needed <= depth_of(link, sink)) continue;
        if (meets_again(link, sink, schedule, ancestors)) short_.push_back({i, k, needed});
      }
    }
  }

  std::uint32_t most_of(const Link& link, const Sink& sink) const {
    return fifo_depth(arch_, parts_.contexts[sink.end.context].unit(), link.kind);
  }
  std::uint32_t depth_of(const Link& link, const Sink& sink) const {
    return sink.depth == 0 ? most_of(link, sink) : sink.depth;
  }

  // Whether a later input of the sink's context comes from where this one comes from.
  bool meets_again(const Link& link, const Sink& sink, const Schedule& schedule,
                   Ancestors& ancestors) const {
    const std::uint64_t arrival = schedule.arrival(link, sink);
    const std::vector<bool> mine = ancestors.of(link.source->context);
    for (const Input& input : parts_.contexts[sink.end.context].inputs) {
      const Link& other = parts_.links[input.link];
      const auto end = std::ranges::find_if(other.sinks, [&](const Sink& it) {
        return it.end.context == sink.end.context && must_come(other, it);
      });
      if (end == other.sinks.end() || schedule.arrival(other, *end) <= arrival) continue;
      const std::vector<bool>& its = ancestors.of(other.source->context);
      for (std::size_t i = 0; i < mine.size(); ++i) {
        if (mine[i] && its[i]) return true;
      }
    }
    return false;
  }

  void mend(const Short& it) {
    const Link& link = parts_.links[it.link];
    Sink& sink = parts_.links[it.link].sinks[it.sink];
    const std::uint64_t most = most_of(link, sink);
    if (sink.depth != 0) {
      sink.depth = static_cast<std::uint32_t>(std::min(it.needed, most));
    }
    if (it.needed <= most) return;
    const std::uint64_t missing = it.needed - most;
    if (!can_delay(parts_, link)) return note(it, "their number is not known");
    const std::uint64_t fifo = fifo_depth(arch_, RDU_HW_UNIT_PCU, link.kind);
    const std::uint64_t capacity = fifo_capacity(link, arch_);
    if (missing <= kMostPcus * fifo || capacity == 0) {
      return delay_by_pcus(it, (missing + fifo - 1) / fifo);
    }
    delay_by_pmus(it, missing, capacity);
  }

  void delay_by_pcus(const Short& it, std::uint64_t count) {
    if (count > 2 * kMostPcus) return note(it, "no PMU sends them");
    for (std::uint64_t i = 0; i < count; ++i) delay_in_pcu(parts_, it.link, it.sink, arch_);
    result_.delays += static_cast<std::uint32_t>(count);
  }

  void delay_by_pmus(const Short& it, std::uint64_t missing, std::uint64_t capacity) {
    const std::uint64_t count = (missing + capacity - 1) / capacity;
    if (count > pmus_) return note(it, "there are not enough PMUs");
    for (std::uint64_t left = missing; left != 0;) {
      const std::uint64_t size = std::min(left, capacity);
      delay_in_pmu(parts_, it.link, it.sink, size, arch_);
      left -= size;
    }
    pmus_ -= static_cast<std::uint32_t>(count);
    result_.delays += static_cast<std::uint32_t>(count);
  }

  void note(const Short& it, const char* why) {
    const Link& link = parts_.links[it.link];
    const std::uint32_t to = link.sinks[it.sink].end.context;
    result_.notes.push_back(base::format(
        "%llu elements wait on the way from \"%s\" to \"%s\", whose FIFO is shorter: %s",
        static_cast<unsigned long long>(it.needed),
        parts_.contexts[link.source->context].label.name.c_str(),
        parts_.contexts[to].label.name.c_str(), why));
  }

  Parts& parts_;
  const rdu_hw_arch& arch_;
  std::uint32_t pmus_;
  std::vector<Short> short_;
  Retimed result_;
};

}  // namespace

base::Result<Retimed> retime_links(Parts& parts, const rdu_hw_arch& arch, std::uint32_t pmus) {
  return Retimer(parts, arch, pmus).run();
}

}  // namespace rducc::rdu
