// Random programs on the second engine: most end, a few must not.
#include <map>

#include "tests/drivers/emu/naive/host.hpp"
#include "tests/drivers/image/random_program.hpp"
#include "tests/drivers/image/support.hpp"

using namespace naive;

TEST_CASE("most random programs end; some wait for ever, some bring a wrong extent") {
  const std::vector<rdu_hw_arch> chips = image_test::small_chips();
  std::map<End, int> ends;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const rdu_hw_arch& arch = chips[seed % chips.size()];
    const auto image = image_test::decoded(write_image(image_test::random_program(seed, arch)));
    Bound bound = bind(*image, seed);
    ++ends[run(*image, arch, bound.arguments, bound.tiers).end];
  }
  CHECK(ends[End::kFinished] > 550);
  CHECK(ends[End::kDeadlock] > 6);
  CHECK(ends[End::kExtent] > 1);
}
