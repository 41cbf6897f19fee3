// Metadata that the FlatBuffers Verifier accepts and nobody should: built with FlatBuffers itself.
#include <catch2/catch.hpp>
#include <functional>

#include "artifact_generated.h"
#include "sdk/artifact/reader.hpp"
#include "tests/sdk/artifact/support.hpp"

using namespace rdu;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

namespace {

std::string error_of(FlatBufferBuilder& b) {
  const std::span bytes(reinterpret_cast<const std::byte*>(b.GetBufferPointer()), b.GetSize());
  const auto metadata = testing::aligned(bytes);
  const std::vector<std::span<const std::byte>> segments;
  const auto result = artifact::open_artifact(std::as_const(metadata).bytes(), segments);
  REQUIRE(!result);
  CHECK(result.error().code == base::Code::kCorrupt);
  return result.error().message;
}

using Variants = std::vector<Offset<fbs::Variant>>;

// An artifact with one signature around the variants.
std::string error_with_variants(const std::function<Variants(FlatBufferBuilder&)>& make) {
  FlatBufferBuilder b;
  const auto variants = b.CreateVector(make(b));
  const auto name = b.CreateString("infer");
  const std::vector<Offset<fbs::Signature>> signatures{
      fbs::CreateSignature(b, name, 0, 0, variants)};
  const auto list = b.CreateVector(signatures);
  fbs::ArtifactBuilder artifact(b);
  artifact.add_signatures(list);
  fbs::FinishArtifactBuffer(b, artifact.Finish());
  return error_of(b);
}

Offset<fbs::Variant> variant_of(FlatBufferBuilder& b, Offset<fbs::Graph> graph) {
  const std::vector<Offset<fbs::Cut>> cuts{fbs::CreateCut(b)};
  const auto cut_vector = b.CreateVector(cuts);
  return fbs::CreateVariant(b, 0, 0, 0, 0, graph, cut_vector);
}

Offset<fbs::Graph> graph_of_names(FlatBufferBuilder& b, const std::string& name,
                                  std::size_t count) {
  const auto text = b.CreateString(name);
  const auto strings = b.CreateVector(std::vector<Offset<flatbuffers::String>>(count, text));
  fbs::GraphBuilder graph(b);
  graph.add_strings(strings);
  return graph.Finish();
}

}  // namespace

TEST_CASE("an artifact without anything is refused") {
  FlatBufferBuilder b;
  fbs::FinishArtifactBuffer(b, fbs::CreateArtifact(b));
  CHECK_THAT(error_of(b), Catch::EndsWith("[D1]"));
}

TEST_CASE("a variant without a graph is refused") {
  CHECK_THAT(
      error_with_variants([](FlatBufferBuilder& b) { return Variants{fbs::CreateVariant(b)}; }),
      Catch::EndsWith("[S1]"));
}

TEST_CASE("an empty graph is refused by meaning") {
  CHECK_THAT(error_with_variants(
                 [](FlatBufferBuilder& b) { return Variants{variant_of(b, fbs::CreateGraph(b))}; }),
             Catch::EndsWith("[G2]"));
}

TEST_CASE("one large graph that many variants share is refused, however small the file") {
  const std::string error = error_with_variants([](FlatBufferBuilder& b) {
    const auto graph = graph_of_names(b, "n", 1000);
    return Variants(5000, variant_of(b, graph));
  });
  CHECK_THAT(error, Catch::Contains("is shared"));
}

TEST_CASE("more tables than allowed are refused before they are read") {
  const std::string error = error_with_variants(
      [](FlatBufferBuilder& b) { return Variants(100'001, fbs::CreateVariant(b)); });
  CHECK_THAT(error, Catch::Contains("not a valid FlatBuffer"));
}

TEST_CASE("names with a zero byte are refused") {
  const auto with_name = [](const std::string& name) {
    return error_with_variants(
        [&](FlatBufferBuilder& b) { return Variants{variant_of(b, graph_of_names(b, name, 1))}; });
  };
  CHECK_THAT(with_name(std::string("a\0b", 3)), Catch::Contains("zero byte"));
  FlatBufferBuilder b;
  const auto name = b.CreateString(std::string("a\0b", 3));
  fbs::ArtifactBuilder artifact(b);
  artifact.add_name(name);
  fbs::FinishArtifactBuffer(b, artifact.Finish());
  CHECK_THAT(error_of(b), Catch::Contains("zero byte"));
}

TEST_CASE("a value without a name or a shape in the file is refused") {
  const auto with_value = [](const fbs::Value& value) {
    return error_with_variants([&](FlatBufferBuilder& b) {
      const auto text = b.CreateString("v");
      const auto strings = b.CreateVector(std::vector{text});
      const auto values = b.CreateVectorOfStructs(&value, 1);
      const auto dims = b.CreateVector(std::vector<std::int64_t>{2});
      fbs::GraphBuilder graph(b);
      graph.add_strings(strings);
      graph.add_values(values);
      graph.add_dims(dims);
      return Variants{variant_of(b, graph.Finish())};
    });
  };
  const std::uint32_t none = RDU_NONE;
  CHECK_THAT(with_value({1, 0, none, 0, none, none, 0, 1, 0, 1}), Catch::Contains("string 1 of 1"));
  CHECK_THAT(with_value({0, 0, none, 1, none, none, 0, 1, 0, 1}), Catch::Contains("no shape"));
  CHECK_THAT(with_value({0, 0, none, 0, none, none, 0, 1, 0, 9}), Catch::Contains("no shape"));
  CHECK_THAT(with_value({0, 0, none, 0, none, none, 0, 77, 0, 1}), Catch::EndsWith("[V2]"));
  CHECK_THAT(with_value({0, 0, none, 0, none, 0, 0, 1, RDU_ROLE_CONSTANT, 1}),
             Catch::EndsWith("[V4]"));
}
