// Lays sections, units and memory out on tracks.
#include "tools/rdu/chip/chip_trace.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "tools/rdu/chip/busy_spans.hpp"
#include "tools/rdu/chip/chip_section.hpp"
#include "tools/rdu/chip/quantity.hpp"
#include "tools/rdu/chip/trace_file.hpp"
#include "tools/rdu/error.hpp"

namespace rdu::tool {

namespace {

enum Group : std::uint32_t {
  kMemory = 1,
  kSections = 2,
  kUnits = 3
};  // one for each RDU_HW_UNIT_ from kUnits on
constexpr std::array<const char*, 3> kUnitGroups = {"PCUs", "PMUs", "AGCUs"};
constexpr std::size_t kWindows = 400;

// What a context did, in the time of the whole work.
struct Activity {
  std::string name;
  std::string node;
  std::string section;
  std::vector<BusySpan> spans;
};

class Tracer {
 public:
  explicit Tracer(const ChipWork& work)
      : work_(work), file_(work.programs.front().counters->clock_hz) {}

  std::string run() {
    file_.name_group(kMemory, "memory and PCUs");
    file_.name_group(kSections, "sections");
    for (const ChipProgram& program : work_.programs) {
      const std::vector<std::vector<BusySpan>> spans = spans_of(program);
      for (std::uint32_t s = 0; s < program.image->num_sections; ++s) {
        const ChipSection section = read_section(work_, program, s);
        add_section(section);
        add_memory(section);
        collect(section, spans);
      }
      begin_ += program.counters->cycles;
    }
    add_units();
    add_busy_pcus();
    return file_.json();
  }

 private:
  using Seat = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;

  // By context of the image, from the beginning of the work. The two sides of a context may be busy at once.
  std::vector<std::vector<BusySpan>> spans_of(const ChipProgram& program) const {
    std::vector<std::vector<BusySpan>> spans(program.image->num_contexts);
    for (const rdu_hw_span& span : program.counters->spans) {
      spans[span.context].push_back({begin_ + span.begin_cycle, begin_ + span.end_cycle});
    }
    for (std::vector<BusySpan>& of : spans) of = unite(std::move(of));
    return spans;
  }

  std::string section_name(const ChipSection& section) const {
    const std::string number = "section " + std::to_string(num_sections_);
    return section.name.empty() ? number : number + ": " + section.name;
  }

  void add_section(const ChipSection& section) {
    const rdu_hw_section_counters& counted = *section.counters;
    section_ = section_name(section);
    file_.name_track(kSections, num_sections_, section_);
    const std::array<std::pair<const char*, std::uint64_t>, 4> phases = {
        {{"program load", counted.program_cycles},
         {"argument load", counted.argument_cycles},
         {"execution", counted.exec_cycles},
         {"quiesce", counted.quiesce_cycles}}};
    std::uint64_t at = begin_ + counted.begin_cycle;
    for (const auto& [name, cycles] : phases) {
      if (cycles != 0) {
        file_.add_span(kSections, num_sections_, name, at, at + cycles,
                       {{"cycles", count_text(cycles)}});
      }
      at += cycles;
    }
    ++num_sections_;
  }

  // The mean of the time in which memory moves: that is what is counted.
  void add_memory(const ChipSection& section) {
    const rdu_hw_section_counters& counted = *section.counters;
    const std::uint64_t cycles = counted.exec_cycles + counted.quiesce_cycles;
    if (cycles == 0) return;
    const std::uint64_t from =
        begin_ + counted.begin_cycle + counted.program_cycles + counted.argument_cycles;
    const double seconds = static_cast<double>(cycles) /
                           static_cast<double>(work_.programs.front().counters->clock_hz);
    std::uint64_t read = 0, written = 0;
    for (const rdu_hw_memory_counters& tier : counted.memory) {
      read += tier.read_bytes;
      written += tier.written_bytes;
    }
    for (const auto& [name, bytes] :
         {std::pair("DRAM read GB/s", read), std::pair("DRAM write GB/s", written)}) {
      file_.add_value(kMemory, name, from, static_cast<double>(bytes) / seconds / 1e9);
      file_.add_value(kMemory, name, from + cycles, 0);
    }
  }

  void collect(const ChipSection& section, const std::vector<std::vector<BusySpan>>& spans) {
    for (const SectionUnit& unit : section.units) {
      for (const std::uint32_t number : unit.contexts) {
        const SectionContext& context = section.contexts[number];
        if (spans[context.index].empty()) continue;
        units_[{unit.kind, unit.row, unit.column}].push_back(
            {context.label, section.groups[context.group].name, section_, spans[context.index]});
        ++num_active_;
      }
    }
  }

  void add_units() {
    const std::size_t most =
        std::max<std::size_t>(1, kMostBusySpans / std::max<std::size_t>(1, num_active_));
    std::array<std::uint32_t, 3> next = {};
    for (const auto& [seat, activities] : units_) {
      const std::uint32_t kind = std::get<0>(seat), group = kUnits + kind;
      if (next[kind] == 0) file_.name_group(group, kUnitGroups[kind]);
      std::vector<std::vector<BusySpan>> lists;
      for (const Activity& activity : activities)
        lists.push_back(bridge_gaps(activity.spans, most));
      const std::vector<std::uint32_t> tracks = share_tracks(lists);
      const std::uint32_t count = *std::ranges::max_element(tracks) + 1;
      for (std::uint32_t t = 0; t < count; ++t) {
        file_.name_track(group, next[kind] + t,
                         seat_name(seat) + (t == 0 ? "" : " +" + std::to_string(t)));
      }
      for (std::size_t i = 0; i < activities.size(); ++i) {
        for (const BusySpan& span : lists[i]) {
          file_.add_span(group, next[kind] + tracks[i], activities[i].name, span.begin, span.end,
                         {{"node", activities[i].node}, {"in", activities[i].section}});
        }
      }
      next[kind] += count;
    }
  }

  static std::string seat_name(const Seat& seat) {
    SectionUnit unit;
    std::tie(unit.kind, unit.row, unit.column) = seat;
    return seat_text(unit);
  }

  void add_busy_pcus() {
    std::vector<BusySpan> all;
    for (const auto& [seat, activities] : units_) {
      if (std::get<0>(seat) != RDU_HW_UNIT_PCU) continue;
      for (const Activity& activity : activities) {
        all.insert(all.end(), activity.spans.begin(), activity.spans.end());
      }
    }
    if (all.empty() || begin_ == 0) return;
    const std::size_t windows = std::min<std::uint64_t>(kWindows, begin_);
    const std::vector<double> open = average_open(all, begin_, windows);
    double last = -1;
    for (std::size_t i = 0; i < windows; ++i) {
      if (open[i] == last) continue;
      last = open[i];
      file_.add_value(kMemory, "PCU contexts busy", begin_ * i / windows, last);
    }
    file_.add_value(kMemory, "PCU contexts busy", begin_, 0);
  }

  const ChipWork& work_;
  TraceFile file_;
  std::uint64_t begin_ = 0;  // of the program
  std::uint32_t num_sections_ = 0;
  std::size_t num_active_ = 0;
  std::string section_;
  std::map<Seat, std::vector<Activity>> units_;
};

}  // namespace

std::string trace_chip(const ChipWork& work) {
  for (const ChipProgram& program : work.programs) {
    if (!program.counters) throw ToolError("a trace needs the counters of a run");
  }
  return Tracer(work).run();
}

}  // namespace rdu::tool
