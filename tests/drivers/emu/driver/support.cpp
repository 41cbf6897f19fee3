// A chip for a test.
#include "tests/drivers/emu/driver/support.hpp"

#include "tests/drivers/image/support.hpp"

namespace driver_test {

std::string answer(const std::function<rdu_hw_code(rdu_hw_error*)>& call) {
  rdu_hw_error error = {};
  const rdu_hw_code code = call(&error);
  return code == RDU_HW_OK ? "0" : std::to_string(code) + " " + error.text;
}

Chip open_chip(const std::string& preset, const rdu_hw_chip_options& options,
               std::vector<const char*> settings) {
  const rdu_hw_arch arch = image_test::chip(preset, std::move(settings));
  rdu_hw_chip* chip = nullptr;
  REQUIRE(answer([&](rdu_hw_error* error) {
            return rdu_hw_chip_open(&arch, &options, &chip, error);
          }) == "0");
  return Chip(chip);
}

rdu_hw_chip_info info_of(const Chip& chip) {
  rdu_hw_chip_info info = {};
  REQUIRE(rdu_hw_chip_get_info(chip.get(), &info, nullptr) == RDU_HW_OK);
  return info;
}

std::uint64_t allocate(const Chip& chip, std::uint64_t bytes, std::uint32_t tier,
                       std::uint64_t alignment) {
  std::uint64_t address = 0;
  REQUIRE(answer([&](rdu_hw_error* error) {
            return rdu_hw_memory_allocate(chip.get(), tier, bytes, alignment, &address, error);
          }) == "0");
  return address;
}

Module load(const Chip& chip, const rdu_hw::image::Program& program) {
  const auto bytes = rdu_hw::image::write_image(program);
  rdu_hw_module* module = nullptr;
  REQUIRE(answer([&](rdu_hw_error* error) {
            return rdu_hw_module_load(chip.get(), bytes.data(), bytes.size(), &module, error);
          }) == "0");
  return Module(module);
}

Run start(const Module& module, const std::vector<rdu_hw_bound>& arguments, std::uint32_t flags) {
  rdu_hw_run* run = nullptr;
  REQUIRE(answer([&](rdu_hw_error* error) {
            return rdu_hw_run_start(module.get(), arguments.data(),
                                    static_cast<std::uint32_t>(arguments.size()), flags, &run,
                                    error);
          }) == "0");
  return Run(run);
}

std::string outcome(const Run& run) {
  std::uint32_t done = 0;
  std::string words = answer(
      [&](rdu_hw_error* error) { return rdu_hw_run_wait(run.get(), UINT64_MAX, &done, error); });
  REQUIRE(done == 1);
  return words;
}

}  // namespace driver_test
