// Damaged headers and prefixes against every decoder, from seeds: each is a message or a refusal with words, and memory
// stays bounded. RDU_MUTATIONS sets how many.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <random>

#include "plugins/remote/wire/message.hpp"
#include "tests/plugins/remote/wire/samples.hpp"

namespace {

using namespace rdu::remote;

std::uint64_t mutations() {
  const char* text = std::getenv("RDU_MUTATIONS");
  return text == nullptr ? 250'000 : std::strtoull(text, nullptr, 10);
}

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t bound) { return random() % bound; }

// Offsets and lengths of a header are words of 4 bytes: those are what most changes hit.
void damage(std::vector<std::byte>& bytes, Random& random) {
  constexpr std::uint32_t kWords[] = {
      0, 1, 2, 3, 4, 7, 8, 16, 64, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff8, 0x10000};
  const std::uint64_t changes = 1 + below(random, 6);
  for (std::uint64_t i = 0; i < changes && bytes.size() >= 8; ++i) {
    const std::size_t at = below(random, bytes.size() - 4) / 4 * 4;
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    switch (below(random, 4)) {
      case 0:
        word = kWords[below(random, std::size(kWords))];
        break;
      case 1:
        word += static_cast<std::uint32_t>(below(random, 17)) - 8;
        break;
      case 2:
        word ^= 1u << below(random, 32);
        break;
      default:
        word = static_cast<std::uint32_t>(random());
        break;
    }
    std::memcpy(bytes.data() + at, &word, sizeof word);
  }
  if (below(random, 16) == 0) bytes.resize(below(random, bytes.size() + 1));
}

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
