// Models with variables, cut at every place: parts that keep them, and parts that get them as tensors.
#include <catch2/catch.hpp>

#include "sdk/artifact/reader.hpp"
#include "sdk/artifact/writer.hpp"
#include "tests/e2e/split_model.hpp"
#include "tests/support/cached_attention.hpp"
#include "tests/support/nine_patterns.hpp"

using namespace rdu;
using Variables = rdu::testing::SplitModel::Variables;

namespace {

constexpr std::uint32_t kRuns = 3;

artifact::Model loadable_nine_patterns() {
  artifact::Model model = testing::nine_patterns();
  for (artifact::Variant& variant : model.signatures[0].variants) {
    variant.encodings.clear();
    variant.cuts.resize(1);
    for (artifact::Value& value : variant.values) value.encoding = RDU_NONE;
  }
  return model;
}

void compare(const artifact::Model& model, const char* device) {
  const auto bytes = artifact::write_artifact(model);
  REQUIRE(bytes);
  artifact::OpenOptions options;
  options.copy = true;
  const auto file = artifact::open_artifact(*bytes, options);
  REQUIRE(file);
  for (std::uint32_t v = 0; v < (*file)->signatures()[0].variants.size(); ++v) {
    testing::SplitModel split(**file, 0, v, device);
    split.run_whole(kRuns);
    for (const Variables variables : {Variables::kStates, Variables::kTensors}) {
      for (std::uint32_t first = 0; first < split.num_sections(); ++first) {
        for (std::uint32_t second = first; second < split.num_sections(); ++second) {
          std::vector<std::uint32_t> starts{0};
          for (const std::uint32_t start : {first, second}) {
            if (start > starts.back()) starts.push_back(start);
          }
          INFO(model.name << " variant " << v << ", parts at " << first << " and " << second);
          CHECK(split.run_parts(starts, variables) == "");
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("parts of a model with variables do together what it does") {
  const auto device = GENERATE("reference:", "cpu:?threads=1");
  compare(testing::cached_attention({1, 2}, 8), device);
  compare(loadable_nine_patterns(), device);
}
