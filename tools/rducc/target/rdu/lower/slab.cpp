// Slabs of values, seen from users and from makers.
#include "tools/rducc/target/rdu/lower/slab.hpp"

#include <algorithm>

#include "tools/rducc/target/rdu/lower/decline.hpp"

namespace rducc::rdu::lower {
namespace {

Range used(const Nest& nest, const Position& position) {
  Range range = nest.range(position);
  range.low = position.modulus != 0 ? 0 : std::max<std::int64_t>(range.low, 0);
  range.high = std::min(range.high, position.extent - 1);
  return range;
}

}  // namespace

std::optional<Slab> make_slab(const Nest& nest, Touch& inside) {
  std::int64_t outer = 1;
  Slab best;
  std::size_t along = inside.dims.size();
  for (std::size_t d = 0; d < inside.dims.size(); ++d) {
    const Position& position = inside.dims[d];
    if (position.index != RDU_NONE) return {};
    const Range range = used(nest, position);
    if (range.low > range.high) return {};
    const Slab slab{position.extent * position.pitch, range.low * position.pitch,
                    (range.high - range.low + 1) * position.pitch, outer};
    if (along == inside.dims.size() || slab.words() < best.words()) {
      best = slab;
      along = d;
    }
    outer *= position.extent;
  }
  if (inside.dims.empty()) return best;
  Position& restricted = inside.dims[along];
  const Range range = used(nest, restricted);
  restricted.form.offset -= range.low * restricted.divisor;
  restricted.extent = range.high - range.low + 1;
  for (std::size_t d = 0; d < along; ++d) {
    Position& position = inside.dims[d];
    position.pitch = position.pitch / best.period * best.width;
  }
  return best;
}

std::optional<Touch> place_in(const Slab& slab, const Pipe& pipe) {
  Position inner, outer;
  inner.form.offset = -slab.low;
  inner.extent = slab.width;
  outer.extent = slab.count;
  outer.pitch = slab.width;
  for (const Position& position : pipe.write.dims) {
    if (!position.is_plain()) decline(RDU_REASON_ACCESS, "a result at no plain place");
    if (position.pitch * position.extent <= slab.period) {
      inner.form.add(position.form, position.pitch);
    } else if (position.pitch % slab.period == 0) {
      outer.form.add(position.form, position.pitch / slab.period);
    } else {
      decline(RDU_REASON_ACCESS, "a result that is made across the parts that are used");
    }
  }
  const Range range = pipe.nest.range(inner.form);
  if (range.high < 0 || range.low >= slab.width) return {};
  Touch touch;
  touch.dims = {outer, inner};
  return touch;
}

}  // namespace rducc::rdu::lower
