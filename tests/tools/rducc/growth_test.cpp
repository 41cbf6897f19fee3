// --state OUT=IN:AXIS,MAX: caches that grow, decoded step by step with the evaluator.
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/tools/rducc/onnx_model.hpp"
#include "tools/rducc/analysis/evaluate.hpp"
#include "tools/rducc/pipeline.hpp"

namespace rducc::test {
namespace {

using analysis::Memory;
using Catch::Contains;
using rdu::artifact::kNone;
using rdu::artifact::ValueId;
using rdu::artifact::VariableUse;
using rdu::artifact::Variant;

constexpr std::int64_t kWidth = 3, kRoom = 6;

// Attention of rows over all rows so far, as exporters write it: x [seq, 3], past [1, past, 3].
OnnxModel attention() {
  OnnxModel model;
  model.input("x", {-1, kWidth}).input("past", {1, -1, kWidth});
  model.output("y").output("present").output("mean").output("positions", onnx::TensorProto::INT64);
  model.integers("zero", {0}).integers("one", {1}).integers("minus", {-1});
  model.floats("scale", {}, {0.5F});
  model.node("Unsqueeze", {"x", "zero"}, {"rows"});
  set_int(model.node("Concat", {"past", "rows"}, {"present"}), "axis", 1);
  auto& transpose = model.node("Transpose", {"present"}, {"columns"});
  auto& perm = *transpose.add_attribute();
  perm.set_name("perm");
  perm.set_type(onnx::AttributeProto::INTS);
  for (const int axis : {0, 2, 1}) perm.add_ints(axis);
  model.node("MatMul", {"rows", "columns"}, {"raw"});
  model.node("Mul", {"raw", "scale"}, {"scores"});
  set_int(model.node("Softmax", {"scores"}, {"shares"}), "axis", -1);
  model.node("MatMul", {"shares", "present"}, {"y3"});
  model.node("Squeeze", {"y3", "zero"}, {"y"});
  model.node("ReduceMean", {"present"}, {"mean"});
  // Positions of the new rows: Range(past, past + seq), from shapes.
  model.node("Shape", {"past"}, {"past_shape"});
  model.node("Shape", {"x"}, {"x_shape"});
  model.node("Gather", {"past_shape", "one"}, {"before"});
  model.node("Gather", {"x_shape", "zero"}, {"new"});
  model.node("Add", {"before", "new"}, {"after"});
  model.node("Squeeze", {"before"}, {"first"});
  model.node("Squeeze", {"after"}, {"end"});
  model.integers("step", {1});
  model.node("Squeeze", {"step"}, {"delta"});
  model.node("Range", {"first", "end", "delta"}, {"positions"});
  return model;
}

// A compiled variant and what its state holds.
class Stream {
 public:
  explicit Stream(const Variant& variant) : variant_(variant) {}

  void take_state_of(const Stream& other) {
    length_ = other.length_;
    cache_ = other.cache_;
  }
  std::int64_t length() const { return length_; }

  // The outputs, by name.
  std::map<std::string, std::vector<double>> step(const ir::Tensor& x) {
    Memory memory(variant_);
    const VariableUse& cache = variable("past");
    const VariableUse& length = variant_.variables[cache.length];
    auto bytes = memory.writable(cache.read);
    std::copy(cache_.begin(), cache_.end(), bytes.begin());
    memory.set(length.read, ir::make_tensor(RDU_DTYPE_I64, {}, std::span(&length_, 1)));
    memory.set(variant_.inputs[0], x);
    analysis::evaluate_graph(0, memory);
    const auto after = memory.bytes(cache.write);
    cache_.assign(after.begin(), after.end());
    length_ = memory.scalar(length.write);
    std::map<std::string, std::vector<double>> outputs;
    for (const ValueId id : variant_.outputs) {
      outputs[variant_.values[id].name] = memory.tensor(id).to_f64();
    }
    return outputs;
  }

  const VariableUse& variable(const std::string& name) const {
    for (const auto& variable : variant_.variables) {
      if (variable.name == name) return variable;
    }
    throw std::runtime_error("no variable " + name);
  }

 private:
  const Variant& variant_;
  std::int64_t length_ = 0;
  std::vector<std::byte> cache_;
};

std::vector<double> row(std::int64_t i) {
  return {0.25 * static_cast<double>(i % 5) - 0.5, 0.5 - 0.125 * static_cast<double>(i), 0.75};
}

ir::Tensor rows(std::int64_t first, std::int64_t count) {
  std::vector<double> elements;
  for (std::int64_t i = first; i < first + count; ++i) {
    for (const double element : row(i)) elements.push_back(element);
  }
  return ir::make_tensor(RDU_DTYPE_F32, {count, kWidth}, std::span<const double>(elements));
}

// What row `i` attends to among the first `total` rows.
std::vector<double> attended(std::int64_t i, std::int64_t total) {
  const auto dot = [](const std::vector<double>& a, const std::vector<double>& b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  };
  std::vector<double> result(kWidth, 0);
  double sum = 0;
  for (std::int64_t j = 0; j < total; ++j) {
    const double weight = std::exp(0.5 * dot(row(i), row(j)));
    sum += weight;
    for (std::size_t d = 0; d < kWidth; ++d) result[d] += weight * row(j)[d];
  }
  for (double& element : result) element /= sum;
  return result;
}

void check_step(Stream& stream, std::int64_t count) {
  const std::int64_t first = stream.length(), total = first + count;
  auto outputs = stream.step(rows(first, count));
  CHECK(stream.length() == total);
  REQUIRE(outputs["y"].size() == static_cast<std::size_t>(count * kWidth));
  REQUIRE(outputs["positions"].size() == static_cast<std::size_t>(count));
  REQUIRE(outputs["past"].size() == static_cast<std::size_t>(total * kWidth));
  for (std::int64_t i = 0; i < count; ++i) {
    const auto expected = attended(first + i, total);
    const auto at = static_cast<std::size_t>(i);
    CHECK(outputs["positions"][at] == static_cast<double>(first + i));
    for (std::size_t d = 0; d < kWidth; ++d) {
      CHECK(outputs["y"][at * kWidth + d] == Approx(expected[d]).margin(1e-6));
    }
  }
  double mean = 0;
  for (std::int64_t i = 0; i < total; ++i) mean += row(i)[0] + row(i)[1] + row(i)[2];
  CHECK(outputs["mean"][0] == Approx(mean / static_cast<double>(total * kWidth)).margin(1e-6));
}

CompileRequest request_for(const OnnxModel& model, const TempFolder& folder,
                           std::vector<StateChoice> states) {
  model.save(folder / "model.onnx");
  CompileRequest request;
  request.model_path = folder / "model.onnx";
  request.passes.verify = true;
  request.states = std::move(states);
  return request;
}

TEST_CASE("a cache is one value in place, with a length beside it") {
  const TempFolder folder;
  auto request = request_for(attention(), folder, {{"present", "past", -2, kRoom}});
  request.variants = {{{"n0", 4}}, {{"n0", 1}}};
  const auto compiled = compile(request);
  if (!compiled.ok()) FAIL(compiled.error().message);
  const auto& signature = compiled->model.signatures[0];
  CHECK(signature.inputs[1].variable == "past");
  CHECK(signature.outputs[1].variable == "past");
  CHECK(signature.inputs[1].dims[1].extent == -1);
  CHECK(signature.outputs[1].dims[1].extent == -1);
  for (const Variant& variant : signature.variants) {
    const Stream stream(variant);
    const VariableUse& cache = stream.variable("past");
    CHECK(cache.read == cache.write);
    CHECK(cache.axis == 1);
    CHECK(cache.grows_by == variant.dims[0].second);
    CHECK(variant.values[cache.read].role == RDU_ROLE_VARIABLE);
    CHECK(variant.values[cache.read].dims == ir::Dims{1, kRoom, kWidth});
    const VariableUse& length = variant.variables.at(cache.length);
    CHECK(length.name == "n1");
    CHECK(length.read != length.write);
    CHECK(variant.values[cache.read].dim_values[1] == length.write);
    CHECK(variant.dims.size() == 1);
  }
}

TEST_CASE("steps of one row, of several, and both on one state") {
  const TempFolder folder;
  auto request = request_for(attention(), folder, {{"present", "past", 1, kRoom}});
  request.variants = {{{"n0", 4}}, {{"n0", 1}}};
  const auto compiled = compile(request);
  if (!compiled.ok()) FAIL(compiled.error().message);
  const auto& variants = compiled->model.signatures[0].variants;
  Stream decode(variants[1]);
  for (int i = 0; i < kRoom; ++i) check_step(decode, 1);
  Stream prefill(variants[0]), rest(variants[1]);
  check_step(prefill, 4);
  rest.take_state_of(prefill);
  check_step(rest, 1);
  check_step(rest, 1);
}

TEST_CASE("readers that ask where the old cache ends see it as it was") {
  OnnxModel model;
  model.input("x", {2, kWidth}).input("past", {1, -1, kWidth});
  model.output("y").output("present").output("old");
  model.integers("zero", {0}).integers("last", {-1});
  model.node("Unsqueeze", {"x", "zero"}, {"rows"});
  set_int(model.node("Concat", {"past", "rows"}, {"present"}), "axis", 1);
  set_int(model.node("Concat", {"rows", "past"}, {"y"}), "axis", 1);
  set_int(model.node("Gather", {"present", "last"}, {"newest"}), "axis", 1);
  model.node("ReduceSum", {"past"}, {"sum"});
  model.node("Add", {"newest", "sum"}, {"old"});
  const TempFolder folder;
  const auto compiled = compile(request_for(model, folder, {{"present", "past", 1, kRoom}}));
  if (!compiled.ok()) FAIL(compiled.error().message);
  Stream stream(compiled->model.signatures[0].variants[0]);
  double sum = 0;
  for (std::int64_t first = 0; first < kRoom; first += 2) {
    auto outputs = stream.step(rows(first, 2));
    REQUIRE(outputs["y"].size() == static_cast<std::size_t>((first + 2) * kWidth));
    for (std::int64_t i = 0; i < first + 2; ++i) {
      const auto expected = row(i < 2 ? first + i : i - 2);
      for (std::size_t d = 0; d < kWidth; ++d) {
        CHECK(outputs["y"][static_cast<std::size_t>(i) * kWidth + d] == Approx(expected[d]));
      }
    }
    CHECK(outputs["old"][2] == Approx(0.75 + sum));
    for (std::int64_t i = first; i < first + 2; ++i) sum += row(i)[0] + row(i)[1] + row(i)[2];
  }
}

// As transformers are exported: a mask over all positions, hidden ones far below zero.
OnnxModel masked() {
  OnnxModel model;
  model.input("x", {-1, kWidth}).input("past", {1, -1, kWidth}).input("mask", {1, -1});
  model.proto()
      .mutable_graph()
      ->mutable_input(2)
      ->mutable_type()
      ->mutable_tensor_type()
      ->mutable_shape()
      ->mutable_dim(1)
      ->set_dim_param("n1 + n0");
  model.output("y").output("present").integers("zero", {0}).integers("one", {1});
  model.floats("unit", {}, {1}).floats("far", {}, {-1e9F});
  model.node("Unsqueeze", {"x", "zero"}, {"rows"});
  set_int(model.node("Concat", {"past", "rows"}, {"present"}), "axis", 1);
  set_int(model.node("ReduceSum", {"present", "two"}, {"sums"}), "keepdims", 0);
  model.integers("two", {2});
  model.node("Sub", {"unit", "mask"}, {"hidden"});
  model.node("Mul", {"hidden", "far"}, {"bias"});
  model.node("Add", {"sums", "bias"}, {"scores"});
  set_int(model.node("Softmax", {"scores"}, {"shares"}), "axis", -1);
  model.node("Unsqueeze", {"shares", "one"}, {"row"});
  model.node("MatMul", {"row", "present"}, {"y"});
  return model;
}

TEST_CASE("a mask over past and new positions is one number in every place") {
  const TempFolder folder;
  auto request = request_for(masked(), folder, {{"present", "past", 1, kRoom}});
  request.variants = {{{"n0", 1}}};
  const auto refused = compile(request);
  REQUIRE_FALSE(refused.ok());
  CHECK_THAT(refused.error().message, Contains("'n1 + n0'") && Contains("--fix mask=V"));
  request.fixes.emplace("mask", "1");
  const auto compiled = compile(request);
  if (!compiled.ok()) FAIL(compiled.error().message);
  const Variant& variant = compiled->model.signatures[0].variants[0];
  CHECK(variant.inputs[2] == kNone);
  Stream stream(variant);
  std::vector<double> weighted(kWidth, 0);
  double sum = 0;
  for (std::int64_t i = 0; i < kRoom; ++i) {
    auto outputs = stream.step(rows(i, 1));
    const double weight = std::exp(row(i)[0] + row(i)[1] + row(i)[2]);
    sum += weight;
    for (std::size_t d = 0; d < kWidth; ++d) {
      weighted[d] += weight * row(i)[d];
      CHECK(outputs["y"][d] == Approx(weighted[d] / sum).margin(1e-6));
    }
  }
}

// Rows of a table from the past's end on, and the corner of a triangle, as GPT-2 slices them.
OnnxModel sliced(std::int64_t table_rows) {
  OnnxModel model;
  model.input("x", {2, kWidth}).input("past", {1, -1, kWidth});
  model.output("y").output("present").output("corner");
  model.integers("zero", {0}).integers("one", {1}).integers("two", {2});
  std::vector<float> table, triangle(kRoom * kRoom);
  for (std::int64_t i = 0; i < table_rows; ++i) table.insert(table.end(), kWidth, 10.0F * i);
  for (std::size_t i = 0; i < triangle.size(); ++i) triangle[i] = static_cast<float>(i);
  model.floats("table", {table_rows, kWidth}, table).floats("triangle", {kRoom, kRoom}, triangle);
  model.node("Unsqueeze", {"x", "zero"}, {"rows"});
  set_int(model.node("Concat", {"past", "rows"}, {"present"}), "axis", 1);
  model.node("Shape", {"past"}, {"past_shape"});
  model.node("Gather", {"past_shape", "one"}, {"start"});
  model.node("Add", {"start", "two"}, {"end"});
  model.node("Slice", {"table", "start", "end", "zero"}, {"places"});
  model.node("Add", {"x", "places"}, {"y"});
  model.node("Shape", {"present"}, {"present_shape"});
  model.node("Gather", {"present_shape", "one"}, {"total"});
  model.node("Sub", {"total", "two"}, {"first"});
  model.node("Slice", {"triangle", "first", "total", "zero"}, {"lines"});
  model.node("Slice", {"lines", "zero", "total", "one"}, {"corner"});
  return model;
}

TEST_CASE("slices follow the length") {
  const TempFolder folder;
  const auto compiled =
      compile(request_for(sliced(kRoom), folder, {{"present", "past", 1, kRoom}}));
  if (!compiled.ok()) FAIL(compiled.error().message);
  Stream stream(compiled->model.signatures[0].variants[0]);
  for (std::int64_t first = 0; first < kRoom; first += 2) {
    auto outputs = stream.step(rows(first, 2));
    for (std::int64_t i = 0; i < 2; ++i) {
      const auto at = static_cast<std::size_t>(i);
      CHECK(outputs["y"][at * kWidth] == Approx(row(first + i)[0] + 10.0 * (first + i)));
      for (std::int64_t j = 0; j < first + 2; ++j) {
        CHECK(outputs["corner"].at(at * (first + 2) + j) == (first + i) * kRoom + j);
      }
    }
  }
}

TEST_CASE("a run that leaves a table shorter than the room fails") {
  const TempFolder folder;
  const auto compiled = compile(request_for(sliced(4), folder, {{"present", "past", 1, kRoom}}));
  if (!compiled.ok()) FAIL(compiled.error().message);
  Stream stream(compiled->model.signatures[0].variants[0]);
  stream.step(rows(0, 2));
  CHECK(stream.step(rows(2, 2))["y"][kWidth] == Approx(row(3)[0] + 30));
  CHECK_THROWS(stream.step(rows(4, 2)));
}

TEST_CASE("what does not grow as asked is refused with its name") {
  const TempFolder folder;
  const auto message = [&](const OnnxModel& model, std::vector<StateChoice> states,
                           std::int64_t seq = 1) {
    auto request = request_for(model, folder, std::move(states));
    request.variants = {{{"n0", seq}}};
    const auto compiled = compile(request);
    return compiled.ok() ? std::string() : compiled.error().message;
  };
  CHECK_THAT(message(attention(), {{"present", "passed", 1, 6}}), Contains("no input 'passed'"));
  CHECK_THAT(message(attention(), {{"presence", "past", 1, 6}}), Contains("no output 'presence'"));
  CHECK_THAT(message(attention(), {{"present", "past", 3, 6}}), Contains("axis 3"));
  CHECK_THAT(message(attention(), {{"present", "past", 2, 6}}),
             Contains("dimension 2") && Contains("is 3 in the model"));
  CHECK_THAT(message(attention(), {{"present", "past", 1, 6}}, 7),
             Contains("appends 7") && Contains("room for 6"));
  CHECK_THAT(message(attention(), {{"y", "past", 1, 6}}), Contains("'past'"));

  OnnxModel two = attention();
  two.input("other", {1, -1, 2}).output("sum");
  two.node("ReduceSum", {"other"}, {"sum"});
  CHECK_THAT(message(two, {{"present", "past", 1, 6}}),
             Contains("'other' has the dimension 'n1'") && Contains("--state OUTPUT=other:1,6"));
  CHECK_THAT(message(two, {{"present", "past", 1, 6}, {"sum", "other", 1, 8}}),
             Contains("room for 6 and 8"));

  auto request = request_for(attention(), folder, {{"present", "past", 1, 6}});
  request.variants = {{{"n0", 1}, {"n1", 4}}};
  CHECK_THAT(compile(request).error().message, Contains("'n1' grows with the state 'past'"));
}

}  // namespace
}  // namespace rducc::test
