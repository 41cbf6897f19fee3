// Random programs run on their chip; damaged ones are errors, or images that are sound.
#include <cstdlib>
#include <map>
#include <set>

#include "tests/drivers/image/features.hpp"
#include "tests/drivers/image/mutation.hpp"
#include "tests/drivers/image/random_program.hpp"
#include "tests/drivers/image/samples.hpp"
#include "tests/drivers/image/support.hpp"

using namespace image_test;
using namespace rdu_hw::image;

namespace {

// RDU_MUTATIONS and RDU_SEED widen the search.
std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// "context, port: level" of "4 section 0, context 2, port 1: level: expected …": the rule without the numbers.
std::string rule_of(const std::string& answer) {
  std::string rule;
  for (const char c : answer.substr(0, answer.find(": expected"))) {
    if (c < '0' || c > '9') rule += c;
  }
  return rule;
}

}  // namespace

TEST_CASE("random programs are valid on every preset, and the same for a seed") {
  for (const char* name : {"edge", "plasticine", "sara20", "sn10", "sn40l"}) {
    const rdu_hw_arch arch = chip(name);
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      const Bytes bytes = write_image(random_program(seed, arch));
      INFO(name << ", seed " << seed);
      REQUIRE(decode_answer(bytes) == "0");
      const Image image = decoded(bytes);
      REQUIRE(answer(*image, arch) == "0");
      REQUIRE(write_image(read_program(*image)) == bytes);
      REQUIRE(write_image(random_program(seed, arch)) == bytes);
    }
  }
}

TEST_CASE("random programs make chips do everything") {
  const std::vector<rdu_hw_arch> chips = small_chips();
  std::map<std::string, int> found;
  for (const std::string& feature : kFeatures) found[feature] = 0;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const rdu_hw_arch& arch = chips[seed % chips.size()];
    const Image image = decoded(write_image(random_program(seed, arch)));
    INFO(arch.name << ", seed " << seed);
    REQUIRE(answer(*image, arch) == "0");
    for (const std::string& feature : features_of(*image, arch)) ++found.at(feature);
  }
  for (const auto& [feature, count] : found) {
    INFO(feature);
    CHECK(count >= 6);
  }
}

TEST_CASE("damaged images are errors or images, and what decodes can be walked") {
  const rdu_hw_arch edge = chip("edge");
  const rdu_hw_arch sn10 = chip("sn10");
  std::vector<Bytes> originals = {write_image(dot_product(rdu_hw_arch_hash(&edge), 1024, 32)),
                                  write_image(systolic_tile(rdu_hw_arch_hash(&sn10), 64))};
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    originals.push_back(write_image(random_program(seed, edge)));
  }
  const std::uint64_t count = from_environment("RDU_MUTATIONS", 20000);
  const std::uint64_t first = from_environment("RDU_SEED", 1);
  std::uint64_t opened = 0;
  std::set<std::string> rules;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const Bytes bytes = mutated(originals[seed % originals.size()], seed);
    rdu_hw_image* out = nullptr;
    rdu_hw_image_error error = {};
    const auto code = rdu_hw_image_decode(bytes.data(), bytes.size(), &out, &error);
    const Image image(out);
    if (code != RDU_HW_IMAGE_OK) {
      if (error.text[0] == '\0') FAIL("seed " << seed << " has no sentence");
      rules.insert(rule_of(error.text));
      continue;
    }
    ++opened;
    rdu_hw_image_validate(image.get(), &edge, nullptr);
    if (rdu_hw_image_print(image.get(), nullptr, 0) == 0) FAIL("seed " << seed << " has no text");
    if (opened % 16 == 0 && write_image(read_program(*image)).empty()) FAIL("seed " << seed);
  }
  // The search is worth its name only if it gets behind the first checks.
  CHECK(opened > count / 50);
  CHECK(rules.size() > 60);
}
