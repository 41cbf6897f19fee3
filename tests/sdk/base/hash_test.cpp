// The content hash: frozen values, independence of how bytes arrive, and spread.
#include "sdk/base/hash.hpp"

#include <bit>
#include <catch2/catch.hpp>
#include <set>
#include <string_view>
#include <vector>

using namespace rdu::base;

namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::vector<std::byte> counting(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + i / 256);
  return bytes;
}

int distance(const Hash128& a, const Hash128& b) {
  return std::popcount(a.low ^ b.low) + std::popcount(a.high ^ b.high);
}

}  // namespace

TEST_CASE("values are part of the file format and never change") {
  CHECK(to_string(hash128({})) == "c60279c56707c750a3ab0ca090d8968e");
  CHECK(to_string(hash128(bytes_of("rdu"))) == "c9ae96c1f78448738ba7189860477914");
  CHECK(to_string(hash128(counting(1000))) == "0cb125f916b5f8b5b1f1f70693b4fca9");
}

TEST_CASE("the division into updates does not matter") {
  const auto bytes = counting(300);
  const Hash128 whole = hash128(bytes);
  for (std::size_t first = 0; first <= bytes.size(); ++first) {
    Hasher hasher;
    hasher.update(std::span(bytes).first(first));
    hasher.update({});
    hasher.update(std::span(bytes).subspan(first, (bytes.size() - first) / 2));
    hasher.update(std::span(bytes).subspan(first + (bytes.size() - first) / 2));
    REQUIRE(hasher.finish() == whole);
  }
}

TEST_CASE("every length and every bit counts") {
  const std::vector<std::byte> zeros(500);
  std::set<Hash128> seen;
  for (std::size_t size = 0; size <= zeros.size(); ++size) {
    seen.insert(hash128(std::span(zeros).first(size)));
  }
  CHECK(seen.size() == zeros.size() + 1);

  auto bytes = counting(200);
  const Hash128 original = hash128(bytes);
  int least = 128;
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    bytes[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
    least = std::min(least, distance(hash128(bytes), original));
    bytes[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
  }
  CHECK(least > 32);
}
