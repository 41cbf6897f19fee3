// The programs by hand of the image's tests compute what they say.
#include "tests/drivers/image/samples.hpp"

#include <numeric>

#include "tests/drivers/emu/chip/machine.hpp"

using namespace chip_test;
using image_test::chip;

TEST_CASE("a dot product in tiles", "[chip]") {
  const rdu_hw_arch arch = chip("sara20");
  Machine machine(arch, image_test::dot_product(rdu_hw_arch_hash(&arch), 1024, 64));
  std::vector<std::int32_t> a(1024), b(1024);
  std::iota(a.begin(), a.end(), -300);
  std::iota(b.begin(), b.end(), 17);
  machine.put(0, a);
  machine.put(1, b);
  machine.report();
  REQUIRE(static_cast<std::int32_t>(machine.word(2)) ==
          std::inner_product(a.begin(), a.end(), b.begin(), 0));
}

TEST_CASE("a map through a metapipe", "[chip]") {
  const rdu_hw_arch arch = chip("sara20");
  Machine machine(arch, image_test::metapipelined_map(rdu_hw_arch_hash(&arch), 8, 48));
  std::vector<float> x(8 * 48);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 7) - 3.5f;
  machine.put(0, x);
  machine.report();
  for (float& value : x) value = std::max(value, 0.0f);
  REQUIRE(machine.get<float>(1, x.size()) == x);
}
