// Where values are made and used among the nodes of a payload.
#include "tools/rducc/target/rdu/lower/spatial_values.hpp"

#include <algorithm>
#include <iterator>

#include "tools/rducc/target/rdu/lower/visit.hpp"

namespace rducc::rdu::lower {

using artifact::ValueId;

SpatialValues::SpatialValues(const Work& work) : work_(work) {
  note_nodes();
  note_others();
}

void SpatialValues::note_nodes() {
  for (std::size_t n = 0; n < work_.nodes.size(); ++n) {
    for_each_write(work_.nodes[n], [&](ValueId value) {
      Life& life = lives_[storage_of(work_.variant, value)];
      life.first_write = std::min(life.first_write, n);
      life.last_write = n;
    });
    for_each_read(work_.variant, work_.nodes[n], [&](ValueId value) {
      Life& life = lives_[storage_of(work_.variant, value)];
      life.first_read = std::min(life.first_read, n);
      life.last_read = n;
      life.readers.push_back(n);
    });
  }
  for (auto& [value, life] : lives_) {
    const artifact::Value& owner = work_.variant.values[value];
    life.words = 1;
    for (const std::int64_t dim : owner.dims) life.words *= dim;
    life.movable = life.first_write != RDU_NONE && owner.role == RDU_ROLE_INTERMEDIATE;
  }
}

void SpatialValues::note_others() {
  const artifact::Variant& variant = work_.variant;
  const auto use = [&](ValueId value) {
    const auto life = lives_.find(storage_of(variant, value));
    if (life != lives_.end()) life->second.outside = true;
  };
  const auto& nodes = variant.graphs[0].nodes;
  for (std::uint32_t n = 0; n < nodes.size(); ++n) {
    if (n >= work_.first_node && n < work_.end_node) continue;
    for_each_read(variant, nodes[n], use);
    for_each_write(nodes[n], [&](ValueId value) {
      const auto life = lives_.find(storage_of(variant, value));
      if (life != lives_.end()) life->second.shared = true;
    });
  }
  for (const ValueId output : variant.graphs[0].outputs) use(output);
  for (const artifact::VariableUse& variable : variant.variables) use(variable.write);
}

void SpatialValues::keep(Edges& edges, std::size_t first, std::size_t end,
                         const std::set<ValueId>& spilled) const {
  for (const auto& [value, life] : lives_) {
    const bool made =
        life.movable && !life.shared && life.first_write >= first && life.last_write < end;
    const bool used = life.first_read > life.last_write && life.first_read < end;
    if (!made || !used || spilled.contains(value)) continue;
    edges.keep(value, life.words,
               {.leaves = life.outside || life.last_read >= end, .is_used = true});
  }
}

std::vector<Entrance> SpatialValues::entrances(std::size_t first, std::size_t end,
                                               const std::set<ValueId>& spilled,
                                               std::int64_t most) const {
  std::vector<Entrance> entrances;
  for (const auto& [value, life] : lives_) {
    const artifact::Value& owner = work_.variant.values[value];
    const bool plain = owner.dtype == RDU_DTYPE_F32 &&
                       (owner.role == RDU_ROLE_INPUT || owner.role == RDU_ROLE_INTERMEDIATE);
    if (!plain || !is_made_before(value, first) || life.words > most || spilled.contains(value))
      continue;
    std::vector<std::size_t> here;
    std::copy_if(life.readers.begin(), life.readers.end(), std::back_inserter(here),
                 [&](std::size_t n) { return n >= first && n < end; });
    const bool in_blocks = std::any_of(here.begin(), here.end(), [&](std::size_t n) {
      return work_.nodes[n].pattern == RDU_PATTERN_CONTRACT;
    });
    if (in_blocks || here.size() > 1) entrances.push_back({value, life.words, here[0]});
  }
  return entrances;
}

std::vector<Journey> SpatialValues::journeys(const std::vector<std::size_t>& ends) const {
  const auto section_of = [&](std::size_t node) {
    return static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), node) -
                                    ends.begin());
  };
  std::vector<Journey> journeys;
  for (const auto& [value, life] : lives_) {
    if (!life.movable || life.shared || life.first_read <= life.last_write) continue;
    Journey journey{value, section_of(life.first_write), {}, life.outside};
    if (section_of(life.last_write) != journey.maker) continue;
    for (const std::size_t node : life.readers) journey.readers.insert(section_of(node));
    journey.readers.erase(journey.maker);
    if (!journey.readers.empty()) journeys.push_back(std::move(journey));
  }
  return journeys;
}

bool SpatialValues::is_made_before(ValueId storage, std::size_t first) const {
  const Life& life = lives_.at(storage);
  return life.first_write == RDU_NONE || life.last_write < first;
}

std::vector<ValueId> SpatialValues::handable(std::size_t first, std::size_t end) const {
  std::vector<ValueId> values;
  for (const auto& [value, life] : lives_) {
    if (!life.movable || life.shared || life.outside || life.first_read <= life.last_write)
      continue;
    const bool made = life.first_write >= first && life.last_write < end;
    const bool used = std::any_of(life.readers.begin(), life.readers.end(),
                                  [&](std::size_t node) { return node >= first && node < end; });
    const bool enters = life.last_write < first && used;
    if (enters || (made && life.last_read >= end)) values.push_back(value);
  }
  return values;
}

std::vector<ValueId> SpatialValues::constants(std::size_t first, std::size_t end) const {
  std::vector<ValueId> values;
  for (const auto& [value, life] : lives_) {
    const std::uint32_t role = work_.variant.values[value].role;
    const bool is_constant = role == RDU_ROLE_PARAMETER || role == RDU_ROLE_CONSTANT;
    const bool used = std::any_of(life.readers.begin(), life.readers.end(),
                                  [&](std::size_t node) { return node >= first && node < end; });
    if (is_constant && used) values.push_back(value);
  }
  return values;
}

std::int64_t SpatialValues::passing(std::size_t first, std::size_t end) const {
  std::int64_t words = 0;
  for (const auto& [value, life] : lives_) {
    const bool enters = life.first_write < first && life.last_read >= first;
    const bool leaves = life.first_write < end && life.last_read >= end;
    if (life.movable && (enters || leaves)) words += life.words;
  }
  return words;
}

std::int64_t SpatialValues::crossing(std::size_t end) const {
  std::int64_t words = 0;
  for (const auto& [value, life] : lives_) {
    const bool crosses = life.movable && life.first_write < end && life.last_read >= end;
    if (crosses) words += life.words;
  }
  return words;
}

}  // namespace rducc::rdu::lower
