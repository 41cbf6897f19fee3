// The scalar arithmetic of the second engine against the other two opinions: a table from another language, and the chip's.
#include "tests/drivers/emu/arith/words.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <string>

#include "drivers/emu/arith/forms.hpp"
#include "tests/drivers/emu/naive/words.hpp"

namespace arith = rdu_hw::arith;

TEST_CASE("every row of the second opinion's table") {
  std::ifstream file(RDU_ARITH_SECOND_OPINION);
  std::string name;
  naive::Word a = 0, b = 0, expected = 0;
  std::set<std::string> names;
  std::size_t wrong = 0;
  for (; file >> name >> std::hex >> a >> b >> expected; names.insert(name)) {
    std::uint32_t op = 0;
    while (arith::op_name(op) != name) ++op;
    if (naive::operate(op, a, b) == expected) continue;
    ++wrong;
    UNSCOPED_INFO(name << std::hex << " " << a << " " << b << " gave " << naive::operate(op, a, b));
  }
  CHECK(wrong == 0);
  CHECK(names.size() == 19);
}

TEST_CASE("every operation on corners and random words, as the chip computes it") {
  arith::RandomWords random(11);
  for (std::uint32_t op = 0; op < arith::kNumOps; ++op) {
    for (int i = 0; i < 3000; ++i) {
      const naive::Word a = random.next(), b = random.next(), c = random.next();
      const naive::Word expected = arith::evaluate(static_cast<arith::Op>(op), a, b, c);
      if (naive::operate(op, a, b, c) == expected) continue;
      CAPTURE(arith::op_name(op), a, b, c, expected, naive::operate(op, a, b, c));
      FAIL_CHECK("two opinions");
      break;
    }
  }
}
