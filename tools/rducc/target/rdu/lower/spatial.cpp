// Sections as long as fits: tries on sections that nobody builds, then builds what was found; where wires do not fit, less.
#include "tools/rducc/target/rdu/lower/spatial.hpp"

#include "tools/rducc/target/rdu/estimate.hpp"
#include "tools/rducc/target/rdu/lower/choose_groups.hpp"
#include "tools/rducc/target/rdu/lower/sections_plan.hpp"
#include "tools/rducc/target/rdu/lower/shorten_lives.hpp"
#include "tools/rducc/target/rdu/lower/split_groups.hpp"

namespace rducc::rdu::lower {
namespace {

using base::Result;

// Of the run: what a section may take longer with less of the chip, so that more stays.
constexpr double kLittle = 0.02;

// Of the annealing, in percent: a section of all units is placed several times, with less of the chip where wires do not suffice.
constexpr std::uint32_t kEffort = 40;

class SpatialPlanner {
 public:
  SpatialPlanner(const Work& work, const chip::TargetOptions& options, const Budgets& budgets)
      : work_(work),
        options_(options),
        drafts_(work, options, budgets),
        plan_(work, options, drafts_) {}

  Result<Payload> run() {
    RDU_ASSIGN(std::vector<Group> groups, choose_groups(work_, options_, drafts_));
    for (std::size_t i = 0; i < groups.size(); ++i) {
      while (!has_ways(groups[i]) && relax(groups, i)) {
      }
    }
    constexpr int kTries = 12;
    for (int i = 0;; ++i) {
      plan_.share_scratchpads(groups);
      auto payload = build(groups);
      const bool again = !payload.ok() && payload.error().code == base::Code::kLimit &&
                         !payload.error().section.empty() && i < kTries;
      if (!again || !relax(groups, std::stoul(payload.error().section))) return payload;
    }
  }

 private:
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

  // With as much that stays as can be. The error's `section` is the group that does not fit.
  Result<Payload> build(std::vector<Group>& groups) {
    while (true) {
      plan_.make_room(groups);
      const Stays stays = plan_.choose_stays(groups);
      auto payload = build(groups, stays);
      if (payload.ok() || payload.error().section.empty()) return payload;
      const std::size_t setups = num_setups(stays), failed = std::stoul(payload.error().section);
      const bool is_setup = failed < setups;
      const std::size_t number = is_setup ? 0 : failed - setups;
      if (!is_setup && plan_.relieve(number)) continue;
      if (setups == 0 || (!is_setup && (groups.size() == 1 || !has_ways(groups[number])))) {
        payload.error().section = std::to_string(number);
        return payload;
      }
      if (is_setup || !gives_way(groups, number)) plan_.keep_less();
    }
  }

  Result<Payload> build(std::vector<Group>& groups, const Stays& stays) {
    Flow flow;
    Regions regions(work_, flow);
    if (!plan_.emit(flow, regions, groups, stays)) {
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
  SectionsPlan plan_;
};

}  // namespace

Result<Payload> make_spatial_payload(const Work& work, const chip::TargetOptions& options,
                                     const Budgets& budgets) {
  const Work pieces = split_groups(shorten_lives(work), options.arch);
  return SpatialPlanner(pieces, options, budgets).run();
}

}  // namespace rducc::rdu::lower
