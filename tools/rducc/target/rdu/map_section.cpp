// Retime, share, place, route; and compare the routes with what retiming took them for.
#include "tools/rducc/target/rdu/map_section.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace rducc::rdu {
namespace {

using base::Result;

Result<void> place_and_route(Mapped& mapped, const rdu_hw_arch& arch, const BuildOptions& options,
                             const Stores& stores) {
  // Without distances a placement is a picture.
  const bool routed = arch.network.kind == RDU_HW_NETWORK_ROUTED;
  const std::uint32_t effort = routed ? options.effort : options.effort / 8;
  const Pins pins = stores.pins(mapped.parts, mapped.units);
  for (std::uint64_t i = 0;; ++i) {
    const auto more = static_cast<std::uint32_t>(i + 1);  // where less did not suffice
    const Weighing weighing = i == 0 ? Weighing::kTraffic : Weighing::kRoom;
    const Netlist netlist = netlist_of(mapped.parts, mapped.units, arch, weighing);
    RDU_ASSIGN(mapped.sites, place_units(netlist, pins, arch, options.seed + i, effort * more));
    auto routes = route_links(mapped.parts, mapped.units, mapped.sites, arch);
    if (routes.ok()) {
      mapped.routes = *std::move(routes);
      return {};
    }
    if (i + 1 == options.placements) return std::move(routes.error());
  }
}

Distances distances_of(const Mapped& mapped) {
  Distances distances;
  for (const Route& route : mapped.routes) {
    std::vector<std::uint32_t>& hops = distances.hops.emplace_back();
    for (std::uint32_t i = 0; i < route.sinks.size(); ++i) {
      hops.push_back(1 + num_hops(route, i));
    }
  }
  return distances;
}

// Rounded up, of all ways.
std::uint32_t mean(const Distances& distances) {
  std::uint64_t sum = 0;
  std::uint64_t count = 0;
  for (const auto& hops : distances.hops) {
    for (const std::uint32_t each : hops) sum += each;
    count += hops.size();
  }
  return count == 0 ? 1 : static_cast<std::uint32_t>((sum + count - 1) / count);
}

// Delays are worth having where there is room for them. Where there is not, the section still runs.
Result<std::vector<Unit>> retime_and_share(Mapped& mapped, const Parts& parts,
                                           const rdu_hw_arch& arch, const BuildOptions& options,
                                           const Distances& distances, std::uint32_t reserved) {
  const std::size_t pmus = rdu_hw_arch_num_pmus(&arch) - reserved;
  const Spare spare = {rdu_hw_arch_num_pcus(&arch),
                       static_cast<std::uint32_t>(pmus - std::min(pmus, parts.buffers.size()))};
  mapped.parts = parts;
  RDU_ASSIGN(mapped.retimed, retime_links(mapped.parts, arch, distances, spare));
  auto units = share_units(mapped.parts, arch, options, reserved);
  if (units.ok() || mapped.retimed.delays == 0) return units;
  mapped.parts = parts;
  RDU_ASSIGN(mapped.retimed, retime_links(mapped.parts, arch, distances, {}));
  return share_units(mapped.parts, arch, options, reserved);
}

Result<Mapped> map_once(const Parts& parts, const rdu_hw_arch& arch, const BuildOptions& options,
                        const Stores& stores, const Distances& distances) {
  Mapped mapped;
  RDU_ASSIGN(mapped.units,
             retime_and_share(mapped, parts, arch, options, distances, stores.reserved(parts)));
  RDU_TRY(place_and_route(mapped, arch, options, stores));
  RDU_ASSIGN(mapped.num_short, count_short(mapped.parts, arch, distances_of(mapped)));
  return mapped;
}

}  // namespace

Result<Mapped> map_section(const Parts& parts, const rdu_hw_arch& arch, const BuildOptions& options,
                           const Stores& stores) {
  Distances distances = Distances::guess(arch);
  RDU_ASSIGN(Mapped best, map_once(parts, arch, options, stores, distances));
  for (std::uint32_t i = 1; i < options.rounds && best.num_short > best.retimed.notes.size(); ++i) {
    distances.estimate = std::max(distances.estimate + 2, mean(distances_of(best)));
    auto next = map_once(parts, arch, options, stores, distances);
    if (!next.ok()) break;
    if (next->num_short < best.num_short) best = *std::move(next);
  }
  return best;
}

BuiltSection report(const Mapped& mapped, const rdu_hw_arch& arch) {
  BuiltSection section;
  section.label = mapped.parts.label;
  section.delays = mapped.retimed.delays;
  section.notes = mapped.retimed.notes;
  section.contexts.resize(mapped.parts.contexts.size());
  for (std::size_t i = 0; i < mapped.units.size(); ++i) {
    const Unit& unit = mapped.units[i];
    std::uint32_t* const counts[3] = {&section.pcus, &section.pmus, &section.agcus};
    ++*counts[unit.type];
    for (const std::uint32_t context : unit.contexts) {
      section.contexts[context] = {mapped.parts.contexts[context].label, unit.type,
                                   mapped.sites[i].row, mapped.sites[i].column};
    }
  }
  for (const Buffer& buffer : mapped.parts.buffers) {
    section.scratchpad_bytes += footprint(buffer, arch);
  }
  for (const Route& route : mapped.routes) {
    section.wire_length += route.hops.size();
    for (std::uint32_t i = 0; i < route.sinks.size(); ++i) {
      section.longest_route = std::max(section.longest_route, num_hops(route, i));
    }
  }
  if (mapped.num_short > section.notes.size()) {
    section.notes.push_back(
        base::format("routes came out longer than was reckoned with: %zu inputs may hold up what "
                     "they meet again",
                     mapped.num_short - section.notes.size()));
  }
  return section;
}

}  // namespace rducc::rdu
