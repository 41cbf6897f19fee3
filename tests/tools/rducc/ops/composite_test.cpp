// Normalisations, quantisation, losses and recurrences: operators that become several nodes.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/tools/rducc/ops/one_op.hpp"

using namespace rducc::test;
using Values = std::vector<double>;
using Ints = std::vector<std::int64_t>;

TEST_CASE("BatchNormalization with known statistics is one map") {
  const auto one = [](double v) { return known(f32({1}, {v})); };
  const OneOp op{"BatchNormalization",
                 15,
                 {given(f32({1, 1, 2}, {1, 5})), one(2), one(10), one(3), one(4)},
                 {{"epsilon", 0.0F}}};
  CHECK(run(op).patterns == std::vector<rdu_pattern>{RDU_PATTERN_MAP});
  CHECK(elements(op) == Values{8, 12});
}

TEST_CASE("training outputs of an older BatchNormalization are unsupported") {
  const auto v = known(f32({1}, {1}));
  const auto result = run({"BatchNormalization", 9, {given(f32({1, 1}, {1})), v, v, v, v}, {}, 5});
  CHECK(result.unsupported);
  CHECK(result.problem == "output 1 of training");
}

TEST_CASE("BatchNormalization in training mode normalises by the batch and moves the statistics") {
  const auto one = [](double v) { return known(f32({1}, {v})); };
  const auto result =
      run({"BatchNormalization",
           15,
           {given(f32({2, 1}, {1, 3})), one(1), one(0), one(10), one(10)},
           {{"training_mode", std::int64_t{1}}, {"momentum", 0.5F}, {"epsilon", 0.0F}},
           3});
  REQUIRE(result.problem == "");
  CHECK(result.outputs[0].to_f64() == Values{-1, 1});
  CHECK(result.outputs[1].to_f64() == Values{6});
  CHECK(result.outputs[2].to_f64() == Values{5.5});
}

TEST_CASE("LayerNormalization yields its mean and inverse deviation too") {
  const auto result =
      run({"LayerNormalization",
           17,
           {given(f32({1, 2}, {1, 3})), known(f32({2}, {2, 2})), known(f32({2}, {0, 1}))},
           {{"epsilon", 0.0F}},
           3});
  REQUIRE(result.problem == "");
  CHECK(result.outputs[0].to_f64() == Values{-2, 3});
  CHECK(result.outputs[1].to_f64() == Values{2});
  CHECK(result.outputs[2].to_f64() == Values{1});
}

TEST_CASE("QuantizeLinear rounds ties to even, adds the zero point and saturates") {
  const auto x = given(f32({4}, {1, 3, 1000, -1000}));
  const OneOp op{"QuantizeLinear", 13, {x, known(f32({}, {2})), known(of(RDU_DTYPE_U8, {}, {10}))}};
  CHECK(run(op).outputs[0].dtype == RDU_DTYPE_U8);
  CHECK(elements(op) == Values{10, 12, 255, 0});
}

TEST_CASE("DequantizeLinear per axis") {
  const auto x = given(of(RDU_DTYPE_I8, {2, 2}, {1, 2, 3, -4}));
  CHECK(elements({"DequantizeLinear",
                  13,
                  {x, known(f32({2}, {1, 10})), known(of(RDU_DTYPE_I8, {2}, {1, 0}))},
                  {{"axis", std::int64_t{0}}}}) == Values{0, 1, 30, -40});
  CHECK(run({"DequantizeLinear", 13, {x, known(f32({3}, {1, 2, 3}))}}).problem ==
        "scale of shape [3] for an input of shape [2,2], axis 1, block_size 0");
}

TEST_CASE("padding of ConvInteger is a real zero") {
  const auto x = given(of(RDU_DTYPE_U8, {1, 1, 2}, {5, 7}));
  const auto w = known(of(RDU_DTYPE_U8, {1, 1, 3}, {1, 1, 1}));
  const auto zero = of(RDU_DTYPE_U8, {}, {4});
  const Attribute pads{"pads", Ints{1, 1}};
  CHECK(elements({"ConvInteger", 10, {x, w, known(zero)}, {pads}}) == Values{4, 4});
  CHECK(elements({"ConvInteger", 10, {x, w, given(zero)}, {pads}}) == Values{4, 4});
}

TEST_CASE("MatMulInteger subtracts a zero point per column") {
  const auto a = given(of(RDU_DTYPE_U8, {1, 2}, {3, 4})),
             b = given(of(RDU_DTYPE_U8, {2, 2}, {1, 2, 3, 4}));
  CHECK(elements({"MatMulInteger",
                  10,
                  {a, b, known(of(RDU_DTYPE_U8, {}, {2})),
                   known(of(RDU_DTYPE_U8, {2}, {0, 1}))}}) == Values{7, 7});
}

TEST_CASE("the mean of a likelihood loss is over the targets that count") {
  const auto scores = given(f32({3, 2}, {-1, -2, -3, -4, -5, -6}));
  const auto targets = given(i64({3}, {0, 1, -1}));
  CHECK(elements({"NegativeLogLikelihoodLoss",
                  13,
                  {scores, targets, known(f32({2}, {1, 3}))},
                  {{"ignore_index", std::int64_t{-1}}}})[0] == Approx((1 + 12) / 4.0));
}

TEST_CASE("an LSTM is a scan; finished sequences keep their state") {
  const auto x = given(f32({2, 2, 1}, {1, 1, 1, 1}));
  const auto w = known(f32({1, 4, 1}, {0, 0, 0, 1})), r = known(f32({1, 4, 1}, {0, 0, 0, 0}));
  const auto lengths = given(of(RDU_DTYPE_I32, {2}, {2, 1}));
  const auto result =
      run({"LSTM", 14, {x, w, r, absent(), lengths}, {{"hidden_size", std::int64_t{1}}}, 3});
  REQUIRE(result.problem == "");
  CHECK(std::count(result.patterns.begin(), result.patterns.end(), RDU_PATTERN_SCAN) == 1);
  const double c1 = 0.5 * std::tanh(1), c2 = 0.5 * c1 + 0.5 * std::tanh(1);
  const auto y = result.outputs[0].to_f64();
  CHECK(result.outputs[0].dims == Dims{2, 1, 2, 1});
  CHECK(y[0] == Approx(0.5 * std::tanh(c1)));
  CHECK(y[2] == Approx(0.5 * std::tanh(c2)));
  CHECK(y[3] == 0);
  CHECK(result.outputs[1].to_f64()[1] == Approx(0.5 * std::tanh(c1)));
  CHECK(result.outputs[2].to_f64()[0] == Approx(c2));
}

TEST_CASE("a reverse RNN walks from the last step to the first") {
  const auto x = given(f32({2, 1, 1}, {1, 2}));
  const auto w = known(f32({1, 1, 1}, {1})), r = known(f32({1, 1, 1}, {1}));
  const auto y = run({"RNN", 14, {x, w, r}, {{"direction", std::string("reverse")}}, 2});
  REQUIRE(y.problem == "");
  CHECK(y.outputs[0].to_f64()[1] == Approx(std::tanh(2)));
  CHECK(y.outputs[0].to_f64()[0] == Approx(std::tanh(1 + std::tanh(2))));
  CHECK(y.outputs[1].to_f64()[0] == y.outputs[0].to_f64()[0]);
}
