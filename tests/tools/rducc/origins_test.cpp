// Every node of the source model is accounted for: what it became, with whom, and where it stands.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/tools/rducc/onnx_model.hpp"
#include "tools/rducc/pipeline.hpp"
#include "tools/rducc/report.hpp"

namespace rducc::test {
namespace {

using Catch::Contains;
using rdu::artifact::OriginRow;

class Rows {
 public:
  explicit Rows(const OnnxModel& model) {
    const TempFolder folder;
    model.save(folder / "m.onnx");
    CompileRequest request;
    request.model_path = folder / "m.onnx";
    auto compiled = compile(request);
    INFO((compiled.ok() ? "" : compiled.error().message));
    REQUIRE(compiled.ok());
    compiled_ = *std::move(compiled);
  }

  const std::vector<OriginRow>& all() const { return compiled_.report.variants[0].source_nodes; }
  const CompileReport& report() const { return compiled_.report; }
  const rdu::artifact::Variant& variant() const {
    return compiled_.model.signatures[0].variants[0];
  }

  const OriginRow& row(const std::string& name) const {
    const auto found = std::find_if(all().begin(), all().end(),
                                    [&](const OriginRow& row) { return row.name == name; });
    INFO(name);
    REQUIRE(found != all().end());
    return *found;
  }
  std::string became(const std::string& name) const {
    return rdu::artifact::became_text(all(), static_cast<std::uint32_t>(&row(name) - all().data()));
  }
  // The name of the value that a tensor of the model is, "" where none is.
  std::string value_of(const std::string& tensor) const {
    for (const auto& origin : variant().origins) {
      for (const auto& t : origin.tensors) {
        if (t.name == tensor && t.value != rdu::artifact::kNone) {
          return variant().values[t.value].name;
        }
      }
    }
    return "";
  }

 private:
  Compiled compiled_;
};

onnx::NodeProto& named(onnx::NodeProto& node, const std::string& name) {
  node.set_name(name);
  return node;
}

TEST_CASE("fused, viewed, constant and unused nodes are told apart") {
  OnnxModel model;
  model.input("x", {2, 6})
      .output("y")
      .integers("shape", {3, 4})
      .floats("w", {4, 5}, std::vector<float>(20, 1));
  named(model.node("Reshape", {"x", "shape"}, {"r"}), "reshape");
  named(model.node("MatMul", {"r", "w"}, {"m"}), "dense");
  named(model.node("Relu", {"m"}, {"a"}), "relu");
  named(model.node("Shape", {"r"}, {"s"}), "size");
  named(model.node("Exp", {"x"}, {"nobody"}), "dead");
  model.node("Softmax", {"a"}, {"y"}).clear_name();
  const Rows rows(model);
  CHECK(rows.all().size() == 6);
  CHECK(rows.became("reshape") == "view");
  CHECK(rows.became("dense") == "contract with Relu");
  CHECK(rows.became("relu") == "in contract dense");
  CHECK(rows.became("size") == "constant");
  CHECK(rows.became("dead") == "unused");
  CHECK(rows.row("Softmax:y").parts.size() >= 3);
  CHECK(rows.value_of("a") == "a");
  CHECK(rows.value_of("m").empty());
  CHECK(rows.value_of("y") == "y");
  CHECK_THAT(report_table(rows.report()),
             Contains("dense      MatMul    0        contract with Relu"));
  CHECK_THAT(report_json(rows.report()), Contains("\"fate\": \"view\""));
}

TEST_CASE("equal nodes are one, and both are told") {
  OnnxModel model;
  model.input("x", {4}).output("y");
  named(model.node("Exp", {"x"}, {"a"}), "first");
  named(model.node("Exp", {"x"}, {"b"}), "second");
  named(model.node("MatMul", {"a", "b"}, {"y"}), "dot");
  const Rows rows(model);
  REQUIRE(rows.row("second").parts.size() == rows.row("first").parts.size());
  CHECK(rows.row("first").parts[0].node == rows.row("second").parts[0].node);
}

TEST_CASE("an output that is a copy is the work of the node that yields it") {
  OnnxModel model;
  model.input("x", {4}).output("y");
  named(model.node("Identity", {"x"}, {"y"}), "copy");
  const Rows rows(model);
  CHECK(rows.became("copy") == "in map y");
}

TEST_CASE("nodes of functions and sub-graphs have paths") {
  OnnxModel model(15);
  auto* opset = model.proto().add_opset_import();
  opset->set_domain("local");
  opset->set_version(1);
  auto* function = model.proto().add_functions();
  function->set_name("Twice");
  function->set_domain("local");
  function->add_input("a");
  function->add_output("b");
  function->add_opset_import()->set_version(15);
  auto* inner = function->add_node();
  inner->set_op_type("Add");
  inner->set_name("add");
  for (int i = 0; i < 2; ++i) inner->add_input("a");
  inner->add_output("b");
  model.input("x", {2}).input("flag", {}, onnx::TensorProto::BOOL).output("y");
  named(model.node("Twice", {"x"}, {"t"}), "layer1").set_domain("local");
  auto& branch = named(model.node("If", {"flag"}, {"y"}), "choose");
  for (const char* part : {"then_branch", "else_branch"}) {
    auto* attribute = branch.add_attribute();
    attribute->set_name(part);
    attribute->set_type(onnx::AttributeProto::GRAPH);
    auto* node = attribute->mutable_g()->add_node();
    node->set_op_type(part[0] == 't' ? "Exp" : "Neg");
    node->add_input("t");
    node->add_output("o");
    attribute->mutable_g()->add_output()->set_name("o");
  }
  const Rows rows(model);
  CHECK(rows.became("layer1") == "expanded");
  CHECK(rows.row("layer1").domain == "local");
  const OriginRow& add = rows.row("layer1/add");
  CHECK(rows.all()[add.parent].name == "layer1");
  CHECK(rows.value_of("layer1/b").size() > 0);
  CHECK(rows.row("choose").parts.at(0).pattern == RDU_PATTERN_CONTROL);
  const OriginRow& then = rows.row("choose/then/Exp:o");
  CHECK(rows.all()[then.parent].name == "choose");
  REQUIRE(!then.parts.empty());
  CHECK(then.parts[0].section == rows.row("choose").parts[0].section);
  CHECK(rows.row("choose/else/Neg:o").op_type == "Neg");
}

}  // namespace
}  // namespace rducc::test
