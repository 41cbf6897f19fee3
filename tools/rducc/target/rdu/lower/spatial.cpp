// Sections as long as fits: tries on sections that nobody builds, then builds what was found; where wires do not fit, less.
#include "tools/rducc/target/rdu/lower/spatial.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "tools/rducc/target/rdu/estimate.hpp"
#include "tools/rducc/target/rdu/lower/decline.hpp"
#include "tools/rducc/target/rdu/lower/drafts.hpp"
#include "tools/rducc/target/rdu/lower/shorten_lives.hpp"
#include "tools/rducc/target/rdu/lower/split_groups.hpp"
#include "tools/rducc/target/rdu/lower/visit.hpp"

namespace rducc::rdu::lower {
namespace {

using base::Result;

// Of the scratchpads: what a section may use, and those that keep what stays.
constexpr double kUsed = 0.9;
// Of those that could keep something: as many as leave wires enough.
constexpr double kKeeping[] = {1, 0.8, 0.6, 0.45, 0.3, 0.2, 0.1};
// Of the run: what a section may take longer with less of the chip, so that more stays.
constexpr double kLittle = 0.02;
// Of the scratchpads: a section that takes more leaves too few for what others keep.
constexpr double kCrowded = 0.85;
// Of what a section takes, what two for it may take: more moves between them.
constexpr double kLess = 0.95;

// Of the annealing, in percent: a section of all units is placed several times, with less of the chip where wires do not suffice.
constexpr std::uint32_t kEffort = 40;

class SpatialPlanner {
 public:
  SpatialPlanner(const Work& work, const chip::TargetOptions& options, const Budgets& budgets)
      : work_(work), options_(options), drafts_(work, options, budgets) {}

  Result<Payload> run() {
    std::vector<Group> groups;
    for (std::size_t first = 0; first < work_.nodes.size(); first = groups.back().end) {
      RDU_ASSIGN(Group group, longest(first));
      groups.push_back(std::move(group));
    }
    for (std::size_t i = 0; i < groups.size(); ++i) {
      while (!has_ways(groups[i]) && relax(groups, i)) {
      }
    }
    hand_onwards(groups);
    share_scratchpads(groups);
    constexpr int kTries = 12;
    for (int i = 1;; ++i) {
      auto payload = build(groups);
      const bool again = !payload.ok() && payload.error().code == base::Code::kLimit &&
                         !payload.error().section.empty() && i < kTries;
      if (!again || !relax(groups, std::stoul(payload.error().section))) return payload;
      hand_onwards(groups);
      share_scratchpads(groups);
    }
  }

 private:
  // The longest group from here that fits, or a part of it.
  Result<Group> longest(std::size_t first) const {
    const std::size_t size = work_.nodes.size();
    Group group{first, first + 1};
    RDU_TRY(drafts_.try_group(group));
    std::size_t fits = 1, step = 1;
    std::size_t refused = size - first + 1;
    while (fits < size - first) {
      const std::size_t count = refused > size - first ? std::min(size - first, fits + step)
                                                       : fits + (refused - fits) / 2;
      if (count == fits) break;
      Group longer{first, first + count};
      if (drafts_.try_group(longer).ok()) {
        group = std::move(longer);
        fits = count;
        step *= 2;
      } else {
        refused = count;
      }
    }
    return cheapest(group);
  }

  // Of shorter groups, too: where nodes are fewer each of them has more of the chip.
  Group cheapest(const Group& longest) const {
    constexpr std::size_t kQuarters[] = {4, 3, 2, 1, 0};  // 0: the first node by itself
    const std::size_t size = longest.end - longest.first;
    std::vector<Group> drafts;  // ever shorter
    std::size_t best = 0;
    for (const std::size_t quarters : kQuarters) {
      Group group = longest;
      group.end = longest.first +
                  std::max<std::size_t>(1, ceil_div(static_cast<std::int64_t>(size * quarters), 4));
      if (group.end < work_.nodes.size()) group.end = best_end(group);
      if (!drafts.empty() && group.end >= drafts.back().end) continue;
      if (!drafts_.enlarge(group)) continue;
      drafts.push_back(std::move(group));
      if (price(drafts.back()) < price(drafts[best])) best = drafts.size() - 1;
    }
    if (drafts.empty()) return longest;
    // A short one may be dear for its little work, and still leave the others better off.
    for (std::size_t i = best + 1; i < drafts.size(); ++i) {
      Group rest{drafts[i].end, drafts[best].end};
      const bool parts =
          drafts_.enlarge(rest) && cost(drafts[i]) + cost(rest) < kLess * cost(drafts[best]);
      if (parts) best = i;
    }
    return drafts[best];
  }

  // Cycles that a section takes, about, for each that its work would take of the whole chip.
  double price(const Group& group) const {
    const rdu_hw_arch& arch = options_.arch;
    double work = 0;
    for (std::size_t n = group.first; n < group.end; ++n) {
      work += drafts_.unit_cycles(n) / rdu_hw_arch_num_pcus(&arch);
    }
    return cost(group) / work;
  }

  // Cycles, with what it costs to end there.
  double cost(const Group& group) const {
    const rdu_hw_arch& arch = options_.arch;
    const double rate = static_cast<double>(rdu_hw_dram_peak_bytes_per_s(&arch.dram)) /
                        static_cast<double>(arch.clock_hz);
    const double crossing = static_cast<double>(drafts_.values().crossing(group.end)) * 8 / rate;
    // The only section of the only payload is there from the run before.
    const bool held = work_.is_alone && group.end - group.first == work_.nodes.size();
    return (held ? 0 : static_cast<double>(program_load_cycles(arch))) + crossing + group.cycles;
  }

  // Where the least crosses, among the last quarter.
  std::size_t best_end(const Group& group) const {
    std::size_t best = group.end;
    for (std::size_t end = group.end; end > group.first + (group.end - group.first) * 3 / 4;
         --end) {
      if (drafts_.values().crossing(end) < drafts_.values().crossing(best)) best = end;
    }
    return best;
  }

  // Whether there are wires for the group by itself.
  bool has_ways(const Group& group) const {
    Flow flow;
    Regions regions(work_, flow);
    Residents none;
    drafts_.emit(flow, regions, group, drafts_.may_keep() ? &none : nullptr);
    BuildOptions once = build_options();
    once.placements = 2;
    once.rounds = 1;
    return build_program(flow, options_.arch, once).ok();
  }

  BuildOptions build_options() const {
    BuildOptions build;
    build.seed = options_.seed;
    build.effort = kEffort;
    build.placements = 4;
    build.rounds = 2;
    return build;
  }

  // What a group makes for the next one, where all of it fits a scratchpad or rows of it do.
  void hand_onwards(const std::vector<Group>& groups) {
    onwards_ = {};
    for (std::size_t i = 1; i < groups.size(); ++i) {
      const auto gone = [&](artifact::ValueId value) {
        return groups[i].spilled.contains(value) || groups[i - 1].spilled.contains(value);
      };
      for (const Entrance& entrance :
           drafts_.values().handed(groups[i - 1].first, groups[i].first, groups[i].end)) {
        if (!gone(entrance.storage)) onwards_.hand(entrance.storage, i);
      }
    }
  }

  // Lets go of what is not to be had in scratchpads, or takes more of them than there are.
  void make_room(std::vector<Group>& groups) {
    while (true) {
      Flow flow;
      Regions regions(work_, flow);
      if (!emit(flow, regions, groups, {}, {})) continue;
      bool enough = true;
      for (std::size_t i = 0; i < groups.size(); ++i) {
        enough = (drafts_.fits(flow, i) || !onwards_.relieve(i)) && enough;
      }
      if (enough) return;
    }
  }

  // What comes in, goes out and works takes scratchpads from weights that could stay: less of it where that unburdens the run.
  void share_scratchpads(std::vector<Group>& groups) {
    make_room(groups);
    if (!drafts_.may_keep()) return;
    const double before = burden(groups);
    const Onwards handed = onwards_;
    const std::vector<Group> crowded = groups;
    thin_out(groups);
    if (burden(groups) < before) return;
    onwards_ = handed;
    groups = crowded;
  }

  void thin_out(std::vector<Group>& groups) {
    const double most = kCrowded * rdu_hw_arch_num_pmus(&options_.arch);
    for (bool relieved = true; relieved;) {
      Flow flow;
      Regions regions(work_, flow);
      relieved = !emit(flow, regions, groups, {}, {});
      for (std::size_t i = 0; i < groups.size() && !relieved; ++i) {
        const auto used = static_cast<double>(flow.sections()[i].parts().buffers.size());
        relieved = used > most && relieve(groups[i], i);
      }
    }
  }

  // Whether there was anything to do without.
  bool relieve(Group& group, std::size_t number) {
    if (onwards_.relieve(number)) return true;
    Group straight = group;
    straight.entering = 1;
    if (group.entering == 1 || !drafts_.try_group(straight).ok()) return drafts_.shrink(group);
    group = std::move(straight);
    return true;
  }

  // Of a run, with what could stay.
  double burden(std::vector<Group>& groups) {
    const auto stays = residents_of(groups);
    Flow flow;
    Regions regions(work_, flow);
    const auto setups = setups_of(flow, groups, stays);
    if (!emit(flow, regions, groups, setups, stays)) return std::numeric_limits<double>::max();
    double all = 0;
    for (std::size_t i = flow.sections().size() - groups.size(); i < flow.sections().size(); ++i) {
      all += drafts_.burden(flow, i).value_or(std::numeric_limits<double>::max());
    }
    return all;
  }

  // A setup section for each group of which something stays.
  std::vector<Section*> setups_of(Flow& flow, const std::vector<Group>& groups,
                                  const std::vector<std::vector<bool>>& stays) const {
    std::vector<Section*> setups(groups.size(), nullptr);
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (!keeps_any(stays[i])) continue;
      setups[i] = &flow.setup_section("set up " + printable(work_.nodes[groups[i].first].name));
    }
    return setups;
  }

  // False where a value turned out not to be for scratchpads: it is let go.
  bool emit(Flow& flow, Regions& regions, std::vector<Group>& groups,
            const std::vector<Section*>& setups, const std::vector<std::vector<bool>>& stays) {
    onwards_.forget();
    for (std::size_t i = 0; i < groups.size(); ++i) {
      Residents residents = setups.empty() || setups[i] == nullptr
                                ? Residents()
                                : Residents(flow, *setups[i], stays[i]);
      const std::size_t next_end = i + 1 < groups.size() ? groups[i + 1].end : groups[i].end;
      try {
        drafts_.emit(flow, regions, groups[i], drafts_.may_keep() ? &residents : nullptr,
                     {&onwards_, i, next_end});
      } catch (const Spill& spill) {
        const bool got = onwards_.let_go(spill.value, i);
        const bool gave = onwards_.let_go(spill.value, i + 1);
        if (!got && !gave && !groups[i].spilled.insert(spill.value).second) throw;
        return false;
      } catch (const Decline&) {
        if (!onwards_.relieve(i)) throw;
        return false;
      }
    }
    return true;
  }

  // With as much that stays as can be. The error's `section` is the group that does not fit.
  Result<Payload> build(std::vector<Group>& groups) {
    while (true) {
      make_room(groups);
      const auto stays = residents_of(groups);
      const auto keeping = std::count_if(stays.begin(), stays.end(), keeps_any);
      auto payload = build(groups, stays);
      if (payload.ok() || payload.error().section.empty()) return payload;
      const auto number = static_cast<std::ptrdiff_t>(std::stoul(payload.error().section));
      if (number >= keeping && onwards_.relieve(static_cast<std::size_t>(number - keeping))) {
        continue;
      }
      const bool blameless =
          number >= keeping &&
          (groups.size() == 1 || !has_ways(groups[static_cast<std::size_t>(number - keeping)]));
      if (blameless || keeping == 0) {
        payload.error().section = std::to_string(number - keeping);
        return payload;
      }
      const bool is_setup = number < keeping;
      if (is_setup || !gives_way(groups, static_cast<std::size_t>(number - keeping))) keep_less();
    }
  }

  void keep_less() {
    if (++keeping_ == std::size(kKeeping)) drafts_.keep_nothing();
  }

  static bool keeps_any(const std::vector<bool>& stays) {
    return std::find(stays.begin(), stays.end(), true) != stays.end();
  }

  // Of each group, what stays in scratchpads from run to run.
  std::vector<std::vector<bool>> residents_of(const std::vector<Group>& groups) {
    if (!drafts_.may_keep()) return std::vector<std::vector<bool>>(groups.size());
    std::vector<ResidentWish> wishes;
    Flow flow;
    Regions regions(work_, flow);
    onwards_.forget();
    for (std::size_t i = 0; i < groups.size(); ++i) {
      Residents residents;
      const std::size_t next_end = i + 1 < groups.size() ? groups[i + 1].end : groups[i].end;
      drafts_.emit(flow, regions, groups[i], &residents, {&onwards_, i, next_end});
      wishes.push_back({0, residents.asked()});
    }
    for (std::size_t i = 0; i < groups.size(); ++i) {
      wishes[i].scratchpads = flow.sections()[i].parts().buffers.size();
    }
    const std::uint32_t pmus = rdu_hw_arch_num_pmus(&options_.arch);
    const Room room{static_cast<std::size_t>(kUsed * pmus), kKeeping[keeping_],
                    static_cast<std::int64_t>(options_.arch.pmu.bytes)};
    return choose_residents(wishes, room);
  }

  Result<Payload> build(std::vector<Group>& groups, const std::vector<std::vector<bool>>& stays) {
    Flow flow;
    Regions regions(work_, flow);
    const auto setups = setups_of(flow, groups, stays);
    if (!emit(flow, regions, groups, setups, stays)) {
      return base::fail(base::Code::kInternal, "sections differ from those that there is room for");
    }
    RDU_ASSIGN(const Built built, build_program(flow, options_.arch, build_options()));
    rdu_hw::image::Package package;
    package.image = built.image;
    package.estimated_cycles = built.estimated_cycles;
    regions.bind(package);
    return Payload{to_bytes(rdu_hw::image::write_package(package)), groups.size(),
                   built.estimated_cycles};
  }

  bool gives_way(std::vector<Group>& groups, std::size_t number) const {
    double all = 0;
    for (const Group& group : groups) all += group.cycles;
    Group smaller = groups[number];
    if (!drafts_.shrink(smaller) || smaller.cycles - groups[number].cycles > kLittle * all)
      return false;
    groups[number] = std::move(smaller);
    return true;
  }

  // A smaller share; two groups for one where there is none, or where it takes far longer: two sections move more than one.
  bool relax(std::vector<Group>& groups, std::size_t failed) const {
    constexpr double kFar = 1.5;
    Group smaller = groups[failed];
    const bool shrinks = drafts_.shrink(smaller);
    const bool suffices = shrinks && smaller.cycles <= kFar * groups[failed].cycles;
    const auto halves = suffices ? std::vector<Group>() : halves_of(groups[failed]);
    if (!shrinks && halves.empty()) return false;
    const auto at = groups.begin() + static_cast<std::ptrdiff_t>(failed);
    if (shrinks && (halves.empty() || smaller.cycles <= kFar * cycles_of(halves))) {
      *at = std::move(smaller);
    } else {
      *at = halves[0];
      groups.insert(at + 1, halves[1]);
    }
    return true;
  }

  // Each in a section of its own.
  double cycles_of(const std::vector<Group>& groups) const {
    double cycles = 0;
    for (const Group& group : groups) {
      cycles += group.cycles + static_cast<double>(program_load_cycles(options_.arch));
    }
    return cycles;
  }

  // Two, or none where a half does not fit.
  std::vector<Group> halves_of(const Group& group) const {
    const std::size_t middle = group.first + (group.end - group.first) / 2;
    if (middle == group.first) return {};
    std::vector<Group> halves = {{group.first, middle}, {middle, group.end}};
    if (!drafts_.enlarge(halves[0]) || !drafts_.enlarge(halves[1])) return {};
    return halves;
  }

  const Work& work_;
  const chip::TargetOptions& options_;
  Drafts drafts_;
  Onwards onwards_;
  std::size_t keeping_ = 0;  // number of kKeeping; behind the last nothing stays
};

}  // namespace

Result<Payload> make_spatial_payload(const Work& work, const chip::TargetOptions& options,
                                     const Budgets& budgets) {
  const Work pieces = split_groups(shorten_lives(work), options.arch);
  return SpatialPlanner(pieces, options, budgets).run();
}

}  // namespace rducc::rdu::lower
