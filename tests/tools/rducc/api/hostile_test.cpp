// Small models that ask for much: each ends in a status or an artifact, soon and in little memory.
#include <sys/resource.h>
#include <time.h>

#include <catch2/catch.hpp>

#include "tests/tools/rducc/api/call.hpp"

namespace rducc::test {
namespace {

// The most that one of these may take; sanitizers and a busy machine included.
constexpr double kSeconds = 20;
constexpr long kMegabytes = 600;

double processor_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

long peak_megabytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

Compilation compile_within_bounds(const OnnxModel& model) {
  const std::string bytes = model.bytes();
  const double start = processor_seconds();
  const long before = peak_megabytes();
  auto compilation = compile(request_for(bytes));
  INFO(compilation.message());
  if (compilation.output) bytes_of(compilation);
  CHECK(processor_seconds() - start < kSeconds);
  CHECK(peak_megabytes() - before < kMegabytes);
  CHECK(compilation.code() != RDUCC_ERR_INTERNAL);
  return compilation;
}

onnx::GraphProto& body_of(onnx::NodeProto& node, const std::string& name) {
  auto* attribute = node.add_attribute();
  attribute->set_name(name);
  attribute->set_type(onnx::AttributeProto::GRAPH);
  return *attribute->mutable_g();
}

void add_info(google::protobuf::RepeatedPtrField<onnx::ValueInfoProto>& infos,
              const std::string& name, std::int32_t type) {
  auto* info = infos.Add();
  info->set_name(name);
  info->mutable_type()->mutable_tensor_type()->set_elem_type(type);
  info->mutable_type()->mutable_tensor_type()->mutable_shape();
}

onnx::NodeProto& add_node(onnx::GraphProto& graph, const std::string& op,
                          const std::vector<std::string>& inputs, const std::string& output) {
  auto* node = graph.add_node();
  node->set_op_type(op);
  for (const auto& input : inputs) node->add_input(input);
  node->add_output(output);
  return *node;
}

TEST_CASE("extents that no memory holds") {
  for (const std::int64_t extent : {std::int64_t{1} << 40, std::int64_t{1} << 62}) {
    OnnxModel model;
    model.input("x", {extent, extent}).output("y").node("Relu", {"x"}, {"y"});
    CHECK(compile_within_bounds(model).code() != RDUCC_OK);
  }
}

TEST_CASE("Expand, Tile, Range and ConstantOfShape to 2^50") {
  const std::int64_t huge = std::int64_t{1} << 50;
  for (const char* op : {"Expand", "Tile", "ConstantOfShape", "Range", "Pad", "OneHot"}) {
    INFO(op);
    OnnxModel model;
    model.input("x", {1}).output("y").integers("n", {huge});
    const std::string name = op;
    if (name == "ConstantOfShape") {
      model.node(op, {"n"}, {"y"});
    } else if (name == "Range") {
      for (const char* scalar : {"a", "b", "c"}) {
        auto* tensor = model.proto().mutable_graph()->add_initializer();
        tensor->set_name(scalar);
        tensor->set_data_type(onnx::TensorProto::INT64);
        tensor->add_int64_data(*scalar == 'b' ? huge : *scalar == 'c' ? 1 : 0);
      }
      model.node(op, {"a", "b", "c"}, {"y"});
    } else if (name == "Pad") {
      model.integers("pads", {huge, huge}).node(op, {"x", "pads"}, {"y"});
    } else if (name == "OneHot") {
      model.integers("i", {1}).floats("v", {2}, {0, 1}).node(op, {"i", "n", "v"}, {"y"});
    } else {
      model.node(op, {"x", "n"}, {"y"});
    }
    CHECK(compile_within_bounds(model).code() != RDUCC_OK);
  }
}

// A Loop whose body adds to what it carries.
OnnxModel counting_loop(std::int64_t trips, bool stacks) {
  OnnxModel model;
  model.input("x", {4}).output("y");
  auto* trip_count = model.proto().mutable_graph()->add_initializer();
  trip_count->set_name("trips");
  trip_count->set_data_type(onnx::TensorProto::INT64);
  trip_count->add_int64_data(trips);
  auto& loop = model.node("Loop", {"trips", "", "x"}, {"y"});
  if (stacks) loop.add_output("rows");
  if (stacks) model.output("rows");
  auto& body = body_of(loop, "body");
  add_info(*body.mutable_input(), "i", onnx::TensorProto::INT64);
  add_info(*body.mutable_input(), "go", onnx::TensorProto::BOOL);
  add_info(*body.mutable_input(), "carried", onnx::TensorProto::FLOAT);
  add_node(body, "Identity", {"go"}, "still");
  add_node(body, "Add", {"carried", "carried"}, "next");
  add_info(*body.mutable_output(), "still", onnx::TensorProto::BOOL);
  add_info(*body.mutable_output(), "next", onnx::TensorProto::FLOAT);
  if (stacks) add_info(*body.mutable_output(), "next", onnx::TensorProto::FLOAT);
  return model;
}

TEST_CASE("a Loop of 2^40 trips is not unrolled, and one that stacks its results is refused") {
  compile_within_bounds(counting_loop(std::int64_t{1} << 40, false));
  CHECK(compile_within_bounds(counting_loop(std::int64_t{1} << 50, true)).code() != RDUCC_OK);
}

TEST_CASE("functions that call each other twice, thirty deep") {
  OnnxModel model;
  model.input("x", {2}).output("y");
  auto* opset = model.proto().add_opset_import();
  opset->set_domain("deep");
  opset->set_version(1);
  constexpr int kDepth = 30;
  for (int level = 0; level < kDepth; ++level) {
    auto* function = model.proto().add_functions();
    function->set_name("F" + std::to_string(level));
    function->set_domain("deep");
    function->add_input("a");
    function->add_output("c");
    for (auto* imported : {function->add_opset_import(), function->add_opset_import()}) {
      imported->set_version(13);
    }
    function->mutable_opset_import(1)->set_domain("deep");
    const bool last = level + 1 == kDepth;
    const std::string callee = last ? "Relu" : "F" + std::to_string(level + 1);
    const char* names[] = {"a", "b", "c"};
    for (int call = 0; call < 2; ++call) {
      auto* node = function->add_node();
      node->set_op_type(callee);
      if (!last) node->set_domain("deep");
      node->add_input(names[call]);
      node->add_output(names[call + 1]);
    }
  }
  model.node("F0", {"x"}, {"y"}).set_domain("deep");
  CHECK(compile_within_bounds(model).code() != RDUCC_OK);
}

TEST_CASE("a function that calls itself") {
  OnnxModel model;
  model.input("x", {2}).output("y");
  auto* opset = model.proto().add_opset_import();
  opset->set_domain("deep");
  opset->set_version(1);
  auto* function = model.proto().add_functions();
  function->set_name("F");
  function->set_domain("deep");
  function->add_input("a");
  function->add_output("b");
  auto* imported = function->add_opset_import();
  imported->set_domain("deep");
  imported->set_version(1);
  auto* node = function->add_node();
  node->set_op_type("F");
  node->set_domain("deep");
  node->add_input("a");
  node->add_output("b");
  model.node("F", {"x"}, {"y"}).set_domain("deep");
  CHECK(compile_within_bounds(model).code() != RDUCC_OK);
}

TEST_CASE("sub-graphs nested as deeply as a message can be") {
  OnnxModel model;
  model.input("x", {2}).input("c", {}, onnx::TensorProto::BOOL).output("y");
  onnx::GraphProto* graph = model.proto().mutable_graph();
  std::string output = "y";
  for (int depth = 0; depth < 60; ++depth) {
    auto& node = add_node(*graph, "If", {"c"}, output);
    node.set_name("if" + std::to_string(depth));
    onnx::GraphProto* inner = nullptr;
    output = "y" + std::to_string(depth);
    for (const char* branch : {"then_branch", "else_branch"}) {
      auto& body = body_of(node, branch);
      add_info(*body.mutable_output(), output, onnx::TensorProto::FLOAT);
      if (inner != nullptr) add_node(body, "Identity", {"x"}, output);
      inner = &body;
    }
    graph = node.mutable_attribute(0)->mutable_g();
  }
  add_node(*graph, "Identity", {"x"}, output);
  compile_within_bounds(model);
}

TEST_CASE("many values, each doubling the last") {
  OnnxModel model;
  model.input("x", {2}).output("y60");
  for (int i = 0; i < 60; ++i) {
    auto& node = model.node(
        "Concat", {i == 0 ? "x" : "y" + std::to_string(i), i == 0 ? "x" : "y" + std::to_string(i)},
        {"y" + std::to_string(i + 1)});
    set_int(node, "axis", 0);
  }
  CHECK(compile_within_bounds(model).code() != RDUCC_OK);
}

TEST_CASE("a wide chain of elementwise nodes compiles in little time") {
  OnnxModel model;
  model.input("x", {2}).output("y4000");
  for (int i = 0; i < 4000; ++i) {
    const std::string from = i == 0 ? "x" : "y" + std::to_string(i);
    model.node("Add", {from, from}, {"y" + std::to_string(i + 1)});
  }
  CHECK(compile_within_bounds(model).code() == RDUCC_OK);
}

TEST_CASE("a product of variants is bounded") {
  const std::string bytes = OnnxModel().input("x", {-1, -1, -1, -1}).output("y").bytes();
  std::vector<std::int64_t> extents(1000);
  for (std::size_t i = 0; i < extents.size(); ++i) extents[i] = static_cast<std::int64_t>(i);
  const std::vector<rducc_dim> dims{{"n0", extents.data(), 1000, 0},
                                    {"n1", extents.data(), 1000, 0},
                                    {"n2", extents.data(), 1000, 0},
                                    {"n3", extents.data(), 1000, 0}};
  auto request = request_for(bytes);
  request.dims = RDUCC_ARRAY(dims.data(), 4);
  CHECK(compile(request).code() == RDUCC_ERR_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace rducc::test
