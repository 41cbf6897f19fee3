// The artifacts of every released container version, loaded for ever after: same content, same text.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "sdk/artifact/reader.hpp"
#include "sdk/artifact/text.hpp"
#include "tests/support/walk.hpp"

using namespace rdu;

namespace {

std::string read_text(const std::string& path) {
  std::ifstream stream(path);
  REQUIRE(stream);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

TEST_CASE("frozen artifacts open and say what they always said") {
  for (const std::string name : {"artifact_v1", "growing_v1"}) {
    INFO(name);
    artifact::OpenOptions options;
    options.verify_hashes = true;
    const std::string stem = std::string(RDU_GOLDEN_DIR) + "/" + name;
    const auto artifact = artifact::open_artifact(stem + ".rdu", options);
    INFO((artifact ? std::string() : artifact.error().message));
    REQUIRE(artifact);
    CHECK(testing::walk(**artifact) == "");
    CHECK(artifact::dump(**artifact) == read_text(stem + ".txt"));
  }
}
