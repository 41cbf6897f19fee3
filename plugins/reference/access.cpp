// The definition of rdu_index: floor division, Euclidean modulo, exactness, indirection and the outside rules.
#include "plugins/reference/access.hpp"

#include <algorithm>

#include "plugins/reference/element.hpp"

namespace rdu::reference {
namespace {

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  const std::int64_t quotient = a / b;
  return a % b < 0 ? quotient - 1 : quotient;
}

std::int64_t euclidean_mod(std::int64_t a, std::int64_t b) {
  const std::int64_t rest = a % b;
  return rest < 0 ? rest + b : rest;
}

// Mirrored at both edges, which are not repeated: 0 1 2 3 | 2 1 0 1 2 …
std::int64_t reflect(std::int64_t index, std::int64_t extent) {
  if (extent == 1) return 0;
  const std::int64_t period = 2 * (extent - 1);
  const std::int64_t phase = euclidean_mod(index, period);
  return phase < extent ? phase : period - phase;
}

// Indices come from data; their sum may wrap, and is outside then.
std::int64_t add_index(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

// How far something moves when loop l moves on: its own coefficient, and the way back of all loops after it.
void fill_steps(const std::int64_t* coefs, const Domain& domain, std::uint32_t end,
                std::int64_t* steps) {
  std::int64_t way_back = 0;
  for (std::uint32_t l = end; l-- > 0;) {
    steps[l] = coefs[l] - way_back;
    way_back += coefs[l] * (domain.extents[l] - 1);
  }
}

}  // namespace

void Cursor::start(const AccessPlan& plan, std::byte* data, Scalar fill,
                   const std::int64_t* extents, const Domain& domain, std::uint32_t end,
                   const Cursor* cursors, Failure* failure) {
  plan_ = &plan;
  cursors_ = cursors;
  failure_ = failure;
  data_ = data;
  fill_ = fill;
  num_judged_ = static_cast<std::uint32_t>(plan.judged.size());
  element_ = plan.base;
  fill_steps(plan.coefs, domain, end, element_steps_);
  for (std::uint32_t j = 0; j < num_judged_; ++j) {
    numerators_[j] = plan.judged[j].offset;
    extents_[j] = extents[j];
    fill_steps(plan.judged[j].coefs, domain, end, steps_[j]);
  }
}

void Cursor::judge(std::uint32_t j, Location& location) const {
  const JudgedDim& dim = plan_->judged[j];
  std::int64_t index = numerators_[j];
  if (dim.source != RDU_NONE) {
    const Cursor& source = cursors_[dim.source];
    const Location at = source.locate();
    if (at.filled) {
      location.inside = false;
      location.filled = true;
      return;
    }
    index = add_index(index, load(source.plan().dtype, source.data(), at.element).i);
  }
  if (dim.exact && euclidean_mod(index, dim.div) != 0) {
    location.inside = false;
    location.filled = true;
    return;
  }
  if (dim.div != 1) index = floor_div(index, dim.div);
  if (dim.mod != 0) index = euclidean_mod(index, dim.mod);
  if (static_cast<std::uint64_t>(index) < static_cast<std::uint64_t>(extents_[j])) {
    location.element += index * dim.stride;
  } else {
    location.inside = false;
    apply_outside(j, index, location);
  }
}

void Cursor::apply_outside(std::uint32_t j, std::int64_t index, Location& location) const {
  const JudgedDim& dim = plan_->judged[j];
  const std::int64_t extent = extents_[j];
  switch (dim.outside) {
    case RDU_OUTSIDE_FILL:
    case RDU_OUTSIDE_SKIP:
      location.filled = true;
      return;
    case RDU_OUTSIDE_CLAMP:
      if (extent == 0) return fail(j, index, location);
      location.element += std::clamp<std::int64_t>(index, 0, extent - 1) * dim.stride;
      return;
    case RDU_OUTSIDE_REFLECT:
      if (extent == 0) return fail(j, index, location);
      location.element += reflect(index, extent) * dim.stride;
      return;
    case RDU_OUTSIDE_WRAP:
      if (index >= 0 || index < -extent) return fail(j, index, location);
      location.element += (index + extent) * dim.stride;
      return;
    default:
      return fail(j, index, location);
  }
}

void Cursor::fail(std::uint32_t j, std::int64_t index, Location& location) const {
  location.filled = true;
  if (failure_->access == nullptr)
    *failure_ = {plan_, plan_->judged[j].dimension, index, extents_[j]};
}

Scalar Cursor::read() const {
  const Location location = locate();
  return location.filled ? fill_ : load(plan_->dtype, data_, location.element);
}

bool Cursor::line(std::uint32_t loop, std::int64_t count, std::int64_t& element,
                  std::int64_t& step) const {
  element = element_;
  step = plan_->coefs[loop];
  for (std::uint32_t j = 0; j < num_judged_; ++j) {
    const JudgedDim& dim = plan_->judged[j];
    if (dim.source != RDU_NONE || dim.div != 1 || dim.mod != 0) return false;
    const std::int64_t first = numerators_[j];
    const std::int64_t last = first + (count - 1) * dim.coefs[loop];
    if (std::min(first, last) < 0 || std::max(first, last) >= extents_[j]) return false;
    element += first * dim.stride;
    step += dim.coefs[loop] * dim.stride;
  }
  return true;
}

}  // namespace rdu::reference
