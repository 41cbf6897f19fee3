// A node that is the last to read more than it makes moves up to the last of its makers: sums to their rows, poolings to their images.
#include "tools/rducc/target/rdu/lower/shorten_lives.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "tools/rducc/target/rdu/lower/nest.hpp"
#include "tools/rducc/target/rdu/lower/visit.hpp"

namespace rducc::rdu::lower {
namespace {

using artifact::ValueId;

bool meet(const std::set<ValueId>& a, const std::set<ValueId>& b) {
  return std::any_of(a.begin(), a.end(), [&](ValueId value) { return b.contains(value); });
}

class LifeShortener {
 public:
  explicit LifeShortener(const Work& work) : work_(work) {
    for (const artifact::Node& node : work.nodes) note(node);
  }

  Work run() const {
    std::vector<std::size_t> order;
    for (std::size_t n = 0; n < work_.nodes.size(); ++n) {
      order.insert(order.begin() + static_cast<std::ptrdiff_t>(place(n, order)), n);
    }
    Work out = work_;
    for (std::size_t i = 0; i < order.size(); ++i) {
      out.nodes[i] = work_.nodes[order[i]];
      out.origins[i] = work_.origins[order[i]];
    }
    return out;
  }

 private:
  // By storage.
  struct Uses {
    std::set<ValueId> reads, writes;
    std::set<ValueId>
        states;  // of these, what is no intermediate value: a write replaces what was there
  };

  void note(const artifact::Node& node) {
    Uses& uses = uses_.emplace_back();
    for_each_read(work_.variant, node, [&](ValueId value) { use(uses, uses.reads, value); });
    for_each_write(node, [&](ValueId value) { use(uses, uses.writes, value); });
    for (const ValueId value : uses.reads) ++readers_[value];
  }

  void use(Uses& uses, std::set<ValueId>& list, ValueId value) {
    const ValueId storage = storage_of(work_.variant, value);
    list.insert(storage);
    if (!is_intermediate(storage)) uses.states.insert(storage);
  }

  bool is_intermediate(ValueId storage) const {
    return work_.variant.values[storage].role == RDU_ROLE_INTERMEDIATE;
  }

  std::size_t place(std::size_t node, const std::vector<std::size_t>& order) const {
    std::size_t place = order.size();
    if (!frees_more(node)) return place;
    while (place > 0 && !follows(node, order[place - 1])) --place;
    return place;
  }

  // Parts of a joined value are written in any order.
  bool follows(std::size_t node, std::size_t other) const {
    const Uses& mine = uses_[node];
    const Uses& before = uses_[other];
    const bool replaces = meet(mine.states, before.writes) || meet(before.states, mine.writes);
    return replaces || meet(mine.reads, before.writes);
  }

  // Than it makes.
  bool frees_more(std::size_t node) const {
    std::int64_t freed = 0;
    for (const ValueId value : uses_[node].reads) {
      if (is_intermediate(value) && readers_.at(value) == 1) freed += words(value);
    }
    std::int64_t made = static_cast<std::int64_t>(uses_[node].writes.size());
    for (std::uint32_t loop = 0; loop < work_.nodes[node].num_parallel; ++loop) {
      made *= work_.nodes[node].loops[loop].extent;
    }
    return freed > made;
  }

  std::int64_t words(ValueId value) const {
    std::int64_t words = 1;
    for (const std::int64_t dim : work_.variant.values[value].dims) words *= dim;
    return words;
  }

  const Work& work_;
  std::vector<Uses> uses_;          // of each node
  std::map<ValueId, int> readers_;  // nodes that read a storage
};

}  // namespace

Work shorten_lives(const Work& work) { return LifeShortener(work).run(); }

}  // namespace rducc::rdu::lower
