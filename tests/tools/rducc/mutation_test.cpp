// Models with a few changes of bytes or of meaning: compiled or refused, never a crash, never an illegal graph.
#include <catch2/catch.hpp>

#include "tests/tools/rducc/mutate_model.hpp"
#include "tests/tools/rducc/onnx_model.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace rducc::test {
namespace {

std::string small_network() {
  OnnxModel model;
  model.input("x", {1, 2, 5, 5}).output("y");
  model.floats("w", {3, 2, 3, 3}, std::vector<float>(54, 0.5f)).floats("s", {3}, {1, 2, 3});
  model.integers("shape", {1, -1});
  model.node("Conv", {"x", "w"}, {"c"});
  model.node("BatchNormalization", {"c", "s", "s", "s", "s"}, {"n"});
  model.node("MaxPool", {"n"}, {"p"}).add_attribute()->set_name("kernel_shape");
  auto* kernel = model.proto().mutable_graph()->mutable_node(2)->mutable_attribute(0);
  kernel->set_type(onnx::AttributeProto::INTS);
  kernel->add_ints(2);
  kernel->add_ints(2);
  model.node("Transpose", {"p"}, {"t"});
  model.node("Reshape", {"t", "shape"}, {"r"});
  model.node("Concat", {"r", "r"}, {"k"});
  set_int(*model.proto().mutable_graph()->mutable_node(5), "axis", 1);
  model.node("Softmax", {"k"}, {"y"});
  return model.bytes();
}

void feed(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

TEST_CASE("a mutated model never crashes the compiler") {
  const std::string original = small_network();
  feed(original);
  for (std::uint64_t seed = 0; seed < 2000; ++seed) feed(mutated_bytes(original, seed));
  onnx::ModelProto model;
  REQUIRE(model.ParseFromString(original));
  Vocabulary vocabulary;
  learn(vocabulary, model);
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    feed(mutated_model(model, vocabulary, seed).SerializeAsString());
  }
  SUCCEED("no crash");
}

TEST_CASE("a truncated model never crashes the compiler") {
  const std::string original = small_network();
  for (std::size_t length = 0; length < original.size(); ++length) feed(original.substr(0, length));
  SUCCEED("no crash");
}

}  // namespace
}  // namespace rducc::test
