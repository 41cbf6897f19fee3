// Sides of contexts become contexts, contexts become units, units become sections.
#include "drivers/emu/driver/counters.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

namespace rdu_hw::emu {
namespace {

std::uint64_t natural(std::int64_t value) { return static_cast<std::uint64_t>(value); }

rdu_hw_context_counters context_counters(const ContextReport& report) {
  rdu_hw_context_counters counters = {};
  counters.firings = natural(report.main.firings);
  counters.flops = natural(report.operations);
  Time first = -1;
  Time end = 0;
  for (const Side* side : {&report.main, &report.second}) {
    counters.busy_cycles = std::max(counters.busy_cycles, natural(side->busy));
    counters.starved_cycles += natural(side->starved);
    counters.blocked_cycles += natural(side->blocked);
    counters.queued_cycles += natural(side->queued);
    counters.conflict_cycles += natural(side->conflicts);
    if (side->first < 0) continue;
    first = first < 0 ? side->first : std::min(first, side->first);
    end = std::max(end, side->last + 1);
  }
  if (first >= 0) {
    counters.first_cycle = natural(first);
    counters.end_cycle = natural(end);
  }
  return counters;
}

void append_spans(std::vector<rdu_hw_span>& spans, const ContextReport& report,
                  std::uint32_t context) {
  const std::size_t from = spans.size();
  for (const Side* side : {&report.main, &report.second}) {
    for (const Span& span : side->spans) {
      spans.push_back({natural(span.begin), natural(span.end), context, 0});
    }
  }
  std::sort(spans.begin() + static_cast<std::ptrdiff_t>(from), spans.end(),
            [](const rdu_hw_span& a, const rdu_hw_span& b) {
              return std::tie(a.begin_cycle, a.end_cycle) < std::tie(b.begin_cycle, b.end_cycle);
            });
}

rdu_hw_memory_counters memory_counters(const dram::Statistics& statistics,
                                       const rdu_hw_dram& tier) {
  if (tier.channels == 0) return {};
  const std::uint64_t burst = rdu_hw_dram_burst_bytes(&tier);
  return {natural(statistics.reads) * burst, natural(statistics.writes) * burst,
          natural(statistics.row_hits), natural(statistics.row_misses),
          natural(statistics.row_conflicts)};
}

// The busiest context of each unit that a section uses, by kind of unit.
class UnitsInUse {
 public:
  void add(const rdu_hw_context& context, std::uint64_t busy) {
    auto& units = by_kind_[rdu_hw_program_unit(context.program)];
    std::uint64_t& busiest = units[{context.row, context.column}];
    busiest = std::max(busiest, busy);
  }
  void write(rdu_hw_section_counters& out) const {
    std::tie(out.pcus_used, out.pcu_busy_cycles) = sum(RDU_HW_UNIT_PCU);
    std::tie(out.pmus_used, out.pmu_busy_cycles) = sum(RDU_HW_UNIT_PMU);
    std::tie(out.agcus_used, out.agcu_busy_cycles) = sum(RDU_HW_UNIT_AGCU);
  }

 private:
  std::pair<std::uint32_t, std::uint64_t> sum(std::uint32_t kind) const {
    std::uint64_t busy = 0;
    for (const auto& [place, cycles] : by_kind_[kind]) busy += cycles;
    return {static_cast<std::uint32_t>(by_kind_[kind].size()), busy};
  }

  std::array<std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t>, 3> by_kind_;
};

rdu_hw_section_counters section_counters(const SectionReport& report, const rdu_hw_arch& arch) {
  rdu_hw_section_counters counters = {};
  counters.begin_cycle = natural(report.begin);
  counters.cycles = natural(report.end() - report.begin);
  counters.program_cycles = natural(report.program_load);
  counters.argument_cycles = natural(report.argument_load);
  counters.exec_cycles = natural(report.execution);
  counters.quiesce_cycles = natural(report.quiesce);
  counters.memory[RDU_HW_TIER_DRAM] = memory_counters(report.memory[RDU_HW_TIER_DRAM], arch.dram);
  counters.memory[RDU_HW_TIER_HBM] = memory_counters(report.memory[RDU_HW_TIER_HBM], arch.hbm);
  return counters;
}

// What comes first in the tables and did not run.
struct Skipped {
  std::uint32_t sections = 0, contexts = 0, links = 0;
};

Skipped skipped_of(const Report& report, const rdu_hw_image& image) {
  if (report.first_section == 0) return {};
  const rdu_hw_section& first = image.sections[report.first_section];
  return {report.first_section, first.contexts.first, first.links.first};
}

}  // namespace

Counters count(const Report& report, const rdu_hw_image& image, const rdu_hw_arch& arch) {
  Counters counters;
  counters.cycles = natural(report.cycles);
  counters.clock_hz = arch.clock_hz;
  const Skipped skipped = skipped_of(report, image);
  counters.sections.resize(skipped.sections);
  counters.contexts.resize(skipped.contexts);
  counters.link_elements.resize(skipped.links);
  for (const ContextReport& context : report.contexts) {
    const auto number = static_cast<std::uint32_t>(counters.contexts.size());
    counters.contexts.push_back(context_counters(context));
    append_spans(counters.spans, context, number);
  }
  for (std::uint32_t s = skipped.sections; s < image.num_sections; ++s) {
    rdu_hw_section_counters section = section_counters(report.sections[s - skipped.sections], arch);
    UnitsInUse units;
    const rdu_hw_range range = image.sections[s].contexts;
    for (std::uint32_t c = range.first; c < range.first + range.count; ++c) {
      units.add(image.contexts[c], counters.contexts[c].busy_cycles);
      section.flops += counters.contexts[c].flops;
    }
    units.write(section);
    counters.sections.push_back(section);
    if (s < rdu_hw_image_num_setup_sections(&image)) counters.setup_cycles += section.cycles;
  }
  for (const LinkReport& link : report.links) {
    counters.link_elements.push_back(natural(link.elements));
  }
  return counters;
}

rdu_hw_counters Counters::view() const {
  rdu_hw_counters view = {};
  view.cycles = cycles;
  view.setup_cycles = setup_cycles;
  view.clock_hz = clock_hz;
  view.host_ns = host_ns;
  view.sections = sections.data();
  view.contexts = contexts.data();
  view.link_elements = link_elements.data();
  view.spans = spans.data();
  view.num_sections = static_cast<std::uint32_t>(sections.size());
  view.num_contexts = static_cast<std::uint32_t>(contexts.size());
  view.num_links = static_cast<std::uint32_t>(link_elements.size());
  view.num_spans = static_cast<std::uint32_t>(spans.size());
  return view;
}

}  // namespace rdu_hw::emu
