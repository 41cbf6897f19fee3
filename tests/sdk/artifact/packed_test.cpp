// What plugins packed, beside constants and payloads: kept, found again, left out, and never believed.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>

#include "sdk/artifact/restore.hpp"
#include "sdk/artifact/text.hpp"
#include "tests/sdk/artifact/support.hpp"
#include "tests/support/cached_attention.hpp"
#include "tests/support/nine_patterns.hpp"

using namespace rdu;
using namespace rdu::testing;

namespace {

constexpr std::size_t kPackedBytes = 100'000;  // a segment of its own

artifact::Model with_packed(artifact::Model model, std::span<const std::byte> bytes) {
  model.packed.push_back({"cpu", "avx2,avx512", {bytes, nullptr}});
  return model;
}

std::vector<std::byte> some_bytes() {
  std::vector<std::byte> bytes(kPackedBytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 7 + 3);
  return bytes;
}

artifact::ArtifactPtr opened(const base::AlignedBytes& file) {
  auto artifact = artifact::open_artifact(file.bytes());
  if (!artifact) FAIL(artifact.error().message);
  return *artifact;
}

}  // namespace

TEST_CASE("what is packed comes back, in its own segment, and is told") {
  const auto bytes = some_bytes();
  const auto file = aligned(written(with_packed(nine_patterns(), bytes)));
  const auto artifact = opened(file);
  const auto& packed = artifact->description().packed;
  REQUIRE(packed.size() == 1);
  CHECK(packed[0].target == "cpu");
  CHECK(packed[0].made_for == "avx2,avx512");
  CHECK(std::ranges::equal(packed[0].bytes, bytes));
  CHECK(artifact->segments()[packed[0].segment].bytes.size() == kPackedBytes);
  CHECK(artifact->verify_segments());
  CHECK(artifact::dump(*artifact).find("packed \"cpu\" for avx2,avx512: 100000 bytes") !=
        std::string::npos);
}

TEST_CASE("a restored artifact is written as it was, byte for byte") {
  const auto bytes = some_bytes();
  for (const artifact::Model& model :
       {nine_patterns(), cached_attention({1}, 4), with_packed(nine_patterns(), bytes)}) {
    const auto first = written(model);
    const auto file = aligned(first);
    CHECK(written(artifact::restore(*opened(file))) == first);
  }
}

TEST_CASE("bytes that are packed may be left out, constants may not") {
  const auto bytes = some_bytes();
  const auto file = aligned(written(with_packed(nine_patterns(), bytes)));
  const auto whole = opened(file);
  const std::uint32_t left_out = whole->description().packed[0].segment;
  for (std::uint32_t i = 0; i < whole->segments().size(); ++i) {
    std::vector<std::span<const std::byte>> segments;
    for (const auto& segment : whole->segments()) segments.push_back(segment.bytes);
    segments[i] = {};
    const auto apart = artifact::open_artifact(whole->metadata_bytes(), segments, {});
    REQUIRE(static_cast<bool>(apart) == (i == left_out));
    if (!apart) continue;
    CHECK((*apart)->description().packed.empty());
    CHECK((*apart)->verify_segments());
  }
}
