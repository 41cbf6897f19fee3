// A window of bytes: never more under way than it has, never more given back than was taken.
#include "plugins/remote/wire/credit.hpp"

#include <catch2/catch.hpp>

using rdu::remote::CreditWindow;

TEST_CASE("credit is spent and given back") {
  CreditWindow window(100);
  CHECK(window.try_take(60));
  CHECK_FALSE(window.try_take(41));
  CHECK(window.try_take(40));
  CHECK(window.available() == 0);
  CHECK(window.try_take(0));
  window.give_back(40);
  CHECK(window.try_take(40));
}

TEST_CASE("a peer that gives back too much gives nothing") {
  CreditWindow window(100);
  CHECK(window.try_take(10));
  window.give_back(~std::uint64_t{0});
  CHECK(window.available() == 100);
  CHECK(window.in_use() == 0);
  CHECK_FALSE(window.fits(101));
  CHECK_FALSE(window.try_take(101));
}
