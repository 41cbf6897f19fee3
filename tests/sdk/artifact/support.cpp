// Helpers of the artifact's tests.
#include "tests/sdk/artifact/support.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

namespace rdu::testing {

base::AlignedBytes aligned(std::span<const std::byte> bytes) {
  auto copy = base::AlignedBytes::allocate(bytes.size());
  REQUIRE(copy);
  std::ranges::copy(bytes, copy->bytes().begin());
  return *std::move(copy);
}

std::vector<std::byte> written(const artifact::Model& model) {
  auto bytes = artifact::write_artifact(model);
  INFO((bytes ? std::string() : bytes.error().message));
  REQUIRE(bytes);
  return *std::move(bytes);
}

std::string write_error(const artifact::Model& model) {
  const auto bytes = artifact::write_artifact(model);
  return bytes ? std::string() : bytes.error().message;
}

}  // namespace rdu::testing
