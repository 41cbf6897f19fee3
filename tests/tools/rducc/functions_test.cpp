// Functions that a model brings along: inlined, with the attributes of the call, of calls around it, or the function's own.
#include <google/protobuf/unknown_field_set.h>

#include <catch2/catch.hpp>

#include "tests/tools/rducc/graphs.hpp"
#include "tests/tools/rducc/onnx_model.hpp"
#include "tools/rducc/pipeline.hpp"

namespace rducc::test {
namespace {

using Catch::Contains;
using onnx::AttributeProto;
using Nodes = google::protobuf::RepeatedPtrField<onnx::NodeProto>;

OnnxModel with_local() {
  OnnxModel model(15);
  auto* opset = model.proto().add_opset_import();
  opset->set_domain("local");
  opset->set_version(1);
  return model;
}

// Of one input "a".
onnx::FunctionProto& add_function(OnnxModel& model, const std::string& name,
                                  const std::string& output) {
  auto& function = *model.proto().add_functions();
  function.set_name(name);
  function.set_domain("local");
  function.add_input("a");
  function.add_output(output);
  for (const char* domain : {"", "local"}) {
    auto* opset = function.add_opset_import();
    opset->set_domain(domain);
    opset->set_version(*domain ? 1 : 15);
  }
  return function;
}

onnx::NodeProto& add_node(Nodes& nodes, const std::string& op,
                          const std::vector<std::string>& inputs, const std::string& output,
                          const std::string& domain = "") {
  auto& node = *nodes.Add();
  node.set_op_type(op);
  node.set_domain(domain);
  for (const auto& input : inputs) node.add_input(input);
  node.add_output(output);
  return node;
}

AttributeProto& add_attribute(onnx::NodeProto& node, const std::string& name,
                              AttributeProto::AttributeType type) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

void refer(onnx::NodeProto& node, const std::string& name, const std::string& to) {
  add_attribute(node, name, AttributeProto::FLOAT).set_ref_attr_name(to);
}

// b = a + `bias`, the bias read in a branch of an If.
void add_bias_function(OnnxModel& model) {
  auto& function = add_function(model, "Bias", "b");
  auto& nodes = *function.mutable_node();
  function.add_attribute("bias");
  auto& size = add_node(nodes, "Size", {"a"}, "size");
  auto& some = add_node(nodes, "Cast", {size.output(0)}, "some");
  add_attribute(some, "to", AttributeProto::INT).set_i(onnx::TensorProto::BOOL);
  auto& choice = add_node(nodes, "If", {"some"}, "chosen");
  for (const char* name : {"then_branch", "else_branch"}) {
    auto& branch = *add_attribute(choice, name, AttributeProto::GRAPH).mutable_g();
    refer(add_node(*branch.mutable_node(), "Constant", {}, "number"), "value_float", "bias");
    branch.add_output()->set_name("number");
  }
  add_node(nodes, "Add", {"a", "chosen"}, "b");
}

// What the model adds to its input, for every element.
double bias_of(OnnxModel& model) {
  const TempFolder folder;
  model.save(folder / "model.onnx");
  CompileRequest request;
  request.model_path = folder / "model.onnx";
  request.passes.verify = true;
  const auto compiled = compile(request);
  if (!compiled.ok()) FAIL(compiled.error().message);
  const Variant& variant = compiled->model.signatures[0].variants[0];
  const auto given = sample({2}, 100).to_f64(), got = run(variant, 1)[0];
  REQUIRE(got.size() == 2);
  REQUIRE(got[0] - given[0] == got[1] - given[1]);
  return got[0] - given[0];
}

TEST_CASE("a function's nodes read the attributes of the call, in branches too") {
  OnnxModel model = with_local();
  add_bias_function(model);
  auto& call = model.input("x", {2}).output("y").node("Bias", {"x"}, {"y"});
  call.set_domain("local");
  add_attribute(call, "bias", AttributeProto::FLOAT).set_f(3);
  CHECK(bias_of(model) == 3);
}

TEST_CASE("a call inside a function passes on what its own call says") {
  OnnxModel model = with_local();
  add_bias_function(model);
  auto& outer = add_function(model, "Outer", "c");
  outer.add_attribute("by");
  refer(add_node(*outer.mutable_node(), "Bias", {"a"}, "b", "local"), "bias", "by");
  auto& second = add_node(*outer.mutable_node(), "Bias", {"b"}, "c", "local");
  add_attribute(second, "bias", AttributeProto::FLOAT).set_f(10);
  auto& call = model.input("x", {2}).output("y").node("Outer", {"x"}, {"y"});
  call.set_domain("local");
  add_attribute(call, "by", AttributeProto::FLOAT).set_f(4);
  CHECK(bias_of(model) == 14);
}

// Field 11 of FunctionProto, `attribute_proto`, is younger than the library's definition of the format.
void add_default(onnx::FunctionProto& function, const std::string& bytes) {
  function.GetReflection()->MutableUnknownFields(&function)->AddLengthDelimited(11, bytes);
}

TEST_CASE("an attribute that a call leaves out has the function's default") {
  OnnxModel model = with_local();
  add_bias_function(model);
  onnx::NodeProto holder;
  auto& number = add_attribute(holder, "bias", AttributeProto::FLOAT);
  number.set_f(5);
  add_default(*model.proto().mutable_functions(0), number.SerializeAsString());
  auto& call = model.input("x", {2}).output("y").node("Bias", {"x"}, {"y"});
  call.set_domain("local");
  CHECK(bias_of(model) == 5);
  add_attribute(call, "bias", AttributeProto::FLOAT).set_f(6);
  CHECK(bias_of(model) == 6);
}

std::string refusal(OnnxModel& model) {
  const TempFolder folder;
  model.save(folder / "model.onnx");
  CompileRequest request;
  request.model_path = folder / "model.onnx";
  const auto compiled = compile(request);
  return compiled.ok() ? "" : compiled.error().message;
}

TEST_CASE("defaults that are no attributes, and references to nothing, are refused") {
  OnnxModel model = with_local();
  add_bias_function(model);
  model.input("x", {2}).output("y").node("Bias", {"x"}, {"y"}).set_domain("local");
  CHECK_THAT(refusal(model), Contains("Constant"));
  add_default(*model.proto().mutable_functions(0), "\xff\xff");
  CHECK_THAT(refusal(model), Contains("function 'Bias': default 0 is no AttributeProto"));
}

TEST_CASE("functions that double at every level are refused") {
  OnnxModel model = with_local();
  for (int level = 0; level < 30; ++level) {
    auto& function = add_function(model, "F" + std::to_string(level), "c");
    for (const auto& [from, to] : {std::pair("a", "b"), std::pair("b", "c")}) {
      add_node(*function.mutable_node(), level == 0 ? "Neg" : "F" + std::to_string(level - 1),
               {from}, to, level == 0 ? "" : "local");
    }
  }
  model.input("x", {2}).output("y").node("F29", {"x"}, {"y"}).set_domain("local");
  CHECK_THAT(refusal(model), Contains("more than 200000 nodes"));
}

}  // namespace
}  // namespace rducc::test
