// Attention and the operators around it. Where a case does not say how to get the expected numbers,
// they are those of ONNX Runtime 1.30.
#include <limits>

#include "tests/tools/rducc/ops/attention_case.hpp"

namespace rducc::test {
namespace {

TEST_CASE("Attention of ai.onnx gives nothing to a row of which nothing is left") {
  const OneOpResult r =
      run({.type = "Attention",
           .opset = 24,
           .operands = {given(ramp({1, 2, 2, 2}, 1)), given(ramp({1, 1, 3, 2}, 2)),
                        given(ramp({1, 1, 3, 2}, 3)),
                        given(of(RDU_DTYPE_BOOL, {2, 3}, {1, 0, 1, 0, 0, 0}))},
           .attributes = {},
           .num_outputs = 1});
  REQUIRE(r.problem.empty());
  CHECK_THAT(r.outputs[0],
             Holds({1, 2, 2, 2}, {0.769614, 0.40439, 0, 0, 0.855386, 0.0956102, 0, 0}));
}

TEST_CASE("Attention of ai.onnx places queries behind the past, and at the end of valid keys") {
  const OneOpResult r =
      run({.type = "Attention",
           .opset = 24,
           .operands = {given(ramp({2, 1, 2, 2}, 1)), given(ramp({2, 1, 4, 2}, 2)),
                        given(ramp({2, 1, 4, 2}, 3)), absent(), absent(), absent(),
                        given(i64({2}, {2, 4}))},
           .attributes = {{"is_causal", std::int64_t{1}}},
           .num_outputs = 1});
  REQUIRE(r.problem.empty());
  CHECK_THAT(r.outputs[0], Holds({2, 1, 2, 2}, {0.5, 1.375, -0.0625, 0.8125, -0.0415804, -0.628839,
                                                -0.087912, -0.14978}));
}

TEST_CASE("Attention shows the softmax of an empty row as it is") {
  const OneOpResult r =
      run({.type = "Attention",
           .opset = 23,
           .operands = {given(ramp({1, 1, 2, 2}, 1)), given(ramp({1, 1, 3, 2}, 2)),
                        given(ramp({1, 1, 3, 2}, 3)),
                        given(of(RDU_DTYPE_BOOL, {2, 3}, {0, 1, 0, 0, 0, 0}))},
           .attributes = {{"qk_matmul_output_mode", std::int64_t{3}}},
           .num_outputs = 4});
  REQUIRE(r.problem.empty());
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> values = ramp({1, 1, 3, 2}, 3).to_f64();
  CHECK_THAT(r.outputs[0], Holds({1, 1, 2, 2}, {values[2], values[3], 0, 0}));
  CHECK_THAT(r.outputs[3], Holds({1, 1, 2, 3}, {0, 1, 0, nan, nan, nan}));
}

TEST_CASE("A head of keys serves its group of queries without a copy") {
  const OneOpResult r =
      run({.type = "Attention",
           .opset = 23,
           .operands = {given(ramp({2, 4, 3, 8}, 1)), given(ramp({2, 2, 5, 8}, 2)),
                        given(ramp({2, 2, 5, 8}, 3))}});
  REQUIRE(r.problem.empty());
  CHECK(r.patterns == std::vector<rdu_pattern>{RDU_PATTERN_CONTRACT, RDU_PATTERN_REDUCE,
                                               RDU_PATTERN_MAP, RDU_PATTERN_REDUCE,
                                               RDU_PATTERN_CONTRACT});
}

TEST_CASE("Attention checks the shapes of its operands") {
  const OneOpResult r =
      run({.type = "Attention",
           .opset = 23,
           .operands = {given(ramp({1, 3, 2, 2}, 1)), given(ramp({1, 2, 3, 2}, 2)),
                        given(ramp({1, 2, 3, 2}, 3))}});
  CHECK(r.problem.find("[1,3,2,2], [1,2,3,2]") != std::string::npos);
  CHECK_FALSE(r.unsupported);
}

TEST_CASE("TensorScatter writes each batch at its place, around the end where it may") {
  OneOp op{.type = "TensorScatter",
           .opset = 24,
           .operands = {given(f32({2, 3, 1}, {1, 2, 3, 4, 5, 6})),
                        given(f32({2, 2, 1}, {10, 20, 30, 40})), given(i64({2}, {1, 0}))},
           .attributes = {{"mode", std::string("linear")}}};
  CHECK(elements(op) == std::vector<double>{1, 10, 20, 30, 40, 6});
  op.operands[2] = given(i64({2}, {2, 1}));
  op.attributes = {{"mode", std::string("circular")}};
  CHECK(elements(op) == std::vector<double>{20, 2, 10, 4, 30, 40});
  op.operands[2] = absent();
  CHECK(elements(op) == std::vector<double>{10, 20, 3, 30, 40, 6});
}

}  // namespace
}  // namespace rducc::test
