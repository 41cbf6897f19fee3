// Dump and diff.
#include "sdk/artifact/text.hpp"

#include <catch2/catch.hpp>

#include "sdk/artifact/text_program.hpp"
#include "tests/sdk/artifact/support.hpp"
#include "tests/support/model_builder.hpp"
#include "tests/support/nine_patterns.hpp"

using namespace rdu;
using namespace rdu::testing;

namespace {

// An opened artifact with the memory that it lies in.
struct Opened {
  explicit Opened(const artifact::Model& model) : file(aligned(written(model))) {
    auto result = artifact::open_artifact(std::as_const(file).bytes());
    REQUIRE(result);
    artifact = *result;
  }
  base::AlignedBytes file;
  artifact::ArtifactPtr artifact;
};

std::string diff(const artifact::Model& a, const artifact::Model& b) {
  return artifact::diff(*Opened(a).artifact, *Opened(b).artifact);
}

}  // namespace

TEST_CASE("accesses are written as in the design") {
  ModelBuilder b;
  const ValueId x = b.input("x", RDU_DTYPE_F32, {1, 3, 8, 8});
  Index half = along(2);
  half.div = 2;
  Index turn = along(3, -1, 5);
  turn.mod = 8;
  b.output(
      b.map("y", RDU_DTYPE_F32, {1, 3, 8, 8},
            {read(x, {along(0), at(2), outside(RDU_OUTSIDE_FILL, along(2, 2, -1)), turn}),
             read(x, {along(0), along(1), half, along(3)})},
            program({instr(RDU_OP_LOAD, RDU_DTYPE_F32, 0), instr(RDU_OP_LOAD, RDU_DTYPE_F32, 1),
                     instr(RDU_OP_SUB, RDU_DTYPE_F32, 0, 1), instr(RDU_OP_MUL, RDU_DTYPE_F32, 2, 2),
                     constant(RDU_DTYPE_F32, 0.1f), instr(RDU_OP_FMA, RDU_DTYPE_F32, 3, 2, 4)})));
  const std::string text = artifact::dump(*Opened(b.build()).artifact);
  CHECK_THAT(text, Catch::Contains("in0 = x[i0, 2, 2*i2 - 1 (fill), (-i3 + 5)%8]"));
  CHECK_THAT(text, Catch::Contains("in1 = x[i0, i1, (i2)/2, i3]"));
  CHECK_THAT(text, Catch::Contains("body t2 = (in0 - in1); fma(t2 * t2, t2, 0.1)"));
}

TEST_CASE("numbers are exact") {
  CHECK(artifact::number_text(RDU_DTYPE_F32, 0.5, 0) == "0.5");
  CHECK(artifact::number_text(RDU_DTYPE_F64, 0.1, 0) == "0.1");
  CHECK(artifact::number_text(RDU_DTYPE_F64, 0.1 + 0.2, 0) == "0.30000000000000004");
  CHECK(artifact::number_text(RDU_DTYPE_F32, static_cast<double>(0.1f), 0) == "0.1");
  CHECK(artifact::number_text(RDU_DTYPE_F32, 16777216.0 + 2, 0) == "16777218");
  CHECK(artifact::number_text(RDU_DTYPE_F32, -INFINITY, 0) == "-inf");
  CHECK(artifact::number_text(RDU_DTYPE_U64, 0, -1) == "18446744073709551615");
  CHECK(artifact::number_text(RDU_DTYPE_BOOL, 0, 1) == "true");
}

TEST_CASE("a long chain of operations stays linear text") {
  ModelBuilder b;
  const ValueId x = b.input("x", RDU_DTYPE_F32, {2});
  std::vector<artifact::Instr> code{instr(RDU_OP_LOAD, RDU_DTYPE_F32, 0)};
  for (std::uint32_t i = 0; i < 1000; ++i) code.push_back(instr(RDU_OP_ADD, RDU_DTYPE_F32, i, i));
  b.output(b.map("y", RDU_DTYPE_F32, {2}, {read(x, {along(0)})}, program(std::move(code))));
  CHECK(artifact::dump(*Opened(b.build()).artifact).size() < 50'000);
}

TEST_CASE("an artifact does not differ from itself") {
  CHECK(diff(nine_patterns(), nine_patterns()).empty());
}

TEST_CASE("diff shows what was changed, once") {
  artifact::Model changed = nine_patterns();
  changed.metadata[0].second = "somebody";
  changed.signatures[0].variants[1].graphs[0].nodes[1].body.code[1].op = RDU_OP_TANH;
  changed.signatures[0].variants[1].graphs[0].nodes[3].name = "argmax";
  const std::string text = diff(nine_patterns(), changed);
  CHECK_THAT(text,
             Catch::Contains("- metadata \"author\" tests\n+ metadata \"author\" somebody\n"));
  CHECK_THAT(text, Catch::Contains("body exp(in0)"));
  CHECK_THAT(text, Catch::Contains("body tanh(in0)"));
  CHECK_THAT(text, Catch::Contains("- signature \"infer\": variant (batch=2,"));
  CHECK_THAT(text, Catch::Contains("node \"argmax\""));
  CHECK_THAT(text, !Catch::Contains("batch=1"));
  CHECK(std::count(text.begin(), text.end(), '\n') == 8);
}

TEST_CASE("diff tells constants apart by content") {
  artifact::Model changed = nine_patterns();
  auto& table = changed.signatures[0].variants[0].values[9];
  REQUIRE(table.name == "table");
  const std::vector<float> other(10, 1.5f);
  table.data.bytes = std::as_bytes(std::span(other));
  const std::string text = diff(nine_patterns(), changed);
  CHECK_THAT(text, Catch::Contains("- signature \"infer\": variant (batch=1,"));
  CHECK_THAT(text, Catch::Contains("value table f32[5, 2] constant hash"));
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
}

TEST_CASE("diff shows variants that one side lacks") {
  artifact::Model fewer = nine_patterns();
  fewer.signatures[0].variants.pop_back();
  const std::string text = diff(nine_patterns(), fewer);
  CHECK(text == "- signature \"infer\": variant (batch=2,scales=i64[1] 0x0202020202020202)\n");
  CHECK(diff(fewer, nine_patterns())[0] == '+');
}
