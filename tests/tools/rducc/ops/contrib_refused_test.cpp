// What operators of com.microsoft refuse, by name.
#include <catch2/catch.hpp>

#include "tests/tools/rducc/ops/contrib_case.hpp"

using namespace rducc::test;

namespace {

OneOpResult run_microsoft(OneOp op) {
  op.domain = kMicrosoft;
  return run(op);
}

OneOp matmul_bits(std::vector<Attribute> attributes) {
  return {"MatMulNBits",
          17,
          {given(f32({1, 16}, std::vector<double>(16, 1))),
           known(of(RDU_DTYPE_U8, {1, 1, 8}, {1, 2, 3, 4, 5, 6, 7, 8})), known(f32({1, 1}, {1}))},
          std::move(attributes)};
}

const Attribute kK{"K", std::int64_t{16}}, kN{"N", std::int64_t{1}};
const Attribute kBlock{"block_size", std::int64_t{16}};

}  // namespace

TEST_CASE("MatMulNBits is one contract over the packed weights") {
  const auto result = run_microsoft(matmul_bits({kK, kN, kBlock}));
  REQUIRE(result.problem == "");
  CHECK(result.patterns == std::vector<rdu_pattern>{RDU_PATTERN_CONTRACT});
}

TEST_CASE("MatMulNBits refuses widths, blocks and layouts that it does not know") {
  const auto three = run_microsoft(matmul_bits({kK, kN, kBlock, {"bits", std::int64_t{3}}}));
  CHECK(three.unsupported);
  CHECK(three.problem == "attribute bits = 3");
  CHECK(run_microsoft(matmul_bits({kK, kN, {"block_size", std::int64_t{24}}})).problem ==
        "attribute block_size = 24");
  CHECK(run_microsoft(matmul_bits({{"K", std::int64_t{48}}, kN, kBlock})).problem ==
        "the weights of shape [1,1,8] for [1,48] elements of 4 bits");
  OneOp grouped = matmul_bits({kK, kN, kBlock});
  grouped.operands.push_back(absent());
  grouped.operands.push_back(known(of(RDU_DTYPE_I32, {1}, {0})));
  CHECK(run_microsoft(grouped).problem == "input 4 (g_idx)");
}

TEST_CASE("MatMulNBits needs its weights when compiling") {
  OneOp op = matmul_bits({kK, kN, kBlock});
  op.operands[1] = given(op.operands[1].tensor);
  const auto result = run_microsoft(op);
  CHECK(result.unsupported);
  CHECK(result.problem.find("the weights must be known at compile time") == 0);
}

TEST_CASE("an activation that nobody knows is refused by its name") {
  const auto x = given(f32({1, 1, 1}, {1}));
  const auto result =
      run_microsoft({"FusedConv", 17, {x, x}, {{"activation", std::string("Swoosh")}}});
  CHECK(result.unsupported);
  CHECK(result.problem == "attribute activation = 'Swoosh'");
}

TEST_CASE("BiasDropout does not train") {
  const auto x = given(f32({1}, {1})), on = known(of(RDU_DTYPE_BOOL, {}, {1}));
  const auto result = run_microsoft({"BiasDropout", 17, {x, x, absent(), absent(), on}});
  CHECK(result.unsupported);
  CHECK(result.problem == "training_mode = 1");
}

TEST_CASE("parameters of the wrong shape are named") {
  const auto q = given(of(RDU_DTYPE_U8, {2}, {1, 2})), zero = known(of(RDU_DTYPE_U8, {}, {0}));
  const auto scale = known(f32({}, {1})), two = known(f32({2}, {1, 1}));
  CHECK(run_microsoft({"QLinearSigmoid", 17, {q, two, zero, scale, zero}}).problem ==
        "input 1 must be a scalar, its shape is [2]");
  CHECK(run_microsoft({"QLinearSigmoid", 17, {two, scale, zero, scale, zero}}).problem ==
        "input 0 must be quantised");
}

TEST_CASE("scalars where rows are expected are refused") {
  const auto x = given(f32({}, {1})), ids = given(of(RDU_DTYPE_I32, {1, 1}, {0}));
  CHECK(run_microsoft({"SkipLayerNormalization", 17, {x, x, x, x}}).problem ==
        "a skip of shape [] for an input of shape []");
  CHECK(run_microsoft({"EmbedLayerNormalization", 17, {ids, absent(), x, x, absent(), x, x}})
            .problem == "positions of shape [] for tokens of shape [1,1]");
  const auto rows = given(f32({1, 1}, {1}));
  CHECK(run_microsoft({"EmbedLayerNormalization", 17, {ids, absent(), x, rows, absent(), x, x}})
            .problem == "a table of shape [] for rows of 0");
}

TEST_CASE("an index outside of a table in blocks yields zeros") {
  const auto table = known(of(RDU_DTYPE_U4, {1, 16}, std::vector<std::int64_t>(16, 3)));
  OneOp op{"GatherBlockQuantized",
           17,
           {table, given(i64({2}, {0, 1})), known(f32({1, 1}, {2}))},
           {kBlock}};
  op.domain = kMicrosoft;
  const auto y = elements(op);
  CHECK(y[0] == 6);
  CHECK(y[16] == 0);
}
