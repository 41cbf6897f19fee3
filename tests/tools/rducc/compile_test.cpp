// compile(): variants, specialised inputs, states, and everything that it refuses.
#include <catch2/catch.hpp>
#include <filesystem>

#include "sdk/artifact/writer.hpp"
#include "tests/tools/rducc/onnx_model.hpp"
#include "tools/rducc/pipeline.hpp"

namespace rducc::test {
namespace {

using Catch::Contains;
using rdu::base::Code;

CompileRequest request_for(const OnnxModel& model, const TempFolder& folder) {
  model.save(folder / "model.onnx");
  CompileRequest request;
  request.model_path = folder / "model.onnx";
  request.passes.verify = true;
  return request;
}

OnnxModel relu(std::vector<std::int64_t> dims) {
  OnnxModel model;
  model.input("x", std::move(dims)).output("y").node("Relu", {"x"}, {"y"});
  return model;
}

TEST_CASE("all unsupported nodes are told at once") {
  OnnxModel model;
  model.input("x", {2}).output("y").output("z");
  model.node("Frobnicate", {"x"}, {"a"});
  model.node("Relu", {"a"}, {"y"});
  model.node("Mystify", {"a"}, {"b"}).set_domain("com.example");
  model.node("StringNormalizer", {"x"}, {"z"});
  const TempFolder folder;
  const auto compiled = compile(request_for(model, folder));
  REQUIRE_FALSE(compiled.ok());
  CHECK(compiled.error().code == Code::kUnsupported);
  CHECK_THAT(compiled.error().message, Contains("Frobnicate 'Frobnicate_1' (opset 13)") &&
                                           Contains("Mystify") && Contains("com.example") &&
                                           Contains("StringNormalizer"));
}

TEST_CASE("mistakes of a model are told with the node") {
  OnnxModel model;
  model.input("x", {2, 3}).input("y", {4, 5}).output("z").output("nowhere");
  model.node("MatMul", {"x", "y"}, {"a"});
  model.node("Add", {"x", "y"}, {"b"});
  model.node("Relu", {"missing"}, {"z"});
  const TempFolder folder;
  const auto compiled = compile(request_for(model, folder));
  REQUIRE_FALSE(compiled.ok());
  CHECK(compiled.error().code == Code::kCorrupt);
  CHECK_THAT(compiled.error().message, Contains("MatMul_1") && Contains("Add_2") &&
                                           Contains("'missing'") && Contains("nowhere"));
}

TEST_CASE("symbolic dimensions ask for their flag") {
  const TempFolder folder;
  auto request = request_for(relu({-1, 3, -1}), folder);
  const auto refused = compile(request);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Code::kInvalidArgument);
  CHECK_THAT(refused.error().message, Contains("--dim n0=N --dim n2=N") && Contains("[n0,3,n2]"));

  request.dims = {{"n0", {1, 2}}, {"n2", {4}}, {"typo", {1}}};
  CHECK_THAT(compile(request).error().message, Contains("no dimension 'typo'"));
}

TEST_CASE("several --dim multiply, --variant adds one, equal ones are made once") {
  const TempFolder folder;
  auto request = request_for(relu({-1, -1}), folder);
  request.dims = {{"n0", {1, 2}}, {"n1", {3, 4}}};
  request.variants = {{{"n0", 7}, {"n1", 8}}, {{"n0", 2}, {"n1", 4}}};
  save_tensor(folder / "set/input_0.pb", "x", {1, 3}, {1, 2, 3});
  request.data_dirs = {folder / "set"};
  const auto compiled = compile(request);
  REQUIRE(compiled.ok());
  const auto& signature = compiled->model.signatures[0];
  CHECK(signature.variants.size() == 5);
  CHECK(signature.inputs[0].dims[1].name == "n1");
  CHECK(rdu::artifact::write_artifact(compiled->model).ok());
}

TEST_CASE("an input whose value decides a shape is specialised") {
  OnnxModel model;
  model.input("x", {2, 6}).input("shape", {-1}, onnx::TensorProto::INT64).output("y");
  model.node("Reshape", {"x", "shape"}, {"y"});
  const TempFolder folder;
  auto request = request_for(model, folder);
  request.dims = {{"n0", {2}}};
  const auto refused = compile(request);
  REQUIRE_FALSE(refused.ok());
  CHECK_THAT(refused.error().message, Contains("--fix shape=V"));

  request.dims.clear();
  request.fixes = {{"shape", "3,4"}};
  const auto compiled = compile(request);
  INFO((compiled.ok() ? "" : compiled.error().message));
  REQUIRE(compiled.ok());
  const auto& variant = compiled->model.signatures[0].variants[0];
  REQUIRE(variant.specialised.size() == 1);
  CHECK(variant.specialised[0].input == 1);
  CHECK(variant.inputs[1] == rdu::artifact::kNone);
  CHECK(variant.values[variant.outputs[0]].dims == std::vector<std::int64_t>{3, 4});
  CHECK(rdu::artifact::write_artifact(compiled->model).ok());
}

TEST_CASE("a state is a variable of the artifact") {
  OnnxModel model;
  model.input("x", {3}).input("h", {3}).output("y");
  model.node("Add", {"x", "h"}, {"y"});
  const TempFolder folder;
  auto request = request_for(model, folder);
  request.states = {{"y", "h"}};
  const auto compiled = compile(request);
  INFO((compiled.ok() ? "" : compiled.error().message));
  REQUIRE(compiled.ok());
  CHECK(compiled->model.signatures[0].inputs[1].variable == "h");
  CHECK(compiled->model.signatures[0].outputs[0].variable == "h");
  CHECK(compiled->model.signatures[0].variants[0].variables.size() == 1);
  const auto bytes = rdu::artifact::write_artifact(compiled->model);
  INFO((bytes.ok() ? "" : bytes.error().message));
  CHECK(bytes.ok());
  request.states = {{"y", "nobody"}};
  CHECK_THAT(compile(request).error().message, Contains("no input 'nobody'"));
}

TEST_CASE("an artifact's bytes depend on nothing but the model and the flags") {
  const TempFolder folder;
  auto request = request_for(relu({-1, 4}), folder);
  request.dims = {{"n0", {1, 2}}};
  const auto first = compile(request), second = compile(request);
  REQUIRE(first.ok());
  REQUIRE(second.ok());
  CHECK(*rdu::artifact::write_artifact(first->model) ==
        *rdu::artifact::write_artifact(second->model));
}

OnnxModel with_external(const std::string& location, std::uint64_t offset = 0,
                        std::uint64_t length = 16) {
  OnnxModel model;
  model.input("x", {4}).output("y").floats("w", {4}, {});
  auto* tensor = model.proto().mutable_graph()->mutable_initializer(0);
  tensor->clear_float_data();
  tensor->set_data_location(onnx::TensorProto::EXTERNAL);
  const auto add = [&](const char* key, const std::string& value) {
    auto* entry = tensor->add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  };
  add("location", location);
  add("offset", std::to_string(offset));
  add("length", std::to_string(length));
  model.node("Add", {"x", "w"}, {"y"});
  return model;
}

std::string external_error(const TempFolder& folder, const OnnxModel& model) {
  std::filesystem::create_directories(folder / "in");
  model.save(folder / "in/model.onnx");
  CompileRequest request;
  request.model_path = folder / "in/model.onnx";
  const auto compiled = compile(request);
  return compiled.ok() ? "" : compiled.error().message;
}

TEST_CASE("external data stays inside the model's folder") {
  namespace fs = std::filesystem;
  const TempFolder folder;
  fs::create_directories(folder / "in/sub");
  save_tensor(folder / "secret", "s", {16}, std::vector<float>(16, 1));
  save_tensor(folder / "in/sub/weights", "w", {16}, std::vector<float>(16, 1));
  fs::create_symlink("../secret", folder / "in/link");
  fs::create_directory_symlink("..", folder / "in/up");
  fs::create_hard_link(folder / "secret", folder / "in/twin");

  CHECK(external_error(folder, with_external("sub/weights", 4)).empty());
  for (const std::string& location :
       {std::string("../secret"), folder / "secret", std::string("sub/../../secret"),
        std::string("link"), std::string("up/secret"), std::string("twin"), std::string("sub"),
        std::string("absent"), std::string(""), std::string("sub/weights\0x", 13),
        std::string("/dev/zero")}) {
    INFO(location);
    CHECK_THAT(external_error(folder, with_external(location)), Contains("external data"));
  }
  CHECK_THAT(external_error(folder, with_external("sub/weights", 1 << 20)), Contains("outside"));
  CHECK_THAT(external_error(folder, with_external("sub/weights", ~0ull)), Contains("outside"));
  CHECK_THAT(external_error(folder, with_external("sub/weights", 0, 12)), Contains("shape"));
}

}  // namespace
}  // namespace rducc::test
