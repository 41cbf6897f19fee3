// Result, its macros, and errors.
#include "sdk/base/result.hpp"

#include <catch2/catch.hpp>
#include <memory>

using namespace rdu::base;

namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return fail(Code::kInvalidArgument, "%d is odd", number);
  return number / 2;
}

Result<int> quarter(int number) {
  RDU_ASSIGN(const int first, half(number));
  RDU_ASSIGN(const int second, half(first));
  return second;
}

Result<void> check(int number) {
  RDU_TRY(quarter(number));
  return {};
}

}  // namespace

TEST_CASE("a result holds a value or an error") {
  CHECK(*quarter(12) == 3);
  CHECK(check(12));
  const auto failed = quarter(6);
  REQUIRE(!failed);
  CHECK(failed.error().code == Code::kInvalidArgument);
  CHECK(failed.error().message == "3 is odd");
  CHECK(check(6).error().message == "3 is odd");
}

TEST_CASE("a result moves what cannot be copied") {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  const std::unique_ptr<int> moved = *std::move(result);
  CHECK(*moved == 7);
}

TEST_CASE("context comes before the message and nothing else changes") {
  Error error = fail(Code::kIo, "disk full");
  error.node = "conv";
  const Error outer = in_context("model.rdu", std::move(error));
  CHECK(outer.message == "model.rdu: disk full");
  CHECK(outer.code == Code::kIo);
  CHECK(outer.node == "conv");
}

TEST_CASE("messages have no limit of length") {
  const std::string name(5000, 'n');
  CHECK(format("<%s>", name.c_str()) == "<" + name + ">");
}

TEST_CASE("every code has a name") {
  for (std::uint32_t code = 0; code <= static_cast<std::uint32_t>(Code::kInternal); ++code) {
    CHECK(std::string(code_name(static_cast<Code>(code))) != "unknown");
  }
}
