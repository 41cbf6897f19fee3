// Fewer loops: those of one step go, and two become one where all that is touched moves on evenly.
#include <algorithm>
#include <optional>

#include "tools/rducc/target/rdu/lower/nest.hpp"

namespace rducc::rdu::lower {
namespace {

void drop_unit_loops(Nest& nest) {
  for (std::vector<VariableId>* order : {&nest.parallel, &nest.reduction}) {
    std::erase_if(*order, [&](VariableId id) {
      if (nest.extent(id) != 1) return false;
      nest.substitute(id, {});
      return true;
    });
  }
}

bool is_inside(const Nest& nest, const Position& position) {
  const Range range = nest.range(position);
  return range.low >= 0 && range.high < position.extent;
}

// Dimensions d and d + 1 as one, where both are plain and stay inside.
bool collapse(const Nest& nest, Touch& touch, std::size_t d) {
  if (d + 1 >= touch.dims.size()) return false;
  Position& outer = touch.dims[d];
  const Position& inner = touch.dims[d + 1];
  if (!outer.is_plain() || !inner.is_plain() || outer.pitch != inner.extent * inner.pitch) {
    return false;
  }
  if (!is_inside(nest, outer) || !is_inside(nest, inner)) return false;
  Form form = inner.form;
  form.add(outer.form, inner.extent);
  outer.form = form;
  outer.extent *= inner.extent;
  outer.pitch = inner.pitch;
  touch.dims.erase(touch.dims.begin() + static_cast<std::ptrdiff_t>(d) + 1);
  return true;
}

bool moves_evenly(const Position& position, VariableId a, VariableId b, std::int64_t extent) {
  return position.form.coef(a) == position.form.coef(b) * extent;
}

}  // namespace

bool align(const Nest& nest, Touch& touch, VariableId a, VariableId b) {
  const std::int64_t extent = nest.extent(b);
  while (true) {
    const auto uneven = std::find_if(
        touch.dims.begin(), touch.dims.end(),
        [&](const Position& position) { return !moves_evenly(position, a, b, extent); });
    if (uneven == touch.dims.end()) return true;
    const auto d = static_cast<std::size_t>(uneven - touch.dims.begin());
    if (!collapse(nest, touch, d)) return false;
  }
}

namespace {

std::optional<Nest> merged(const Nest& nest, VariableId a, VariableId b) {
  if (nest.variables[a].counted || nest.variables[b].counted) return {};
  if (nest.variables[a].role != nest.variables[b].role) {
    const auto is_k = [&](VariableId id) {
      const std::uint32_t role = nest.variables[id].role;
      return role == RDU_LOOP_K || role == RDU_LOOP_WINDOW;
    };
    if (!is_k(a) || !is_k(b)) return {};
  }
  Nest out = nest;
  for (std::vector<Touch>* touches : {&out.reads, &out.writes}) {
    for (Touch& touch : *touches) {
      if (!align(nest, touch, a, b)) return {};
    }
  }
  const VariableId both = out.add_loop(nest.extent(a) * nest.extent(b), nest.variables[a].reduces);
  out.variables[both].role = nest.variables[a].role;
  out.substitute(a, {});
  Form by;
  by.add(both, 1);
  out.substitute(b, by);
  auto& order = nest.variables[a].reduces ? out.reduction : out.parallel;
  std::replace(order.begin(), order.end(), b, both);
  std::erase(order, a);
  return out;
}

constexpr std::int64_t kMostSteps = std::int64_t{1} << 30;

}  // namespace

void simplify(Nest& nest) {
  drop_unit_loops(nest);
  for (std::vector<VariableId> Nest::*order : {&Nest::parallel, &Nest::reduction}) {
    for (std::size_t i = (nest.*order).size(); i-- > 1;) {
      const VariableId a = (nest.*order)[i - 1], b = (nest.*order)[i];
      if (nest.extent(a) * nest.extent(b) > kMostSteps) continue;
      if (auto fewer = merged(nest, a, b)) nest = std::move(*fewer);
    }
  }
}

}  // namespace rducc::rdu::lower
