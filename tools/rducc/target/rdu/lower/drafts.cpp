// Emits a group, counts its units, estimates its cycles along the streams and tokens that it is made of; and gives units to those that are late.
#include "tools/rducc/target/rdu/lower/drafts.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tools/rducc/target/rdu/adapt_reads.hpp"
#include "tools/rducc/target/rdu/check.hpp"
#include "tools/rducc/target/rdu/estimate.hpp"
#include "tools/rducc/target/rdu/lower/decline.hpp"
#include "tools/rducc/target/rdu/lower/kernels.hpp"
#include "tools/rducc/target/rdu/lower/split_groups.hpp"
#include "tools/rducc/target/rdu/lower/visit.hpp"
#include "tools/rducc/target/rdu/partition.hpp"
#include "tools/rducc/target/rdu/units.hpp"

namespace rducc::rdu::lower {
namespace {

using base::Result;

// Of the chip, for all contractions of a section together. The first that fits is taken.
constexpr double kShares[] = {0.9,  0.8, 0.7,  0.6,  0.5,  0.42, 0.36, 0.3,
                              0.25, 0.2, 0.16, 0.12, 0.08, 0.05, 0};
static_assert(std::size(kShares) == kSmallestShare + 1);

void note_passed(const Edges& edges, Onwards& onwards, std::size_t number) {
  for (const artifact::ValueId value : onwards.handed_by(number)) {
    onwards.made(value, edges.sources(value));
  }
  for (const artifact::ValueId value : onwards.handed_to(number)) {
    onwards.kept(value, number, edges.stores(value).size());
  }
}

}  // namespace

Drafts::Drafts(const Work& work, const chip::TargetOptions& options, const Budgets& budgets)
    : work_(work), options_(options), budgets_(budgets), values_(work), may_keep_(work.is_alone) {
  for (const artifact::Node& node : work.nodes) {
    unit_cycles_.push_back(lower::unit_cycles(work.variant, node, options.arch));
  }
}

Result<void> Drafts::try_group(Group& group) const {
  // What comes from outside may fit where the group has another share.
  std::erase_if(group.spilled, [&](artifact::ValueId value) {
    return values_.is_made_before(value, group.first);
  });
  while (true) {
    try {
      Flow flow;
      Regions regions(work_, flow);
      Residents residents;
      group.working = emit(flow, regions, group, may_keep_ ? &residents : nullptr);
      return judge(group, flow, regions, residents);
    } catch (const Spill& spill) {
      if (!group.spilled.insert(spill.value).second) throw;
    } catch (const Decline& refusal) {
      return too_little(refusal);
    }
  }
}

// What the group takes as it was emitted. An error where there are not units enough.
Result<void> Drafts::judge(Group& group, const Flow& flow, Regions& regions,
                           const Residents& residents) const {
  const Section& section = flow.sections().back();
  RDU_ASSIGN(group.cycles, cycles_of(flow, section, 0));
  const auto traffic_of = [&](const std::vector<artifact::ValueId>& values) {
    std::set<std::uint32_t> arguments;
    for (const artifact::ValueId value : values) arguments.insert(regions.of(value).number);
    return traffic_cycles(section.parts(), flow.arguments(), arguments, options_.arch);
  };
  group.traffic = traffic_cycles(section.parts(), flow.arguments(), options_.arch);
  group.handable = traffic_of(values_.handable(group.first, group.end));
  group.scratchpads = section.parts().buffers.size();
  group.staying = 0;
  double saved = 0;  // bytes
  for (const Resident& resident : residents.asked()) {
    saved += static_cast<double>(resident.saved);
    group.staying += resident.extra ? 0 : 1;
  }
  const auto peak = static_cast<double>(rdu_hw_dram_peak_bytes_per_s(&options_.arch.dram));
  group.constants = std::min(traffic_of(values_.constants(group.first, group.end)),
                             saved * static_cast<double>(options_.arch.clock_hz) / peak);
  return {};
}

// An error where there are not units enough.
Result<double> Drafts::cycles_of(const Flow& flow, const Section& section,
                                 std::size_t elsewhere) const {
  if (elsewhere >= rdu_hw_arch_num_pmus(&options_.arch)) {
    return base::fail(base::Code::kLimit, "others keep all scratchpads");
  }
  RDU_TRY(check_section(section, flow, options_.arch));
  Parts parts = section.parts();
  adapt_reads(parts, options_.arch);
  RDU_TRY(partition_contexts(parts, options_.arch));
  RDU_ASSIGN(const std::vector<Unit> units,
             share_units(parts, options_.arch, {}, static_cast<std::uint32_t>(elsewhere)));
  return static_cast<double>(estimate_cycles(parts, units, flow.arguments(), options_.arch));
}

std::optional<double> Drafts::burden(const Flow& flow, std::size_t number,
                                     std::size_t elsewhere) const {
  const Section& section = flow.sections()[number];
  const auto cycles = cycles_of(flow, section, elsewhere);
  if (!cycles.ok()) return std::nullopt;
  return *cycles + traffic_cycles(section.parts(), flow.arguments(), options_.arch);
}

std::vector<double> Drafts::emit(Flow& flow, Regions& regions, const Group& group,
                                 Residents* residents, const Passing& passing) const {
  Edges edges(options_.arch);
  values_.keep(edges, group.first, group.end, group.spilled);
  if (passing.onwards != nullptr) hand_on(edges, passing);
  Section& section =
      flow.section({printable(work_.nodes[group.first].name), work_.origins[group.first]});
  bring_in(flow, section, regions, group, edges, passing);
  const std::vector<double> weights = group.weights.empty() ? weights_of(group) : group.weights;
  const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<double> working;
  for (std::size_t n = group.first; n < group.end; ++n) {
    const artifact::Node& node = work_.nodes[n];
    const std::uint32_t number = work_.origins[n];
    const auto cap = budgets_.find(number);
    const double share = all == 0 ? 0 : kShares[group.share] * weights[n - group.first] / all;
    Emitter emitter(flow, section, regions, options_.arch, node.name, number,
                    std::min(share, cap == budgets_.end() ? 1 : cap->second), {&edges, residents});
    emit_node(emitter, work_.variant, node);
    working.push_back(emitter.working());
  }
  if (passing.onwards != nullptr) note_passed(edges, *passing.onwards, passing.number);
  return working;
}

// What later groups get goes to memory as well only for others.
void Drafts::hand_on(Edges& edges, const Passing& passing) const {
  for (const artifact::ValueId value : passing.onwards->handed_by(passing.number)) {
    edges.hand_on(value, values_.words(value), passing.onwards->leaves(value));
  }
}

// Values that enter the section are sources, too.
void Drafts::bring_in(Flow& flow, Section& section, Regions& regions, const Group& group,
                      Edges& edges, const Passing& passing) const {
  if (passing.onwards != nullptr) {
    for (const artifact::ValueId value : passing.onwards->handed_to(passing.number)) {
      edges.keep(value, values_.words(value), {.enters = true});
      for (const Source& source : passing.onwards->sources(value)) edges.add(source);
    }
  }
  const auto most = static_cast<std::int64_t>(options_.arch.pmu.bytes) / 4 * group.entering;
  for (const Entrance& entrance : values_.entrances(group.first, group.end, group.spilled, most)) {
    if (edges.holds(entrance.storage)) continue;
    edges.keep(entrance.storage, entrance.words, {.enters = true});
    Emitter emitter(flow, section, regions, options_.arch, work_.nodes[entrance.reader].name,
                    work_.origins[entrance.reader], 1, {&edges, nullptr});
    emitter.bring_in(entrance.storage, entrance.words);
  }
}

std::vector<double> Drafts::weights_of(const Group& group) const {
  std::vector<double> weights;
  for (std::size_t n = group.first; n < group.end; ++n) {
    const bool contracts = work_.nodes[n].pattern == RDU_PATTERN_CONTRACT;
    weights.push_back(contracts ? unit_cycles_[n] : 0);
  }
  return weights;
}

bool Drafts::enlarge(Group& group, std::size_t from) const {
  Group larger = group;
  larger.weights.clear();
  if (!find_share(larger, from)) return false;
  balance(larger, from);
  group = std::move(larger);
  return true;
}

bool Drafts::shrink(Group& group) const {
  Group smaller = group;
  while (enlarge(smaller, smaller.share + 1)) {
    if (smaller.working == group.working) continue;
    group = std::move(smaller);
    return true;
  }
  return false;
}

// The group is not to be used where there is none.
bool Drafts::find_share(Group& group, std::size_t from) const {
  for (group.share = from; group.share < std::size(kShares); ++group.share) {
    if (try_group(group).ok()) return true;
  }
  return false;
}

// Units come in whole grids: who is done long before the others leaves some of what he has to them.
void Drafts::balance(Group& group, std::size_t from) const {
  constexpr int kRounds = 6;
  constexpr double kHeavy = 0.4;  // of a section's time, for what is worth the trouble
  Group next = group;
  next.weights = weights_of(group);
  for (int i = 0; i < kRounds; ++i) {
    const double longest = *std::max_element(next.working.begin(), next.working.end());
    if (longest < kHeavy * next.cycles) return;
    for (std::size_t n = 0; n < next.weights.size(); ++n) {
      next.weights[n] *= std::sqrt(next.working[n] / longest);
    }
    if (!find_share(next, from)) return;
    if (next.cycles < group.cycles) group = next;
  }
}

}  // namespace rducc::rdu::lower
