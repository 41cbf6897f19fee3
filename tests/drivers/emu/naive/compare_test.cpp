// Both engines of the chip on random programs: the same cycles, the same words. RDU_FULL=1 takes many, RDU_SEED=n begins there.
#include "tests/drivers/emu/naive/compare.hpp"

#include <cstdlib>
#include <map>

#include "tests/drivers/image/random_program.hpp"
#include "tests/drivers/image/support.hpp"

using namespace naive;
namespace emu = rdu_hw::emu;

namespace {

// Blocks as long as they come, single vectors, another order of the units, and times alone where they do not hang on values.
std::map<std::string, emu::Options> ways(std::uint64_t seed) {
  std::map<std::string, emu::Options> ways;
  ways["in vectors"].granularity = 1;
  ways["in blocks of three"].granularity = 3;
  ways["in blocks, shuffled"].shuffle = seed;
  ways["in blocks"] = {};
  ways["without values"].values = false;
  return ways;
}

// `runs` counts the ways that could be compared.
std::string differences(const rdu_hw_image& image, const rdu_hw_arch& arch, std::uint64_t seed,
                        std::map<std::string, std::uint64_t>& runs) {
  const Reference reference = run_reference(image, arch, bind(image, seed));
  std::string text;
  for (const auto& [way, options] : ways(seed)) {
    const auto found = difference(image, arch, reference, options);
    if (!found) continue;
    ++runs[way];
    if (!found->empty()) text += way + ":\n" + *found;
  }
  return text;
}

}  // namespace

TEST_CASE("both engines agree on random programs") {
  const std::vector<rdu_hw_arch> chips = image_test::small_chips();
  const char* given = std::getenv("RDU_SEED");
  const std::uint64_t first = given == nullptr ? 0 : std::strtoull(given, nullptr, 10);
  const std::uint64_t count = std::getenv("RDU_FULL") != nullptr ? 5000 : 1000;
  std::map<std::string, std::uint64_t> runs;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const rdu_hw_arch& arch = chips[seed % chips.size()];
    const auto image = image_test::decoded(write_image(image_test::random_program(seed, arch)));
    const std::string text = differences(*image, arch, seed, runs);
    if (text.empty()) continue;
    INFO("seed " << seed << " on " << arch.name << "\n" << text << image_test::text_of(*image));
    FAIL_CHECK("the engines differ");
  }
  CHECK(runs["in blocks"] == count);
  CHECK(runs["without values"] > count / 2);
}
