// Small graphs for tests: built by hand, evaluated before and after a pass.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tools/rducc/ir/builder.hpp"

namespace rducc::test {

using ir::Builder;
using ir::Dims;
using ir::Tensor;
using ir::ValueId;
using rdu::artifact::Node;
using rdu::artifact::Variant;

// A variant under construction, with inputs and outputs.
class TestGraph {
 public:
  TestGraph() {
    variant_.graphs.resize(1);
    variant_.origins.push_back({"test", "Test", "", RDU_ORIGIN_COMPUTED, RDU_NONE, {}});
    builder_.set_origin(0, "node");
  }

  Builder& b() { return builder_; }
  Variant& variant() { return variant_; }
  ValueId input(Dims dims, rdu_dtype dtype = RDU_DTYPE_F32);
  ValueId weights(Dims dims, std::uint32_t seed);
  void output(ValueId value);

 private:
  Variant variant_;
  Builder builder_{variant_};
};

// Multiples of 1/8 in [-2, 2]: sums of products of them are exact in f32, so that equal means equal.
Tensor sample(const Dims& dims, std::uint32_t seed, rdu_dtype dtype = RDU_DTYPE_F32);

// The outputs for the sample inputs of a seed, which depend on the inputs' numbers alone.
std::vector<std::vector<double>> run(const Variant& variant, std::uint32_t seed = 1);

// Applies the pass, requires a legal graph and outputs within `tolerance` of what they were.
void require_preserved(Variant& variant, const std::function<void(Variant&)>& pass,
                       double tolerance = 0);

const std::vector<Node>& nodes(const Variant& variant);
std::size_t count(const Variant& variant, rdu_pattern pattern);
std::size_t count_op(const Node& node, rdu_body_op op);

ir::BodyFn unary(rdu_body_op op);
ir::BodyFn binary(rdu_body_op op);
// out[m, n] = Σ_k a[m, k]·b[k, n]
ValueId matmul(Builder& b, ValueId a, ValueId w);
// A convolution with a square window, stride 1, padding `pad`.
ValueId conv(Builder& b, ValueId x, ValueId w, std::int64_t pad);

}  // namespace rducc::test
