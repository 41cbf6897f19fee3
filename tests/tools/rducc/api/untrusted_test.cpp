// Limits, and the folder that external data is confined to.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/tools/rducc/api/call.hpp"

namespace rducc::test {
namespace {

using Catch::Contains;
namespace fs = std::filesystem;

TEST_CASE("a model over the limit is not parsed") {
  const std::string model = relu({2}).bytes();
  auto request = request_for(model);
  rducc_limits limits{};
  limits.header = RDU_HEADER(rducc_limits);
  request.limits = &limits;
  limits.model_bytes = model.size() - 1;
  CHECK(compile(request).code() == RDUCC_ERR_LIMIT_EXCEEDED);
  limits.model_bytes = model.size();
  CHECK(compile(request).code() == RDUCC_OK);
}

TEST_CASE("an artifact over the limit is neither made nor written") {
  const TempFolder folder;
  const std::string model = relu({2}).bytes();
  auto request = request_for(model);
  rducc_limits limits{};
  limits.header = RDU_HEADER(rducc_limits);
  request.limits = &limits;
  limits.artifact_bytes = 100;
  const auto compiled = compile(request);
  REQUIRE(compiled.output);
  rdu_bytes bytes{};
  CHECK(rducc_status_code(Status(rducc_output_get_bytes(compiled.output.get(), &bytes)).get()) ==
        RDUCC_ERR_LIMIT_EXCEEDED);
  CHECK(rducc_status_code(
            Status(rducc_output_write(compiled.output.get(), (folder / "m.rdu").c_str())).get()) ==
        RDUCC_ERR_LIMIT_EXCEEDED);
  CHECK(fs::is_empty(folder.path()));
}

// Each node makes 4 MB that the compiler computes itself.
std::string many_constants(int count) {
  OnnxModel model;
  model.input("x", {1});
  model.integers("shape", {1 << 20});
  for (int i = 0; i < count; ++i) {
    const std::string name = "c" + std::to_string(i);
    model.node("ConstantOfShape", {"shape"}, {name});
    model.node("Add", {"x", name}, {"y" + std::to_string(i)});
    model.output("y" + std::to_string(i));
  }
  return model.bytes();
}

TEST_CASE("what a small model has computed at compile time is bounded") {
  const std::string model = many_constants(8);
  auto request = request_for(model);
  CHECK(compile(request).code() == RDUCC_OK);
  rducc_limits limits{};
  limits.header = RDU_HEADER(rducc_limits);
  request.limits = &limits;
  limits.constant_bytes = 10 << 20;
  const auto refused = compile(request);
  CHECK(refused.code() == RDUCC_ERR_LIMIT_EXCEEDED);
  CHECK_THAT(refused.message(), Contains("10485760"));
}

std::string external_model(const std::string& location, const std::string& offset = "0",
                           const std::string& length = "16") {
  OnnxModel model;
  model.input("x", {4}).output("y").node("Add", {"x", "w"}, {"y"});
  auto* tensor = model.proto().mutable_graph()->add_initializer();
  tensor->set_name("w");
  tensor->set_data_type(onnx::TensorProto::FLOAT);
  tensor->add_dims(4);
  tensor->set_data_location(onnx::TensorProto::EXTERNAL);
  const auto add = [&](const char* key, const std::string& value) {
    if (value.empty()) return;
    auto* entry = tensor->add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  };
  add("location", location);
  add("offset", offset);
  add("length", length);
  return model.bytes();
}

struct External {
  TempFolder folder;
  std::string inside = folder / "model";

  External() {
    fs::create_directories(inside + "/sub");
    for (const std::string& path : {folder / "outside.bin", inside + "/w.bin"}) {
      std::ofstream(path, std::ios::binary) << std::string(32, '\0');
    }
  }

  Compilation compile_with(const std::string& model) const {
    auto request = request_for(model);
    request.folder = inside.c_str();
    return compile(request);
  }

  void check_refused(const std::string& model, const std::string& word) const {
    INFO(word);
    const auto refused = compile_with(model);
    CHECK(refused.code() == RDUCC_ERR_BAD_MODEL);
    CHECK_THAT(refused.message(), Contains("'w'") && Contains(word));
  }
};

TEST_CASE("external data inside the model's folder is read") {
  const External files;
  CHECK(files.compile_with(external_model("w.bin")).code() == RDUCC_OK);
  CHECK(files.compile_with(external_model("./w.bin", "16")).code() == RDUCC_OK);
  CHECK(files.compile_with(external_model("w.bin", "", "")).code() == RDUCC_OK);
}

TEST_CASE("tensors may share bytes of a file") {
  const External files;
  OnnxModel model;
  REQUIRE(model.proto().ParseFromString(external_model("w.bin", "0")));
  *model.proto().mutable_graph()->add_initializer() = model.proto().graph().initializer(0);
  auto* second = model.proto().mutable_graph()->mutable_initializer(1);
  second->set_name("v");
  second->mutable_external_data(1)->set_value("8");
  model.output("z").node("Mul", {"x", "v"}, {"z"});
  CHECK(files.compile_with(model.bytes()).code() == RDUCC_OK);
}

TEST_CASE("external data without a folder is refused") {
  const std::string model = external_model("w.bin");
  const auto refused = compile(request_for(model));
  CHECK(refused.code() == RDUCC_ERR_BAD_MODEL);
  CHECK_THAT(refused.message(), Contains("folder"));
}

TEST_CASE("nothing leads out of the model's folder") {
  const External files;
  files.check_refused(external_model("../outside.bin"), "out of the model's folder");
  files.check_refused(external_model("sub/../../outside.bin"), "out of the model's folder");
  files.check_refused(external_model(files.folder / "outside.bin"), "absolute");
  files.check_refused(external_model("/etc/passwd"), "absolute");
  files.check_refused(external_model(""), "location");
  files.check_refused(external_model(std::string("w.bin\0.txt", 10)), "zero byte");
  files.check_refused(external_model("absent.bin"), "absent.bin");
}

TEST_CASE("links, pipes, devices and folders are refused") {
  const External files;
  fs::create_symlink("../outside.bin", files.inside + "/link.bin");
  fs::create_symlink("w.bin", files.inside + "/inner.bin");
  fs::create_directory_symlink("..", files.inside + "/up");
  fs::create_hard_link(files.folder / "outside.bin", files.inside + "/hard.bin");
  REQUIRE(::mkfifo((files.inside + "/pipe").c_str(), 0600) == 0);
  files.check_refused(external_model("link.bin"), "symbolic link");
  files.check_refused(external_model("inner.bin"), "symbolic link");
  files.check_refused(external_model("up/outside.bin"), "symbolic link");
  files.check_refused(external_model("hard.bin"), "more than one link");
  files.check_refused(external_model("pipe"), "not a regular file");
  files.check_refused(external_model("sub"), "not a regular file");
}

TEST_CASE("devices are refused") {
  const std::string model = external_model("null");
  auto request = request_for(model);
  request.folder = "/dev";
  const auto refused = compile(request);
  CHECK(refused.code() == RDUCC_ERR_BAD_MODEL);
  CHECK_THAT(refused.message(), Contains("not a regular file"));
}

TEST_CASE("ranges stay inside the file, and fit the shape") {
  const External files;
  files.check_refused(external_model("w.bin", "17"), "outside its 32 bytes");
  files.check_refused(external_model("w.bin", "4096"), "outside its 32 bytes");
  files.check_refused(external_model("w.bin", "18446744073709551615"), "outside its 32 bytes");
  files.check_refused(external_model("w.bin", "18446744073709551616"), "18446744073709551616");
  files.check_refused(external_model("w.bin", "-1"), "'-1'");
  files.check_refused(external_model("w.bin", "0x10"), "'0x10'");
  files.check_refused(external_model("w.bin", "0", "8"), "16");
  files.check_refused(external_model("w.bin", "0", "32"), "16");
}

}  // namespace
}  // namespace rducc::test
