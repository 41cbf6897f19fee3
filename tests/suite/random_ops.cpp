// The list of tests with random results, by the beginning of their folder's name.
#include "tests/suite/random_ops.hpp"

#include <array>
#include <string>
#include <string_view>

namespace rdu::suite {

namespace {

constexpr std::array<std::string_view, 6> kRandomTests = {
    "test_bernoulli",      "test_multinomial",  "test_random_normal",
    "test_random_uniform", "test_randomnormal", "test_randomuniform",
};

// Dropout in training mode draws its mask; with ratio 0 it does not.
bool draws_a_dropout_mask(std::string_view name) {
  return name.starts_with("test_training_dropout") && name.find("zero_ratio") == name.npos;
}

}  // namespace

bool has_random_result(const std::filesystem::path& case_dir) {
  const std::string name = case_dir.filename().string();
  for (const std::string_view prefix : kRandomTests) {
    if (name.starts_with(prefix)) return true;
  }
  return draws_a_dropout_mask(name);
}

}  // namespace rdu::suite
