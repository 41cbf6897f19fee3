// Arithmetic of sums over variables.
#include "tools/rducc/target/rdu/lower/form.hpp"

#include <algorithm>

namespace rducc::rdu::lower {

void Form::set(VariableId id, std::int64_t coef) {
  Term* const first = count_ <= kFew ? few_.data() : many_.data();
  std::size_t at = 0;
  while (at < count_ && first[at].id < id) ++at;
  const bool is_there = at < count_ && first[at].id == id;
  if (coef == 0) {
    if (is_there) erase(at);
  } else if (is_there) {
    first[at].coef = coef;
  } else {
    insert(at, {id, coef});
  }
}

void Form::insert(std::size_t at, const Term& term) {
  if (count_ == kFew) many_.assign(few_.begin(), few_.end());
  if (count_ >= kFew) {
    many_.insert(many_.begin() + static_cast<std::ptrdiff_t>(at), term);
  } else {
    std::copy_backward(few_.begin() + at, few_.begin() + count_, few_.begin() + count_ + 1);
    few_[at] = term;
  }
  ++count_;
}

void Form::erase(std::size_t at) {
  if (count_ > kFew) {
    many_.erase(many_.begin() + static_cast<std::ptrdiff_t>(at));
  } else {
    std::copy(few_.begin() + at + 1, few_.begin() + count_, few_.begin() + at);
  }
  --count_;
  if (count_ == kFew) std::copy(many_.begin(), many_.end(), few_.begin());
}

void Form::add(const Form& other, std::int64_t factor) {
  offset += other.offset * factor;
  for (const Term& term : other.terms()) add(term.id, term.coef * factor);
}

void Form::substitute(VariableId id, const Form& by) {
  const std::int64_t factor = coef(id);
  if (factor == 0) return;
  set(id, 0);
  add(by, factor);
}

}  // namespace rducc::rdu::lower
