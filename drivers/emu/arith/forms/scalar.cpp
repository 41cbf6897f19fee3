// The definitions as a table: one element, one vector, one lane after another, as the manual says it.
#define RDU_HW_ARITH_ISA scalar
#define RDU_HW_ARITH_VECTORIZE
#include "drivers/emu/arith/forms/lanes.hpp"
#include "drivers/emu/arith/forms/operands.hpp"

namespace rdu_hw::arith {
namespace scalar {
namespace {

template <class Rule>
void trees_one_by_one(Word* results, const Vectors& vectors) {
  for (std::size_t v = 0; v < vectors.count; ++v) {
    const std::uint64_t mask = mask_of(vectors, v);
    results[v] = tree_of<Rule>(vectors.words + v * vectors.lanes, mask, vectors.lanes);
  }
}

template <class A, class B>
struct Elements {
  static void run(const SystolicBlock& s) {
    const auto* a = static_cast<const typename A::Stored*>(s.a);
    const auto* b = static_cast<const typename B::Stored*>(s.b);
    for (std::size_t m = 0; m < s.rows; ++m) {
      for (std::size_t n = 0; n < s.columns; ++n) {
        Word& c = s.c[m * s.c_row + n];
        c = systolic_element<A, B>(c, a + m * s.a_row, s.a_step, b + n, s.b_step, s.steps);
      }
    }
  }
};

constexpr Forms make_forms() {
  Forms f{};
  f.isa = "scalar";
  fill_elementwise(f);
  fill_lanes(f);
#define X(name, number, identity) f.tree[number] = trees_one_by_one<FoldRule<name, identity>>;
  RDU_HW_ARITH_FOLDS(X)
#undef X
  fill_systolic<Elements>(f);
  return f;
}

}  // namespace
}  // namespace scalar

constinit const Forms kScalarForms = scalar::make_forms();

}  // namespace rdu_hw::arith
