// Address programs: intervals of every step show that no address leaves its memory, whatever the data.
#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

#include "drivers/image/checks.hpp"

namespace rdu_hw::image {
namespace {

constexpr auto kValue = RDU_HW_IMAGE_ERR_VALUE;
constexpr auto kConflict = RDU_HW_IMAGE_ERR_CONFLICT;
constexpr std::int64_t kMaxValue = std::int64_t{1} << 62;
constexpr std::int64_t kNoLow = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kNoHigh = std::numeric_limits<std::int64_t>::max();

// What is known of a value: its least and its greatest, and by how much it grows from lane to lane (0 also without lanes,
// nothing where it is no line).
struct Known {
  std::int64_t low;
  std::int64_t high;
  std::optional<std::int64_t> slope;
};

std::int64_t floor_divide(std::int64_t value, std::int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

class Checker {
 public:
  Checker(const ContextView& context, const AddressRule& rule) : context_(context), rule_(rule) {}

  void run() {
    const auto steps = context_.steps();
    demand(!steps.empty(), kConflict, context_.place, "steps", "at least one", 0);
    known_.reserve(steps.size());
    for (std::uint32_t i = 0; i < steps.size(); ++i) {
      const Place place = context_.place.in("step", i);
      known_.push_back(evaluate(steps[i], place));
    }
    check_last(context_.place.in("step", steps.size() - 1));
  }

 private:
  Known evaluate(const rdu_hw_step& step, const Place& place) {
    demand_within<std::int64_t>(step.divisor, 1, kMaxValue, kValue, place, "divisor");
    demand_within<std::int64_t>(step.modulus, 0, kMaxValue, kValue, place, "modulus");
    demand(step.low < step.high, kValue, place, "high", "more than low", step.high);
    Known value = sum(step, place);
    value.low = floor_divide(value.low, step.divisor);
    value.high = floor_divide(value.high, step.divisor);
    const bool wraps = step.modulus != 0 && (value.low < 0 || value.high >= step.modulus);
    if (wraps) value = {0, step.modulus - grid(step), value.slope};
    if ((wraps || step.divisor != 1) && value.slope != 0) value.slope.reset();
    if (step.low != kNoLow || step.high != kNoHigh) {
      value.low = std::max(value.low, step.low);
      value.high = std::min(value.high, step.high - 1);
      if (value.low > value.high) {
        idle_ = true;
        value = {0, 0, value.slope};
      }
    }
    return value;
  }

  // What every value of the step is a multiple of.
  std::int64_t grid(const rdu_hw_step& step) const {
    if (step.divisor != 1) return 1;
    std::int64_t common = std::gcd(step.modulus, step.offset);
    for (const rdu_hw_term& term : context_.terms(step)) {
      common = std::gcd(common, term.coefficient);
    }
    return common;
  }

  Known sum(const rdu_hw_step& step, const Place& place) const {
    demand_within<std::int64_t>(step.offset, -kMaxValue, kMaxValue, kValue, place, "offset");
    Known value = {step.offset, step.offset, 0};
    const auto terms = context_.terms(step);
    for (std::uint32_t i = 0; i < terms.size(); ++i) {
      const Place at = place.in("term", i);
      const std::int64_t by = terms[i].coefficient;
      demand_within<std::int64_t>(by, -kMaxValue, kMaxValue, kValue, at, "coefficient");
      const Known x = source(terms[i], at);
      value.low = add(value.low, times(by >= 0 ? x.low : x.high, by, at), at);
      value.high = add(value.high, times(by >= 0 ? x.high : x.low, by, at), at);
      if (x.slope == 0) continue;
      if (!x.slope || !value.slope) {
        value.slope.reset();
      } else {
        value.slope = add(*value.slope, times(*x.slope, by, at), at);
      }
    }
    return value;
  }

  Known source(const rdu_hw_term& term, const Place& place) const {
    switch (term.source) {
      case RDU_HW_TERM_COUNTER: {
        demand_number(term.index, context_.innermost(), place, "index");
        const rdu_hw_counter& counter = context_.counters()[term.index];
        const std::int64_t last =
            counter.start + std::int64_t{counter.step} * (std::int64_t{counter.extent} - 1);
        const bool innermost = term.index + 1 == context_.innermost();
        const std::int64_t slope = innermost && counter.extent > 1 ? counter.step : 0;
        return {std::min<std::int64_t>(counter.start, last),
                std::max<std::int64_t>(counter.start, last), slope};
      }
      case RDU_HW_TERM_STEP:
        demand_number(term.index, static_cast<std::uint32_t>(known_.size()), place, "index");
        return known_[term.index];
      case RDU_HW_TERM_PORT:
        return port(data_port(context_, term.index, RDU_HW_INPUT, place, "index"));
      default:
        demand_within<std::uint32_t>(term.source, 0, RDU_HW_TERM_PORT, kValue, place, "source");
        return {};
    }
  }

  // A word that is the same all along the innermost counter is no obstacle to a line.
  Known port(const rdu_hw_port& port) const {
    Known known = {
        std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max(), {}};
    const bool held = context_.innermost() == 0 || port.level < context_.innermost();
    if (port.kind == RDU_HW_SCALAR && held) known.slope = 0;
    return known;
  }

  static std::int64_t times(std::int64_t a, std::int64_t b, const Place& place) {
    std::int64_t product = 0;
    const bool fits =
        !__builtin_mul_overflow(a, b, &product) && product >= -kMaxValue && product <= kMaxValue;
    demand(fits, kValue, place, "coefficient", "products within 2^62", b);
    return product;
  }
  static std::int64_t add(std::int64_t a, std::int64_t b, const Place& place) {
    const std::int64_t sum = a + b;  // both within 2^62
    demand(sum >= -kMaxValue && sum <= kMaxValue, kValue, place, "coefficient", "sums within 2^62",
           b);
    return sum;
  }

  void check_last(const Place& place) const {
    const rdu_hw_step& step = context_.steps().back();
    const std::int64_t element = rdu_hw_format_bytes(rule_.format);
    demand_equal(static_cast<std::uint64_t>(step.divisor), 1, kConflict, place, "divisor");
    const auto demand_multiple = [&](std::int64_t value, const Place& at, const char* field) {
      demand(value % element == 0, kConflict, at, field, "a multiple of an element's bytes", value);
    };
    demand_multiple(step.offset, place, "offset");
    demand_multiple(step.modulus, place, "modulus");
    const auto terms = context_.terms(step);
    for (std::uint32_t i = 0; i < terms.size(); ++i) {
      demand_multiple(terms[i].coefficient, place.in("term", i), "coefficient");
    }
    const Known& address = known_.back();
    const std::int64_t end = static_cast<std::int64_t>(rule_.bytes) - element;
    if (!idle_) {
      demand_within<std::int64_t>(address.low, 0, end, kConflict, place, "least address");
      demand_within<std::int64_t>(address.high, 0, end, kConflict, place, "greatest address");
    }
    if (!rule_.consecutive || is_single()) return;
    demand(address.slope == element, kConflict, place, "bytes from lane to lane",
           "those of an element, as a dense transfer is", address.slope.value_or(0));
  }

  bool is_single() const {
    return context_.innermost() == 0 || context_.counters().back().extent == 1;
  }

  const ContextView& context_;
  const AddressRule& rule_;
  std::vector<Known> known_;
  bool idle_ = false;  // no lane is ever on
};

}  // namespace

void check_addresses(const ContextView& context, const AddressRule& rule) {
  Checker(context, rule).run();
}

}  // namespace rdu_hw::image
