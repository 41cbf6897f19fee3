// V, E, G, L, A, B: each rule about the parts of a graph, broken once.
#include <catch2/catch.hpp>
#include <utility>

#include "tests/sdk/artifact/broken.hpp"
#include "tests/support/cached_attention.hpp"
#include "tests/support/model_builder.hpp"

using namespace rdu;
using artifact::FlatGraph;
using artifact::kNone;
using testing::breaks;
using testing::breaks_flat;
using testing::Broken;
using testing::legal;

namespace {

constexpr auto F32 = RDU_DTYPE_F32;
constexpr auto I64 = RDU_DTYPE_I64;

}  // namespace

TEST_CASE("the models that the tests break are legal") {
  CHECK(artifact::validate_model_graph(legal()));
  const artifact::Model growing = testing::cached_attention({1, 3, 0}, 8);
  for (const artifact::Variant& variant : growing.signatures[0].variants) {
    const auto valid = artifact::validate_model_graph(variant);
    INFO((valid ? std::string() : valid.error().message));
    CHECK(valid);
  }
}

TEST_CASE("an error names the node, the value seen and the rule") {
  Broken broken(legal());
  broken.node("front").reads[0].access[1].outside = RDU_OUTSIDE_NEVER;
  const auto result = artifact::validate_model_graph(broken.variant);
  REQUIRE(!result);
  CHECK(result.error().node == "front");
  CHECK(result.error().message ==
        "node 1 \"front\" (map): read 0, dimension 1: positions -1 to 1 of value \"h\" with extent "
        "3 [A4]");
}

TEST_CASE("V: values") {
  breaks("V1", [](Broken& b) { b.value("h").role = 5; });
  breaks_flat("V1", [](FlatGraph& f) { f.values[6].dtype = RDU_NUM_DTYPES; });
  breaks_flat("V1", [](FlatGraph& f) { f.values[6].rank = RDU_MAX_RANK + 1; });
  breaks_flat("V2", [](FlatGraph& f) { f.values[6].dims[0] = -1; });
  breaks_flat("V2", [](FlatGraph& f) { f.values[6].dims[0] = INT64_MAX / 4; });
  breaks("V3", [](Broken& b) { b.value("kept").dim_values = {b.id("h")}; });
  breaks("V3", [](Broken& b) { b.value("bias").dim_values = {b.id("num_kept")}; });
  breaks("V4", [](Broken& b) { b.value("bias").dims = {4}; });
  breaks_flat("V4", [](FlatGraph& f) { f.values[0].data = f.values[3].data; });
  breaks_flat("V4", [](FlatGraph& f) { f.values[3].data = nullptr; });
  breaks("V5", [](Broken& b) { b.value("sums_flat").storage = 10'000; });
  breaks("V5", [](Broken& b) { b.value("sums_flat").dims = {7}; });
  breaks("V5", [](Broken& b) { b.value("chosen").storage = b.id("sums_flat"); });
  breaks("V5", [](Broken& b) { b.value("sums_flat").storage = b.id("total_initial"); });
  breaks("V5", [](Broken& b) { b.value("order").storage = b.id("kept"); });
}

TEST_CASE("E: encodings") {
  breaks("E1", [](Broken& b) { b.value("w").encoding = 1; });
  breaks("E1", [](Broken& b) { b.value("h").encoding = 0; });
  breaks("E2", [](Broken& b) { b.variant.encodings[0].kind = RDU_ENCODING_BLOCK_SPARSE; });
  breaks("E3", [](Broken& b) { b.value("bias").encoding = 0; });
  breaks("E3", [](Broken& b) { b.variant.encodings[0].axis = 2; });
  breaks("E3", [](Broken& b) { b.variant.encodings[0].scale = b.id("bias"); });
  breaks("E3", [](Broken& b) { b.variant.encodings[0].zero_point = b.id("w_scale"); });
}

TEST_CASE("G: structure") {
  breaks_flat("G1", [](FlatGraph& f) { f.nodes[3].first_read += 1; });
  breaks_flat("G1", [](FlatGraph& f) { f.nodes[3].num_loops = 0xfffffff0; });
  breaks_flat("G1", [](FlatGraph& f) { f.nodes[3].pattern = RDU_NUM_PATTERNS; });
  breaks_flat("G1", [](FlatGraph& f) { f.reads[0].value = 1000; });
  breaks_flat("G1", [](FlatGraph& f) { f.reads[0].first_index = 1'000'000; });
  breaks_flat("G1", [](FlatGraph& f) { f.indices[0].first_term = 1'000'000; });
  breaks_flat("G1", [](FlatGraph& f) { f.ports[0].outer = 1000; });
  breaks_flat("G1", [](FlatGraph& f) { f.graphs[0].first_output = 0; });
  breaks_flat("G1", [](FlatGraph& f) { f.value_lists[0] = 1000; });
  breaks_flat("G1", [](FlatGraph& f) { f.loops.emplace_back(); });
  breaks_flat("G1", [](FlatGraph& f) { f.variables[0].read = 1000; });
  breaks_flat("G2", [](FlatGraph& f) { f.graphs.clear(); });
  breaks("G3", [](Broken& b) { b.node("choose").graphs[1] = 2; });
  breaks("G3", [](Broken& b) { b.node("choose").graphs[1] = 0; });
  breaks("G3", [](Broken& b) { b.node("choose").graphs[1] = kNone; });
  breaks("G4", [](Broken& b) { b.node("dense").name = "front"; });
  breaks("G4", [](Broken& b) { b.node("dense").name = ""; });
  breaks("G5", [](Broken& b) { b.node("out_then").reads[0].value = b.id("chosen"); });
  breaks("G5", [](Broken& b) { b.node("front").reads[0].value = b.id("row_out"); });
  breaks("G6",
         [](Broken& b) { std::swap(b.variant.graphs[0].nodes[0], b.variant.graphs[0].nodes[1]); });
  breaks("G7", [](Broken& b) { b.variant.graphs[0].inputs[0] = b.id("h"); });
  breaks("G7", [](Broken& b) { b.variant.graphs[0].inputs[0] = b.id("step"); });
  breaks("G8", [](Broken& b) { b.variant.graphs[0].outputs[0] = b.id("x"); });
  breaks("G8", [](Broken& b) { b.variant.graphs[0].outputs[0] = b.id("bias"); });
  breaks("G8", [](Broken& b) { b.variant.graphs[0].outputs[0] = b.id("counts"); });
}

TEST_CASE("N: origins") {
  breaks("N1", [](Broken& b) { b.variant.origins[0].fate = RDU_ORIGIN_UNUSED + 1; });
  breaks("N1", [](Broken& b) { b.variant.origins[3].parent = 3; });
  breaks_flat("N2", [](FlatGraph& f) { f.origins[1].first_tensor = 0; });
  breaks_flat("N2", [](FlatGraph& f) { f.origins[1].num_tensors = 0xfffffff0; });
  breaks_flat("N2", [](FlatGraph& f) { f.origin_tensors.push_back({"more", kNone, 0}); });
  breaks("N2", [](Broken& b) { b.variant.origins[0].tensors[0].value = 1000; });
  breaks("N3", [](Broken& b) { b.node("dense").origins = {0, 4}; });
  breaks("N3", [](Broken& b) { b.node("dense").origins = {1, 0}; });
  breaks("N3", [](Broken& b) { b.node("dense").origins = {1, 1}; });
  breaks_flat("N3", [](FlatGraph& f) { f.nodes[1].first_origin = 0; });
  breaks_flat("N3", [](FlatGraph& f) { f.nodes[0].num_origins = 0xfffffff0; });
  breaks_flat("N3", [](FlatGraph& f) { f.origin_lists.push_back(0); });
}

TEST_CASE("L: loops") {
  breaks("L1", [](Broken& b) { b.node("front").num_parallel = 3; });
  breaks("L1", [](Broken& b) { b.node("front").loops.resize(RDU_MAX_LOOPS + 1); });
  breaks("L2", [](Broken& b) { b.node("front").loops[0].extent = -1; });
  breaks("L2", [](Broken& b) { b.node("front").loops[0].extent = std::int64_t{1} << 60; });
  breaks("L3", [](Broken& b) { b.node("front").loops[0].role = RDU_LOOP_M; });
  breaks("L3", [](Broken& b) { b.node("dense").loops[0].role = RDU_LOOP_WINDOW + 1; });
  breaks("L4", [](Broken& b) { b.node("kept").loops[0].extent_value = b.id("h"); });
}

TEST_CASE("A: accesses") {
  const auto index = [](Broken& b) -> artifact::Index& {
    return b.node("front").reads[0].access[1];
  };
  breaks("A1", [&](Broken& b) { index(b).div = 0; });
  breaks("A1", [&](Broken& b) { index(b).mod = -1; });
  breaks("A1", [&](Broken& b) { index(b).outside = RDU_OUTSIDE_SKIP + 1; });
  breaks("A2", [&](Broken& b) { index(b).terms[0].loop = 2; });
  breaks("A2", [](Broken& b) { b.node("best").writes[0].access = {testing::along(1)}; });
  breaks_flat("A2", [](FlatGraph& f) { f.terms[0].coef = 0; });
  breaks("A3", [](Broken& b) {
    b.node("pick").reads[0].access[0].source = b.id("picked");
    b.node("pick").reads[0].access[0].source_access = testing::identity(2);
  });
  breaks("A3", [](Broken& b) {
    artifact::Index& source = b.node("pick").reads[0].access[0].source_access[0];
    source.source = b.id("rows");
    source.source_access = {testing::along(0)};
  });
  breaks("A4", [&](Broken& b) { index(b).outside = RDU_OUTSIDE_NEVER; });
  breaks("A4", [&](Broken& b) { b.node("pick").reads[0].access[0].outside = RDU_OUTSIDE_NEVER; });
  breaks("A4", [](Broken& b) { b.node("pick").reads[0].access[0].source_access[0].offset = 1; });
  breaks("A5", [&](Broken& b) { index(b).exact = true; });
  breaks("A6", [&](Broken& b) { index(b).terms[0].coef = INT64_MAX / 2; });
  breaks("A6", [&](Broken& b) { index(b).offset = INT64_MIN; });
  breaks("A7", [&](Broken& b) { index(b).outside = RDU_OUTSIDE_SKIP; });
  breaks("A7", [](Broken& b) { b.node("front").writes[0].access[1].outside = RDU_OUTSIDE_CLAMP; });
  breaks("A7", [](Broken& b) {
    b.node("count").writes[0].access[0].source_access[0].outside = RDU_OUTSIDE_FILL;
  });
  breaks("A8", [](Broken& b) { b.node("front").reads[0].fill_value = b.id("bias"); });
  breaks_flat("A8", [](FlatGraph& f) {
    for (std::uint32_t r = 0; r < f.reads.size(); ++r) {
      if (f.values[f.reads[r].value].dtype == RDU_DTYPE_I8) f.reads[r].fill.i = 200;
    }
  });
}

TEST_CASE("A4: intervals know floor and mod") {
  const auto with = [](std::int64_t coef, std::int64_t offset, std::int64_t div, std::int64_t mod) {
    Broken b(legal());
    artifact::Index& index = b.node("front").reads[0].access[1];  // 3 points into an extent of 3
    index = testing::along(1, coef, offset);
    index.div = div;
    index.mod = mod;
    return artifact::validate_model_graph(b.variant).ok();
  };
  CHECK(with(1, 0, 1, 0));
  CHECK(with(-1, 2, 1, 0));
  CHECK(!with(1, 1, 1, 0));
  CHECK(!with(-1, 1, 1, 0));
  CHECK(with(2, 1, 2, 0));    // floor(1, 3, 5 / 2) = 0, 1, 2
  CHECK(!with(2, -1, 2, 0));  // floor(-1 / 2) = -1
  CHECK(with(5, 7, 1, 3));    // anything mod 3
  CHECK(!with(5, 7, 1, 4));
  CHECK(with(1, 4, 1, 4));   // 4, 5, 6 mod 4 = 0, 1, 2: within one period
  CHECK(!with(1, 5, 1, 4));  // 5, 6, 7 mod 4 = 1, 2, 3
}

TEST_CASE("B: programs") {
  const auto code = [](Broken& b) -> std::vector<artifact::Instr>& {
    return b.node("back").body.code;
  };
  breaks_flat("B1", [](FlatGraph& f) { f.instrs[0].op = RDU_NUM_BODY_OPS; });
  breaks_flat("B1", [](FlatGraph& f) { f.instrs[0].dtype = 0; });
  breaks("B2", [&](Broken& b) { code(b)[3].a = 3; });
  breaks("B3", [&](Broken& b) { code(b)[3].a = 0; });
  breaks("B3", [&](Broken& b) { code(b)[2].dtype = RDU_DTYPE_F64; });
  breaks("B3", [&](Broken& b) { code(b)[0].dtype = RDU_DTYPE_F64; });
  breaks("B3", [](Broken& b) { b.node("front").body.code[1].dtype = I64; });
  breaks("B3", [](Broken& b) { b.node("positive").body.code[2].dtype = F32; });
  breaks("B3", [](Broken& b) {
    b.node("front").body = testing::program(
        {testing::instr(RDU_OP_LOAD, F32), testing::instr(RDU_OP_CAST, RDU_DTYPE_BOOL, 0),
         testing::instr(RDU_OP_ADD, RDU_DTYPE_BOOL, 1, 1), testing::instr(RDU_OP_CAST, F32, 2)});
  });
  breaks("B4", [&](Broken& b) { code(b)[0].a = 1; });
  breaks("B4", [](Broken& b) { b.node("kept").body.code[1].a = 1; });
  breaks("B4",
         [](Broken& b) { b.node("dense").epilogue.code[1] = testing::instr(RDU_OP_LOAD, F32, 0); });
  breaks("B4", [](Broken& b) { b.node("front").body.code[0] = testing::instr(RDU_OP_ACC, F32); });
  breaks("B5", [](Broken& b) {
    b.node("count").body = testing::program(
        {testing::constant(RDU_DTYPE_I8, 0, 128), testing::instr(RDU_OP_CAST, I64, 0)});
  });
  breaks("B6", [&](Broken& b) { b.node("back").body.results[0] = 4; });
  breaks("B7",
         [](Broken& b) { b.node("front").body.code.resize(4097, testing::constant(F32, 0)); });
}
