// Which loop pairs can be made of, and the storage's dimensions around it.
#include "tools/rducc/target/rdu/lower/pairs.hpp"

#include <algorithm>

namespace rducc::rdu::lower {
namespace {

bool has_arrays_of_pairs(const rdu_hw_arch& arch) {
  return arch.pcu.systolic_rows != 0 && arch.pcu.bf16_per_word == 2 &&
         (arch.pcu.dtypes & RDU_HW_DTYPE_BF16) != 0;
}

bool is_even(const Form& form, VariableId except) {
  bool even = form.offset % 2 == 0;
  for (VariableId id = 0; id < form.end(); ++id) even &= id == except || form.coef(id) % 2 == 0;
  return even;
}

// The dimension that the loop moves, one element in each step, where no other one is moved and pairs begin at even places.
std::optional<std::size_t> dimension_of(const Touch& touch, VariableId loop) {
  std::optional<std::size_t> found;
  for (std::size_t d = 0; d < touch.dims.size(); ++d) {
    const Position& position = touch.dims[d];
    if (position.form.coef(loop) == 0) continue;
    if (found || position.form.coef(loop) != 1 || !position.is_plain()) return {};
    if (!is_even(position.form, loop)) return {};
    found = d;
  }
  return found;
}

}  // namespace

std::optional<VariableId> choose_pair(const ContractShape& shape, const Emitter& emitter) {
  if (!has_arrays_of_pairs(emitter.arch())) return {};
  const Nest& nest = shape.nest;
  const auto allows = [&](const Touch& touch, VariableId loop) {
    if (touch.cell == Cell::kWord || !dimension_of(touch, loop)) return false;
    if (!emitter.is_made_here(touch)) return true;
    Touch paired = touch;
    paired.pair = loop;
    return pair_layout(nest, paired).has_value();
  };
  for (const VariableId loop : nest.reduction) {
    if (nest.extent(loop) % 2 != 0) continue;
    if (allows(nest.reads[shape.a], loop) && allows(nest.reads[shape.b], loop)) return loop;
  }
  return {};
}

void make_pairs(const ContractShape& shape, Nest& nest) {
  if (!shape.pair) return;
  const VariableId pairs = nest.add_loop(nest.extent(*shape.pair) / 2, true);
  const VariableId each = nest.add_loop(2, true);
  nest.variables[pairs].role = nest.variables[*shape.pair].role;
  Form by;
  by.add(pairs, 2);
  by.add(each, 1);
  nest.substitute(*shape.pair, by);
  std::replace(nest.reduction.begin(), nest.reduction.end(), *shape.pair, pairs);
  for (Touch* touch : {&nest.reads[shape.a], &nest.reads[shape.b]}) {
    touch->cell = Cell::kPair;
    touch->pair = each;
  }
}

std::optional<PairLayout> pair_layout(const Nest& nest, const Touch& touch) {
  const auto paired = dimension_of(touch, touch.pair);
  if (!paired) return {};
  PairLayout layout{touch.dims[*paired].pitch, touch};
  std::int64_t below = 0;  // within a stride
  for (std::size_t d = 0; d < touch.dims.size(); ++d) {
    Position& position = layout.inside.dims[d];
    if (position.index != RDU_NONE) return {};
    if (d == *paired) {
      const Range range = nest.range(position);
      if (range.low < 0 || range.high >= position.extent || position.extent % 2 != 0) return {};
      position.form.set(touch.pair, 0);
    } else if (position.pitch % (2 * layout.stride) != 0) {
      below += (position.extent - 1) * position.pitch;
      position.pitch *= 2;
    }
  }
  if (below >= layout.stride) return {};
  return layout;
}

}  // namespace rducc::rdu::lower
