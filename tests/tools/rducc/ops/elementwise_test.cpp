// Arithmetic, comparisons, activations and casts, in the dtypes and opsets where they differ.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "tests/tools/rducc/ops/one_op.hpp"

using namespace rducc::test;
using Values = std::vector<double>;

TEST_CASE("binary operators broadcast both ways") {
  const auto a = given(f32({2, 1}, {1, 10})), b = given(f32({3}, {1, 2, 3}));
  CHECK(elements({"Add", 13, {a, b}}) == Values{2, 3, 4, 11, 12, 13});
  CHECK(shape({"Add", 13, {a, b}}) == Dims{2, 3});
}

TEST_CASE("an operator on constants is computed at once") {
  const auto result = run({"ReduceSum", 13, {known(f32({2}, {2, 3}))}});
  // What is left is the copy that a graph's output needs.
  CHECK(result.patterns == std::vector<rdu_pattern>{RDU_PATTERN_MAP});
  CHECK(result.outputs[0].to_f64() == Values{5});
}

TEST_CASE("integer division truncates and Mod takes the divisor's sign") {
  const auto a = given(of(RDU_DTYPE_I32, {4}, {7, -7, 7, -7}));
  const auto b = given(of(RDU_DTYPE_I32, {4}, {2, 2, -2, -2}));
  CHECK(elements({"Div", 14, {a, b}}) == Values{3, -3, -3, 3});
  CHECK(elements({"Mod", 13, {a, b}}) == Values{1, 1, -1, -1});
  CHECK(elements({"Mod", 13, {a, b}, {{"fmod", std::int64_t{1}}}}) == Values{1, -1, 1, -1});
}

TEST_CASE("Mod of floats needs fmod") {
  const auto a = given(f32({1}, {5.5}));
  CHECK(run({"Mod", 13, {a, a}}).problem ==
        "attribute fmod must be 1 for floating-point inputs, it is 0");
}

TEST_CASE("Pow keeps the base's type whatever the exponent's") {
  const auto base = given(of(RDU_DTYPE_I32, {3}, {2, 3, -2}));
  const auto result = run({"Pow", 13, {base, given(f32({3}, {3, 2, 3}))}});
  CHECK(result.outputs[0].dtype == RDU_DTYPE_I32);
  CHECK(result.outputs[0].to_f64() == Values{8, 9, -8});
}

TEST_CASE("a known square is a product") {
  CHECK(elements({"Pow", 13, {given(f32({2}, {-3, 0.5})), known(f32({}, {2}))}}) ==
        Values{9, 0.25});
}

TEST_CASE("operands of different types are invalid") {
  const auto result = run({"Add", 13, {given(f32({1}, {1})), given(i64({1}, {1}))}});
  CHECK(result.problem ==
        "input 0 is of type f32 and input 1 of type i64 where one type is expected");
  CHECK_FALSE(result.unsupported);
}

TEST_CASE("comparisons with NaN are false") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto a = given(f32({3}, {1, nan, 3})), b = given(f32({3}, {2, 2, nan}));
  CHECK(elements({"Less", 13, {a, b}}) == Values{1, 0, 0});
  CHECK(elements({"GreaterOrEqual", 16, {a, b}}) == Values{0, 0, 0});
}

TEST_CASE("Max and Min fold any number of operands") {
  const auto a = given(f32({2}, {1, 5})), b = given(f32({2}, {4, 2})), c = given(f32({1}, {3}));
  CHECK(elements({"Max", 13, {a, b, c}}) == Values{4, 5});
  CHECK(elements({"Mean", 13, {a, b, c}}) == Values{8.0F / 3, 10.0F / 3});
}

TEST_CASE("Clip has its limits in attributes until opset 10, then in optional inputs") {
  const auto x = given(f32({3}, {-5, 0.5, 5}));
  CHECK(elements({"Clip", 10, {x}, {{"min", -1.0F}, {"max", 2.0F}}}) == Values{-1, 0.5, 2});
  CHECK(elements({"Clip", 11, {x, absent(), known(f32({}, {2}))}}) == Values{-5, 0.5, 2});
  CHECK(elements({"Clip", 13, {x, given(f32({}, {0}))}}) == Values{0, 0.5, 5});
  const auto ints = given(of(RDU_DTYPE_I8, {3}, {-100, 0, 100}));
  CHECK(elements({"Clip",
                  13,
                  {ints, known(of(RDU_DTYPE_I8, {}, {-3})), known(of(RDU_DTYPE_I8, {}, {3}))}}) ==
        Values{-3, 0, 3});
}

TEST_CASE("activations") {
  const auto x = given(f32({3}, {-2, 0, 3}));
  CHECK(elements({"Relu", 14, {x}}) == Values{0, 0, 3});
  CHECK(elements({"LeakyRelu", 13, {x}, {{"alpha", 0.5F}}}) == Values{-1, 0, 3});
  CHECK(elements({"HardSigmoid", 13, {x}, {{"alpha", 0.25F}, {"beta", 0.5F}}}) ==
        Values{0, 0.5, 1});
  CHECK(elements({"ThresholdedRelu", 13, {x}, {{"alpha", 3.0F}}}) == Values{0, 0, 0});
  CHECK(elements({"Softplus", 13, {given(f32({2}, {1000, -1000}))}}) == Values{1000, 0});
  CHECK(elements({"Elu", 13, {x}})[0] == Approx(std::exp(-2) - 1));
  CHECK(elements({"Sigmoid", 13, {x}})[1] == 0.5);
}

TEST_CASE("the slope of PRelu does not widen the input") {
  const auto x = given(f32({2}, {-2, 2}));
  CHECK(elements({"PRelu", 16, {x, known(f32({1}, {0.5}))}}) == Values{-1, 2});
  CHECK(run({"PRelu", 16, {x, known(f32({3, 1}, {1, 2, 3}))}}).problem ==
        "slope of shape [3,1] does not broadcast to [2]");
}

TEST_CASE("Cast saturates floats and truncates towards zero") {
  const auto x = given(f32({4}, {-1.9, 1.9, 300, -300}));
  const auto result = run({"Cast", 13, {x}, {{"to", std::int64_t{3}}}});
  CHECK(result.outputs[0].dtype == RDU_DTYPE_I8);
  CHECK(result.outputs[0].to_f64() == Values{-1, 1, 127, -128});
}

TEST_CASE("Cast to a type that no tensor of the graph has is unsupported") {
  const auto result = run({"Cast", 13, {given(f32({1}, {1}))}, {{"to", std::int64_t{8}}}});
  CHECK(result.unsupported);
  CHECK(result.problem == "attribute to = string");
}

TEST_CASE("IsInf tells the signs apart") {
  const double inf = std::numeric_limits<double>::infinity();
  const auto x = given(f32({3}, {inf, -inf, 1}));
  CHECK(elements({"IsInf", 10, {x}}) == Values{1, 1, 0});
  CHECK(elements({"IsInf", 10, {x}, {{"detect_negative", std::int64_t{0}}}}) == Values{1, 0, 0});
}

TEST_CASE("BitShift says which way") {
  const auto x = given(of(RDU_DTYPE_U8, {2}, {16, 255})), by = given(of(RDU_DTYPE_U8, {2}, {2, 1}));
  CHECK(elements({"BitShift", 11, {x, by}, {{"direction", std::string("RIGHT")}}}) ==
        Values{4, 127});
  CHECK(elements({"BitShift", 11, {x, by}, {{"direction", std::string("LEFT")}}}) ==
        Values{64, 254});
  CHECK(run({"BitShift", 11, {x, by}, {{"direction", std::string("UP")}}}).problem ==
        "attribute direction must be LEFT or RIGHT, it is 'UP'");
}
