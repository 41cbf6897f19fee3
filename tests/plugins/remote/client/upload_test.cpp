// Bytes on the wire of an upload: the second session of a model sends hashes, a broken one goes on where it was.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>
#include <thread>

#include "sdk/artifact/writer.hpp"
#include "tests/plugins/remote/node/node_process.hpp"
#include "tests/plugins/remote/node/scratch.hpp"
#include "tests/plugins/remote/node/small_models.hpp"
#include "tests/plugins/remote/support/chaos_proxy.hpp"
#include "tests/support/model_builder.hpp"

namespace rdu::remote::testing {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// y = x + weights, with 14 MB of weights that no compression would shrink.
void write_weights(const std::string& path) {
  constexpr std::int64_t kCount = 3'500'000;
  rdu::testing::ModelBuilder b;
  std::vector<float> weights(kCount);
  std::minstd_rand random(7);
  for (float& weight : weights) weight = static_cast<float>(random()) * 1e-9f;
  const auto x = b.input("x", RDU_DTYPE_F32, {kCount});
  const auto w = b.constant<float>("w", RDU_DTYPE_F32, {kCount}, weights);
  b.output(b.elementwise("y", RDU_OP_ADD, {x, w}));
  if (!artifact::write_artifact(b.build(), path)) throw std::runtime_error("cannot write " + path);
}

// Models of 14 MB: one that is always there, and mobilenet_v2 where the shared models are.
std::vector<std::string> models(const Scratch& scratch) {
  write_weights(scratch / "weights.rdu");
  std::vector<std::string> paths = {scratch / "weights.rdu"};
  const char* named = std::getenv("RDU_SHARED");
  const fs::path root = fs::path(__FILE__).parent_path() / "../../../..";
  const fs::path model =
      (named != nullptr ? fs::path(named) : root / "../shared") / "models/mobilenet_v2/model.onnx";
  const auto here = fs::read_symlink("/proc/self/exe").parent_path();
  const std::string rducc = (here / "../../bin/rducc").string();
  const std::string out = scratch / "mobilenet_v2.rdu";
  if (!fs::exists(model)) {
    std::cout << "without mobilenet_v2: " << model << " is not there (set RDU_SHARED)\n";
  } else if (std::system((rducc + " " + model.string() + " -o " + out + " >/dev/null").c_str()) ==
             0) {
    paths.push_back(out);
  } else {
    FAIL("rducc does not compile " << model);
  }
  return paths;
}

// Opens, checks and loads; what went up on the way.
std::uint64_t session(ChaosProxy& proxy, const std::string& model, const std::string& options) {
  const std::uint64_t before = proxy.bytes_up();
  const LoadedModel loaded(proxy.device() + "?" + options, model);
  return proxy.bytes_up() - before;
}

TEST_CASE("the second session of a model of 14 MB sends less than 64 KB") {
  const Scratch scratch;
  for (const std::string& model : models(scratch)) {
    INFO(model);
    NodeProcess node({.program = {}, .data = scratch / "node", .arguments = {}});
    ChaosProxy proxy(node.endpoint());
    const std::uint64_t size = fs::file_size(model);
    const std::uint64_t first = session(proxy, model, ""), second = session(proxy, model, "");
    std::cout << fs::path(model).filename() << " of " << size << " bytes: " << first
              << " sent by the first session, " << second << " by the second\n";
    // What is packed for processors of this host stays here.
    CHECK(first > 13'000'000);
    CHECK(first < size + size / 50);
    CHECK(second < 64'000);
  }
}

// Of an upload that nothing disturbs.
std::uint64_t bytes_of(const std::string& model, const std::string& data) {
  NodeProcess node({.program = {}, .data = data, .arguments = {}});
  ChaosProxy proxy(node.endpoint());
  return session(proxy, model, "");
}

TEST_CASE("an upload that is killed half-way goes on where it was") {
  const Scratch scratch;
  for (const std::string& model : models(scratch)) {
    INFO(model);
    const bool node_dies = GENERATE(false, true);
    NodeProcess node(
        {.program = {}, .data = scratch / (node_dies ? "dying" : "living"), .arguments = {}});
    ChaosProxy proxy(node.endpoint());
    const std::uint64_t size = bytes_of(model, scratch / (node_dies ? "first" : "whole"));
    proxy.cut_after(size / 2);
    CHECK_THROWS_AS(session(proxy, model, "timeout_ms=300"), rdu::Error);
    const std::uint64_t begun = proxy.bytes_up();
    if (node_dies) {
      node.kill_all();
      node.begin();
    }
    proxy.set({});
    const std::uint64_t rest = session(proxy, model, "");
    std::cout << fs::path(model).filename() << " of " << size << " bytes: killed after " << begun
              << ", then " << rest << " (" << 100 * rest / size << " %)\n";
    CHECK(rest <= size * 55 / 100);
    CHECK(begun <= size * 55 / 100);
  }
}

}  // namespace
}  // namespace rdu::remote::testing
