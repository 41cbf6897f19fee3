// Writes the seeds of the artifact fuzzer: a model with every pattern, and changed ones that reach deep.
#include <cstdio>
#include <string>

#include "sdk/artifact/writer.hpp"
#include "sdk/base/atomic_file.hpp"
#include "tests/support/model_builder.hpp"
#include "tests/support/mutate.hpp"
#include "tests/support/nine_patterns.hpp"

namespace {

using namespace rdu;

constexpr std::uint64_t kMutants = 30;

base::Result<void> store(const std::string& path, std::span<const std::byte> bytes) {
  RDU_ASSIGN(base::AtomicFile file, base::AtomicFile::create(path));
  RDU_TRY(file.write(bytes));
  return file.commit(base::AtomicFile::Durability::kProcess);
}

artifact::Model smallest() {
  testing::ModelBuilder b;
  const auto x = b.input("x", RDU_DTYPE_F32, {2});
  b.output(b.elementwise("y", RDU_OP_NEG, {x}));
  return b.build();
}

base::Result<void> make(const std::string& folder) {
  RDU_ASSIGN(const std::vector<std::byte> small, artifact::write_artifact(smallest()));
  RDU_TRY(store(folder + "/smallest.rdu", small));
  RDU_ASSIGN(const std::vector<std::byte> full, artifact::write_artifact(testing::nine_patterns()));
  RDU_TRY(store(folder + "/nine_patterns.rdu", full));
  for (std::uint64_t seed = 0; seed < kMutants; ++seed) {
    const auto mutant = testing::mutated(full, seed);
    RDU_TRY(store(folder + "/mutant" + std::to_string(seed) + ".rdu", mutant));
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_corpus FOLDER\n");
    return 2;
  }
  if (const auto result = make(argv[1]); !result) {
    std::fprintf(stderr, "make_corpus: %s\n", result.error().message.c_str());
    return 1;
  }
  return 0;
}
