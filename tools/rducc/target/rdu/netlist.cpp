// What a wire weighs: what travels over it, or the room that it takes of a bundle.
#include "tools/rducc/target/rdu/netlist.hpp"

#include <algorithm>

#include "tools/rducc/target/rdu/mesh.hpp"
#include "tools/rducc/target/rdu/rates.hpp"

namespace rducc::rdu {
namespace {

constexpr std::uint64_t kHeaviest = 4096;

// Hundredths of the half perimeter around so many ends that the tree to them is long, about.
std::uint64_t tree_percent(std::size_t ends) { return ends <= 3 ? 100 : 100 + 6 * (ends - 3); }

std::uint64_t room_of(const Netlist::Wire& wire, std::uint32_t kind, const Mesh& mesh) {
  return kHeaviest * tree_percent(wire.units.size()) / 100 / std::max(1U, mesh.wires(kind));
}

}  // namespace

Netlist netlist_of(const Parts& parts, const std::vector<Unit>& units, const rdu_hw_arch& arch,
                   Weighing weighing) {
  const Mesh mesh(arch);
  Netlist netlist;
  std::vector<std::uint32_t> home(parts.contexts.size(), 0);
  for (std::uint32_t i = 0; i < units.size(); ++i) {
    netlist.types.push_back(units[i].type);
    for (const std::uint32_t context : units[i].contexts) home[context] = i;
  }
  std::uint64_t most = 1;
  for (const Link& link : parts.links) {
    Netlist::Wire wire = {{home[link.source->context]}, 0};
    for (const Sink& sink : link.sinks) wire.units.push_back(home[sink.end.context]);
    std::ranges::sort(wire.units);
    wire.units.erase(std::unique(wire.units.begin(), wire.units.end()), wire.units.end());
    if (wire.units.size() < 2) continue;
    const Context& source = parts.contexts[link.source->context];
    wire.weight = weighing == Weighing::kRoom
                      ? room_of(wire, link.kind, mesh)
                      : elements_sent(source, source.outputs[link.source->port]);
    most = std::max(most, wire.weight);
    netlist.wires.push_back(std::move(wire));
  }
  for (Netlist::Wire& wire : netlist.wires) {
    wire.weight = 1 + static_cast<std::uint64_t>(static_cast<unsigned __int128>(wire.weight) *
                                                 kHeaviest / most);
  }
  return netlist;
}

}  // namespace rducc::rdu
