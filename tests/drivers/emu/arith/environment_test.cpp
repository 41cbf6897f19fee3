// The arithmetic in a thread whose application flushes subnormals and rounds upwards.
#include "drivers/emu/arith/environment.hpp"

#include <catch2/catch.hpp>
#include <cfenv>

#include "tests/drivers/emu/arith/words.hpp"

namespace rdu_hw::arith {
namespace {

TEST_CASE("the default environment rounds to nearest, and the caller's comes back") {
  std::fesetround(FE_UPWARD);
  {
    const DefaultEnvironment arithmetic;
    CHECK(evaluate(Op::add_f32, word(0x1p24f), word(1.0f)) == word(0x1p24f));
  }
  CHECK(std::fegetround() == FE_UPWARD);
  std::fesetround(FE_TONEAREST);
}

#if defined(__SSE2__)
TEST_CASE("the default environment keeps subnormals where the caller flushes them") {
  constexpr unsigned kFlush = 0x8040;
  const unsigned before = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(before | kFlush);
  Word flushed = 1, kept = 0;
  flushed = evaluate(Op::mul_f32, word(0x1p-100f), word(0x1p-49f));
  {
    const DefaultEnvironment arithmetic;
    kept = evaluate(Op::mul_f32, word(0x1p-100f), word(0x1p-49f));
  }
  const unsigned after = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(before);
  CHECK(flushed == 0u);
  CHECK(kept == kLeastSubnormal);
  CHECK((after & kFlush) == kFlush);
}
#endif

}  // namespace
}  // namespace rdu_hw::arith
