// The attention operators of com.microsoft. The expected numbers are those of ONNX Runtime 1.30.
#include "tests/tools/rducc/ops/attention_case.hpp"

namespace rducc::test {
namespace {

// The function of the angles that turn 8 positions of 8 pairs.
Tensor angles(double (*function)(double)) {
  std::vector<double> elements;
  for (int position = 0; position < 8; ++position) {
    for (int pair = 0; pair < 8; ++pair) {
      elements.push_back(function(position * 0.25 * (1 + pair) / 8));
    }
  }
  return f32({8, 8}, std::move(elements));
}

bool is_unsupported(const OneOpResult& result, const std::string& word) {
  return result.unsupported && result.problem.find(word) != std::string::npos;
}

TEST_CASE("Attention projects, appends to the past and hides what is padded or later") {
  const OneOpResult r =
      run({.type = "Attention",
           .operands = {given(ramp({1, 3, 4}, 1)), given(ramp({4, 12}, 2)), given(ramp({12}, 3)),
                        given(of(RDU_DTYPE_I32, {1, 4}, {0, 1, 1, 1})),
                        given(ramp({2, 1, 2, 1, 2}, 4))},
           .attributes = {{"num_heads", std::int64_t{2}}, {"unidirectional", std::int64_t{1}}},
           .num_outputs = 2,
           .domain = "com.microsoft"});
  REQUIRE(r.problem.empty());
  CHECK_THAT(r.outputs[0],
             Holds({1, 3, 4}, {-3.82812, 1.53125, 1.5, -3.92188, -0.45427, 0.984561, -0.807519,
                               -0.926148, 0.205825, 0.564984, -1.20344, -0.402285}));
  CHECK_THAT(
      r.outputs[1],
      Holds({2, 1, 2, 4, 2},
            {1.125,  -0.875, 1.6875,   -3.73438, -1.17188,  -0.453125, -0.078125, 1.03125,
             0,      0.875,  1.625,    1.59375,  0.984375,  -1.17188,  1.0625,    -0.703125,
             -1.125, -0.25,  -3.82812, 1.53125,  -0.453125, 0.984375,  0.40625,   0.4375,
             0.625,  -1.375, 1.5,      -3.92188, -1.17188,  -0.453125, -1.32812,  -0.21875}));
}

TEST_CASE("Attention takes lengths and starts") {
  const OneOpResult r =
      run({.type = "Attention",
           .operands = {given(ramp({2, 3, 4}, 1)), given(ramp({4, 12}, 2)), given(ramp({12}, 3)),
                        given(of(RDU_DTYPE_I32, {4}, {2, 3, 0, 1}))},
           .attributes = {{"num_heads", std::int64_t{2}}},
           .num_outputs = 1,
           .domain = "com.microsoft"});
  REQUIRE(r.problem.empty());
  CHECK_THAT(r.outputs[0],
             Holds({2, 3, 4}, {-3.81405,  1.52897,   1.40388,   -3.79709, -0.45427, 0.984561,
                               -0.807519, -0.926148, -0.453657, 0.984461, -1.14675, -0.485746,
                               -3.49979,  1.32231,   1.5161,    -3.94602, -3.86221, 1.55294,
                               1.48614,   -3.90108,  -3.95731,  1.61346,  1.50211,  -3.92503}));
}

TEST_CASE("MultiHeadAttention adds biases to its inputs and to its scores") {
  const OneOpResult r =
      run({.type = "MultiHeadAttention",
           .operands = {given(ramp({1, 2, 4}, 1)), given(ramp({1, 3, 4}, 2)),
                        given(ramp({1, 3, 6}, 3)), given(ramp({14}, 4)),
                        given(of(RDU_DTYPE_I32, {1, 3}, {1, 1, 0})), given(ramp({1, 2, 2, 3}, 5))},
           .attributes = {{"num_heads", std::int64_t{2}}, {"scale", 0.5F}},
           .num_outputs = 1,
           .domain = "com.microsoft"});
  REQUIRE(r.problem.empty());
  CHECK_THAT(r.outputs[0],
             Holds({1, 2, 6}, {-0.340439, 1.40956, 0.284561, -0.575514, 1.17449, 0.0494861,
                               -0.379613, 1.37039, 0.245387, -0.548353, 1.20165, 0.0766471}));
}

TEST_CASE("MultiHeadAttention appends to its cache") {
  const OneOpResult r =
      run({.type = "MultiHeadAttention",
           .operands = {given(ramp({1, 1, 4}, 1)), given(ramp({1, 1, 4}, 2)),
                        given(ramp({1, 1, 4}, 3)), absent(), absent(), absent(),
                        given(ramp({1, 2, 2, 2}, 5)), given(ramp({1, 2, 2, 2}, 6))},
           .attributes = {{"num_heads", std::int64_t{2}}},
           .num_outputs = 3,
           .domain = "com.microsoft"});
  REQUIRE(r.problem.empty());
  CHECK_THAT(r.outputs[0], Holds({1, 1, 4}, {0.134336, 0.495036, -0.844341, 0.0306591}));
  CHECK_THAT(r.outputs[1], Holds({1, 2, 3, 2}, {-1.125, -0.25, 0.625, -1.375, -0.125, 0.75, -0.5,
                                                0.375, 1.25, -0.75, -1.25, -0.375}));
  CHECK_THAT(r.outputs[2], Holds({1, 2, 3, 2}, {-0.5, 0.375, 1.25, -0.75, 0.5, 1.375, 0.125, 1, -1,
                                                -0.125, -0.625, 0.25}));
}

TEST_CASE("GroupQueryAttention turns, stores at seqlens_k and attends to a window") {
  const OneOpResult r =
      run({.type = "GroupQueryAttention",
           .operands = {given(ramp({2, 1, 32}, 1)), given(ramp({2, 1, 16}, 2)),
                        given(ramp({2, 1, 16}, 3)), given(ramp({2, 1, 5, 16}, 4)),
                        given(ramp({2, 1, 5, 16}, 5)), given(of(RDU_DTYPE_I32, {2}, {4, 2})),
                        given(of(RDU_DTYPE_I32, {1}, {5})), given(angles(std::cos)),
                        given(angles(std::sin))},
           .attributes = {{"num_heads", std::int64_t{2}},
                          {"kv_num_heads", std::int64_t{1}},
                          {"do_rotary", std::int64_t{1}},
                          {"local_window_size", std::int64_t{2}}},
           .num_outputs = 3,
           .domain = "com.microsoft"});
  REQUIRE(r.problem.empty());
  CHECK_THAT(
      r.outputs[0],
      Holds(
          {2, 1, 32},
          {0.53307,   0.647469,  -0.59193,  0.28307,   1.15807,   -0.84193,  0.0330696, 0.90807,
           -1.09193,  -0.21693,  0.65807,   -1.34193,  -0.46693,  0.40807,   1.28307,   -0.71693,
           0.549966,  0.275746,  -0.575034, 0.299966,  1.17497,   -0.825034, 0.0499661, 0.924966,
           -1.07503,  -0.200034, 0.674966,  -1.32503,  -0.450034, 0.424966,  1.29997,   -0.700034,
           -0.313205, 0.561795,  0.577538,  -0.563205, 0.311795,  0.327538,  -0.813205, 0.0617951,
           0.936795,  -1.0632,   -0.188205, 0.686795,  0.702538,  -0.438205, 0.436795,  0.452538,
           -0.267128, 0.607872,  0.41166,   -0.517128, 0.357872,  0.16166,   -0.767128, 0.107872,
           0.982872,  -1.01713,  -0.142128, 0.732872,  0.53666,   -0.392128, 0.482872,  0.28666}));
}

TEST_CASE("GroupQueryAttention unpacks, caps its scores and lets a sink take part") {
  const OneOpResult r =
      run({.type = "GroupQueryAttention",
           .operands = {given(ramp({1, 3, 32}, 1)), absent(), absent(), absent(), absent(),
                        given(of(RDU_DTYPE_I32, {1}, {2})), given(of(RDU_DTYPE_I32, {1}, {3})),
                        absent(), absent(), absent(), absent(), given(ramp({2}, 6))},
           .attributes = {{"num_heads", std::int64_t{2}},
                          {"kv_num_heads", std::int64_t{1}},
                          {"softcap", 2.0F}},
           .num_outputs = 3,
           .domain = "com.microsoft"});
  REQUIRE(r.problem.empty());
  CHECK_THAT(
      r.outputs[0],
      Holds({1, 3, 16},
            {0.0947021,  0.757617,   -0.757617,  -0.0947021, 0.568213,   -0.947021,  -0.284106,
             0.378808,   0.0248044,  0.198435,   -0.198435,  -0.0248044, 0.148826,   -0.248044,
             -0.0744132, 0.0992176,  -0.365886,  0.375461,   0.489492,   -0.577699,  0.163648,
             0.277678,   -0.789512,  -0.0481657, -0.0751495, 0.325666,   -0.0829165, -0.189668,
             0.211147,   -0.197435,  -0.304187,  0.0966286,  -0.744785,  0.0248441,  0.558794,
             0.0186915,  -0.19505,   0.3389,     -0.201202,  -0.414944,  -0.0438228, 0.65348,
             -0.556931,  -0.0766321, 0.45425,    -0.75616,   -0.275861,  0.255021}));
}

TEST_CASE("RotaryEmbedding turns interleaved pairs of the first channels") {
  const OneOpResult r = run({.type = "RotaryEmbedding",
                             .operands = {given(ramp({1, 2, 16}, 1)), given(i64({1, 2}, {3, 1})),
                                          given(ramp({4, 2}, 2)), given(ramp({4, 2}, 3))},
                             .attributes = {{"num_heads", std::int64_t{2}},
                                            {"rotary_embedding_dim", std::int64_t{4}},
                                            {"interleaved", std::int64_t{1}}},
                             .num_outputs = 1,
                             .domain = "com.microsoft"});
  REQUIRE(r.problem.empty());
  CHECK_THAT(
      r.outputs[0],
      Holds({1, 2, 16}, {0.46875, -0.078125, 1.125,    0.625,     -0.125, 0.75,   -1.25,  -0.375,
                         -0.3125, -0.859375, -0.375,   -0.484375, 1.125,  -0.875, 0,      0.875,
                         1.25,    1.01562,   0.109375, 0.671875,  -0.5,   0.375,  1.25,   -0.75,
                         0.46875, -1.32812,  0.40625,  -0.203125, 0.75,   -1.25,  -0.375, 0.5}));
}

TEST_CASE("LinearAttention decays and corrects the state of grouped heads") {
  const OneOpResult r =
      run({.type = "LinearAttention",
           .operands = {given(ramp({1, 3, 8}, 1)), given(ramp({1, 3, 4}, 2)),
                        given(ramp({1, 3, 4}, 3)), given(ramp({1, 2, 2, 2}, 4)),
                        given(ramp({1, 3, 4}, 5)), given(ramp({1, 3, 2}, 6))},
           .attributes = {{"q_num_heads", std::int64_t{4}}, {"kv_num_heads", std::int64_t{2}}},
           .num_outputs = 2,
           .domain = "com.microsoft"});
  REQUIRE(r.problem.empty());
  CHECK_THAT(r.outputs[0],
             Holds({1, 3, 8}, {-0.229867, 0.155968,  0.427063, -0.426453, 0.375411,  -0.127703,
                               0.373852,  0.295378,  2.47015,  -2.45111,  -0.120637, 0.114927,
                               -2.53781,  -0.432109, 0.338857, -0.124772, -2.27092,  2.37485,
                               -4.64642,  4.39079,   0.534582, -0.239036, -1.24893,  0.432546}));
  CHECK_THAT(r.outputs[1], Holds({1, 2, 2, 2}, {1.62826, -1.8, 5.51905, -5.33419, -1.01691,
                                                -0.257531, 0.660153, -1.24484}));
}

TEST_CASE("CausalConvWithState sees dilated positions of the past") {
  const OneOpResult r =
      run({.type = "CausalConvWithState",
           .operands = {given(ramp({1, 2, 3}, 1)), given(ramp({2, 1, 3}, 2)), given(ramp({2}, 3)),
                        given(ramp({1, 2, 4}, 4))},
           .attributes = {{"dilation", std::int64_t{2}}, {"activation", std::string("silu")}},
           .num_outputs = 2,
           .domain = "com.microsoft"});
  REQUIRE(r.problem.empty());
  CHECK_THAT(r.outputs[0],
             Holds({1, 2, 3}, {1.01845, 0.834264, -0.27834, 0.496265, 0.394752, 1.40743}));
  CHECK_THAT(r.outputs[1], Holds({1, 2, 4}, {0.875, -0.75, 0.125, 1, -1.375, -1, -0.125, 0.75}));
}

TEST_CASE("MultiHeadAttention sees through packed keys and values") {
  const Tensor query = ramp({1, 2, 4}, 1), packed = ramp({1, 3, 2, 2, 2}, 2);
  const std::vector<double> elements = packed.to_f64();
  std::vector<double> keys, values;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    (i / 2 % 2 == 0 ? keys : values).push_back(elements[i]);
  }
  OneOp op{.type = "MultiHeadAttention",
           .operands = {given(query), given(packed)},
           .attributes = {{"num_heads", std::int64_t{2}}},
           .domain = "com.microsoft"};
  const OneOpResult together = run(op);
  op.operands = {given(query), given(f32({1, 3, 4}, keys)), given(f32({1, 3, 4}, values))};
  const OneOpResult apart = run(op);
  REQUIRE(together.problem.empty());
  REQUIRE(apart.problem.empty());
  CHECK_THAT(together.outputs[0], Holds({1, 2, 4}, apart.outputs[0].to_f64()));
}

TEST_CASE("GroupQueryAttention names what it does not support") {
  OneOp op{.type = "GroupQueryAttention",
           .operands = {given(ramp({1, 2, 16}, 1)), given(ramp({1, 2, 8}, 2)),
                        given(ramp({1, 2, 8}, 3)), absent(), absent(),
                        given(of(RDU_DTYPE_I32, {1}, {1})), given(of(RDU_DTYPE_I32, {1}, {2}))},
           .attributes = {{"num_heads", std::int64_t{2}}, {"kv_num_heads", std::int64_t{1}}},
           .domain = "com.microsoft"};
  REQUIRE(run(op).problem.empty());
  OneOp quantised = op;
  quantised.attributes.push_back({"k_quant_type", std::string("PER_TENSOR")});
  CHECK(is_unsupported(run(quantised), "k_quant_type = 'PER_TENSOR'"));
  OneOp evicting = op;
  evicting.attributes.push_back({"sliding_window_cache", std::int64_t{1}});
  CHECK(is_unsupported(run(evicting), "sliding_window_cache"));
  OneOp normalising = op;
  normalising.operands.resize(14, absent());
  normalising.operands.push_back(given(ramp({8}, 4)));
  CHECK(is_unsupported(run(normalising), "q_norm_weight"));
}

TEST_CASE("The operators of com.microsoft refuse buffers shared from outside") {
  const auto refusal = [](const char* type, std::vector<Operand> operands, std::string word) {
    const OneOpResult result = run({.type = type,
                                    .operands = std::move(operands),
                                    .attributes = {{"num_heads", std::int64_t{1}}},
                                    .domain = "com.microsoft"});
    return is_unsupported(result, word);
  };
  const Operand one = given(of(RDU_DTYPE_I32, {1}, {1}));
  CHECK(refusal("Attention",
                {given(ramp({1, 1, 2}, 1)), given(ramp({2, 6}, 1)), absent(), absent(), absent(),
                 absent(), one},
                "past_sequence_length"));
  CHECK(refusal("MultiHeadAttention",
                {given(ramp({1, 1, 2}, 1)), given(ramp({1, 1, 2}, 1)), given(ramp({1, 1, 2}, 1)),
                 absent(), absent(), absent(), absent(), absent(), one},
                "past_sequence_length"));
}

}  // namespace
}  // namespace rducc::test
