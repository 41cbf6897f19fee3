// Relates the outermost loops of a writer and a reader of one storage.
//
// A writer's iteration t makes, in every period of M elements, those from first + step · t up to the next iteration's: the rows of all channels,
// say. A reader's iteration needs as many of them as the highest place within a period that it touches asks for.
#include "tools/rducc/target/rdu/lower/pace.hpp"

#include <algorithm>
#include <limits>

namespace rducc::rdu::lower {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kMostSteps = 1 << 17;  // of a reader that are looked at one by one

// A loop of a chain in the steps that its counter makes.
struct Outer {
  VariableId id;
  std::int64_t steps;  // iterations
  std::int64_t width;  // of the loop in each
};

Outer outer_of(const Nest& nest, const std::vector<VariableId>& order, bool by_lanes,
               std::uint32_t lanes) {
  const std::int64_t width = by_lanes && order.size() == 1 ? lanes : 1;
  return {order[0], ceil_div(nest.extent(order[0]), width), width};
}

struct Progress {
  std::int64_t first = 0, step = 0, period = 0, steps = 0;
};

bool depends(const Nest& nest, VariableId id, VariableId on) {
  if (id == on) return true;
  const Form& dividend = nest.variables[id].dividend;
  for (VariableId other = 0; nest.variables[id].divisor != 0 && other < dividend.end(); ++other) {
    if (dividend.coef(other) != 0 && depends(nest, other, on)) return true;
  }
  return false;
}

// Takes a guarded sum out of a form that moves as it does; returns the reach of what counts of it. Not where loop `pinned` is in it.
Range take_guarded(const Nest& nest, Form& form, VariableId pinned) {
  Range sum;
  for (const Guard& guard : nest.guards) {
    std::int64_t factor = 0;
    bool moves = guard.form.offset == 0 && guard.form.coef(pinned) == 0;
    for (VariableId id = 0; id < guard.form.end(); ++id) {
      const std::int64_t coef = guard.form.coef(id);
      if (coef == 0) continue;
      if (factor == 0) factor = form.coef(id) / coef;
      moves = moves && coef > 0 && factor > 0 && form.coef(id) == factor * coef;
    }
    if (!moves || factor == 0 || nest.range(guard.form).high < guard.high) continue;
    form.add(guard.form, -factor);
    sum.high += factor * (guard.high - 1);
  }
  return sum;
}

std::optional<Form> in_storage(const Touch& touch) {
  Form place;
  for (const Position& position : touch.dims) {
    if (!position.is_plain()) return {};
    place.add(position.form, position.pitch);
  }
  return place;
}

std::optional<Progress> progress_of(const Source& source, std::uint32_t lanes) {
  if (source.order.empty()) return {};
  const Nest& nest = source.nest;
  const auto place = in_storage(source.touch);
  if (!place) return {};
  const Outer outer = outer_of(nest, source.order, source.by_lanes, lanes);
  Progress progress{place->offset, place->coef(outer.id) * outer.width, 0, outer.steps};
  if (progress.step <= 0 || place->offset < 0) return {};
  std::int64_t within = place->coef(outer.id) * (outer.width - 1);  // of an iteration
  Form rest = *place;
  rest.set(outer.id, 0);
  within += take_guarded(nest, rest, outer.id).high;
  std::vector<std::int64_t> periods;
  for (VariableId id = 0; id < rest.end(); ++id) {
    const std::int64_t coef = rest.coef(id);
    if (id == outer.id || coef == 0 || nest.extent(id) == 1) continue;
    if (coef < 0 || depends(nest, id, outer.id)) return {};
    if (coef > progress.step * (outer.steps - 1)) {
      periods.push_back(coef);
    } else {
      within += coef * (nest.extent(id) - 1);
    }
  }
  progress.period = periods.empty() ? kMost : *std::min_element(periods.begin(), periods.end());
  const bool periodic = std::all_of(periods.begin(), periods.end(), [&](std::int64_t period) {
    return period % progress.period == 0;
  });
  progress.first %= progress.period;
  const bool inside = progress.first + progress.step * (progress.steps - 1) < progress.period;
  if (!periodic || !inside || within >= progress.step) return {};
  return progress;
}

class Reach {
 public:
  Reach(const Nest& nest, const Touch& touch, std::int64_t period)
      : nest_(nest), touch_(touch), period_(period) {}

  // The highest place within a period that is touched while loop `id` is in the range.
  std::int64_t highest(VariableId id, Range range) const {
    std::int64_t sum = 0;
    for (const Position& position : touch_.dims) {
      if (position.pitch % period_ == 0) continue;
      if (position.index != RDU_NONE || position.modulus != 0 ||
          position.extent * position.pitch > period_) {
        return period_ - 1;
      }
      const std::int64_t high =
          floor_div(range_of(position.form, id, range).high, position.divisor);
      sum += std::clamp<std::int64_t>(high, 0, position.extent - 1) * position.pitch;
    }
    return std::min(sum, period_ - 1);
  }

 private:
  Range range_of(Form form, VariableId id, Range pinned) const {
    Range sum = take_guarded(nest_, form, id);
    sum.low += form.offset;
    sum.high += form.offset;
    for (VariableId other = 0; other < form.end(); ++other) {
      const std::int64_t coef = form.coef(other);
      if (coef == 0) continue;
      Range range{0, nest_.extent(other) - 1};
      const Variable& variable = nest_.variables[other];
      if (other == id) {
        range = pinned;
      } else if (variable.divisor != 0) {
        const Range dividend = range_of(variable.dividend, id, pinned);
        range = {floor_div(dividend.low, variable.divisor),
                 floor_div(dividend.high, variable.divisor)};
      }
      sum.low += coef * (coef > 0 ? range.low : range.high);
      sum.high += coef * (coef > 0 ? range.high : range.low);
    }
    return sum;
  }

  const Nest& nest_;
  const Touch& touch_;
  std::int64_t period_;
};

}  // namespace

Rhythm rhythm_of(const Source& source, const Nest& nest, const Touch& touch,
                 const std::vector<VariableId>& order, bool by_lanes, std::uint32_t lanes) {
  const auto progress = progress_of(source, lanes);
  if (!progress || order.empty()) return {};
  const Outer outer = outer_of(nest, order, by_lanes, lanes);
  if (outer.steps > kMostSteps || progress->steps == 1) return {};
  const Reach reach(nest, touch, progress->period);
  std::vector<std::int64_t> needs;
  for (std::int64_t j = 0; j < outer.steps; ++j) {
    const Range range{j * outer.width, std::min((j + 1) * outer.width, nest.extent(outer.id)) - 1};
    needs.push_back(reach.highest(outer.id, range));
  }
  const auto last = static_cast<std::int64_t>(needs.size()) - 1;
  const std::int64_t step =
      last == 0 ? 0 : std::max<std::int64_t>(0, ceil_div(needs.back() - needs.front(), last));
  std::int64_t lead = std::numeric_limits<std::int64_t>::min();
  for (std::int64_t j = 0; j <= last; ++j) {
    lead = std::max(lead, needs[static_cast<std::size_t>(j)] - j * step);
  }
  lead += progress->step - progress->first;
  if (lead / progress->step >= progress->steps) return {};  // all of them at once
  if (step * last + lead > kMost || progress->step > kMost || lead < -kMost) return {};
  Pace pace;
  pace.group = static_cast<std::uint32_t>(outer.steps);
  pace.tokens = static_cast<std::uint32_t>(progress->steps);
  pace.step = static_cast<std::uint32_t>(step);
  pace.per = static_cast<std::uint32_t>(progress->step);
  pace.lead = static_cast<std::int32_t>(lead);
  return {1, 1, pace};
}

}  // namespace rducc::rdu::lower
