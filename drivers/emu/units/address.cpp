// Steps are evaluated for all lanes at once as long as they are lines from lane to lane, else lane by lane.
#include "drivers/emu/units/address.hpp"

namespace rdu_hw::emu {
namespace {

constexpr std::int64_t kNoLow = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kNoHigh = std::numeric_limits<std::int64_t>::max();

std::int64_t floor_divide(std::int64_t value, std::int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

std::int64_t floor_modulo(std::int64_t value, std::int64_t modulus) {
  if (value >= 0 && value < modulus) return value;
  const std::int64_t rest = value % modulus;
  return rest < 0 ? rest + modulus : rest;
}

}  // namespace

AddressProgram::AddressProgram(const image::ContextView& context, const Chain& chain,
                               const Inputs& inputs)
    : inputs_(inputs),
      innermost_(context.innermost() == 0 ? RDU_HW_NONE : context.innermost() - 1) {
  for (const rdu_hw_step& step : context.steps()) {
    const auto first = static_cast<std::uint32_t>(terms_.size());
    for (const rdu_hw_term& term : context.terms(step)) {
      terms_.push_back(term);
      uses_ports_ |= term.source == RDU_HW_TERM_PORT;
    }
    steps_.push_back({first, static_cast<std::uint32_t>(terms_.size()), step.offset, step.divisor,
                      step.modulus, step.low, step.high,
                      step.low != kNoLow || step.high != kNoHigh});
  }
  lines_.resize(steps_.size());
  values_.resize(steps_.size());
  sheets_.resize(steps_.size());
  const Step& only = steps_.back();
  affine_ = steps_.size() == 1 && !uses_ports_ && only.modulus == 0 && !only.bounded;
  for (const rdu_hw_term& term : terms_) {
    if (!affine_) break;
    if (term.index == innermost_) lane_stride_ += term.coefficient * chain.lane_step();
    if (term.index == chain.runner()) run_stride_ += term.coefficient * chain.stride(term.index);
  }
}

std::int64_t AddressProgram::base(const Chain& chain) const {
  std::int64_t sum = steps_.front().offset;
  for (const rdu_hw_term& term : terms_) sum += term.coefficient * chain.value(term.index);
  return sum;
}

void AddressProgram::evaluate(const Chain& chain, std::int64_t later, std::int64_t firing,
                              Addresses& out) const {
  const Moment moment = {chain, later, firing};
  out.on = ~std::uint64_t{0} >> (64 - chain.valid_lanes(later));
  if (as_lines(moment, out)) return;
  out.on = ~std::uint64_t{0} >> (64 - chain.valid_lanes(later));
  lane_by_lane(moment, out);
}

bool AddressProgram::as_lines(const Moment& moment, Addresses& out) const {
  out.is_line = true;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    Line& line = lines_[i];
    if (!add_terms(step, moment, lines_, line)) return false;
    if ((step.divisor != 1 || step.modulus != 0) && !divide(step, out, line)) return false;
    if (step.bounded) bound(step, line, out);
    if (out.on == 0) return true;
  }
  out.base = static_cast<std::int64_t>(lines_.back().base);
  out.stride = static_cast<std::int64_t>(lines_.back().slope);
  return true;
}

bool AddressProgram::add_terms(const Step& step, const Moment& moment, std::span<const Line> lines,
                               Line& sum) const {
  sum = {static_cast<std::uint64_t>(step.offset), 0};
  for (std::uint32_t t = step.first_term; t < step.last_term; ++t) {
    const rdu_hw_term& term = terms_[t];
    const auto by = static_cast<std::uint64_t>(term.coefficient);
    if (term.source == RDU_HW_TERM_COUNTER) {
      const Chain& chain = moment.chain;
      std::int64_t value = chain.value(term.index);
      if (term.index == chain.runner()) value += moment.later * chain.stride(term.index);
      if (term.index == innermost_) sum.slope += by * static_cast<std::uint64_t>(chain.lane_step());
      sum.base += by * static_cast<std::uint64_t>(value);
    } else if (term.source == RDU_HW_TERM_STEP) {
      sum.base += by * lines[term.index].base;
      sum.slope += by * lines[term.index].slope;
    } else {
      const Input& input = inputs_[term.index];
      if (input.words() != 1) return false;
      const auto word = static_cast<std::int32_t>(*input.at(moment.firing));
      sum.base += by * static_cast<std::uint64_t>(std::int64_t{word});
    }
  }
  return true;
}

// A step that divides or wraps must be the same for all; a step with bounds must be within them, or outside, at all four corners.
bool AddressProgram::find_plane(const Chain& chain, std::int64_t count, Plane& plane) const {
  if (uses_ports_) return false;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    Sheet& sheet = sheets_[i];
    sheet = sheet_of(step, chain);
    if (step.divisor != 1 || step.modulus != 0) {
      if (!sheet.is_flat()) return false;
      std::int64_t value = floor_divide(sheet.line.at(0), step.divisor);
      if (step.modulus != 0) value = floor_modulo(value, step.modulus);
      sheet.line.base = static_cast<std::uint64_t>(value);
    }
    if (!step.bounded) continue;
    const auto along = sheet.step * static_cast<std::uint64_t>(count - 1);
    const Line first = sheet.line, last = {first.base + along, first.slope};
    const int lane = static_cast<int>(chain.valid_lanes()) - 1;
    int inside = 0;
    for (const std::int64_t value : {first.at(0), first.at(lane), last.at(0), last.at(lane)}) {
      inside += value >= step.low && value < step.high ? 1 : 0;
    }
    plane.on = inside != 0;
    if (!plane.on && sheet.is_flat()) return true;
    if (inside != 4) return false;
  }
  const Sheet& sheet = sheets_.back();
  plane = {true, sheet.line.at(0), static_cast<std::int64_t>(sheet.step),
           static_cast<std::int64_t>(sheet.line.slope)};
  return true;
}

AddressProgram::Sheet AddressProgram::sheet_of(const Step& step, const Chain& chain) const {
  Sheet sum = {{static_cast<std::uint64_t>(step.offset), 0}, 0};
  for (std::uint32_t t = step.first_term; t < step.last_term; ++t) {
    const rdu_hw_term& term = terms_[t];
    const auto by = static_cast<std::uint64_t>(term.coefficient);
    if (term.source == RDU_HW_TERM_STEP) {
      sum.line.base += by * sheets_[term.index].line.base;
      sum.line.slope += by * sheets_[term.index].line.slope;
      sum.step += by * sheets_[term.index].step;
      continue;
    }
    sum.line.base += by * static_cast<std::uint64_t>(chain.value(term.index));
    if (term.index == innermost_) {
      sum.line.slope += by * static_cast<std::uint64_t>(chain.lane_step());
    }
    if (term.index == chain.runner()) {
      sum.step += by * static_cast<std::uint64_t>(chain.stride(term.index));
    }
  }
  return sum;
}

// Lanes that are on stay a line if all of them have one quotient, or wrap together.
bool AddressProgram::divide(const Step& step, const Addresses& lanes, Line& line) {
  const int first = lanes.first();
  std::int64_t low = line.at(first);
  std::int64_t high = line.at(lanes.last());
  if (step.divisor != 1) {
    low = floor_divide(low, step.divisor);
    high = floor_divide(high, step.divisor);
    if (low != high) return false;
    line = {static_cast<std::uint64_t>(low), 0};
  }
  if (step.modulus == 0) return true;
  const std::int64_t wrapped = floor_modulo(low, step.modulus);
  const std::int64_t end = wrapped + (high - low);
  line.base += static_cast<std::uint64_t>(wrapped - low);
  return end >= 0 && end < step.modulus;
}

void AddressProgram::bound(const Step& step, const Line& line, Addresses& lanes) {
  const auto inside = [&](int lane) {
    const std::int64_t value = line.at(lane);
    return value >= step.low && value < step.high;
  };
  if (inside(lanes.first()) && inside(lanes.last())) return;
  for (std::uint64_t rest = lanes.on; rest != 0; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    if (!inside(lane)) lanes.on &= ~(std::uint64_t{1} << lane);
  }
}

void AddressProgram::lane_by_lane(const Moment& moment, Addresses& out) const {
  out.is_line = false;
  for (std::uint64_t rest = out.on; rest != 0; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    if (!evaluate_lane(moment, lane, out.lanes[lane])) out.on &= ~(std::uint64_t{1} << lane);
  }
}

bool AddressProgram::evaluate_lane(const Moment& moment, int lane, std::int64_t& address) const {
  const Chain& chain = moment.chain;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    std::int64_t sum = step.offset;
    for (std::uint32_t t = step.first_term; t < step.last_term; ++t) {
      const rdu_hw_term& term = terms_[t];
      std::int64_t x = 0;
      if (term.source == RDU_HW_TERM_COUNTER) {
        x = chain.value(term.index);
        if (term.index == chain.runner()) x += moment.later * chain.stride(term.index);
        if (term.index == innermost_) x += lane * chain.lane_step();
      } else if (term.source == RDU_HW_TERM_STEP) {
        x = values_[term.index];
      } else {
        const Input& input = inputs_[term.index];
        x = static_cast<std::int32_t>(input.at(moment.firing)[input.words() == 1 ? 0 : lane]);
      }
      sum += term.coefficient * x;
    }
    if (step.divisor != 1) sum = floor_divide(sum, step.divisor);
    if (step.modulus != 0) sum = floor_modulo(sum, step.modulus);
    if (step.bounded && (sum < step.low || sum >= step.high)) return false;
    values_[i] = sum;
  }
  address = values_.back();
  return true;
}

}  // namespace rdu_hw::emu
