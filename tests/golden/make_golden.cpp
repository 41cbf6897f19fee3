// Writes the artifacts of a version and their dumps: how a new golden version is made. An old one is never replaced.
#include <cstdio>
#include <string>

#include "sdk/artifact/reader.hpp"
#include "sdk/artifact/text.hpp"
#include "sdk/artifact/writer.hpp"
#include "sdk/base/atomic_file.hpp"
#include "tests/support/cached_attention.hpp"
#include "tests/support/nine_patterns.hpp"

namespace {

using namespace rdu;

base::Result<void> make(const artifact::Model& model, const std::string& stem) {
  RDU_TRY(artifact::write_artifact(model, stem + ".rdu"));
  RDU_ASSIGN(const artifact::ArtifactPtr artifact, artifact::open_artifact(stem + ".rdu"));
  const std::string text = artifact::dump(*artifact);
  RDU_ASSIGN(base::AtomicFile file, base::AtomicFile::create(stem + ".txt"));
  RDU_TRY(file.write(std::as_bytes(std::span(text))));
  return file.commit(base::AtomicFile::Durability::kProcess);
}

base::Result<void> make_all(const std::string& folder, const std::string& version) {
  RDU_TRY(make(testing::nine_patterns(), folder + "/artifact_" + version));
  return make(testing::cached_attention({1, 4}, 16), folder + "/growing_" + version);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr,
                 "usage: make_golden FOLDER vN   writes the artifacts of a version there\n");
    return 2;
  }
  if (const auto result = make_all(argv[1], argv[2]); !result) {
    std::fprintf(stderr, "make_golden: %s\n", result.error().message.c_str());
    return 1;
  }
  return 0;
}
