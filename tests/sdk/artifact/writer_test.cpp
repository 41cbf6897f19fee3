// What is written comes back, twice the same, once for equal constants.
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "sdk/artifact/flat_graph.hpp"
#include "sdk/artifact/text.hpp"
#include "sdk/artifact/view.hpp"
#include "tests/sdk/artifact/support.hpp"
#include "tests/support/model_builder.hpp"
#include "tests/support/nine_patterns.hpp"

using namespace rdu;
using namespace rdu::testing;

namespace {

artifact::ArtifactPtr opened(std::span<const std::byte> file,
                             const artifact::OpenOptions& options = {}) {
  auto result = artifact::open_artifact(file, options);
  INFO((result ? std::string() : result.error().message));
  REQUIRE(result);
  return *result;
}

// A model from what an opened artifact shows.
artifact::Model reread(const artifact::Artifact& artifact) {
  const artifact::Description& about = artifact.description();
  artifact::Model model{about.name, about.precision, about.metadata, about.provenance, {}};
  for (std::uint32_t s = 0; s < about.signatures.size(); ++s) {
    const artifact::SignatureInfo& from = about.signatures[s];
    artifact::Signature signature{from.name, from.inputs, from.outputs, {}};
    for (std::uint32_t v = 0; v < from.variants.size(); ++v) {
      artifact::Variant variant = artifact::unflatten(artifact.graph(s, v));
      variant.dims = from.variants[v].dims;
      variant.specialised = from.variants[v].specialised;
      variant.inputs = from.variants[v].inputs;
      variant.outputs = from.variants[v].outputs;
      variant.cuts.clear();
      for (const artifact::CutInfo& cut : from.variants[v].cuts) {
        artifact::Cut copy{cut.target, cut.format, cut.target_hash, {}};
        for (const artifact::SectionInfo& section : cut.sections) {
          copy.sections.push_back({section.first_node,
                                   section.end_node,
                                   section.block_loops,
                                   {section.payload.begin(), section.payload.end()}});
        }
        variant.cuts.push_back(std::move(copy));
      }
      signature.variants.push_back(std::move(variant));
    }
    model.signatures.push_back(std::move(signature));
  }
  return model;
}

}  // namespace

TEST_CASE("a model that uses everything comes back as it was written") {
  const auto file = aligned(written(nine_patterns()));
  const auto artifact = opened(file.bytes());
  CHECK(artifact->verify_segments());
  const auto again = aligned(written(reread(*artifact)));
  REQUIRE(again.bytes().size() == file.bytes().size());
  CHECK(std::memcmp(again.bytes().data(), file.bytes().data(), file.bytes().size()) == 0);
  CHECK(artifact::diff(*artifact, *opened(again.bytes())).empty());
}

TEST_CASE("two writes of one model are byte-identical, in memory and in a file") {
  const auto first = written(nine_patterns());
  CHECK(first == written(nine_patterns()));
  const auto path = std::filesystem::temp_directory_path() / "rdu_writer_test.rdu";
  REQUIRE(artifact::write_artifact(nine_patterns(), path.string()));
  CHECK(std::filesystem::file_size(path) == first.size());
  const auto from_file = artifact::open_artifact(path.string(), {});
  REQUIRE(from_file);
  const auto bytes = aligned(first);
  CHECK(artifact::diff(**from_file, *opened(bytes.bytes())).empty());
  std::filesystem::remove(path);
}

TEST_CASE("a refused model leaves no file") {
  const auto folder = std::filesystem::temp_directory_path() / "rdu_writer_refused";
  std::filesystem::create_directories(folder);
  artifact::Model model = nine_patterns();
  model.signatures[0].variants[0].values[0].dtype = 99;
  CHECK(!artifact::write_artifact(model, (folder / "model.rdu").string()));
  CHECK(std::filesystem::is_empty(folder));
  std::filesystem::remove_all(folder);
}

TEST_CASE("a file that cannot be created is an error with its name") {
  const auto result = artifact::write_artifact(nine_patterns(), "/nonexistent/model.rdu");
  REQUIRE(!result);
  CHECK(result.error().code == base::Code::kIo);
  CHECK_THAT(result.error().message, Catch::Contains("/nonexistent/model.rdu"));
}

TEST_CASE("equal constants are stored once, large ones in segments of their own") {
  ModelBuilder b;
  const ValueId x = b.input("x", RDU_DTYPE_F32, {40'000});
  const std::vector<float> ones(40'000, 1.0f);
  const ValueId first = b.constant("first", RDU_DTYPE_F32, {40'000}, ones);
  const ValueId second = b.constant("second", RDU_DTYPE_F32, {200, 200}, ones);
  const ValueId small = b.constant("small", RDU_DTYPE_F32, {1}, std::vector<float>{2.0f});
  const ValueId tiny = b.constant("tiny", RDU_DTYPE_F32, {1}, std::vector<float>{3.0f});
  b.output(b.elementwise("y", RDU_OP_ADD, {x, first}));
  const auto file = aligned(written(b.build()));
  const auto artifact = opened(file.bytes());
  const auto& values = artifact->graph(0, 0).values;
  const auto& v = [&](ValueId id) -> const rdu_value& {
    return artifact::at<rdu_value>(values, id);
  };
  CHECK(v(first).data == v(second).data);
  CHECK(v(small).segment != v(first).segment);
  CHECK(v(small).segment == v(tiny).segment);
  CHECK(v(small).data != v(tiny).data);
  CHECK(artifact->segments().size() == 2);
  for (const ValueId id : {first, second, small, tiny}) {
    CHECK(reinterpret_cast<std::uintptr_t>(v(id).data) % 64 == 0);
  }
  CHECK(artifact->signatures()[0].variants[0].weight_bytes == 160'008);
  CHECK(file.bytes().size() < 175'000);
}

TEST_CASE("a constant without elements has an aligned address and no bytes") {
  ModelBuilder b;
  const ValueId empty = b.constant("empty", RDU_DTYPE_F32, {0, 3}, std::vector<float>());
  b.output(b.reduce_last("sum", RDU_COMBINE_ADD, empty));
  const auto file = aligned(written(b.build()));
  const auto artifact = opened(file.bytes());
  const auto& value = artifact::at<rdu_value>(artifact->graph(0, 0).values, empty);
  REQUIRE(value.data != nullptr);
  CHECK(reinterpret_cast<std::uintptr_t>(value.data) % 64 == 0);
  CHECK(value.bytes == 0);
}

TEST_CASE("terms of one loop are added up") {
  ModelBuilder b;
  const ValueId x = b.input("x", RDU_DTYPE_F32, {7});
  Index index = along(0, 3);
  index.terms.push_back({0, -1});
  index.terms.push_back({1, 5});
  index.terms.push_back({1, -5});
  b.output(b.map("y", RDU_DTYPE_F32, {4, 2}, {read(x, {index})},
                 program({instr(RDU_OP_LOAD, RDU_DTYPE_F32)})));
  const auto file = aligned(written(b.build()));
  const auto artifact = opened(file.bytes());
  const rdu_graph& graph = artifact->graph(0, 0);
  const auto& flat =
      artifact::at<rdu_index>(graph.indices, artifact::at<rdu_read>(graph.reads, 0).first_index);
  REQUIRE(flat.num_terms == 1);
  CHECK(artifact::at<rdu_term>(graph.terms, flat.first_term).coef == 2);
}
