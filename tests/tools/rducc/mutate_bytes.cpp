// Damage that knows nothing of ONNX, and the choice between the two kinds.
#include <random>

#include "tests/tools/rducc/mutate_model.hpp"

namespace rducc::test {

std::string mutated_bytes(std::string bytes, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  for (std::uint64_t edits = 1 + engine() % 4; edits > 0 && !bytes.empty(); --edits) {
    const std::size_t at = engine() % bytes.size();
    switch (engine() % 4) {
      case 0:
        bytes[at] = static_cast<char>(engine());
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << engine() % 8));
        break;
      case 2:
        bytes.erase(at, 1 + engine() % 3);
        break;
      default:
        bytes.insert(at, 1, static_cast<char>(engine()));
    }
  }
  return bytes;
}

std::string mutant(const onnx::ModelProto& model, const Vocabulary& vocabulary,
                   std::uint64_t seed) {
  if (seed % 4 == 0) return mutated_bytes(model.SerializeAsString(), seed);
  return mutated_model(model, vocabulary, seed).SerializeAsString();
}

}  // namespace rducc::test
