// Operators behind NonZero and Compress: extents that the data decides are carried along.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "tests/tools/rducc/onnx_model.hpp"
#include "tools/rducc/analysis/evaluate.hpp"
#include "tools/rducc/pipeline.hpp"

namespace rducc::test {
namespace {

using rdu::artifact::ValueId;

using Outputs = std::map<std::string, ir::Tensor>;

ir::Tensor floats(ir::Dims dims, const std::vector<double>& elements) {
  return ir::make_tensor(RDU_DTYPE_F32, std::move(dims), std::span<const double>(elements));
}

ir::Tensor flags(const std::vector<std::int64_t>& elements) {
  return ir::make_tensor(RDU_DTYPE_BOOL, {static_cast<std::int64_t>(elements.size())},
                         std::span<const std::int64_t>(elements));
}

// Compiles with every pass checked, and evaluates what came out.
Outputs run(const OnnxModel& model, const std::vector<ir::Tensor>& inputs) {
  const TempFolder folder;
  model.save(folder / "model.onnx");
  CompileRequest request;
  request.model_path = folder / "model.onnx";
  request.passes.verify = true;
  const auto compiled = compile(request);
  if (!compiled.ok()) FAIL(compiled.error().message);
  const auto& variant = compiled->model.signatures[0].variants[0];
  analysis::Memory memory(variant);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (variant.inputs[i] != rdu::artifact::kNone) memory.set(variant.inputs[i], inputs[i]);
  }
  analysis::evaluate_graph(0, memory);
  Outputs outputs;
  for (const ValueId id : variant.outputs) outputs[variant.values[id].name] = memory.tensor(id);
  return outputs;
}

void check(const Outputs& outputs, const std::string& name, const ir::Dims& dims,
           const std::vector<double>& expected) {
  INFO(name);
  const ir::Tensor& tensor = outputs.at(name);
  CHECK(tensor.dims == dims);
  const auto elements = tensor.to_f64();
  REQUIRE(elements.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(elements[i] == Approx(expected[i]).margin(1e-6));
  }
}

onnx::NodeProto& with_axis(onnx::NodeProto& node, std::int64_t axis) {
  set_int(node, "axis", axis);
  return node;
}

TEST_CASE("what NonZero finds is gathered and summed up") {
  OnnxModel model(17);
  model.input("x", {2, 3}).floats("zero", {}, {0});
  for (const char* name : {"found", "shares", "mean", "largest", "running"}) model.output(name);
  model.output("count", onnx::TensorProto::INT64).integers("axis", {0});
  model.node("Greater", {"x", "zero"}, {"positive"});
  model.node("NonZero", {"positive"}, {"where"});
  model.node("Transpose", {"where"}, {"positions"});
  model.node("GatherND", {"x", "positions"}, {"found"});
  with_axis(model.node("Softmax", {"found"}, {"shares"}), 0);
  model.node("ReduceMean", {"found"}, {"mean"});
  set_int(model.node("ReduceMax", {"found"}, {"largest"}), "keepdims", 0);
  model.node("CumSum", {"found", "axis"}, {"running"});
  model.node("Size", {"found"}, {"count"});
  const auto outputs = run(model, {floats({2, 3}, {1, -1, 2, 0, 3, -5})});
  const double sum = std::exp(1) + std::exp(2) + std::exp(3);
  check(outputs, "found", {3}, {1, 2, 3});
  check(outputs, "shares", {3}, {std::exp(1) / sum, std::exp(2) / sum, std::exp(3) / sum});
  check(outputs, "mean", {1}, {2});
  check(outputs, "largest", {}, {3});
  check(outputs, "running", {3}, {1, 3, 6});
  check(outputs, "count", {}, {3});
}

// Rows 0 and 2 of [4, 3] go on.
OnnxModel rows_model() {
  OnnxModel model(17);
  model.input("x", {4, 3}).input("keep", {4}, onnx::TensorProto::BOOL);
  with_axis(model.node("Compress", {"x", "keep"}, {"rows"}), 0);
  return model;
}

Outputs run_rows(const OnnxModel& model) {
  return run(model, {floats({4, 3}, {1, 2, 3, 9, 9, 9, 4, 5, 6, 9, 9, 9}), flags({1, 0, 1, 0})});
}

TEST_CASE("kept rows through products and normalisation") {
  OnnxModel model = rows_model();
  model.floats("w", {3, 2}, {1, 0, 0, 1, 1, 1}).floats("c", {2}, {10, 20});
  model.floats("scale", {3}, {1, 1, 1});
  for (const char* name : {"product", "affine", "gram", "summed", "normal"}) model.output(name);
  model.node("MatMul", {"rows", "w"}, {"product"});
  model.node("Gemm", {"rows", "w", "c"}, {"affine"});
  model.node("Transpose", {"rows"}, {"columns"});
  model.node("MatMul", {"rows", "columns"}, {"gram"});
  model.node("MatMul", {"columns", "rows"}, {"summed"});
  model.node("LayerNormalization", {"rows", "scale"}, {"normal"});
  const auto outputs = run_rows(model);
  check(outputs, "product", {2, 2}, {4, 5, 10, 11});
  check(outputs, "affine", {2, 2}, {14, 25, 20, 31});
  check(outputs, "gram", {2, 2}, {14, 32, 32, 77});
  check(outputs, "summed", {3, 3}, {17, 22, 27, 22, 29, 36, 27, 36, 45});
  const double z = 1 / std::sqrt(2.0 / 3 + 1e-5);
  check(outputs, "normal", {2, 3}, {-z, 0, z, -z, 0, z});
}

TEST_CASE("kept rows through layout") {
  OnnxModel model = rows_model();
  model.floats("head", {1, 3}, {7, 8, 9});
  model.integers("middle", {0, 1, 3}).integers("lead", {1, -1, 3}).integers("zero", {0});
  model.integers("last", {-1}).integers("end", {INT64_MAX}).integers("one", {1});
  model.integers("pads", {1, 0, 0, 1}).integers("twice", {1, 2}).integers("sizes", {1, 2});
  for (const char* name : {"joined", "doubled", "shaped", "leading", "newest", "rest", "padded"}) {
    model.output(name);
  }
  for (const char* name : {"tiled", "left", "right", "wide", "upper"}) model.output(name);
  with_axis(model.node("Concat", {"head", "rows", "rows"}, {"joined"}), 0);
  with_axis(model.node("Concat", {"rows", "rows"}, {"doubled"}), 1);
  model.node("Reshape", {"rows", "middle"}, {"shaped"});
  model.node("Reshape", {"rows", "lead"}, {"leading"});
  model.node("Slice", {"rows", "last", "end", "zero"}, {"newest"});
  model.node("Slice", {"rows", "one", "end", "zero"}, {"rest"});
  model.node("Pad", {"rows", "pads"}, {"padded"});
  model.node("Tile", {"rows", "twice"}, {"tiled"});
  with_axis(model.node("Split", {"rows", "sizes"}, {"left", "right"}), 1);
  model.node("Shape", {"rows"}, {"shape"});
  with_axis(model.node("Gather", {"shape", "zero"}, {"count"}), 0);
  with_axis(model.node("Concat", {"count", "one"}, {"wanted"}), 0);
  model.floats("number", {1}, {5});
  model.node("Expand", {"number", "wanted"}, {"wide"});
  model.node("Trilu", {"rows"}, {"upper"});
  const auto outputs = run_rows(model);
  check(outputs, "joined", {5, 3}, {7, 8, 9, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6});
  check(outputs, "doubled", {2, 6}, {1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6});
  check(outputs, "shaped", {2, 1, 3}, {1, 2, 3, 4, 5, 6});
  check(outputs, "leading", {1, 2, 3}, {1, 2, 3, 4, 5, 6});
  check(outputs, "newest", {1, 3}, {4, 5, 6});
  check(outputs, "rest", {1, 3}, {4, 5, 6});
  check(outputs, "padded", {3, 4}, {0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0});
  check(outputs, "tiled", {2, 6}, {1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6});
  check(outputs, "left", {2, 1}, {1, 4});
  check(outputs, "right", {2, 2}, {2, 3, 5, 6});
  check(outputs, "wide", {2, 1}, {5, 5});
  check(outputs, "upper", {2, 3}, {1, 2, 3, 0, 5, 6});
}

TEST_CASE("kept rows through choices and scatter") {
  OnnxModel model = rows_model();
  model.floats("three", {}, {3}).integers("zero", {0});
  model.output("clipped").output("means").output("placed");
  model.output("first", onnx::TensorProto::INT64);
  model.node("Less", {"rows", "three"}, {"small"});
  model.node("Where", {"small", "rows", "three"}, {"clipped"});
  auto& mean = model.node("ReduceMean", {"rows"}, {"means"});
  auto& axes = *mean.add_attribute();
  axes.set_name("axes");
  axes.set_type(onnx::AttributeProto::INTS);
  axes.add_ints(0);
  with_axis(model.node("ArgMax", {"rows"}, {"first"}), 1);
  model.node("NonZero", {"keep"}, {"where"});
  model.node("Transpose", {"where"}, {"positions"});
  model.integers("one", {1}).floats("blank", {4, 3}, std::vector<float>(12, 0));
  model.node("Squeeze", {"positions", "one"}, {"kept"});
  with_axis(model.node("Gather", {"x", "kept"}, {"gathered"}), 0);
  model.node("ScatterND", {"blank", "positions", "gathered"}, {"placed"});
  const auto outputs = run_rows(model);
  check(outputs, "clipped", {2, 3}, {1, 2, 3, 3, 3, 3});
  check(outputs, "means", {1, 3}, {2.5, 3.5, 4.5});
  check(outputs, "first", {2, 1}, {2, 2});
  check(outputs, "placed", {4, 3}, {1, 2, 3, 0, 0, 0, 4, 5, 6, 0, 0, 0});
}

}  // namespace
}  // namespace rducc::test
