// Every input: what waits there, whether it matters, and what is done about it.
#include "tools/rducc/target/rdu/retime.hpp"

#include <algorithm>

#include "tools/rducc/target/rdu/circuits.hpp"
#include "tools/rducc/target/rdu/delay.hpp"
#include "tools/rducc/target/rdu/schedule.hpp"
#include "tools/rducc/target/rdu/units.hpp"

namespace rducc::rdu {
namespace {

// FIFOs of PCUs in a row, before a scratchpad is taken instead; and where there are none for it.
constexpr std::uint64_t kMostPcus = 2;
constexpr std::uint64_t kMostPcusForWords = 4;

// A sink, and how many elements wait in front of it.
struct Short {
  End end;
  std::uint64_t needed;
};

std::uint64_t most_of(const Parts& parts, const Sink& sink, std::uint32_t kind,
                      const rdu_hw_arch& arch) {
  return fifo_depth(arch, parts.contexts[sink.end.context].unit(), kind);
}

class Finder {
 public:
  // `margin`: elements that may wait beyond what the schedule says.
  Finder(const Parts& parts, const rdu_hw_arch& arch, const Schedule& schedule,
         std::uint64_t margin)
      : parts_(parts), arch_(arch), schedule_(schedule), margin_(margin), circuits_(parts) {}

  // The sinks of the link that need more than they have.
  std::vector<Short> find(const Link& link) {
    std::vector<Short> list;
    if (link.kind == RDU_HW_CONTROL) return list;
    const auto number = static_cast<std::uint32_t>(&link - parts_.links.data());
    for (std::uint32_t i = 0; i < link.sinks.size(); ++i) {
      const Sink& sink = link.sinks[i];
      if (!must_come(link, sink) || !circuits_.has(number, i)) continue;
      const std::uint64_t needed = schedule_.waiting(link, sink) + margin_;
      const std::uint64_t most = most_of(parts_, sink, link.kind, arch_);
      const std::uint64_t depth = sink.depth == 0 ? most : sink.depth;
      if (needed <= depth + on_the_way(link, sink)) continue;
      list.push_back({sink.end, needed});
    }
    return list;
  }

 private:
  // Elements that the way holds beside those that are on it.
  std::uint64_t on_the_way(const Link& link, const Sink& sink) const {
    const rdu_hw_network& network = arch_.network;
    if (network.buffers_per_hop <= network.cycles_per_hop) return 0;
    return std::uint64_t{schedule_.hops(link, sink)} *
           (network.buffers_per_hop - network.cycles_per_hop);
  }

  const Parts& parts_;
  const rdu_hw_arch& arch_;
  const Schedule& schedule_;
  std::uint64_t margin_;
  Circuits circuits_;
};

class Retimer {
 public:
  Retimer(Parts& parts, const rdu_hw_arch& arch, const Distances& distances, Spare spare)
      : parts_(parts), arch_(arch), distances_(distances), spare_(spare) {}

  // All that is short first: times and circuits are those of the section as it was.
  base::Result<Retimed> run() {
    RDU_ASSIGN(const Schedule schedule, Schedule::find(parts_, arch_, distances_));
    // As many hops more on one way as others have.
    const bool routed = arch_.network.kind == RDU_HW_NETWORK_ROUTED;
    Finder finder(parts_, arch_, schedule, routed ? distances_.estimate : 0);
    std::vector<std::vector<Short>> shorts;
    for (const Link& link : parts_.links) shorts.push_back(finder.find(link));
    for (std::uint32_t i = 0; i < shorts.size(); ++i) mend(i, std::move(shorts[i]));
    return std::move(result_);
  }

 private:
  // Those that wait about equally long share a delay: their FIFOs make up for the difference. Those that wait longer go on behind it.
  void mend(std::uint32_t number, std::vector<Short> list) {
    std::ranges::stable_sort(list, {}, &Short::needed);
    while (!list.empty()) {
      const std::uint64_t most = deepen(parts_.links[number], list);
      std::erase_if(list, [&](const Short& it) { return it.needed <= most; });
      if (list.empty()) return;
      std::uint64_t longest = list.front().needed;
      for (const Short& it : list) {
        if (it.needed < list.front().needed + most / 2) longest = it.needed;
      }
      const std::uint64_t size = delay(number, list, longest - most);
      if (size == 0) return;
      for (Short& it : list) it.needed -= std::min(it.needed, size);
    }
  }

  // FIFOs that were asked to be shallow are as deep as they need be; how deep all can be.
  std::uint64_t deepen(Link& link, const std::vector<Short>& list) const {
    std::uint64_t most = RDU_HW_NONE;
    for (Sink& sink : link.sinks) {
      const auto it = std::ranges::find(list, sink.end, &Short::end);
      if (it == list.end()) continue;
      const std::uint64_t deepest = most_of(parts_, sink, link.kind, arch_);
      most = std::min(most, deepest);
      if (sink.depth != 0) sink.depth = static_cast<std::uint32_t>(std::min(it->needed, deepest));
    }
    return most;
  }

  // Puts room for `missing` elements, or some of them, in front of the sinks, and goes on to the link behind it. Returns for how many; 0 when it
  // cannot.
  std::uint64_t delay(std::uint32_t& number, const std::vector<Short>& list,
                      std::uint64_t missing) {
    const Link& link = parts_.links[number];
    if (!can_delay(parts_, link)) return note(link, list, "their number is not known");
    std::vector<End> ends;
    for (const Short& it : list) ends.push_back(it.end);
    const std::uint64_t fifo = fifo_depth(arch_, RDU_HW_UNIT_PCU, link.kind);
    const std::uint64_t capacity = fifo_capacity(link, arch_);
    if (missing <= (capacity == 0 ? kMostPcusForWords : kMostPcus) * fifo) {
      if (spare_.pcus == 0) return note(link, list, "there are not enough PCUs");
      --spare_.pcus;
      ++result_.delays;
      number = delay_in_pcu(parts_, number, ends, arch_);
      return std::min(missing, fifo);
    }
    if (capacity == 0) return note(link, list, "no PMU sends scalars");
    if (spare_.pmus == 0) return note(link, list, "there are not enough PMUs");
    --spare_.pmus;
    ++result_.delays;
    // Some more, for routes that come out longer: it is there anyway.
    const std::uint64_t size = std::min(missing + fifo, capacity);
    number = delay_in_pmu(parts_, number, ends, size, arch_);
    return std::min(missing, size);
  }

  std::uint64_t note(const Link& link, const std::vector<Short>& list, const char* why) {
    for (const Short& it : list) {
      result_.notes.push_back(base::format(
          "%llu elements wait on the way from \"%s\" to \"%s\", whose FIFO is shorter: %s",
          static_cast<unsigned long long>(it.needed),
          parts_.contexts[link.source->context].label.name.c_str(),
          parts_.contexts[it.end.context].label.name.c_str(), why));
    }
    return 0;
  }

  Parts& parts_;
  const rdu_hw_arch& arch_;
  const Distances& distances_;
  Spare spare_;
  Retimed result_;
};

}  // namespace

base::Result<Retimed> retime_links(Parts& parts, const rdu_hw_arch& arch,
                                   const Distances& distances, Spare spare) {
  return Retimer(parts, arch, distances, spare).run();
}

base::Result<std::size_t> count_short(const Parts& parts, const rdu_hw_arch& arch,
                                      const Distances& distances) {
  RDU_ASSIGN(const Schedule schedule, Schedule::find(parts, arch, distances));
  Finder finder(parts, arch, schedule, 0);
  std::size_t count = 0;
  for (const Link& link : parts.links) count += finder.find(link).size();
  return count;
}

}  // namespace rducc::rdu
