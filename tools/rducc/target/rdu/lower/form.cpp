// Arithmetic of sums over variables.
#include "tools/rducc/target/rdu/lower/form.hpp"

#include <algorithm>

namespace rducc::rdu::lower {

void Form::set(VariableId id, std::int64_t coef) {
  if (id >= coefs_.size()) {
    if (coef == 0) return;
    coefs_.resize(id + 1, 0);
  }
  coefs_[id] = coef;
}

void Form::add(const Form& other, std::int64_t factor) {
  offset += other.offset * factor;
  for (VariableId id = 0; id < other.end(); ++id) {
    if (other.coef(id) != 0) add(id, other.coef(id) * factor);
  }
}

void Form::substitute(VariableId id, const Form& by) {
  const std::int64_t factor = coef(id);
  if (factor == 0) return;
  set(id, 0);
  add(by, factor);
}

bool Form::is_constant() const {
  return std::all_of(coefs_.begin(), coefs_.end(), [](std::int64_t coef) { return coef == 0; });
}

}  // namespace rducc::rdu::lower
