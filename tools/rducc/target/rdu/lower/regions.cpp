// Regions for values: inputs move in, outputs move out, constants stay, everything between is scratch.
#include "tools/rducc/target/rdu/lower/regions.hpp"

#include <algorithm>

#include "tools/rducc/target/rdu/lower/nest.hpp"
#include "tools/rducc/target/rdu/lower/visit.hpp"
#include "tools/rducc/target/rdu/lower/words.hpp"

namespace rducc::rdu::lower {
namespace {

constexpr std::uint32_t kAlignment = 64;

std::int64_t num_elements(const artifact::Value& value) {
  std::int64_t count = 1;
  for (const std::int64_t dim : value.dims) count *= dim;
  return count;
}

}  // namespace

Regions::Regions(const Work& work, Flow& flow) : work_(work), flow_(flow) { note_uses(); }

void Regions::note_uses() {
  const artifact::Variant& variant = work_.variant;
  const auto& nodes = variant.graphs[0].nodes;
  const auto owner = [&](artifact::ValueId value) { return storage_of(variant, value); };
  for (const artifact::Node& node : work_.nodes) {
    for_each_read(variant, node, [&](artifact::ValueId v) { uses_[owner(v)].reads = true; });
    for_each_write(node, [&](artifact::ValueId v) { uses_[owner(v)].writes = true; });
  }
  const auto need = [&](artifact::ValueId value) {
    const auto use = uses_.find(owner(value));
    if (use != uses_.end()) use->second.outside = true;
  };
  for (std::uint32_t n = 0; n < nodes.size(); ++n) {
    if (n < work_.first_node || n >= work_.end_node) for_each_read(variant, nodes[n], need);
  }
  for (const artifact::ValueId output : variant.graphs[0].outputs) need(output);
  for (const artifact::VariableUse& variable : variant.variables) need(variable.write);
}

std::uint64_t Regions::bytes_on_chip(artifact::ValueId value) const {
  const artifact::Value& stored = work_.variant.values[value];
  return static_cast<std::uint64_t>(num_elements(stored) * memory_bytes(stored.dtype));
}

bool Regions::is_constant(artifact::ValueId value) const {
  const std::uint32_t role = work_.variant.values[storage_of(work_.variant, value)].role;
  return role == RDU_ROLE_PARAMETER || role == RDU_ROLE_CONSTANT;
}

Region Regions::of(artifact::ValueId value) {
  const artifact::ValueId owner = storage_of(work_.variant, value);
  const auto known = regions_.find(owner);
  if (known != regions_.end()) return known->second;
  const Use& use = uses_[owner];
  const std::uint32_t access =
      (use.reads ? RDU_HW_ACCESS_READ : 0) | (use.writes ? RDU_HW_ACCESS_WRITE : 0);
  const Region region = flow_.region(printable(work_.variant.values[owner].name),
                                     bytes_on_chip(owner), access, kAlignment);
  regions_.emplace(owner, region);
  arguments_.push_back({owner, {}});
  return region;
}

Scalar Regions::check(Name name, artifact::ValueId value, std::uint32_t dim) {
  const auto extent = static_cast<std::uint64_t>(work_.variant.values[value].dims[dim]);
  const std::uint32_t number = value < work_.num_values ? value : RDU_HW_NONE;
  arguments_.push_back({artifact::kNone, rdu_hw::image::bind_check(number, dim, extent)});
  return flow_.result(name);
}

rdu_hw_binding Regions::binding(artifact::ValueId id, rdu_hw::image::Package& package) const {
  using namespace rdu_hw::image;
  const artifact::Value& value = work_.variant.values[id];
  const Use& use = uses_.at(id);
  const std::uint32_t conversion = conversion_of(value.dtype);
  const std::uint64_t elements = conversion == RDU_HW_CONVERT_NONE
                                     ? bytes_on_chip(id)
                                     : static_cast<std::uint64_t>(num_elements(value));
  if (is_constant(id) && id >= work_.num_values) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(value.data.bytes.data());
    return bind_data(add_data(package, {bytes, value.data.bytes.size()}), bytes_on_chip(id));
  }
  if (is_constant(id)) {
    return bind_constant(id, elements, conversion);
  }
  const bool comes_in = !use.writes || value.role == RDU_ROLE_VARIABLE;
  if (use.writes && !use.outside && !comes_in) {
    return bind_scratch(add_scratch(package, RDU_HW_TIER_DRAM, bytes_on_chip(id), kAlignment));
  }
  const std::uint32_t moves = (comes_in ? RDU_HW_MOVE_IN : 0) | (use.writes ? RDU_HW_MOVE_OUT : 0);
  return bind_value(id, moves, elements, conversion);
}

void Regions::bind(rdu_hw::image::Package& package) const {
  for (const Argument& argument : arguments_) {
    const bool is_word = argument.value == artifact::kNone;
    package.bindings.push_back(is_word ? argument.word : binding(argument.value, package));
  }
}

}  // namespace rducc::rdu::lower
