// Each rule on setup sections: the program that breaks it, and the sentence.
#include "tests/drivers/image/samples.hpp"
#include "tests/drivers/image/support.hpp"

using namespace image_test;
using namespace rdu_hw::image;

TEST_CASE("setup sections that are refused") {
  const rdu_hw_arch arch = chip("sara20");
  const auto refused = [&](auto change) {
    Program p = kept_product(rdu_hw_arch_hash(&arch), 64);
    change(p);
    return answer(p, arch);
  };
  CHECK(refused([](Program&) {}) == "0");
  CHECK(refused([](Program& p) { p.num_setup_sections = 2; }) ==
        "4 setup 0: sections: expected at least one, and fewer than there are, got 2");
  CHECK(
      refused([](Program& p) { std::swap(p.sections[0], p.sections[1]); }) ==
      "5 section 0, context 3: program: expected no store and no result in a setup section, got 5");
  CHECK(refused([](Program& p) { p.sections.push_back(p.sections[0]); }) ==
        "5 section 2, context 1: buffer: expected nothing that a setup section wrote, got 0");
  CHECK(refused([](Program& p) {
          p.sections.push_back(p.sections[0]);
          p.sections[2].buffers[0].record.base = 4 * 64;
        }) == "0");
  CHECK(refused([](Program& p) {
          p.sections.push_back(p.sections[0]);
          p.sections[2].buffers[0].record.base = 4 * 48;
        }) ==
        "5 section 2, context 1: buffer: expected nothing that a setup section wrote, got 192");
}

TEST_CASE("a copy in every bank keeps all that it takes") {
  const rdu_hw_arch arch = chip("sara20");
  Program p = kept_product(rdu_hw_arch_hash(&arch), 64);
  for (Section& section : p.sections) {
    section.buffers[0].record.bank_mode = RDU_HW_BANK_DUPLICATED;
  }
  p.sections.push_back(p.sections[0]);
  p.sections[2].buffers[0].record.base = 4 * 64;  // within the copies
  CHECK(answer(p, arch) ==
        "5 section 2, context 1: buffer: expected nothing that a setup section wrote, got 256");
  p.sections[2].buffers[0].record.base = 4 * 64 * arch.pmu.banks;
  CHECK(answer(p, arch) == "0");
}
