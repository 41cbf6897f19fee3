// The manual's tables are the code's: operations and their numbers, identities, coefficients, constants.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#define RDU_HW_ARITH_ISA manual
#include "drivers/emu/arith/definitions/coefficients.hpp"
#include "tests/drivers/emu/arith/words.hpp"

namespace rdu_hw::arith {
namespace {

const std::string& chapter() {
  static const std::string text = [] {
    std::ifstream file(RDU_ARITH_MANUAL "/README.md");
    return std::string(std::istreambuf_iterator<char>(file), {});
  }();
  return text;
}

std::string after(const std::string& mark) {
  const std::size_t at = chapter().find(mark);
  return at == std::string::npos ? std::string() : chapter().substr(at + mark.size());
}

// What follows the line "    NAME: …", up to an empty line.
std::vector<double> coefficients(const std::string& name) {
  std::string block = after("\n    " + name + ": ");
  block = block.substr(0, block.find("\n\n"));
  std::istringstream words(block.substr(std::min(block.size(), block.find('\n'))));
  std::vector<double> values;
  for (std::string w; words >> w;) values.push_back(std::strtod(w.c_str(), nullptr));
  return values;
}

template <std::size_t N>
std::vector<double> listed(const double (&values)[N]) {
  return {std::begin(values), std::end(values)};
}

TEST_CASE("the manual's coefficients are the code's") {
  CHECK(coefficients("P") == listed(manual::kExpm1));
  CHECK(coefficients("A") == listed(manual::kArtanh));
  CHECK(coefficients("SIN") == listed(manual::kSine));
  CHECK(coefficients("COS") == listed(manual::kCosine));
  CHECK(coefficients("T") == listed(manual::kArctan));
  CHECK(coefficients("E") == listed(manual::kErf));
}

TEST_CASE("the manual's constants are the code's") {
  const auto constant = [](const std::string& name) {
    return std::strtod(after("| " + name + " | `").c_str(), nullptr);
  };
  CHECK(constant("LOG2E") == manual::kLog2e);
  CHECK(constant("LN2") == manual::kLn2);
  CHECK(constant("PI, HALF_PI") == manual::kPi);
  CHECK(constant("PI, HALF_PI") == 2 * manual::kHalfPi);
  CHECK(constant("TWO_OVER_PI") == manual::kTwoOverPi);
  CHECK(constant("HALF_PI_1") == manual::kHalfPiHigh);
  CHECK(constant("HALF_PI_2") == manual::kHalfPiMiddle);
  CHECK(constant("HALF_PI_3") == manual::kHalfPiLow);
  std::istringstream words(after("weights 2^-1 to 2^-32:\n`"));
  for (Word expected : manual::kTwoOverPiWords) {
    Word got = 0;
    words >> std::hex >> got;
    CHECK(got == expected);
  }
}

TEST_CASE("the manual lists every operation and fold with its number") {
  for (std::size_t op = 0; op < kNumOps; ++op) {
    const std::string entry = '`' + std::string(op_name(op)) + "` (" + std::to_string(op) + ')';
    CAPTURE(entry);
    CHECK(!after(entry).empty());
  }
  CHECK(op_name(kNumOps) == nullptr);
  const char* const folds[] = {
#define X(name, number, identity) #name,
      RDU_HW_ARITH_FOLDS(X)
#undef X
  };
  for (std::size_t fold = 0; fold < kNumFolds; ++fold) {
    const std::string name = folds[fold];
    const std::string entry =
        "| `" + name + "` | " + std::to_string(fold) + " | `" + name + "` | `";
    CAPTURE(entry);
    CHECK(std::strtoul(after(entry).c_str(), nullptr, 16) == identity(static_cast<Fold>(fold)));
  }
}

}  // namespace
}  // namespace rdu_hw::arith
