// Damaged headers and prefixes against every decoder, from seeds: each is a message or a refusal with words, and memory
// stays bounded. RDU_MUTATIONS sets how many.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "plugins/remote/wire/message.hpp"
#include "tests/plugins/remote/wire/damage.hpp"
#include "tests/plugins/remote/wire/samples.hpp"

namespace {

using namespace rdu::remote;

std::uint64_t mutations() {
  const char* text = std::getenv("RDU_MUTATIONS");
  return text == nullptr ? 250'000 : std::strtoull(text, nullptr, 10);
}

using rdu::testing::damage;
using rdu::testing::Random;

}  // namespace

TEST_CASE("damaged headers are decoded or refused") {
  const auto samples = rdu::testing::sample_headers();
  Random random(1);
  std::uint64_t taken = 0;
  const std::uint64_t count = mutations();
  for (std::uint64_t i = 0; i < count; ++i) {
    std::vector<std::byte> bytes = samples[i % samples.size()].bytes;
    damage(bytes, random);
    taken += rdu::testing::decode_as_everything(bytes) > 0 ? 1 : 0;
  }
  // Both ways are walked.
  CHECK(taken > count / 100);
  CHECK(taken < count);
}

TEST_CASE("damaged prefixes are refused, unless the checksum was not reached") {
  Random random(2);
  const std::uint64_t count = mutations();
  const std::vector<std::byte> header(24, std::byte{1});
  const Prefix prefix{.version = 1, .type = MessageType::kRun, .request = 3};
  const PrefixBytes whole = encode_prefix(prefix, header);
  for (std::uint64_t i = 0; i < count; ++i) {
    std::vector<std::byte> bytes(whole.begin(), whole.end());
    damage(bytes, random);
    if (std::equal(bytes.begin(), bytes.end(), whole.begin(), whole.end())) continue;
    const auto read = decode_prefix(bytes);
    if (!read.ok()) {
      CHECK_FALSE(read.status().message().empty());
    } else {
      CHECK_FALSE(check_against_prefix(*read, bytes, header, 0, 0).ok());
    }
  }
}
