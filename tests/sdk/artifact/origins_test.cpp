// Origins from model to file and back, and what is told about them.
#include <catch2/catch.hpp>

#include "sdk/artifact/flat_graph.hpp"
#include "sdk/artifact/origin_rows.hpp"
#include "sdk/artifact/reader.hpp"
#include "sdk/artifact/work.hpp"
#include "sdk/artifact/writer.hpp"
#include "tests/support/model_builder.hpp"

using namespace rdu;
using namespace rdu::testing;
using artifact::OriginRow;
using Catch::Contains;

namespace {

constexpr auto F32 = RDU_DTYPE_F32;

// Gemm and Relu fused, a Reshape that is a view, a softmax-like node in three patterns, a constant.
artifact::Model fused_model() {
  ModelBuilder b;
  const ValueId x = b.input("x", F32, {2, 4});
  const ValueId w = b.constant("w", F32, {4, 3}, std::vector<float>(12, 0.5F));
  const ValueId dense = b.matmul("dense", x, w);
  const ValueId shaped = b.reshape("shaped", dense, {6});
  const ValueId e = b.elementwise("e", RDU_OP_EXP, {shaped});
  const ValueId n = b.elementwise("norm", RDU_OP_NEG, {e});
  const ValueId y = b.elementwise("norm.1", RDU_OP_ABS, {n});
  b.output(y);
  auto& variant = b.variant();
  variant.origins = {{"dense", "Gemm", "", RDU_ORIGIN_COMPUTED, RDU_NONE, {{"g", kNone}}},
                     {"relu", "Relu", "", RDU_ORIGIN_COMPUTED, RDU_NONE, {{"r", dense}}},
                     {"view", "Reshape", "", RDU_ORIGIN_VIEW, RDU_NONE, {{"s", shaped}}},
                     {"known", "Shape", "", RDU_ORIGIN_CONSTANT, RDU_NONE, {}},
                     {"call", "Block", "local", RDU_ORIGIN_EXPANDED, RDU_NONE, {}},
                     {"call/norm", "Softmax", "", RDU_ORIGIN_COMPUTED, 4, {{"y", y}}}};
  auto& nodes = variant.graphs[0].nodes;
  nodes[0].origins = {0, 1};
  for (std::size_t i = 1; i < nodes.size(); ++i) nodes[i].origins = {5};
  return b.build();
}

artifact::ArtifactPtr stored(const std::vector<std::byte>& file) {
  artifact::OpenOptions options;
  options.copy = true;
  const auto opened = artifact::open_artifact(file, options);
  REQUIRE(opened);
  return *opened;
}

}  // namespace

TEST_CASE("a file keeps origins, their tensors and whose work nodes do") {
  const auto file = artifact::write_artifact(fused_model());
  REQUIRE(file);
  const auto opened = stored(*file);
  const artifact::Variant variant = artifact::unflatten(opened->graph(0, 0));
  REQUIRE(variant.origins.size() == 6);
  CHECK(variant.origins[5].name == "call/norm");
  CHECK(variant.origins[5].parent == 4);
  CHECK(variant.origins[4].domain == "local");
  CHECK(variant.origins[2].fate == RDU_ORIGIN_VIEW);
  CHECK(variant.origins[1].tensors.at(0).name == "r");
  CHECK(variant.values[variant.origins[1].tensors.at(0).value].name == "dense");
  CHECK(variant.origins[0].tensors.at(0).value == kNone);
  CHECK(variant.graphs[0].nodes[0].origins == std::vector<std::uint32_t>{0, 1});
}

TEST_CASE("every origin has a row that says what it became") {
  const auto file = artifact::write_artifact(fused_model());
  REQUIRE(file);
  const auto opened = stored(*file);
  const auto rows = artifact::origin_rows(opened->graph(0, 0));
  REQUIRE(rows.size() == 6);
  CHECK(rows[0].fused_with == std::vector<std::uint32_t>{1});
  CHECK(rows[5].parts.size() == 3);
  CHECK(rows[5].parts[0].section == 1);
  CHECK(artifact::became_text(rows, 0) == "contract with Relu");
  CHECK(artifact::became_text(rows, 1) == "in contract dense");
  CHECK(artifact::became_text(rows, 2) == "view");
  CHECK(artifact::became_text(rows, 3) == "constant");
  CHECK(artifact::became_text(rows, 4) == "expanded");
  const std::vector<std::uint32_t> shown{0, 5};
  const std::vector<std::string> devices(opened->graph(0, 0).nodes.count, "cpu:");
  const std::string table = artifact::origin_table(rows, shown, devices);
  CHECK_THAT(table, Contains("dense      Gemm      0        cpu:    contract with Relu\n"));
  CHECK_THAT(table,
             Contains("call/norm  Softmax   1-3      cpu:    in map e, map norm, map norm.1\n"));
  CHECK_THAT(artifact::origin_table(rows, shown, {}), !Contains("cpu:"));
}

TEST_CASE("work counts arithmetic, bodies as often as they run") {
  const auto file = artifact::write_artifact(fused_model());
  REQUIRE(file);
  const auto work = artifact::node_operations(stored(*file)->graph(0, 0));
  // 2 · 3 results of 4 products and 4 additions each; then 6 elements of one operation.
  CHECK(work == std::vector<double>{48, 6, 6, 6});
}
