// The elementary functions against a second implementation, written from the manual in another language
// (second_opinion.py, which printed second_opinion.txt).
#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "tests/drivers/emu/arith/words.hpp"

namespace rdu_hw::arith {
namespace {

TEST_CASE("whoever follows the manual gets the same bits") {
  std::ifstream file(RDU_ARITH_SECOND_OPINION);
  std::string name;
  Word a = 0, b = 0, expected = 0;
  std::size_t lines = 0;
  for (; file >> name >> std::hex >> a >> b >> expected; ++lines) {
    std::size_t op = 0;
    while (op < kNumOps && op_name(op) != name) ++op;
    CAPTURE(name, a, b);
    REQUIRE(op < kNumOps);
    CHECK(evaluate(static_cast<Op>(op), a, b) == expected);
  }
  CHECK(lines > 2000);
}

}  // namespace
}  // namespace rdu_hw::arith
