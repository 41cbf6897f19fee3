// Damaged artifacts, by the thousand: each opens or is an error, and what opens can be walked. Run under sanitizers.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>

#include "sdk/artifact/part.hpp"
#include "tests/sdk/artifact/support.hpp"
#include "tests/support/mutate.hpp"
#include "tests/support/nine_patterns.hpp"
#include "tests/support/walk.hpp"

using namespace rdu;
using namespace rdu::testing;

namespace {

// RDU_MUTATIONS and RDU_SEED widen the search.
std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// "[A4]" at the end of a message, else "".
std::string rule_of(const std::string& message) {
  const std::size_t bracket = message.rfind('[');
  return message.ends_with(']') ? message.substr(bracket) : std::string();
}

}  // namespace

TEST_CASE("mutated artifacts open or are errors, and what opens is sound") {
  const auto original = written(nine_patterns());
  const std::uint64_t count = from_environment("RDU_MUTATIONS", 3000);
  const std::uint64_t first = from_environment("RDU_SEED", 1);
  std::uint64_t opened = 0;
  std::set<std::string> rules;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const auto file = aligned(mutated(original, seed));
    const auto result = artifact::open_artifact(file.bytes());
    INFO("seed " << seed);
    if (result) {
      ++opened;
      REQUIRE(walk(**result) == "");
    } else {
      REQUIRE(!result.error().message.empty());
      rules.insert(rule_of(result.error().message));
    }
  }
  // The search is worth its name only if it gets behind the first checks.
  CHECK(opened > count / 100);
  CHECK(rules.size() > 20);
}

// Metadata comes from a wire and segments beside it: no prefix and no hash stand before the reader.
TEST_CASE("parts of mutated artifacts open or are errors, and what opens is sound") {
  const auto file = aligned(written(nine_patterns()));
  const auto whole = artifact::open_artifact(file.bytes());
  REQUIRE(whole);
  std::vector<std::span<const std::byte>> segments;
  for (const auto& segment : (*whole)->segments()) segments.push_back(segment.bytes);
  const auto metadata = (*whole)->metadata_bytes();
  const std::uint64_t count = from_environment("RDU_MUTATIONS", 3000);
  const std::uint64_t first = from_environment("RDU_SEED", 1);
  std::uint64_t opened = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    // The same changes as above, of which the metadata is taken.
    const auto changed = mutated({file.bytes().begin(), file.bytes().end()}, seed);
    if (changed.size() < 64 + metadata.size()) continue;
    const auto start = static_cast<std::uint32_t>(seed % 10);
    const artifact::PartRange range{0, static_cast<std::uint32_t>(seed % 2), start,
                                    start + 1 + static_cast<std::uint32_t>(seed % 4)};
    const auto part =
        artifact::open_part(std::span(changed).subspan(64, metadata.size()), segments, range);
    INFO("seed " << seed);
    if (part) {
      ++opened;
      REQUIRE(walk(**part) == "");
    } else {
      REQUIRE(!part.error().message.empty());
    }
  }
  CHECK(opened > count / 100);
}
