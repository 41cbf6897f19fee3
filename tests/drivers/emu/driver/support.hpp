// A chip for a test, and short ways to say what its driver answered.
#pragma once

#include <rdu_hw/driver.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "drivers/image/program.hpp"

namespace driver_test {

struct Close {
  void operator()(rdu_hw_chip* chip) const { rdu_hw_chip_close(chip); }
  void operator()(rdu_hw_module* module) const { rdu_hw_module_unload(module); }
  void operator()(rdu_hw_run* run) const { rdu_hw_run_free(run); }
};
using Chip = std::unique_ptr<rdu_hw_chip, Close>;
using Module = std::unique_ptr<rdu_hw_module, Close>;
using Run = std::unique_ptr<rdu_hw_run, Close>;

// "0", or "code sentence" of a call that takes an error.
std::string answer(const std::function<rdu_hw_code(rdu_hw_error*)>& call);

Chip open_chip(const std::string& preset = "sara20", const rdu_hw_chip_options& options = {},
               std::vector<const char*> settings = {});
rdu_hw_chip_info info_of(const Chip& chip);
std::uint64_t allocate(const Chip& chip, std::uint64_t bytes, std::uint32_t tier = 0,
                       std::uint64_t alignment = 1);

Module load(const Chip& chip, const rdu_hw::image::Program& program);
Run start(const Module& module, const std::vector<rdu_hw_bound>& arguments,
          std::uint32_t flags = 0);
// To the end.
std::string outcome(const Run& run);

template <class T>
void put(const Chip& chip, std::uint64_t address, const std::vector<T>& values) {
  REQUIRE(rdu_hw_memory_write(chip.get(), RDU_HW_TIER_DRAM, address, values.data(),
                              values.size() * sizeof(T), nullptr) == RDU_HW_OK);
}

template <class T>
std::vector<T> get(const Chip& chip, std::uint64_t address, std::size_t count) {
  std::vector<T> values(count);
  REQUIRE(rdu_hw_memory_read(chip.get(), RDU_HW_TIER_DRAM, address, values.data(),
                             count * sizeof(T), nullptr) == RDU_HW_OK);
  return values;
}

}  // namespace driver_test
