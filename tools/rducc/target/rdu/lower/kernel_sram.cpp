// Begins with every value kept, and lets go of those that do not fit: first where their words are mixed, then where scratchpads are short.
#include "tools/rducc/target/rdu/lower/kernel_sram.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "tools/rducc/target/rdu/adapt_reads.hpp"
#include "tools/rducc/target/rdu/check.hpp"
#include "tools/rducc/target/rdu/lower/kernels.hpp"
#include "tools/rducc/target/rdu/lower/spatial_values.hpp"
#include "tools/rducc/target/rdu/lower/visit.hpp"
#include "tools/rducc/target/rdu/partition.hpp"
#include "tools/rducc/target/rdu/units.hpp"

namespace rducc::rdu::lower {
namespace {

using artifact::ValueId;
using base::Result;

constexpr int kMostDoublings = 6;

// A program, and the values that it keeps.
struct Draft {
  Flow flow;
  std::optional<Regions> regions;
  std::optional<Edges> edges;
};

// Of a kept value: its scratchpads, and from which section to which they are taken.
struct Stay {
  std::size_t scratchpads = 0, first = 0, last = 0;

  bool covers(std::size_t section) const { return first <= section && section <= last; }
  std::size_t cost() const { return scratchpads * (last - first + 1); }
};

class SramPlanner {
 public:
  SramPlanner(const Work& work, const chip::TargetOptions& options, const Budgets& budgets)
      : work_(work), options_(options), budgets_(budgets), values_(work) {}

  Result<Payload> run() {
    while (true) {
      Draft draft;
      if (!emit(draft)) continue;
      if (!make_room(draft)) continue;
      auto built = build(draft);
      const bool full =
          !built.ok() && built.error().code == base::Code::kLimit && !built.error().section.empty();
      if (!full) return built;
      // Twice as many each time: a try takes long.
      const std::size_t section = std::stoul(built.error().section);
      bool relieved = false;
      for (int i = 0; i < 1 << failures_ && relieve(draft, section); ++i) relieved = true;
      if (!relieved) return built;
      failures_ = std::min(failures_ + 1, kMostDoublings);
    }
  }

 private:
  // False where values turned out not to stay: they are known now.
  bool emit(Draft& draft) {
    draft.regions.emplace(work_, draft.flow);
    draft.edges.emplace(options_.arch, Handing::kOnwards);
    values_.keep(*draft.edges, 0, work_.nodes.size(), gone_);
    bool stayed = true;
    for (std::size_t n = 0; n < work_.nodes.size(); ++n) {
      const artifact::Node& node = work_.nodes[n];
      const std::uint32_t number = work_.origins[n];
      Section& section = draft.flow.section({printable(node.name), number});
      const auto budget = budgets_.find(number);
      Emitter emitter(draft.flow, section, *draft.regions, options_.arch, node.name, number,
                      budget == budgets_.end() ? 1 : budget->second, {&*draft.edges, nullptr});
      try {
        emit_node(emitter, work_.variant, node);
      } catch (const Spill& spill) {
        gone_.insert(spill.value);
        stayed = false;
      }
    }
    return stayed;
  }

  std::map<ValueId, Stay> stays_of(const Draft& draft) const {
    std::map<std::uint32_t, Stay> lives;  // by store
    std::size_t section = 0;
    for (const Section& each : draft.flow.sections()) {
      for (const Buffer& buffer : each.parts().buffers) {
        if (!buffer.kept) continue;
        lives.try_emplace(*buffer.kept, Stay{1, section, section}).first->second.last = section;
      }
      ++section;
    }
    std::map<ValueId, Stay> stays;
    for (const ValueId value : draft.edges->values()) {
      for (const Store store : draft.edges->stores(value)) {
        const Stay& life = lives.at(store.number);
        const auto [stay, is_new] = stays.try_emplace(value, life);
        if (is_new) continue;
        ++stay->second.scratchpads;
        stay->second.first = std::min(stay->second.first, life.first);
        stay->second.last = std::max(stay->second.last, life.last);
      }
    }
    return stays;
  }

  // False where something had to go.
  bool make_room(const Draft& draft) {
    const std::map<ValueId, Stay> stays = stays_of(draft);
    bool enough = true;
    for (std::size_t s = 0; s < draft.flow.sections().size(); ++s) {
      if (!fits(draft, stays, s) && let_go(stays, s)) enough = false;
    }
    return enough;
  }

  bool fits(const Draft& draft, const std::map<ValueId, Stay>& stays, std::size_t section) const {
    const Section& kernel = draft.flow.sections()[section];
    Parts parts = kernel.parts();
    std::size_t elsewhere = 0;
    for (const auto& [value, stay] : stays) {
      if (stay.covers(section)) elsewhere += stay.scratchpads;
    }
    for (const Buffer& buffer : parts.buffers) elsewhere -= buffer.kept ? 1 : 0;
    const std::size_t pmus = rdu_hw_arch_num_pmus(&options_.arch);
    if (elsewhere >= pmus || !check_section(kernel, draft.flow, options_.arch).ok()) return false;
    adapt_reads(parts, options_.arch);
    if (!partition_contexts(parts, options_.arch).ok()) return false;
    return share_units(parts, options_.arch, {}, static_cast<std::uint32_t>(elsewhere)).ok();
  }

  // Of what is kept during a section, the value that takes the most scratchpads for the longest, for its size. False: there is none.
  bool let_go(const std::map<ValueId, Stay>& stays, std::size_t section) {
    std::optional<ValueId> worst;
    const auto price = [&](ValueId value) {
      return static_cast<double>(stays.at(value).cost()) /
             static_cast<double>(values_.words(value));
    };
    for (const auto& [value, stay] : stays) {
      const bool stays = stay.covers(section) && !gone_.contains(value);
      if (stays && (!worst || price(value) > price(*worst))) worst = value;
    }
    return worst && gone_.insert(*worst).second;
  }

  // A section whose wires do not fit: the value that it has in the most scratchpads goes, or what is kept meanwhile.
  bool relieve(const Draft& draft, std::size_t section) {
    std::set<std::uint32_t> there;
    for (const Buffer& buffer : draft.flow.sections()[section].parts().buffers) {
      if (buffer.kept) there.insert(*buffer.kept);
    }
    std::optional<ValueId> largest;
    std::ptrdiff_t most = 0;
    for (const ValueId value : draft.edges->values()) {
      const auto& stores = draft.edges->stores(value);
      const auto count = std::count_if(stores.begin(), stores.end(), [&](const Store& store) {
        return there.contains(store.number);
      });
      if (count <= most) continue;
      largest = value;
      most = count;
    }
    if (!largest) return let_go(stays_of(draft), section);
    return gone_.insert(*largest).second;
  }

  Result<Payload> build(const Draft& draft) const {
    BuildOptions build;
    build.seed = options_.seed;
    build.placements = build.rounds = 2;
    RDU_ASSIGN(const Built built, build_program(draft.flow, options_.arch, build));
    rdu_hw::image::Package package;
    package.image = built.image;
    package.estimated_cycles = built.estimated_cycles;
    draft.regions->bind(package);
    return Payload{to_bytes(rdu_hw::image::write_package(package)), draft.flow.sections().size(),
                   built.estimated_cycles};
  }

  const Work& work_;
  const chip::TargetOptions& options_;
  const Budgets& budgets_;
  const SpatialValues values_;
  std::set<ValueId> gone_;  // through memory
  int failures_ = 0;        // of the wires
};

}  // namespace

Result<Payload> make_kernel_sram_payload(const Work& work, const chip::TargetOptions& options,
                                         const Budgets& budgets) {
  return SramPlanner(work, options, budgets).run();
}

}  // namespace rducc::rdu::lower
