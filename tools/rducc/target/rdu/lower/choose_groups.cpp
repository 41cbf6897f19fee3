// Drafts of ever shorter groups from each first node on: the one that costs least for its work, or that leaves the rest best off.
#include "tools/rducc/target/rdu/lower/choose_groups.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "tools/rducc/target/rdu/estimate.hpp"

namespace rducc::rdu::lower {
namespace {

using base::Result;

// Of what a section costs, what two for it may cost: estimates are not that good.
constexpr double kLess = 0.98;
// Nodes for which all ways to cut them are tried.
constexpr std::size_t kFew = 5;
// Of the scratchpads, what sections use and hand on together.
constexpr double kUsed = 0.9;

class GroupChooser {
 public:
  GroupChooser(const Work& work, const chip::TargetOptions& options, const Drafts& drafts)
      : work_(work), options_(options), drafts_(drafts), constant_words_(words_of_constants()) {}

  Result<std::vector<Group>> run() const {
    std::vector<Group> groups;
    for (std::size_t first = 0; first < work_.nodes.size(); first = groups.back().end) {
      RDU_ASSIGN(Group group, longest(first));
      groups.push_back(std::move(group));
    }
    return groups;
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
      const double parts = cost(drafts[i]) + cost_apart(drafts[i].end, drafts[best].end);
      if (parts < kLess * cost(drafts[best])) best = i;
    }
    for (std::size_t i = best; i-- > 0 && drafts[i].end - drafts[best].end <= kFew;) {
      const double parts = cost(drafts[best]) + cost_apart(drafts[best].end, drafts[i].end);
      if (cost(drafts[i]) < kLess * parts) best = i;
    }
    if (drafts[best].end - longest.first > kFew) return drafts[best];
    const Group* few = draft(longest.first, first_end(longest.first, drafts[best].end));
    return few == nullptr ? drafts[best] : *few;
  }

  // The group with as much of the chip as it makes use of; null where it does not fit.
  const Group* draft(std::size_t first, std::size_t end) const {
    const auto [known, is_new] = drawn_.try_emplace({first, end});
    Group group{first, end};
    if (is_new && drafts_.enlarge(group)) known->second = std::move(group);
    return known->second ? &*known->second : nullptr;
  }

  // What nodes cost in one section, or in several where they are few.
  double cost_apart(std::size_t first, std::size_t end) const {
    if (first == end) return 0;
    const Group* first_section = draft(first, first_end(first, end));
    if (first_section == nullptr) return std::numeric_limits<double>::max();
    return cost(*first_section) + cost_apart(first_section->end, end);
  }

  // Where the first of their sections ends.
  std::size_t first_end(std::size_t first, std::size_t end) const {
    std::size_t best = end;
    const Group* whole = draft(first, end);
    double least = whole == nullptr ? std::numeric_limits<double>::max() : kLess * cost(*whole);
    for (std::size_t middle = first + 1; middle < end && end - first <= kFew; ++middle) {
      const Group* begin = draft(first, middle);
      const double parts = begin == nullptr ? least : cost(*begin) + cost_apart(middle, end);
      if (parts >= least) continue;
      least = parts;
      best = middle;
    }
    return best;
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

  // Cycles, and those that the memory is at work: all sections share it.
  double cost(const Group& group) const {
    // The only section of the only payload is there from the run before.
    const bool held = work_.is_alone && group.end - group.first == work_.nodes.size();
    const double load = held ? 0 : static_cast<double>(program_load_cycles(options_.arch));
    return load + group.cycles + group.traffic - handed(group) * group.handable -
           staying(group) * group.constants;
  }

  // Of what it gets from other sections and makes for them, the share that scratchpads have room for.
  double handed(const Group& group) const {
    const auto bytes = static_cast<double>(options_.arch.pmu.bytes);
    const double needed =
        1 + static_cast<double>(drafts_.values().passing(group.first, group.end)) * 4 / bytes;
    const double free =
        kUsed * rdu_hw_arch_num_pmus(&options_.arch) - static_cast<double>(group.scratchpads);
    return std::clamp(free / needed, 0.0, 1.0);
  }

  // Of its constants, the share that scratchpads have room for, as far as they have for those of all sections.
  double staying(const Group& group) const {
    if (!drafts_.may_keep() || constant_words_ == 0) return 0;
    const double working =
        static_cast<double>(group.scratchpads) - static_cast<double>(group.staying);
    const double free = kUsed * rdu_hw_arch_num_pmus(&options_.arch) - working;
    return std::clamp(free * static_cast<double>(options_.arch.pmu.bytes) / (4 * constant_words_),
                      0.0, 1.0);
  }

  double words_of_constants() const {
    double words = 0;
    for (const artifact::ValueId value : drafts_.values().constants(0, work_.nodes.size())) {
      words += static_cast<double>(drafts_.values().words(value));
    }
    return words;
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

  const Work& work_;
  const chip::TargetOptions& options_;
  const Drafts& drafts_;
  const double constant_words_;
  mutable std::map<std::pair<std::size_t, std::size_t>, std::optional<Group>> drawn_;
};

}  // namespace

Result<std::vector<Group>> choose_groups(const Work& work, const chip::TargetOptions& options,
                                         const Drafts& drafts) {
  return GroupChooser(work, options, drafts).run();
}

}  // namespace rducc::rdu::lower
