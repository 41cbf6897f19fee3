// A model in, an artifact or every reason out.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/tools/rducc/api/call.hpp"

namespace rducc::test {
namespace {

using Catch::Contains;

std::vector<std::byte> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  return {data, data + text.size()};
}

TEST_CASE("bytes in memory, a file and a second compilation are the same artifact") {
  const TempFolder folder;
  const std::string model = relu({2, 3}).bytes();
  const auto compiled = compile(request_for(model));
  REQUIRE(compiled.code() == RDUCC_OK);
  const auto bytes = bytes_of(compiled);
  REQUIRE(bytes.size() > 64);
  CHECK(bytes == bytes_of(compile(request_for(model))));

  const std::string path = folder / "m.rdu";
  CHECK_FALSE(Status(rducc_output_write(compiled.output.get(), path.c_str())));
  CHECK(read_file(path) == bytes);

  rdu_bytes in_place{};
  REQUIRE_FALSE(Status(rducc_output_get_bytes(compiled.output.get(), &in_place)));
  CHECK(reinterpret_cast<std::uintptr_t>(in_place.data) % 64 == 0);
}

TEST_CASE("an artifact's graphs are compiled for other targets") {
  const std::string model = relu({2, 3}).bytes();
  const auto compiled = compile(request_for(model));
  const auto portable = bytes_of(compiled);
  const auto retarget = [&](std::vector<const char*> targets) {
    rducc_output* output = nullptr;
    Status status(rducc_retarget({portable.data(), portable.size()}, targets.data(),
                                 static_cast<std::uint32_t>(targets.size()), &output));
    return Compilation{std::move(status), Output(output)};
  };
  CHECK(bytes_of(retarget({})) == portable);
  const char* chip = "rdu:edge";
  const auto for_chip = bytes_of(retarget({chip}));
  CHECK(for_chip.size() > portable.size());
  CHECK(for_chip == bytes_of(retarget({chip})));

  CHECK_THAT(retarget({"rdu:nope"}).message(), Contains("no preset"));
  CHECK_THAT(retarget({nullptr}).message(), Contains("a target is NULL"));
  rducc_output* output = nullptr;
  CHECK(rducc_status_code(Status(rducc_retarget({nullptr, 0}, nullptr, 0, &output)).get()) ==
        RDUCC_ERR_INVALID_ARGUMENT);
  const Status damaged(rducc_retarget({portable.data(), 40}, nullptr, 0, &output));
  CHECK(rducc_status_code(damaged.get()) != RDUCC_OK);
  CHECK(output == nullptr);
}

TEST_CASE("a model from a file gives the artifact of its bytes") {
  const TempFolder folder;
  const auto model = relu({2, 3});
  model.save(folder / "m.onnx");
  rducc_request request{};
  request.header = RDU_HEADER(rducc_request);
  const std::string path = folder / "m.onnx";
  request.model_path = path.c_str();
  const std::string bytes = model.bytes();
  CHECK(bytes_of(compile(request)) == bytes_of(compile(request_for(bytes))));
}

TEST_CASE("every node that is not supported is a diagnostic of its own") {
  OnnxModel model;
  model.input("x", {2}).output("y").output("z");
  model.node("Frobnicate", {"x"}, {"y"});
  model.node("Mystify", {"x"}, {"z"}).set_domain("com.example");
  const std::string bytes = model.bytes();
  const auto compiled = compile(request_for(bytes));
  REQUIRE(compiled.code() == RDUCC_ERR_UNSUPPORTED);
  CHECK_FALSE(compiled.output);
  const rducc_status* status = compiled.status.get();
  REQUIRE(rducc_status_num_diagnostics(status) == 2);
  const rducc_diagnostic* first = rducc_status_diagnostic(status, 0);
  CHECK(first->kind == RDUCC_DIAGNOSTIC_UNSUPPORTED);
  CHECK(std::string(first->node) == "Frobnicate_1");
  CHECK(std::string(first->op_type) == "Frobnicate");
  CHECK(std::string(first->domain).empty());
  CHECK(first->opset == 13);
  CHECK_FALSE(std::string(first->message).empty());
  CHECK(std::string(rducc_status_diagnostic(status, 1)->domain) == "com.example");
  CHECK(rducc_status_diagnostic(status, 2) == nullptr);
  CHECK_THAT(compiled.message(), Contains("Frobnicate_1") && Contains("Mystify"));
}

TEST_CASE("mistakes of the model and limits of ours are told apart") {
  OnnxModel model;
  model.input("x", {2, 3}).input("y", {4, 5}).output("z").output("u");
  model.node("MatMul", {"x", "y"}, {"z"});
  model.node("Frobnicate", {"x"}, {"u"});
  const std::string bytes = model.bytes();
  const auto compiled = compile(request_for(bytes));
  REQUIRE(compiled.code() == RDUCC_ERR_BAD_MODEL);
  REQUIRE(rducc_status_num_diagnostics(compiled.status.get()) == 2);
  CHECK(rducc_status_diagnostic(compiled.status.get(), 0)->kind == RDUCC_DIAGNOSTIC_INVALID);
  CHECK(rducc_status_diagnostic(compiled.status.get(), 1)->kind == RDUCC_DIAGNOSTIC_UNSUPPORTED);
}

TEST_CASE("what is no model is a bad model, and an absent file is not") {
  const std::string text = "this is no model";
  const auto garbage = compile(request_for(text));
  CHECK(garbage.code() == RDUCC_ERR_BAD_MODEL);
  CHECK(rducc_status_num_diagnostics(garbage.status.get()) == 1);
  rducc_request request{};
  request.header = RDU_HEADER(rducc_request);
  request.model_path = "/nowhere/m.onnx";
  const auto absent = compile(request);
  CHECK((absent.code() == RDUCC_ERR_NOT_FOUND || absent.code() == RDUCC_ERR_IO));
  CHECK_THAT(absent.message(), Contains("/nowhere/m.onnx"));
}

TEST_CASE("dimensions and variants of a request become variants of the artifact") {
  const std::string model = relu({-1, 4}).bytes();
  const std::int64_t extents[] = {1, 8};
  const rducc_dim dim{"n0", extents, 2, 0};
  auto request = request_for(model);
  request.dims = RDUCC_ARRAY(&dim, 1);
  const auto by_dim = compile(request);
  REQUIRE(by_dim.code() == RDUCC_OK);
  const auto report = nlohmann::json::parse(report_of(by_dim));
  REQUIRE(report["variants"].size() == 2);
  CHECK(report["variants"][1]["dims"]["n0"] == 8);

  const rducc_extent one{"n0", 1}, eight{"n0", 8};
  const rducc_variant variants[] = {{RDUCC_ARRAY(&one, 1)}, {RDUCC_ARRAY(&eight, 1)}};
  auto listed = request_for(model);
  listed.variants = RDUCC_ARRAY(variants, 2);
  CHECK(nlohmann::json::parse(report_of(compile(listed)))["variants"].size() == 2);
}

TEST_CASE("a sample gives the value of an input that decides a shape") {
  OnnxModel model;
  model.input("x", {2, 6}).input("shape", {2}, onnx::TensorProto::INT64).output("y");
  model.node("Reshape", {"x", "shape"}, {"y"});
  const std::string bytes = model.bytes();
  auto request = request_for(bytes);
  const auto without = compile(request);
  REQUIRE_FALSE(without.code() == RDUCC_OK);
  CHECK_THAT(without.message(), Contains("shape"));

  const std::vector<float> x(12);
  const std::int64_t shape[] = {3, 4};
  const rducc_tensor tensors[] = {
      {"x", x.data(), 48, RDU_DTYPE_F32, 2, {2, 6}},
      {"shape", shape, sizeof shape, RDU_DTYPE_I64, 1, {2}},
  };
  const rducc_sample sample{RDUCC_ARRAY(tensors, 2)};
  request.samples = RDUCC_ARRAY(&sample, 1);
  const auto sampled = compile(request);
  CHECK(sampled.code() == RDUCC_OK);

  const rducc_fix fix{"shape", "3,4"};
  auto fixed = request_for(bytes);
  fixed.fixes = RDUCC_ARRAY(&fix, 1);
  CHECK(compile(fixed).code() == RDUCC_OK);
}

TEST_CASE("a state leaves the signature's inputs") {
  OnnxModel model;
  model.input("x", {4}).input("before", {4}).output("after");
  model.node("Add", {"x", "before"}, {"after"});
  const std::string bytes = model.bytes();
  const rducc_state state{"after", "before", 0, 0};
  auto request = request_for(bytes);
  request.states = RDUCC_ARRAY(&state, 1);
  CHECK(compile(request).code() == RDUCC_OK);
  const rducc_state wrong{"nothing", "before", 0, 0};
  request.states = RDUCC_ARRAY(&wrong, 1);
  const auto refused = compile(request);
  CHECK(refused.code() == RDUCC_ERR_INVALID_ARGUMENT);
  CHECK_THAT(refused.message(), Contains("nothing"));
}

TEST_CASE("the operators are listed by domain and name, each once") {
  std::string before;
  std::uint32_t count = 0;
  std::int64_t since = 0;
  bool matmul = false, fused = false;
  for (const char* domain = nullptr;; ++count) {
    const char* name = rducc_operator_name(count, &domain, &since);
    if (name == nullptr) break;
    const std::string now = std::string(domain) + " " + name;
    CHECK(before < now);
    CHECK(since >= 1);
    matmul |= now == "ai.onnx MatMul" && since == 1;
    fused |= now == "com.microsoft FusedMatMul" && since == 1;
    before = now;
  }
  CHECK(matmul);
  CHECK(fused);
  CHECK(rducc_operator_name(0, nullptr, nullptr) != nullptr);
}

TEST_CASE("the times of the passes come in order and end") {
  const std::string model = relu({2}).bytes();
  const auto compiled = compile(request_for(model));
  REQUIRE(compiled.output);
  const char* name = nullptr;
  double seconds = -1;
  std::uint32_t count = 0;
  while (Status(rducc_output_get_pass(compiled.output.get(), count, &name, &seconds)) == nullptr) {
    CHECK(std::string(name) == rducc_pass_name(count));
    CHECK(seconds >= 0);
    ++count;
  }
  CHECK(rducc_pass_name(count) == nullptr);
  const Status end(rducc_output_get_pass(compiled.output.get(), count, &name, &seconds));
  CHECK(rducc_status_code(end.get()) == RDUCC_ERR_NOT_FOUND);
}

TEST_CASE("graphs are printed where they are asked for") {
  const std::string model = relu({2}).bytes();
  const char* passes[] = {"import", "fuse_maps"};
  std::vector<std::string> printed;
  auto request = request_for(model);
  request.print_after = passes;
  request.num_print_after = 2;
  request.print_user = &printed;
  request.print = [](void* user, const char* pass, const char* text) {
    static_cast<std::vector<std::string>*>(user)->push_back(std::string(pass) + ":" + text);
  };
  REQUIRE(compile(request).code() == RDUCC_OK);
  REQUIRE(printed.size() == 2);
  CHECK_THAT(printed[0], Catch::StartsWith("import:"));
  CHECK_THAT(printed[1], Catch::StartsWith("fuse_maps:"));
}

TEST_CASE("the progress callback is told shares that grow, and may cancel") {
  const std::string model = relu({2}).bytes();
  struct Seen {
    std::vector<double> shares;
    std::size_t most = 1000;
  } seen;
  auto request = request_for(model);
  request.progress_user = &seen;
  request.progress = [](void* user, double share, const char*) -> std::int32_t {
    auto& told = *static_cast<Seen*>(user);
    told.shares.push_back(share);
    return told.shares.size() > told.most;
  };
  REQUIRE(compile(request).code() == RDUCC_OK);
  CHECK(seen.shares.size() > 5);
  CHECK(std::is_sorted(seen.shares.begin(), seen.shares.end()));
  CHECK(seen.shares.front() >= 0);
  CHECK(seen.shares.back() <= 1);
  for (const std::size_t most : {std::size_t{0}, std::size_t{1}, std::size_t{4}}) {
    seen.shares.clear();
    seen.most = most;
    const auto cancelled = compile(request);
    CHECK(cancelled.code() == RDUCC_ERR_CANCELLED);
    CHECK_FALSE(cancelled.output);
    CHECK(seen.shares.size() == most + 1);
  }
}

TEST_CASE("compilations in several threads do not meet") {
  std::vector<std::string> models;
  for (std::int64_t n = 1; n <= 4; ++n) models.push_back(relu({n, 3}).bytes());
  std::vector<std::vector<std::byte>> alone, together(models.size());
  for (const auto& model : models) alone.push_back(bytes_of(compile(request_for(model))));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < models.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 20; ++round) {
        together[i] = bytes_of(compile(request_for(models[i])));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(together == alone);
}

}  // namespace
}  // namespace rducc::test
