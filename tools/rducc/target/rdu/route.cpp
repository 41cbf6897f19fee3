// PathFinder: every link takes its cheapest tree, shared wires get dearer from round to round, until no bundle is over-used.
#include "tools/rducc/target/rdu/route.hpp"

#include <algorithm>
#include <limits>

#include "tools/rducc/target/rdu/tree_search.hpp"

namespace rducc::rdu {
namespace {

constexpr std::uint32_t kRounds = 80;
constexpr std::uint32_t kPatience = 12;  // rounds without getting nearer
constexpr std::size_t kWorstToName = 6;
constexpr const char* kKindNames[3] = {"vector", "scalar", "control"};
constexpr const char* kSideNames[4] = {"west", "east", "north", "south"};

// The links of one kind.
class Negotiation {
 public:
  Negotiation(const Mesh& mesh, std::uint32_t kind)
      : mesh_(mesh),
        search_(mesh),
        kind_(kind),
        capacity_(mesh.wires(kind)),
        used_(mesh.num_bundles(), 0),
        history_(mesh.num_bundles(), 0),
        prices_(mesh.num_bundles(), TreeSearch::kCheapest) {}

  void add(std::uint32_t link, Ends ends) { nets_.push_back({link, std::move(ends), {}}); }

  base::Result<void> run() {
    std::uint64_t nearest = std::numeric_limits<std::uint64_t>::max();
    std::uint32_t since = 0;
    for (std::uint32_t round = 0; round < kRounds && since < kPatience; ++round) {
      for (Net& net : nets_) {
        if (round != 0 && !is_in_conflict(net.tree)) continue;
        count(net.tree, -1);
        net.tree = search_.find(net.ends, prices_);
        count(net.tree, 1);
      }
      pressure_ = pressure_ + pressure_ / 2 + 1;
      const std::uint64_t over = settle();
      if (over == 0) return {};
      since = over < nearest ? 0 : since + 1;
      nearest = std::min(nearest, over);
    }
    return complaint();
  }

  // Wires of a bundle in the order of the links.
  void write(std::vector<Route>& routes) const {
    std::vector<std::uint32_t> next(mesh_.num_bundles(), 0);
    for (const Net& net : nets_) {
      Route& route = routes[net.link];
      const auto& nodes = net.tree.nodes;
      route.entry_row = mesh_.row(nodes[0].at);
      route.entry_column = mesh_.column(nodes[0].at);
      for (std::size_t i = 1; i < nodes.size(); ++i) {
        const std::uint32_t from = nodes[nodes[i].parent].at;
        const std::uint32_t wire = next[4 * from + nodes[i].side]++;
        route.hops.push_back(
            {mesh_.row(from), mesh_.column(from), nodes[i].side, wire, hop_of(nodes[i].parent)});
      }
      for (const std::uint32_t node : net.tree.sinks) route.sinks.push_back(hop_of(node));
    }
  }

 private:
  struct Net {
    std::uint32_t link;
    Ends ends;
    Tree tree;
  };

  // The hop that ends at a node: node 0 is the entry.
  static std::uint32_t hop_of(std::uint32_t node) { return node == 0 ? RDU_HW_NONE : node - 1; }

  template <class Visit>
  static void for_each_bundle(const Tree& tree, Visit visit) {
    for (std::size_t i = 1; i < tree.nodes.size(); ++i) {
      visit(4 * tree.nodes[tree.nodes[i].parent].at + tree.nodes[i].side);
    }
  }

  bool is_in_conflict(const Tree& tree) const {
    bool conflict = false;
    for_each_bundle(tree, [&](std::uint32_t it) { conflict |= used_[it] > capacity_; });
    return conflict;
  }

  void count(const Tree& tree, std::int32_t by) {
    for_each_bundle(tree, [&](std::uint32_t it) {
      used_[it] = static_cast<std::uint32_t>(static_cast<std::int32_t>(used_[it]) + by);
      price(it);
    });
  }

  // What one more link pays: more the more there are, and the longer there were too many.
  void price(std::uint32_t bundle) {
    const std::uint64_t over = used_[bundle] >= capacity_ ? used_[bundle] + 1 - capacity_ : 0;
    prices_[bundle] = (TreeSearch::kCheapest + history_[bundle]) * (4 + over * pressure_) / 4;
  }

  // Links too many, over all bundles; bundles remember it.
  std::uint64_t settle() {
    std::uint64_t over = 0;
    for (std::uint32_t i = 0; i < used_.size(); ++i) {
      if (used_[i] > capacity_) {
        over += used_[i] - capacity_;
        history_[i] += TreeSearch::kCheapest / 2 * (used_[i] - capacity_);
      }
      price(i);
    }
    pressure_ = std::min<std::uint64_t>(pressure_, 1u << 16);
    return over;
  }

  base::Error complaint() const {
    std::vector<std::uint32_t> worst;
    for (std::uint32_t i = 0; i < used_.size(); ++i) {
      if (used_[i] > capacity_) worst.push_back(i);
    }
    const std::size_t count = worst.size();
    std::ranges::stable_sort(worst, std::greater{}, [&](std::uint32_t it) { return used_[it]; });
    worst.resize(std::min(worst.size(), kWorstToName));
    std::string list;
    for (const std::uint32_t bundle : worst) {
      const std::uint32_t at = bundle / 4;
      list += base::format("%s(%u, %u) %s: %u", list.empty() ? "" : ", ", mesh_.row(at),
                           mesh_.column(at), kSideNames[bundle % 4], used_[bundle]);
    }
    return base::fail(
        base::Code::kLimit,
        "no routes: of the %u %s wires from a switch to its neighbour more are wanted "
        "in %zu places: %s",
        capacity_, kKindNames[kind_], count, list.c_str());
  }

  const Mesh& mesh_;
  TreeSearch search_;
  std::uint32_t kind_;
  std::uint32_t capacity_;
  std::vector<Net> nets_;
  std::vector<std::uint32_t> used_;
  std::vector<std::uint64_t> history_;
  std::vector<std::uint64_t> prices_;
  std::uint64_t pressure_ = 2;
};

}  // namespace

std::uint32_t num_hops(const Route& route, std::uint32_t sink) {
  if (route.hops.empty()) return 0;
  std::uint32_t count = 0;
  for (std::uint32_t hop = route.sinks[sink]; hop != RDU_HW_NONE; hop = route.hops[hop].parent) {
    ++count;
  }
  return count;
}

base::Result<std::vector<Route>> route_links(const Parts& parts, const std::vector<Unit>& units,
                                             const std::vector<Site>& sites,
                                             const rdu_hw_arch& arch) {
  std::vector<Route> routes(parts.links.size());
  if (arch.network.kind == RDU_HW_NETWORK_IDEAL) {
    for (std::size_t i = 0; i < routes.size(); ++i) {
      routes[i].sinks.assign(parts.links[i].sinks.size(), RDU_HW_NONE);
    }
    return routes;
  }
  const Mesh mesh(arch);
  std::vector<std::vector<std::uint32_t>> doors(parts.contexts.size());
  for (std::size_t i = 0; i < units.size(); ++i) {
    for (const std::uint32_t context : units[i].contexts) {
      doors[context] = mesh.doors(units[i].type, sites[i]);
    }
  }
  for (std::uint32_t kind = RDU_HW_VECTOR; kind <= RDU_HW_CONTROL; ++kind) {
    Negotiation negotiation(mesh, kind);
    for (std::uint32_t i = 0; i < parts.links.size(); ++i) {
      const Link& link = parts.links[i];
      if (link.kind != kind) continue;
      Ends ends = {doors[link.source->context], {}};
      for (const Sink& sink : link.sinks) ends.sinks.push_back(doors[sink.end.context]);
      negotiation.add(i, std::move(ends));
    }
    RDU_TRY(negotiation.run());
    negotiation.write(routes);
  }
  return routes;
}

}  // namespace rducc::rdu
