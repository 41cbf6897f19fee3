// Packing: hints first, then contexts that talk to each other, then whatever fits, until there are units enough.
#include <algorithm>
#include <numeric>

#include "tools/rducc/target/rdu/rates.hpp"
#include "tools/rducc/target/rdu/units.hpp"

namespace rducc::rdu {
namespace {

using base::Code;

class Packer {
 public:
  Packer(const Parts& parts, const rdu_hw_arch& arch, const BuildOptions& options,
         std::uint32_t reserved_pmus)
      : parts_(parts), arch_(arch), options_(options), reserved_pmus_(reserved_pmus) {}

  base::Result<std::vector<Unit>> run() {
    RDU_TRY(settle());
    RDU_TRY(follow_hints());
    if (options_.pcus == Sharing::kAlways) join_neighbours();
    RDU_TRY(save(RDU_HW_UNIT_PCU, options_.pcus, rdu_hw_arch_num_pcus(&arch_)));
    RDU_TRY(save(RDU_HW_UNIT_PMU, options_.pmus, rdu_hw_arch_num_pmus(&arch_) - reserved_pmus_));
    RDU_TRY(save(RDU_HW_UNIT_AGCU, Sharing::kWhenShort, arch_.agcu.count));
    std::erase_if(units_, [](const Unit& unit) { return is_empty(unit); });
    return std::move(units_);
  }

 private:
  static bool is_empty(const Unit& unit) { return unit.contexts.empty() && unit.buffers.empty(); }

  // Everything on a unit of its own, but for the accesses of a buffer.
  base::Result<void> settle() {
    home_.assign(parts_.contexts.size(), 0);
    for (std::uint32_t i = 0; i < parts_.buffers.size(); ++i) {
      Unit unit = {RDU_HW_UNIT_PMU, {}, {i}, parts_.buffers[i].kept.has_value()};
      Load load;
      load.bytes = footprint(parts_.buffers[i], arch_);
      open(std::move(unit), load);
    }
    for (std::uint32_t i = 0; i < parts_.contexts.size(); ++i) {
      const Context& context = parts_.contexts[i];
      const Load load = load_of(context, arch_);
      const std::string alone = shortage(load, arch_, context.unit());
      if (!alone.empty()) {
        return base::fail(Code::kLimit, "context \"%s\" needs %s", context.label.name.c_str(),
                          alone.c_str());
      }
      if (context.unit() == RDU_HW_UNIT_PMU) {
        home_[i] = context.access.buffer;
        units_[home_[i]].contexts.push_back(i);
        loads_[home_[i]] += load;
      } else {
        home_[i] = open({context.unit(), {i}, {}, false}, load);
      }
    }
    for (std::uint32_t i = 0; i < parts_.buffers.size(); ++i) {
      const std::string short_of = shortage(loads_[i], arch_, RDU_HW_UNIT_PMU);
      if (short_of.empty()) continue;
      return base::fail(Code::kLimit, "buffer \"%s\" with its %zu accesses needs %s",
                        parts_.buffers[i].label.name.c_str(), units_[i].contexts.size(),
                        short_of.c_str());
    }
    return {};
  }

  std::uint32_t open(Unit unit, const Load& load) {
    units_.push_back(std::move(unit));
    loads_.push_back(load);
    return static_cast<std::uint32_t>(units_.size() - 1);
  }

  base::Result<void> follow_hints() {
    for (const Hint& hint : parts_.hints) {
      const std::uint32_t a = home_[hint.first];
      const std::uint32_t b = home_[hint.second];
      if (!hint.together || a == b) continue;
      if (units_[a].type != units_[b].type) {
        return base::fail(Code::kInvalidArgument,
                          "contexts \"%s\" and \"%s\" cannot be kept together: their units differ",
                          parts_.contexts[hint.first].label.name.c_str(),
                          parts_.contexts[hint.second].label.name.c_str());
      }
      if (fits(a, b)) join(std::min(a, b), std::max(a, b));
    }
    return {};
  }

  bool kept_apart(std::uint32_t a, std::uint32_t b) const {
    return std::ranges::any_of(parts_.hints, [&](const Hint& hint) {
      const std::uint32_t first = home_[hint.first];
      const std::uint32_t second = home_[hint.second];
      return !hint.together && ((first == a && second == b) || (first == b && second == a));
    });
  }

  bool fits(std::uint32_t a, std::uint32_t b) const {
    if (units_[a].type != units_[b].type || units_[a].keeps || units_[b].keeps) return false;
    Load both = loads_[a];
    both += loads_[b];
    return shortage(both, arch_, units_[a].type).empty() && !kept_apart(a, b);
  }

  void join(std::uint32_t into, std::uint32_t from) {
    for (const std::uint32_t context : units_[from].contexts) home_[context] = into;
    const auto append = [](auto& to, auto& list) {
      to.insert(to.end(), list.begin(), list.end());
      list.clear();
    };
    append(units_[into].contexts, units_[from].contexts);
    append(units_[into].buffers, units_[from].buffers);
    loads_[into] += loads_[from];
    loads_[from] = {};
    std::ranges::sort(units_[into].contexts);
  }

  // Along links between PCUs: the stream then needs no way.
  void join_neighbours() {
    for (const Link& link : parts_.links) {
      for (const Sink& sink : link.sinks) {
        const std::uint32_t a = home_[link.source->context];
        const std::uint32_t b = home_[sink.end.context];
        if (a == b || units_[a].type != RDU_HW_UNIT_PCU || !fits(a, b)) continue;
        join(std::min(a, b), std::max(a, b));
      }
    }
  }

  // Firings per run: what shares a unit's ports should be what uses them least.
  std::uint64_t work(std::uint32_t unit) const {
    return std::accumulate(units_[unit].contexts.begin(), units_[unit].contexts.end(),
                           std::uint64_t{0}, [&](std::uint64_t sum, std::uint32_t context) {
                             return sum + firings(parts_.contexts[context]) / 64;
                           });
  }

  // First fit, the least busy first, until no more than `available` are left; all that fit with kAlways.
  base::Result<void> save(std::uint32_t type, Sharing sharing, std::uint32_t available) {
    std::vector<std::uint32_t> list;
    for (std::uint32_t i = 0; i < units_.size(); ++i) {
      if (units_[i].type == type && !is_empty(units_[i])) list.push_back(i);
    }
    const std::size_t wanted = list.size();
    const bool always = sharing == Sharing::kAlways && type != RDU_HW_UNIT_PCU;
    if (wanted <= available && !always) return {};
    std::ranges::stable_sort(list, {}, [&](std::uint32_t unit) { return work(unit); });
    std::size_t left = wanted;
    std::vector<std::uint32_t> open_units;
    for (const std::uint32_t unit : list) {
      const auto host =
          left > available || always
              ? std::ranges::find_if(open_units, [&](std::uint32_t it) { return fits(it, unit); })
              : open_units.end();
      if (host == open_units.end()) {
        open_units.push_back(unit);
      } else {
        join(*host, unit);
        --left;
      }
    }
    if (left <= available) return {};
    constexpr const char* kNames[3] = {"PCUs", "PMUs", "AGCUs"};
    return base::fail(Code::kLimit,
                      "the section needs %zu %s (%zu before sharing), and there are %u", left,
                      kNames[type], wanted, available);
  }

  const Parts& parts_;
  const rdu_hw_arch& arch_;
  const BuildOptions& options_;
  std::uint32_t reserved_pmus_;
  std::vector<Unit> units_;
  std::vector<Load> loads_;          // by unit
  std::vector<std::uint32_t> home_;  // of each context
};

}  // namespace

base::Result<std::vector<Unit>> share_units(const Parts& parts, const rdu_hw_arch& arch,
                                            const BuildOptions& options,
                                            std::uint32_t reserved_pmus) {
  return Packer(parts, arch, options, reserved_pmus).run();
}

}  // namespace rducc::rdu
