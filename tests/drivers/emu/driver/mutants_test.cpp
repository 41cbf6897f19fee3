// Damaged images into the driver, as far as they go: refused, or run on memory of their own until they end or are stopped.
// RDU_MUTATIONS and RDU_SEED widen the search.
#include <cstdlib>
#include <map>

#include "tests/drivers/emu/driver/support.hpp"
#include "tests/drivers/image/mutation.hpp"
#include "tests/drivers/image/random_program.hpp"
#include "tests/drivers/image/support.hpp"

using namespace driver_test;
using rdu_hw::image::write_image;

namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// Memory of a run, given back at its end.
class Regions {
 public:
  Regions(const Chip& chip, const rdu_hw_image& image) : chip_(chip) {
    for (std::uint32_t i = 0; i < image.num_arguments; ++i) {
      const rdu_hw_argument& argument = image.arguments[i];
      rdu_hw_bound bound = {0, 3, 0};
      if (argument.kind == RDU_HW_ARGUMENT_REGION) {
        complete_ =
            complete_ && argument.bytes <= kMost &&
            rdu_hw_memory_allocate(chip.get(), argument.tier, argument.bytes, argument.alignment,
                                   &bound.address, nullptr) == RDU_HW_OK;
        if (!complete_) break;
        taken_.push_back({argument.tier, bound.address});
      }
      bound_.push_back(bound);
    }
  }
  ~Regions() {
    for (const auto& [tier, address] : taken_) {
      CHECK(rdu_hw_memory_free(chip_.get(), tier, address, nullptr) == RDU_HW_OK);
    }
  }
  bool complete() const { return complete_; }
  const std::vector<rdu_hw_bound>& bound() const { return bound_; }

 private:
  static constexpr std::uint64_t kMost = 1 << 24;
  const Chip& chip_;
  bool complete_ = true;
  std::vector<rdu_hw_bound> bound_;
  std::vector<std::pair<std::uint32_t, std::uint64_t>> taken_;
};

// The code of the run, or of what refused it.
rdu_hw_code try_image(const Chip& chip, const std::vector<std::uint8_t>& bytes) {
  rdu_hw_module* loaded = nullptr;
  rdu_hw_error error = {};
  rdu_hw_code code = rdu_hw_module_load(chip.get(), bytes.data(), bytes.size(), &loaded, &error);
  const Module module(loaded);
  if (code != RDU_HW_OK) {
    REQUIRE(error.text[0] != '\0');
    return code;
  }
  const Regions regions(chip, *rdu_hw_module_image(loaded));
  if (!regions.complete()) return RDU_HW_ERR_CAPACITY;
  const Run run = start(module, regions.bound());
  std::uint32_t done = 0;
  code = rdu_hw_run_wait(run.get(), 20'000'000, &done, &error);
  if (done == 0) {
    rdu_hw_run_stop(run.get());
    code = rdu_hw_run_wait(run.get(), UINT64_MAX, &done, &error);
  }
  REQUIRE(done == 1);
  if (code == RDU_HW_OK) {
    REQUIRE(rdu_hw_run_print_json(run.get(), nullptr, 0) != 0);
  } else {
    REQUIRE(error.text[0] != '\0');
  }
  return code;
}

}  // namespace

TEST_CASE("damaged images are refused, or run to an end of some kind") {
  const Chip chip = open_chip("edge");
  const rdu_hw_arch edge = image_test::chip("edge");
  std::vector<std::vector<std::uint8_t>> originals;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    originals.push_back(write_image(image_test::random_program(seed, edge)));
  }
  std::map<rdu_hw_code, std::uint64_t> seen;
  const std::uint64_t count = from_environment("RDU_MUTATIONS", 1500);
  const std::uint64_t first = from_environment("RDU_SEED", 1);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    CAPTURE(seed);
    ++seen[try_image(chip, image_test::mutated(originals[seed % originals.size()], seed))];
  }
  for (const auto& [code, times] : seen) UNSCOPED_INFO("code " << code << ": " << times);
  // The search is worth its name only if some of it gets past the door.
  CHECK(seen[RDU_HW_OK] > count / 100);
  CHECK(seen[RDU_HW_ERR_IMAGE] > count / 10);
  CHECK(info_of(chip).allocated_bytes[0] == 0);
}
