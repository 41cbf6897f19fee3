// Both engines on a chip that has run the image before.
#include <numeric>

#include "drivers/emu/chip/chip.hpp"
#include "tests/drivers/emu/naive/host.hpp"
#include "tests/drivers/emu/naive/machine.hpp"
#include "tests/drivers/image/samples.hpp"
#include "tests/drivers/image/support.hpp"

using namespace naive;
using image_test::chip;
using image_test::decoded;

namespace emu = rdu_hw::emu;

namespace {

// Runs an image again and again in the fast engine.
class Fast {
 public:
  Fast(const rdu_hw_image& image, const rdu_hw_arch& arch, Bound bound)
      : held(arch), bound_(std::move(bound)), image_(image), arch_(arch) {}

  emu::Report run() {
    std::vector<emu::Binding> bindings;
    for (const std::uint64_t address : bound_.arguments) bindings.push_back({address, 0});
    emu::Memory memory[emu::kNumTiers];
    for (std::size_t i = 0; i < emu::kNumTiers; ++i) {
      auto& bytes = bound_.tiers[i];
      memory[i] = {reinterpret_cast<std::byte*>(bytes.data()), bytes.size()};
    }
    emu::Result result = emu::run(image_, arch_, bindings, memory, {}, held);
    REQUIRE(result.ok());
    return std::move(result.report);
  }
  const Bound& bound() const { return bound_; }
  emu::Held held;

 private:
  Bound bound_;
  const rdu_hw_image& image_;
  const rdu_hw_arch& arch_;
};

void compare(const Outcome& a, const emu::Report& b) {
  REQUIRE(a.sections.size() == b.sections.size());
  for (std::size_t i = 0; i < a.sections.size(); ++i) {
    CHECK(a.sections[i].begin == b.sections[i].begin);
    CHECK(a.sections[i].program_load == b.sections[i].program_load);
    CHECK(a.sections[i].argument_load == b.sections[i].argument_load);
    CHECK(a.sections[i].execution == b.sections[i].execution);
    CHECK(a.sections[i].quiesce == b.sections[i].quiesce);
  }
  CHECK(a.cycles == b.cycles);
}

}  // namespace

TEST_CASE("what is kept is kept in both engines, for as many cycles") {
  const rdu_hw_arch arch = chip("sara20");
  for (const std::uint32_t again : {0u, 1u}) {
    INFO(again << " more sections");
    auto program = image_test::kept_product(rdu_hw_arch_hash(&arch), 96);
    for (std::uint32_t i = 0; i < again; ++i) program.sections.push_back(program.sections[1]);
    const auto image = decoded(rdu_hw::image::write_image(program));
    const Bound bound = bind(*image, 5);
    Bound there = bound;
    Before before;
    Fast fast(*image, arch, bound);
    for (int i = 0; i < 3; ++i) {
      INFO("run " << i);
      const Outcome outcome = run(*image, arch, there.arguments, there.tiers, before);
      compare(outcome, fast.run());
      CHECK(there.tiers == fast.bound().tiers);
      // The body alone, loaded again only where another section was the last.
      REQUIRE(outcome.sections.size() == (i == 0 ? 2 : 1) + again);
      CHECK((outcome.sections[0].program_load == 0) == (i != 0 && again == 0));
    }
  }
}

TEST_CASE("a chip that was told that contents are gone sets up again") {
  const rdu_hw_arch arch = chip("sara20");
  const auto image =
      decoded(rdu_hw::image::write_image(image_test::kept_product(rdu_hw_arch_hash(&arch), 96)));
  Fast fast(*image, arch, bind(*image, 5));
  const emu::Report first = fast.run();
  CHECK(fast.run().first_section == 1);
  fast.held.is_set_up = false;
  const emu::Report again = fast.run();
  CHECK(again.first_section == 0);
  CHECK(again.cycles == first.cycles);
}
