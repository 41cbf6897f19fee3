// A context with all that it owns, and how to walk over them. Valid once check_ranges() has passed.
#pragma once

#include <rdu_hw/config.h>

#include <span>

#include "drivers/image/fault.hpp"

namespace rdu_hw::image {

struct ContextView {
  const rdu_hw_image& image;
  const rdu_hw_section& section;
  const rdu_hw_context& record;
  Place place;

  std::span<const rdu_hw_counter> counters() const { return of(image.counters, record.counters); }
  std::span<const rdu_hw_port> ports() const { return of(image.ports, record.ports); }
  std::span<const rdu_hw_instruction> instructions() const {
    return of(image.instructions, record.instructions);
  }
  std::span<const rdu_hw_step> steps() const { return of(image.steps, record.steps); }
  std::span<const rdu_hw_term> terms(const rdu_hw_step& step) const {
    return of(image.terms, step.terms);
  }
  std::uint32_t unit() const { return rdu_hw_program_unit(record.program); }
  // The level at which every firing is an iteration.
  std::uint32_t innermost() const { return record.counters.count; }

  template <typename Record>
  static std::span<const Record> of(const Record* table, rdu_hw_range range) {
    return {table + range.first, range.count};
  }
};

inline ContextView context_view(const rdu_hw_image& image, std::uint32_t section,
                                std::uint32_t context) {
  const rdu_hw_section& owner = image.sections[section];
  return {image, owner, image.contexts[owner.contexts.first + context],
          Place().in("section", section).in("context", context)};
}

template <typename Visit>
void for_each_context(const rdu_hw_image& image, std::uint32_t section, const Visit& visit) {
  for (std::uint32_t i = 0; i < image.sections[section].contexts.count; ++i) {
    visit(context_view(image, section, i));
  }
}

// Firings of the unit that an iteration of this counter stands for.
inline std::uint64_t iterations(const rdu_hw_counter& counter) {
  return (std::uint64_t{counter.extent} + counter.lanes - 1) / counter.lanes;
}

}  // namespace rdu_hw::image
