// Splits accesses into periods of a storage and places within one.
#include "tools/rducc/target/rdu/lower/band.hpp"

#include <algorithm>
#include <set>

namespace rducc::rdu::lower {
namespace {

Range inside(const Nest& nest, const Position& position) {
  const Range range = nest.range(position);
  const auto clamped = [&](std::int64_t at) {
    return std::clamp<std::int64_t>(at, 0, position.extent - 1);
  };
  return {clamped(range.low), clamped(range.high)};
}

std::optional<Band> band_with(const Nest& nest, const Touch& touch, std::int64_t period) {
  Band band{period, {0, 1}, {0, 1}};
  for (const Position& position : touch.dims) {
    if (position.index != RDU_NONE) return {};
    const bool is_far = position.pitch >= period;
    if (is_far && position.pitch % period != 0) return {};
    const Range range = inside(nest, position);
    const std::int64_t pitch = is_far ? position.pitch / period : position.pitch;
    Span& reach = is_far ? band.periods : band.places;
    reach.first += range.low * pitch;
    reach.end += range.high * pitch;
  }
  return band.places.end <= period ? std::optional(band) : std::nullopt;
}

bool same(const Form& a, const Form& b) {
  Form difference = a;
  difference.add(b, -1);
  return difference.offset == 0 && difference.is_constant();
}

// Of a sum that a guard cuts off.
Range guarded(const Nest& nest, const Form& form) {
  Range range = nest.range(form);
  for (const Guard& guard : nest.guards) {
    if (same(guard.form, form)) range.high = std::min(range.high, guard.high - 1);
  }
  return range;
}

void note_quotients(const Nest& nest, const Form& form, std::set<VariableId>& quotients) {
  for (VariableId id = 0; id < form.end(); ++id) {
    const Variable& variable = nest.variables[id];
    if (form.coef(id) == 0 || variable.divisor == 0) continue;
    quotients.insert(id);
    note_quotients(nest, variable.dividend, quotients);
  }
}

}  // namespace

Span span_of(const Nest& nest, const Touch& touch, std::int64_t storage) {
  Span span{0, 1};
  for (const Position& position : touch.dims) {
    const Range range = inside(nest, position);
    span.first += range.low * position.pitch;
    span.end += range.high * position.pitch;
  }
  return {std::max<std::int64_t>(span.first, 0), std::min(span.end, storage)};
}

std::optional<Band> band_of(const Nest& nest, const Touch& touch) {
  std::optional<Band> best;
  for (const Position& position : touch.dims) {
    const auto band = band_with(nest, touch, position.pitch);
    if (band && (!best || band->size() < best->size())) best = band;
  }
  return best;
}

Touch in_band(const Touch& touch, const Band& band) {
  Touch moved = touch;
  for (Position& position : moved.dims) {
    if (position.pitch < band.period) continue;
    position.pitch = position.pitch / band.period * band.places.size();
  }
  return moved;
}

std::optional<BandPlace> place_in(const Nest& nest, const Touch& touch, const Band& band) {
  BandPlace place;
  for (const Position& position : touch.dims) {
    if (!position.is_plain()) return {};
    place.flat.add(position.form, position.pitch);
  }
  place.periods.offset = floor_div(place.flat.offset, band.period);
  place.places.offset = place.flat.offset - place.periods.offset * band.period;
  for (VariableId id = 0; id < place.flat.end(); ++id) {
    const std::int64_t coef = place.flat.coef(id);
    if (coef % band.period == 0) {
      place.periods.add(id, coef / band.period);
    } else {
      place.places.add(id, coef);
    }
  }
  const Range within = guarded(nest, place.places);
  place.divides = within.low < 0 || within.high >= band.period;
  return place;
}

bool is_implied(const Guard& guard, const BandPlace& place, const Band& band) {
  return !place.divides && band.places.end <= guard.high && same(guard.form, place.places);
}

std::size_t steps_of(const Nest& nest, const BandPlace& place, const Band& band) {
  constexpr std::size_t kPlaceAndAddress = 2;
  std::size_t steps = kPlaceAndAddress + (place.divides ? 1 : 0);
  std::set<VariableId> quotients;
  for (const Guard& guard : nest.guards) {
    if (is_implied(guard, place, band)) continue;
    note_quotients(nest, guard.form, quotients);
    ++steps;
  }
  for (const Form* form : {&place.periods, &place.places, &place.flat}) {
    const bool is_used = (form == &place.flat) == place.divides;
    if (is_used) note_quotients(nest, *form, quotients);
  }
  return steps + quotients.size();
}

}  // namespace rducc::rdu::lower
