// The same places of each of some periods of a storage: the rows of all planes, say, that a group of rows reads.
#pragma once

#include <optional>

#include "tools/rducc/target/rdu/lower/nest.hpp"

namespace rducc::rdu::lower {

// Elements of a storage.
struct Span {
  std::int64_t first = 0, end = 0;

  std::int64_t size() const { return end - first; }
  // Out to multiples of `grain`.
  Span widened(std::int64_t grain) const {
    return {floor_div(first, grain) * grain, round_up(end, grain)};
  }
  bool meets(const Span& other) const { return first < other.end && other.first < end; }
};
// All that the access may touch.
Span span_of(const Nest& nest, const Touch& touch, std::int64_t storage);

struct Band {
  std::int64_t period = 1;
  Span periods, places;

  std::int64_t size() const { return periods.size() * places.size(); }
  // Elements of the band before that of place 0 of period 0.
  std::int64_t origin() const { return periods.first * places.size() + places.first; }
};
// The smallest that has all that the access may touch; nothing where positions are no sums.
std::optional<Band> band_of(const Nest& nest, const Touch& touch);

// The access where the band lies by itself, from its origin on.
Touch in_band(const Touch& touch, const Band& band);

// Where a writer's elements are: period and place as two sums, or both by dividing one.
struct BandPlace {
  Form periods, places;
  bool divides = false;
  Form flat;
};
std::optional<BandPlace> place_in(const Nest& nest, const Touch& touch, const Band& band);

// A guard that leaves nothing out but what is no place of the band anyway.
bool is_implied(const Guard& guard, const BandPlace& place, const Band& band);

// Address steps of such a writer.
std::size_t steps_of(const Nest& nest, const BandPlace& place, const Band& band);

}  // namespace rducc::rdu::lower
