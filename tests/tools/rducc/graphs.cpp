// Builds, evaluates and compares small graphs.
#include "tests/tools/rducc/graphs.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "sdk/artifact/validate.hpp"
#include "tools/rducc/analysis/evaluate.hpp"
#include "tools/rducc/ir/element.hpp"

namespace rducc::test {

using ir::along;
using ir::Body;
using ir::Reg;

ValueId TestGraph::input(Dims dims, rdu_dtype dtype) {
  const ValueId value =
      builder_.add_input("in" + std::to_string(variant_.inputs.size()), dtype, dims);
  variant_.inputs.push_back(value);
  variant_.graphs[0].inputs.push_back(value);
  return value;
}

ValueId TestGraph::weights(Dims dims, std::uint32_t seed) {
  return builder_.add_constant(sample(dims, seed), "w" + std::to_string(seed), RDU_ROLE_PARAMETER);
}

void TestGraph::output(ValueId value) {
  const ValueId owned = builder_.own(value, variant_.outputs);
  variant_.outputs.push_back(owned);
  variant_.graphs[0].outputs.push_back(owned);
}

Tensor sample(const Dims& dims, std::uint32_t seed, rdu_dtype dtype) {
  std::mt19937 engine(seed);
  std::vector<double> elements(static_cast<std::size_t>(ir::num_elements(dims)));
  for (double& element : elements) {
    const double eighths = static_cast<double>(engine() % 33) - 16;
    element = ir::is_float(dtype) ? eighths / 8 : std::abs(eighths);
  }
  return ir::make_tensor(dtype, dims, elements);
}

std::vector<std::vector<double>> run(const Variant& variant, std::uint32_t seed) {
  analysis::Memory memory(variant);
  for (std::size_t i = 0; i < variant.inputs.size(); ++i) {
    if (variant.inputs[i] == ir::kNone) continue;
    const auto& value = variant.values[variant.inputs[i]];
    memory.set(variant.inputs[i],
               sample(value.dims, seed * 100 + static_cast<std::uint32_t>(i), value.dtype));
  }
  analysis::evaluate_graph(0, memory);
  std::vector<std::vector<double>> outputs;
  for (const ValueId output : variant.outputs) outputs.push_back(memory.tensor(output).to_f64());
  return outputs;
}

void require_preserved(Variant& variant, const std::function<void(Variant&)>& pass,
                       double tolerance) {
  const auto before = run(variant);
  pass(variant);
  const auto legal = rdu::artifact::validate_model_graph(variant);
  INFO((legal.ok() ? "" : legal.error().message));
  REQUIRE(legal.ok());
  const auto after = run(variant);
  REQUIRE(after.size() == before.size());
  for (std::size_t o = 0; o < before.size(); ++o) {
    REQUIRE(after[o].size() == before[o].size());
    for (std::size_t i = 0; i < before[o].size(); ++i) {
      INFO("output " << o << " element " << i);
      REQUIRE(std::abs(after[o][i] - before[o][i]) <= tolerance * (1 + std::abs(before[o][i])));
    }
  }
}

const std::vector<Node>& nodes(const Variant& variant) { return variant.graphs[0].nodes; }

std::size_t count(const Variant& variant, rdu_pattern pattern) {
  return static_cast<std::size_t>(
      std::count_if(nodes(variant).begin(), nodes(variant).end(),
                    [&](const Node& node) { return node.pattern == pattern; }));
}

std::size_t count_op(const Node& node, rdu_body_op op) {
  const auto matches = [op](const auto& instr) { return instr.op == op; };
  const auto &body = node.body.code, &epilogue = node.epilogue.code;
  return static_cast<std::size_t>(std::count_if(body.begin(), body.end(), matches) +
                                  std::count_if(epilogue.begin(), epilogue.end(), matches));
}

ir::BodyFn unary(rdu_body_op op) {
  return [op](Body& body, std::span<const Reg> x) { body.result(body.unary(op, x[0])); };
}

ir::BodyFn binary(rdu_body_op op) {
  return [op](Body& body, std::span<const Reg> x) { body.result(body.binary(op, x[0], x[1])); };
}

namespace {

void product(Body& body, std::span<const Reg> x) {
  body.result(x[0]);
  body.result(x[1]);
}

}  // namespace

ValueId matmul(Builder& b, ValueId a, ValueId w) {
  const Dims left = b.dims(a), right = b.dims(w);
  ir::ReduceSpec spec;
  spec.loops = {{left[0], ir::kNone, RDU_LOOP_M},
                {right[1], ir::kNone, RDU_LOOP_N},
                {left[1], ir::kNone, RDU_LOOP_K}};
  spec.num_parallel = 2;
  spec.reads = {b.read(a, {along(0), along(2)}), b.read(w, {along(2), along(1)})};
  spec.body = product;
  spec.dims = {left[0], right[1]};
  return b.contract(std::move(spec));
}

ValueId conv(Builder& b, ValueId x, ValueId w, std::int64_t pad) {
  const Dims in = b.dims(x), weights = b.dims(w);
  const std::int64_t window = weights[2], out = in[2] + 2 * pad - window + 1;
  ir::ReduceSpec spec;
  spec.loops = {{in[0], ir::kNone, RDU_LOOP_M},      {weights[0], ir::kNone, RDU_LOOP_N},
                {out, ir::kNone, RDU_LOOP_M},        {out, ir::kNone, RDU_LOOP_M},
                {in[1], ir::kNone, RDU_LOOP_K},      {window, ir::kNone, RDU_LOOP_WINDOW},
                {window, ir::kNone, RDU_LOOP_WINDOW}};
  spec.num_parallel = 4;
  const auto position = [&](std::uint32_t loop, std::uint32_t tap) {
    ir::Index index = along(loop, 1, -pad);
    index.terms.push_back({tap, 1});
    return pad == 0 ? index : ir::outside(index, RDU_OUTSIDE_FILL);
  };
  spec.reads = {b.read_fill(x, {along(0), along(4), position(2, 5), position(3, 6)}, 0),
                b.read(w, {along(1), along(4), along(5), along(6)})};
  spec.body = product;
  spec.dims = {in[0], weights[0], out, out};
  return b.contract(std::move(spec));
}

}  // namespace rducc::test
