// Matrix products, convolutions and pooling.
#include <catch2/catch.hpp>

#include "tests/tools/rducc/ops/one_op.hpp"

using namespace rducc::test;
using Values = std::vector<double>;
using Ints = std::vector<std::int64_t>;

namespace {
Values counting(std::size_t count) {
  Values values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(static_cast<double>(i));
  return values;
}
}  // namespace

TEST_CASE("MatMul of vectors, matrices and broadcast batches") {
  const auto v = given(f32({2}, {1, 2})), m = given(f32({2, 2}, {1, 2, 3, 4}));
  CHECK(shape({"MatMul", 13, {v, v}}).empty());
  CHECK(elements({"MatMul", 13, {v, v}}) == Values{5});
  CHECK(elements({"MatMul", 13, {v, m}}) == Values{7, 10});
  CHECK(elements({"MatMul", 13, {m, v}}) == Values{5, 11});
  const auto batch = given(f32({2, 1, 1, 2}, {1, 0, 0, 1}));
  CHECK(shape({"MatMul", 13, {batch, given(f32({3, 2, 1}, {1, 2, 3, 4, 5, 6}))}}) ==
        Dims{2, 3, 1, 1});
  CHECK(run({"MatMul", 13, {v, given(f32({3}, {1, 2, 3}))}}).problem ==
        "operands of shapes [2] and [3]");
}

TEST_CASE("Gemm is one contract, with alpha, beta and C in its epilogue") {
  const auto a = given(f32({2, 1}, {1, 2})), b = given(f32({1, 2}, {3, 4}));
  const OneOp op{"Gemm", 13, {a, b, given(f32({2}, {10, 20}))}, {{"alpha", 2.0F}, {"beta", 0.5F}}};
  CHECK(run(op).patterns == std::vector<rdu_pattern>{RDU_PATTERN_CONTRACT});
  CHECK(elements(op) == Values{11, 18, 17, 26});
  CHECK(elements({"Gemm", 13, {a, b}, {{"transA", std::int64_t{1}}, {"transB", std::int64_t{1}}}})
            .size() == 1);
}

TEST_CASE("Conv pads, strides and adds its bias in one node") {
  const auto x = given(f32({1, 1, 4}, {1, 2, 3, 4})), w = known(f32({1, 1, 3}, {1, 1, 1}));
  const OneOp op{
      "Conv", 11, {x, w, known(f32({1}, {100}))}, {{"pads", Ints{1, 1}}, {"strides", Ints{2}}}};
  CHECK(run(op).patterns == std::vector<rdu_pattern>{RDU_PATTERN_CONTRACT});
  CHECK(elements(op) == Values{103, 109});
  CHECK(elements({"Conv", 11, {x, w}, {{"auto_pad", std::string("SAME_UPPER")}}}) ==
        Values{3, 6, 9, 7});
  CHECK(elements({"Conv", 11, {x, known(f32({1, 1, 2}, {1, 10}))}, {{"dilations", Ints{2}}}}) ==
        Values{31, 42});
}

TEST_CASE("grouped and depthwise convolutions keep their channels apart") {
  const auto x = given(f32({1, 4, 1}, {1, 10, 100, 1000}));
  const auto group = [](std::int64_t g) { return Attribute{"group", g}; };
  CHECK(elements({"Conv", 11, {x, known(f32({4, 1, 1}, {1, 2, 3, 4}))}, {group(4)}}) ==
        Values{1, 20, 300, 4000});
  const auto pairs = known(f32({4, 2, 1}, {1, 1, 1, -1, 1, 1, 1, -1}));
  CHECK(elements({"Conv", 11, {x, pairs, known(f32({4}, {1, 2, 3, 4}))}, {group(2)}}) ==
        Values{12, -7, 1103, -896});
  CHECK(run({"Conv", 11, {x, pairs}, {group(3)}}).problem ==
        "group = 3 with input of shape [1,4,1] and weights of shape [4,2,1]");
}

TEST_CASE("a convolution of volumes, of one sample and of several") {
  const auto w = known(f32({1, 1, 1, 1, 1}, {2}));
  CHECK(elements({"Conv", 11, {given(f32({1, 1, 1, 1, 2}, {3, 4})), w}}) == Values{6, 8});
  CHECK(elements({"Conv", 11, {given(f32({2, 1, 1, 1, 1}, {3, 4})), w}}) == Values{6, 8});
}

TEST_CASE("ConvTranspose spreads each input over its window") {
  const auto x = given(f32({1, 1, 2}, {1, 10})), w = known(f32({1, 1, 3}, {1, 2, 3}));
  CHECK(elements({"ConvTranspose", 11, {x, w}}) == Values{1, 12, 23, 30});
  CHECK(elements({"ConvTranspose", 11, {x, w}, {{"strides", Ints{2}}}}) ==
        Values{1, 2, 13, 20, 30});
  CHECK(elements({"ConvTranspose",
                  11,
                  {x, w},
                  {{"strides", Ints{2}}, {"pads", Ints{1, 0}}, {"output_padding", Ints{1}}}}) ==
        Values{2, 13, 20, 30, 0});
}

TEST_CASE("MaxPool ignores its padding and says where the largest was") {
  const auto x = given(f32({1, 1, 4}, {-1, -2, -3, -4}));
  const OneOp op{"MaxPool",
                 12,
                 {x},
                 {{"kernel_shape", Ints{2}}, {"strides", Ints{2}}, {"pads", Ints{1, 1}}},
                 2};
  CHECK(elements(op) == Values{-1, -2, -4});
  CHECK(run(op).outputs[1].to_f64() == Values{0, 1, 3});
}

TEST_CASE("indices of MaxPool count along the first spatial dimension with storage_order 1") {
  const auto x = given(f32({1, 1, 2, 3}, counting(6)));
  const auto at = [&](std::int64_t order) {
    return run({"MaxPool", 12, {x}, {{"kernel_shape", Ints{2, 2}}, {"storage_order", order}}, 2})
        .outputs[1]
        .to_f64();
  };
  CHECK(at(0) == Values{4, 5});
  CHECK(at(1) == Values{3, 5});
}

TEST_CASE("AveragePool divides by what lies inside, or by the whole window") {
  const auto x = given(f32({1, 1, 3}, {3, 6, 9}));
  const Attribute kernel{"kernel_shape", Ints{2}}, pads{"pads", Ints{1, 0}};
  CHECK(elements({"AveragePool", 11, {x}, {kernel, pads}}) == Values{3, 4.5, 7.5});
  CHECK(
      elements({"AveragePool", 11, {x}, {kernel, pads, {"count_include_pad", std::int64_t{1}}}}) ==
      Values{1.5, 4.5, 7.5});
  CHECK(elements({"AveragePool",
                  11,
                  {x},
                  {kernel, {"strides", Ints{2}}, {"ceil_mode", std::int64_t{1}}}}) ==
        Values{4.5, 9});
}

TEST_CASE("global pooling keeps the rank") {
  const auto x = given(f32({1, 2, 2}, {1, 3, -5, -7}));
  CHECK(shape({"GlobalAveragePool", 13, {x}}) == Dims{1, 2, 1});
  CHECK(elements({"GlobalAveragePool", 13, {x}}) == Values{2, -6});
  CHECK(elements({"GlobalMaxPool", 13, {x}}) == Values{3, -5});
}

TEST_CASE("Einsum: products, traces, sums and implicit results") {
  const auto m = given(f32({2, 2}, {1, 2, 3, 4}));
  const auto einsum = [&](const std::string& equation, std::vector<Operand> operands) {
    return elements({"Einsum", 12, std::move(operands), {{"equation", equation}}});
  };
  CHECK(einsum("ij,jk->ik", {m, m}) == Values{7, 10, 15, 22});
  CHECK(einsum("ii->i", {m}) == Values{1, 4});
  CHECK(einsum("ij->", {m}) == Values{10});
  CHECK(einsum("ij,jk", {m, m}) == Values{7, 10, 15, 22});
  CHECK(einsum("...i,...i->...", {m, m}) == Values{5, 25});
  CHECK(einsum("ij,jk,kl->il", {m, m, m}) == Values{37, 54, 81, 118});
  CHECK(run({"Einsum", 12, {m}, {{"equation", std::string("ij->k")}}}).problem ==
        "equation 'ij->k' has a wrong result");
}
