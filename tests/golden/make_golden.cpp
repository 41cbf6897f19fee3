// Writes the artifact of nine_patterns() and its dump: how a new golden version is made. An old one is never replaced.
#include <cstdio>
#include <string>

#include "sdk/artifact/reader.hpp"
#include "sdk/artifact/text.hpp"
#include "sdk/artifact/writer.hpp"
#include "sdk/base/atomic_file.hpp"
#include "tests/support/nine_patterns.hpp"

namespace {

using namespace rdu;

base::Result<void> make(const std::string& stem) {
  RDU_TRY(artifact::write_artifact(testing::nine_patterns(), stem + ".rdu"));
  RDU_ASSIGN(const artifact::ArtifactPtr artifact, artifact::open_artifact(stem + ".rdu"));
  const std::string text = artifact::dump(*artifact);
  RDU_ASSIGN(base::AtomicFile file, base::AtomicFile::create(stem + ".txt"));
  RDU_TRY(file.write(std::as_bytes(std::span(text))));
  return file.commit(base::AtomicFile::Durability::kProcess);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_golden STEM   writes STEM.rdu and STEM.txt\n");
    return 2;
  }
  if (const auto result = make(argv[1]); !result) {
    std::fprintf(stderr, "make_golden: %s\n", result.error().message.c_str());
    return 1;
  }
  return 0;
}
