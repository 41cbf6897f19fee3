// Which bytes become a module, and which bindings start a run.
#include "tests/drivers/emu/driver/support.hpp"
#include "tests/drivers/image/samples.hpp"
#include "tests/drivers/image/support.hpp"

using namespace driver_test;
using namespace rdu_hw::image;

namespace {

std::uint64_t hash_of(const std::string& preset) {
  const rdu_hw_arch arch = image_test::chip(preset);
  return rdu_hw_arch_hash(&arch);
}

std::string load_answer(const Chip& chip, const std::vector<std::uint8_t>& bytes) {
  rdu_hw_module* module = nullptr;
  std::string words = answer([&](rdu_hw_error* error) {
    return rdu_hw_module_load(chip.get(), bytes.data(), bytes.size(), &module, error);
  });
  rdu_hw_module_unload(module);
  return words;
}

std::string start_answer(const Module& module, const std::vector<rdu_hw_bound>& arguments,
                         std::uint32_t flags = 0) {
  rdu_hw_run* run = nullptr;
  std::string words = answer([&](rdu_hw_error* error) {
    return rdu_hw_run_start(module.get(), arguments.data(),
                            static_cast<std::uint32_t>(arguments.size()), flags, &run, error);
  });
  rdu_hw_run_free(run);
  return words;
}

}  // namespace

TEST_CASE("images that a chip does not take") {
  const Chip chip = open_chip("sara20");
  auto bytes = write_image(image_test::metapipelined_map(hash_of("sara20"), 4, 64));
  CHECK(load_answer(chip, bytes) == "0");
  CHECK(load_answer(open_chip("plasticine"), bytes).substr(0, 2) == "7 ");
  bytes[50] ^= 1;
  CHECK(load_answer(chip, bytes).substr(0, 7) == "6 hash:");
  CHECK(load_answer(chip, {}).substr(0, 2) != "0");
}

TEST_CASE("the image of a module can be looked at") {
  const Chip chip = open_chip("sara20");
  const Module module = load(chip, image_test::metapipelined_map(hash_of("sara20"), 4, 64));
  CHECK(rdu_hw_module_image(module.get())->num_arguments == 2);
}

TEST_CASE("bindings that start no run") {
  const Chip chip = open_chip("sara20");
  const Module module = load(chip, image_test::metapipelined_map(hash_of("sara20"), 4, 64));
  const std::uint64_t x = allocate(chip, 1024), y = allocate(chip, 1024);
  CHECK(start_answer(module, {{x, 0, 0}, {y, 0, 0}}) == "0");
  CHECK(start_answer(module, {{x, 0, 0}}) == "8 num_arguments: expected 2, got 1");
  CHECK(start_answer(module, {{x, 0, 0}, {y + 4, 0, 0}}) ==
        "8 argument 1: address: expected a multiple of 64, got 1028");
  CHECK(start_answer(module, {{x, 0, 0}, {y + 64, 0, 0}}) ==
        "8 argument 1: 1024 bytes from 1088 in dram are not within one allocation");
  CHECK(start_answer(module, {{x, 0, 0}, {y, 0, 0}}, 2) == "1 unknown flags 2");
  CHECK(start_answer(module, {{x, 0, 0}, {y, 0, 0}}) == "0");
}

TEST_CASE("memory that a refused run would have used can be freed") {
  const Chip chip = open_chip("sara20");
  const Module module = load(chip, image_test::metapipelined_map(hash_of("sara20"), 4, 64));
  const std::uint64_t x = allocate(chip, 1024);
  CHECK(start_answer(module, {{x, 0, 0}, {1 << 20, 0, 0}}).substr(0, 2) == "8 ");
  CHECK(rdu_hw_memory_free(chip.get(), 0, x, nullptr) == RDU_HW_OK);
}
