// Address programs: sums over counters, ports and earlier steps, and what a step does with them.
#include <algorithm>

#include "tools/rducc/target/rdu/flow.hpp"

namespace rducc::rdu {
namespace {

Step make_step(const Affine& sum, const Wrap& wrap) {
  return {sum.terms, sum.offset, wrap.divisor, wrap.modulus, wrap.low, wrap.high};
}

}  // namespace

Affine at(std::uint32_t counter, std::int64_t coefficient) {
  return {{rdu_hw::image::counter_term(counter, coefficient)}, 0};
}

Affine constant_address(std::int64_t offset) { return {{}, offset}; }

Affine operator+(Affine a, const Affine& b) {
  for (const rdu_hw_term& term : b.terms) {
    const auto same = std::find_if(a.terms.begin(), a.terms.end(), [&](const rdu_hw_term& other) {
      return other.source == term.source && other.index == term.index;
    });
    if (same == a.terms.end()) {
      a.terms.push_back(term);
    } else {
      same->coefficient += term.coefficient;
    }
  }
  a.offset += b.offset;
  return a;
}

Affine operator+(Affine a, std::int64_t offset) {
  a.offset += offset;
  return a;
}

Affine operator*(Affine a, std::int64_t factor) {
  for (rdu_hw_term& term : a.terms) term.coefficient *= factor;
  a.offset *= factor;
  return a;
}

Stream Memory::data() const {
  for (const Output& output : record().outputs) {
    if (output.kind != RDU_HW_CONTROL) return {output.link};
  }
  section().refuse(number(), "sends no data: it is no READ or LOAD");
  return {};
}

Affine Memory::word(Stream stream, std::uint32_t level, std::uint32_t depth) {
  const std::uint32_t port = section().receive(number(), stream, level, depth);
  return {{{RDU_HW_TERM_PORT, port, 1}}, 0};
}

// The last step is always the address: what is put in goes before it.
Affine Memory::step(const Affine& sum, const Wrap& wrap) {
  std::vector<Step>& steps = record().steps;
  const std::size_t place = steps.size() - 1;
  steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(place), make_step(sum, wrap));
  return {{{RDU_HW_TERM_STEP, static_cast<std::uint32_t>(place), 1}}, 0};
}

void Memory::address(const Affine& sum, const Wrap& wrap) {
  record().steps.back() = make_step(sum, wrap);
}

}  // namespace rducc::rdu
