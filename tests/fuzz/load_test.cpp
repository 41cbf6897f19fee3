// Damaged artifacts through the door that applications use: opened and loaded on a real device, each is a program or a
// status. Run under sanitizers, where nothing may leak either.
#include <rdu/rdu.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <span>

#include "sdk/artifact/writer.hpp"
#include "sdk/base/aligned_bytes.hpp"
#include "tests/support/mutate.hpp"
#include "tests/support/nine_patterns.hpp"

namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// Success, or a failure that says something.
bool succeeded(rdu_status* status) {
  if (status == nullptr) return true;
  CHECK(*rdu_status_message(status) != '\0');
  CHECK(rdu_status_code(status) != RDU_ERR_INTERNAL);
  rdu_status_destroy(status);
  return false;
}

// Every pattern, but neither the encoded weight nor the cut with a made-up payload: plugins decline those, and then
// nothing would be loaded.
rdu::artifact::Model loadable_model() {
  rdu::artifact::Model model = rdu::testing::nine_patterns();
  for (rdu::artifact::Signature& signature : model.signatures) {
    for (rdu::artifact::Variant& variant : signature.variants) {
      variant.encodings.clear();
      variant.cuts.resize(1);
      for (rdu::artifact::Value& value : variant.values) value.encoding = RDU_NONE;
    }
  }
  return model;
}

struct Counts {
  std::uint64_t opened = 0, loaded = 0;
};

void try_one(rdu_context* context, rdu_device* device, std::span<const std::byte> file,
             Counts& counts) {
  rdu_artifact* artifact = nullptr;
  if (!succeeded(rdu_artifact_open_memory(context, file.data(), file.size(), nullptr, &artifact)))
    return;
  ++counts.opened;
  rdu_program_options options = {};
  options.header = RDU_HEADER(rdu_program_options);
  options.max_memory_bytes = 1 << 26;
  rdu_program* program = nullptr;
  if (succeeded(rdu_program_load(artifact, &device, 1, &options, &program))) ++counts.loaded;
  rdu_program_destroy(program);
  rdu_artifact_close(artifact);
}

Counts try_all(const char* uri, std::uint64_t first, std::uint64_t count) {
  const auto original = rdu::artifact::write_artifact(loadable_model());
  REQUIRE(original.ok());
  rdu_context* context = nullptr;
  REQUIRE(succeeded(rdu_context_create(nullptr, &context)));
  rdu_device* device = nullptr;
  REQUIRE(succeeded(rdu_device_open(context, uri, &device)));
  Counts counts;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    INFO(uri << " seed " << seed);
    const auto file = rdu::testing::mutated(*original, seed);
    auto aligned = rdu::base::AlignedBytes::allocate(file.size());
    REQUIRE(aligned.ok());
    std::copy(file.begin(), file.end(), aligned->bytes().begin());
    try_one(context, device, aligned->bytes(), counts);
  }
  rdu_device_close(device);
  rdu_context_destroy(context);
  return counts;
}

}  // namespace

TEST_CASE("mutated artifacts load or are refused with words") {
  const std::uint64_t count = from_environment("RDU_MUTATIONS", 3000);
  const std::uint64_t first = from_environment("RDU_SEED", 1);
  for (const char* uri : {"reference:", "cpu:?threads=1"}) {
    const Counts counts = try_all(uri, first, count);
    CHECK(counts.opened > count / 100);
    CHECK(counts.loaded > count / 200);
  }
}
