// Sections of many nodes that nobody builds: whether nodes fit on the chip together, who of them gets how much of it, how long they take.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "tools/rducc/target/rdu/lower/onwards.hpp"
#include "tools/rducc/target/rdu/lower/payload.hpp"
#include "tools/rducc/target/rdu/lower/residents.hpp"
#include "tools/rducc/target/rdu/lower/spatial_values.hpp"

namespace rducc::rdu::lower {

inline constexpr std::size_t kSmallestShare = 14;

// Nodes [first, end) of the work, and how they share the chip.
struct Group {
  std::size_t first = 0, end = 0;
  std::size_t share =
      kSmallestShare;  // of the chip, for contractions: number in a list of ever smaller ones
  std::vector<double> weights =
      {};  // of each node, for its part of that; none: as heavy as its work
  std::set<artifact::ValueId> spilled = {};  // values that do not stay on the chip
  std::vector<double> working = {};          // cycles that each node's units take
  double cycles = 0;                         // that the section takes, as estimated
  double traffic = 0;                        // of these, the memory is at work
  double handable = 0;                       // of those, for what other sections make or use
  double constants = 0;                      // and for what could stay from run to run
  std::size_t scratchpads = 0;               // that it takes, if there are so many
  std::size_t staying = 0;                   // of these, could keep constants from run to run
  std::int64_t entering = 4;  // scratchpads' worth that a value may have that enters as a source
};

// What a group gets from those before it and gives to those behind, where they are built together.
struct Passing {
  Onwards* onwards = nullptr;
  std::size_t number = 0;  // of the group
};

class Drafts {
 public:
  Drafts(const Work& work, const chip::TargetOptions& options, const Budgets& budgets);

  // Whether the chip has units for the group as it is; fills in what follows from that.
  base::Result<void> try_group(Group& group) const;
  // Gives it the largest share, from that number on, that there are units for, and no node more than it makes use of.
  bool enlarge(Group& group, std::size_t from = 0) const;
  // A smaller share, as far as makes a difference.
  bool shrink(Group& group) const;

  // As the next section of the flow; returns the cycles of each node's units. Residents: none where nothing may stay.
  std::vector<double> emit(Flow& flow, Regions& regions, const Group& group, Residents* residents,
                           const Passing& passing = {}) const;

  // Whether section `number` of the flow has units enough beside `elsewhere` scratchpads that others keep.
  bool fits(const Flow& flow, std::size_t number, std::size_t elsewhere) const {
    return cycles_of(flow, flow.sections()[number], elsewhere).ok();
  }
  // Its cycles, and those that the memory is at work for it; nothing where it has not.
  std::optional<double> burden(const Flow& flow, std::size_t number, std::size_t elsewhere) const;

  bool may_keep() const { return may_keep_; }
  void keep_nothing() { may_keep_ = false; }

  const SpatialValues& values() const { return values_; }
  double unit_cycles(std::size_t node) const { return unit_cycles_[node]; }

 private:
  base::Result<double> cycles_of(const Flow& flow, const Section& section,
                                 std::size_t elsewhere) const;
  base::Result<void> judge(Group& group, const Flow& flow, Regions& regions,
                           const Residents& residents) const;
  void bring_in(Flow& flow, Section& section, Regions& regions, const Group& group, Edges& edges,
                const Passing& passing) const;
  void hand_on(Edges& edges, const Passing& passing) const;
  bool find_share(Group& group, std::size_t from) const;
  void balance(Group& group, std::size_t from) const;
  std::vector<double> weights_of(const Group& group) const;

  const Work& work_;
  const chip::TargetOptions& options_;
  const Budgets& budgets_;
  const SpatialValues values_;
  std::vector<double> unit_cycles_;  // of each node
  bool may_keep_;
};

}  // namespace rducc::rdu::lower
