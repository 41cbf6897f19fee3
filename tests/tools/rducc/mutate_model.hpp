// Damages a model the way a fuzzer that knows ONNX would, from a seed.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

namespace rducc::test {

// What mutants take from other models: names of operators and of attributes.
struct Vocabulary {
  std::vector<std::string> operators, attributes;
};
void learn(Vocabulary& vocabulary, const onnx::ModelProto& model);

// A message with one to six changes of its meaning: types, extents, initializers, attributes, names, nodes, opsets,
// functions, nested graphs. The same seed gives the same mutant.
onnx::ModelProto mutated_model(const onnx::ModelProto& model, const Vocabulary& vocabulary,
                               std::uint64_t seed);

// A file with one to four changed, lost or added bytes.
std::string mutated_bytes(std::string bytes, std::uint64_t seed);

// Either of the two.
std::string mutant(const onnx::ModelProto& model, const Vocabulary& vocabulary, std::uint64_t seed);

}  // namespace rducc::test
