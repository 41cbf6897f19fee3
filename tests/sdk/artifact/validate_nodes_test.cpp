// M to D: each rule about patterns, joins, sections, variables and signatures, broken once.
#include <catch2/catch.hpp>
#include <utility>

#include "tests/sdk/artifact/broken.hpp"
#include "tests/support/model_builder.hpp"

using namespace rdu;
using artifact::kNone;
using testing::breaks;
using testing::breaks_growth;
using testing::breaks_model;
using testing::Broken;
using testing::legal;

namespace {

constexpr auto F32 = RDU_DTYPE_F32;
constexpr auto I64 = RDU_DTYPE_I64;

}  // namespace
TEST_CASE("M: map") {
  breaks("M1", [](Broken& b) {
    b.node("front").num_parallel = 1;
    b.node("front").writes[0].access[1] = testing::at(0);
  });
  breaks("M1", [](Broken& b) { b.node("front").combine = RDU_COMBINE_ADD; });
  breaks("M1", [](Broken& b) { b.node("front").base = b.id("h"); });
  breaks("M1", [](Broken& b) { b.node("front").body.results.push_back(0); });
  breaks("M1", [](Broken& b) { b.node("total_next").writes[0].value = b.id("kept_rows"); });
  breaks("M2", [](Broken& b) { b.node("pick").pattern = RDU_PATTERN_MAP; });
}

TEST_CASE("R: reduce") {
  breaks("R1", [](Broken& b) { b.node("best").combine = RDU_COMBINE_NONE; });
  breaks("R1", [](Broken& b) { b.node("best").combine = RDU_COMBINE_REPLACE; });
  breaks("R1", [](Broken& b) { b.node("best").acc_dtype = I64; });
  breaks("R1", [](Broken& b) {
    b.node("best").combine = RDU_COMBINE_AND;
    b.node("best").epilogue =
        testing::program({testing::instr(RDU_OP_ACC, F32), testing::instr(RDU_OP_CAST, I64, 0)});
  });
  breaks("R1", [](Broken& b) { b.node("best").loops[1].extent = 0; });
  breaks("R1", [](Broken& b) { b.node("best").body.results.push_back(0); });
  breaks("R2", [](Broken& b) {
    artifact::Node& node = b.node("pick");
    node.pattern = RDU_PATTERN_REDUCE;
    node.combine = RDU_COMBINE_ADD;
    node.acc_dtype = F32;
  });
}

TEST_CASE("C: contract") {
  breaks("C1", [](Broken& b) { b.node("dense").combine = RDU_COMBINE_MAX; });
  breaks("C1", [](Broken& b) { b.node("dense").body.results.pop_back(); });
  breaks("C2", [](Broken& b) { b.node("dense").loops[0].role = RDU_LOOP_K; });
  breaks("C2", [](Broken& b) { b.node("dense").loops[2].role = RDU_LOOP_N; });
  breaks("C3", [](Broken& b) {
    std::swap(b.node("dense").body.results[0], b.node("dense").body.results[1]);
  });
  breaks("C3", [](Broken& b) { b.node("dense").body.results[1] = 3; });
  breaks("C4", [](Broken& b) { b.node("dense").reads[0].access[1] = testing::along(1); });
  breaks("C5", [](Broken& b) {
    artifact::Index& index = b.node("dense").reads[0].access[0];
    index.source = b.id("rows");
    index.source_access = {testing::at(0)};
    index.outside = RDU_OUTSIDE_CLAMP;
  });
  breaks("C6", [](Broken& b) {
    b.node("dense").acc_dtype = RDU_DTYPE_BF16;
    b.node("dense").epilogue = testing::program(
        {testing::instr(RDU_OP_ACC, RDU_DTYPE_BF16), testing::instr(RDU_OP_CAST, F32, 0)});
  });
  breaks("C7", [](Broken& b) { b.node("dense").epilogue.results = {0, 1}; });
}

TEST_CASE("H, X: gather and scatter") {
  breaks("H1", [](Broken& b) {
    b.node("pick").num_parallel = 1;
    b.node("pick").writes[0].access = {testing::along(0), testing::at(0)};
  });
  breaks("H2", [](Broken& b) {
    b.node("pick").combine = RDU_COMBINE_ADD;
    b.node("pick").acc_dtype = I64;
    b.node("pick").epilogue =
        testing::program({testing::instr(RDU_OP_ACC, I64), testing::instr(RDU_OP_CAST, F32, 0)});
  });
  breaks("X1", [](Broken& b) {
    b.node("count").num_parallel = 0;
    b.node("count").writes[0].access[0].source_access[0] = testing::at(0);
  });
  breaks("X2", [](Broken& b) { b.node("count").combine = RDU_COMBINE_ARGMAX_LAST; });
  breaks("X3", [](Broken& b) { b.node("count").body.results.push_back(0); });
  breaks("X4", [](Broken& b) { b.node("count").base = b.id("start"); });
  breaks("X4", [](Broken& b) { b.node("count").base = kNone; });
  breaks("X4", [](Broken& b) { b.node("count").acc_dtype = F32; });
}

TEST_CASE("F, O: filter and sort") {
  breaks("F1", [](Broken& b) { b.node("positive").base = b.id("h"); });
  breaks("F2", [](Broken& b) { b.node("positive").body.results = {0}; });
  breaks("F3", [](Broken& b) { b.node("positive").writes.pop_back(); });
  breaks("F3", [](Broken& b) { b.value("kept_rows").dim_values.clear(); });
  breaks("O1", [](Broken& b) { b.node("rank").num_parallel = 1; });
  breaks("O2", [](Broken& b) { b.node("rank").body.results.clear(); });
  breaks("O2", [](Broken& b) { b.node("rank").descending = 2; });
  breaks("O3", [](Broken& b) { b.node("rank").writes[0].value = b.id("kept"); });
  breaks("M1", [](Broken& b) { b.node("front").descending = 1; });
}

TEST_CASE("K: scan") {
  const auto port = [](Broken& b, std::size_t i) -> artifact::Port& {
    return b.node("running_sum").ports[i];
  };
  breaks("K1", [](Broken& b) { b.node("running_sum").base = b.id("h"); });
  breaks("K1", [](Broken& b) {
    b.node("running_sum").writes = {{b.id("sums"), {}}, {b.id("sum_end"), {}}};
  });
  breaks("K2", [](Broken& b) { b.node("running_sum").loops.clear(); });
  breaks("K2", [](Broken& b) { b.node("running_sum").condition = b.id("h"); });
  breaks("K3", [&](Broken& b) { port(b, 0).kind = RDU_PORT_RESULT; });
  breaks("K3", [&](Broken& b) { port(b, 0).slot = 1; });
  breaks("K3", [&](Broken& b) { b.node("running_sum").ports.push_back(port(b, 2)); });
  breaks("K4", [&](Broken& b) { port(b, 1).kind = RDU_PORT_CAPTURE; });
  breaks("K5", [&](Broken& b) { port(b, 0).outer = b.id("picked"); });
  breaks("K6", [&](Broken& b) { port(b, 1).axis = 1; });
  breaks("K6", [&](Broken& b) { port(b, 1).axis = -1; });
  breaks("K7", [&](Broken& b) { port(b, 3).axis = 2; });
  breaks("K8", [&](Broken& b) { port(b, 2).outer = b.id("h"); });
  breaks("K9", [&](Broken& b) {
    b.node("running_sum")
        .ports.push_back({RDU_PORT_KEEP, 0, b.id("h"), kNone, kNone, b.id("sum_out"), 0, false});
  });
  breaks("K10", [](Broken& b) {
    b.node("running_sum").ports.erase(b.node("running_sum").ports.begin() + 2);
  });
  breaks("K10", [](Broken& b) { b.variant.graphs[1].outputs.pop_back(); });
}

TEST_CASE("I: control") {
  const auto port = [](Broken& b, std::size_t i) -> artifact::Port& {
    return b.node("choose").ports[i];
  };
  breaks("I1", [](Broken& b) { b.node("choose").loops.resize(1); });
  breaks("I1", [](Broken& b) { b.node("choose").combine = RDU_COMBINE_ADD; });
  breaks("I2", [](Broken& b) { b.node("choose").condition = b.id("step"); });
  breaks("I2", [](Broken& b) { b.node("choose").condition = kNone; });
  breaks("I3", [&](Broken& b) { port(b, 0).slot = 2; });
  breaks("I3", [&](Broken& b) { port(b, 0).kind = RDU_PORT_SLICE; });
  breaks("I4", [&](Broken& b) { port(b, 0).outer = b.id("h"); });
  breaks("I5", [&](Broken& b) { port(b, 1).inner_out = b.id("h"); });
  breaks("I6",
         [&](Broken& b) { b.node("choose").ports.erase(b.node("choose").ports.begin() + 3); });
  breaks("I7",
         [&](Broken& b) { b.node("choose").ports.erase(b.node("choose").ports.begin() + 2); });
}

TEST_CASE("W: writes and joins") {
  breaks("W1", [](Broken& b) {
    b.node("front").writes[0].value = b.id("bias");
    b.node("front").writes[0].access = {testing::at(0)};
  });
  breaks("W1", [](Broken& b) { b.node("total_next").writes[0].value = b.id("sums_flat"); });
  breaks("W2", [](Broken& b) { b.node("total_next").writes[0].access = {testing::at(0)}; });
  breaks("W2",
         [](Broken& b) { b.node("total_next").writes[0].access = {testing::along(0, -1, 5)}; });
  breaks("W2", [](Broken& b) {
    b.node("total_next").writes[0].access = {testing::along(0)};
    b.node("total_next").writes[0].access[0].mod = 6;
  });
  breaks("W3", [](Broken& b) { b.node("back").writes[0].access[1] = testing::along(1, 2, 0); });
  breaks("W3", [](Broken& b) { b.node("back").writes[0].access[1] = testing::along(1, 1, 3); });
  breaks("W4", [](Broken& b) { b.node("front").loops[1].extent = 2; });
  breaks("W4", [](Broken& b) {
    b.node("pick").writes.push_back({b.id("sums"), {}});
    b.node("pick").body.results.push_back(0);
  });
  breaks("W5", [](Broken& b) {
    b.variant.variables[0].write = b.id("total");
    b.node("total_next").writes[0].value = b.id("total");
  });
  breaks("W6", [](Broken& b) { b.value("kept").dim_values.clear(); });
  breaks("W7", [](Broken& b) {
    artifact::Node node = b.node("total_next");
    for (int i = 0; i < 1024; ++i) {
      node.name = "again" + std::to_string(i);
      b.variant.graphs[0].nodes.push_back(node);
    }
    b.variant.cuts[0].sections.back().end_node += 1024;
  });
}

TEST_CASE("W3: strided boxes meet exactly where their progressions do") {
  // Two maps of 3 points each into 12 elements, whatever stays uncovered: W3 or W4 tells whether they meet.
  const auto rule = [](std::int64_t stride, std::int64_t first, std::int64_t other_stride,
                       std::int64_t other_first) {
    Broken b(legal());
    b.value("joined").dims = {1, 12};
    b.node("front").writes[0].access[1] = testing::along(1, stride, first);
    b.node("back").writes[0].access[1] = testing::along(1, other_stride, other_first);
    const auto result = artifact::validate_model_graph(b.variant);
    return result ? std::string()
                  : result.error().message.substr(result.error().message.size() - 3, 2);
  };
  CHECK(rule(2, 0, 2, 1) == "W4");
  CHECK(rule(2, 0, 3, 3) == "W4");  // 0 2 4, 3 6 9
  CHECK(rule(2, 0, 3, 1) == "W3");  // 0 2 4, 1 4 7
  CHECK(rule(4, 1, 5, 1) == "W3");
  CHECK(rule(4, 1, 5, 0) == "W3");  // 1 5 9, 0 5 10
  CHECK(rule(4, 0, 4, 2) == "W4");
  CHECK(rule(1, 0, 1, 3) == "W4");
  CHECK(rule(1, 0, 1, 2) == "W3");
}

TEST_CASE("S, T: sections and variables") {
  breaks("S1", [](Broken& b) { b.variant.cuts[0].sections[1].first_node = 2; });
  breaks("S1", [](Broken& b) { b.variant.cuts[0].sections.pop_back(); });
  breaks("S2", [](Broken& b) {
    b.variant.cuts[0].sections[0].end_node = 2;
    b.variant.cuts[0].sections[1].first_node = 2;
  });
  breaks("T1", [](Broken& b) { b.variant.variables[0].name.clear(); });
  breaks("T2", [](Broken& b) { b.value("total").role = RDU_ROLE_INTERMEDIATE; });
  breaks("T2", [](Broken& b) { b.variant.variables[0].write = b.id("order"); });
  breaks("T2", [](Broken& b) { b.variant.variables[0].write = b.id("total_initial"); });
  breaks("T3", [](Broken& b) {
    b.variant.variables.push_back(b.variant.variables[0]);
    b.variant.variables[1].name = "other";
  });
  breaks("T4", [](Broken& b) { b.variant.variables[0].initial = b.id("bias"); });
}

TEST_CASE("T: growing variables") {
  const auto position = [](Broken& b) -> artifact::Index& {
    return b.node("append_past_k").writes[0].access[1];
  };
  breaks_growth("G1", [](Broken& b) { b.variant.variables[1].length = 3; });
  breaks_growth("T5", [](Broken& b) { b.variant.variables[1].length = 1; });
  breaks_growth("T5", [](Broken& b) { b.variant.variables[1].length = 2; });
  breaks_growth("T5", [](Broken& b) { b.variant.variables[0].write = b.id("past"); });
  breaks_growth("T5", [](Broken& b) {
    const artifact::ValueId k = b.id("past_k");
    b.variant.variables[1].write = static_cast<artifact::ValueId>(b.variant.values.size());
    b.variant.values.push_back(b.variant.values[k]);
    b.variant.values.back().role = RDU_ROLE_INTERMEDIATE;
    b.node("append_past_k").writes[0].value = b.variant.variables[1].write;
  });
  breaks_growth("T5", [](Broken& b) { b.variant.variables[1].axis = 0; });
  breaks_growth("T5", [](Broken& b) { b.variant.variables[1].axis = 3; });
  breaks_growth("T5", [](Broken& b) { b.variant.variables[1].grows_by = -1; });
  breaks_growth("T5", [](Broken& b) { b.variant.variables[1].grows_by = 7; });
  breaks_growth("T5", [](Broken& b) { b.variant.variables[1].grows_by = 1; });
  breaks_growth("T5", [](Broken& b) { b.node("append_past_k").combine = RDU_COMBINE_ADD; });
  breaks_growth("T5", [&](Broken& b) { position(b).offset = 1; });
  breaks_growth("T5", [&](Broken& b) { position(b).div = 2; });
  breaks_growth("T5", [&](Broken& b) { position(b).mod = 6; });
  breaks_growth("T5", [&](Broken& b) { position(b).terms[0].coef = 2; });
  breaks_growth("T5", [&](Broken& b) { position(b).terms.clear(); });
  breaks_growth("T5", [&](Broken& b) { position(b).outside = RDU_OUTSIDE_SKIP; });
  breaks_growth("T5", [&](Broken& b) { position(b).source = b.id("total"); });
  breaks_growth("T5",
                [](Broken& b) { b.node("append_past_k").loops[1].extent_value = b.id("past"); });
}

TEST_CASE("D: signatures and variants") {
  breaks_model("D1", [](artifact::Model& m) { m.signatures.clear(); });
  breaks_model("D1", [](artifact::Model& m) { m.signatures[0].name.clear(); });
  breaks_model("D1", [](artifact::Model& m) { m.signatures[0].variants.clear(); });
  breaks_model("D2", [](artifact::Model& m) { m.signatures[0].inputs[1].name = "x"; });
  breaks_model("D2", [](artifact::Model& m) { m.signatures[0].inputs[1].dtype = 16; });
  breaks_model("D2", [](artifact::Model& m) { m.signatures[0].inputs[1].dims[0].extent = -2; });
  breaks_model("D3", [](artifact::Model& m) { m.signatures[0].variants[1].inputs.pop_back(); });
  breaks_model("D4", [](artifact::Model& m) {
    m.signatures[0].variants[1].specialised[0].bytes.pop_back();
  });
  breaks_model("D4",
               [](artifact::Model& m) { m.signatures[0].variants[1].specialised[0].input = 4; });
  breaks_model("D4",
               [](artifact::Model& m) { m.signatures[0].variants[1].specialised[0].input = 0; });
  breaks_model("D5", [](artifact::Model& m) { m.signatures[0].variants[1].dims[0].second = -1; });
  breaks_model("D6", [](artifact::Model& m) { m.signatures[0].variants[1].inputs[0] = kNone; });
  breaks_model("D6", [](artifact::Model& m) { m.signatures[0].variants[1].dims[0].second = 3; });
  breaks_model("D6", [](artifact::Model& m) { m.signatures[0].inputs[1].dims[0].extent = 4; });
  breaks_model("D7", [](artifact::Model& m) { m.signatures[0].variants[1].outputs[0] = 0; });
  breaks_model("D7", [](artifact::Model& m) { m.signatures[0].outputs[0].dtype = F32; });
}

TEST_CASE("S: cuts of targets") {
  const auto cut = [](artifact::Model& m) -> artifact::Cut& {
    return m.signatures[0].variants[1].cuts[1];
  };
  breaks_model("S3",
               [](artifact::Model& m) { m.signatures[0].variants[1].cuts[0].target = "cpu"; });
  breaks_model("S4", [&](artifact::Model& m) {
    cut(m).sections[0].end_node = cut(m).sections[1].first_node = 2;
  });
  breaks_model("S4", [&](artifact::Model& m) { cut(m).sections.pop_back(); });
  breaks_model("S5", [&](artifact::Model& m) { cut(m).sections[0].block_loops[0].loop = 2; });
  breaks_model("S5", [&](artifact::Model& m) { cut(m).sections[0].block_loops[0].block = 0; });
  breaks_model("S6", [&](artifact::Model& m) { cut(m).format.clear(); });
}
