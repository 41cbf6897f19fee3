// Memory that a peer shares comes and goes with its clients, and never while a run is in it.
#include "plugins/remote/wire/shared_memory.hpp"

#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <thread>

#include "tests/plugins/remote/node/node_process.hpp"
#include "tests/plugins/remote/node/scratch.hpp"
#include "tests/plugins/remote/node/small_models.hpp"
#include "tests/plugins/remote/support/wire_client.hpp"

namespace rdu::remote::testing {
namespace {

using namespace std::chrono_literals;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kClients = 100;  // each takes ten times as long
#else
constexpr int kClients = 1000;
#endif

std::ptrdiff_t descriptors_of(pid_t process) {
  return std::distance(
      std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/fd"), {});
}

// A client of one program, by hand: it asks for new memory whenever it likes.
struct Rude {
  Rude(const NodeProcess& node, const std::string& data, const std::string& device)
      : client(*Context::create(), node.endpoint()) {
    REQUIRE(client.greet(10s));
    program = client.load(only_artifact(data), device, 10s);
  }
  void share(std::uint64_t bytes) {
    const std::uint64_t request = client.next_request();
    client.send(MessageType::kShareMemory, request, client.encoder().encode(ShareMemory{bytes}));
  }
  // The input is all runs', each output its own run's.
  std::uint64_t run(std::uint64_t bytes, std::uint64_t place) {
    remote::Run run;
    run.program = program;
    run.inputs = {{0, bytes, SharedRegion::kFirstOffset, true}};
    run.outputs = {{0, bytes, SharedRegion::kFirstOffset + (place + 1) * bytes, true}};
    const std::uint64_t request = client.next_request();
    client.send(MessageType::kRun, request, client.encoder().encode(run));
    return request;
  }

  WireClient client;
  std::uint64_t program = 0;
};

// What a client is told that asks for so much memory.
plugin::Status ask_for(WireClient& client, std::uint64_t bytes) {
  const std::uint64_t request = client.next_request();
  client.send(MessageType::kShareMemory, request, client.encoder().encode(ShareMemory{bytes}));
  const std::optional<Heard> heard = client.wait(request, 10s);
  REQUIRE(heard.has_value());
  if (heard->prefix.type == MessageType::kSharedMemory) return {};
  Error error;
  REQUIRE(decode(heard->header, error).ok());
  return {error.code, error.message};
}

}  // namespace

TEST_CASE("what one client shares is bounded over all its connections, until it is given back") {
  constexpr std::uint64_t kPart = 30u << 20;
  const Scratch scratch;
  write_identity(scratch / "m.rdu", 4);
  NodeProcess node({.program = {},
                    .data = scratch / "node",
                    .arguments = {"--device", "reference:", "--shared-memory", "100MB"}});
  WireClient first(*Context::create(), node.endpoint()),
      second(*Context::create(), node.endpoint());
  REQUIRE((first.greet(10s) && second.greet(10s)));
  CHECK(ask_for(first, kPart).ok());
  {
    // A device takes 64 MB; one that gets none goes through its socket.
    const LoadedModel with(node.device("reference:"), scratch / "m.rdu");
    const plugin::Status refused = ask_for(second, kPart);
    CHECK(refused.code() == RDU_ERR_LIMIT_EXCEEDED);
    CHECK(refused.message().find("all connections of one client") != std::string::npos);
    const LoadedModel without(node.device("reference:"), scratch / "m.rdu");
    CHECK(with.run({1, 2, 3, 4}) == std::vector<float>{1, 2, 3, 4});
    CHECK(without.run({1, 2, 3, 4}) == std::vector<float>{1, 2, 3, 4});
  }
  plugin::Status again = ask_for(second, kPart);
  for (int i = 0; i < 250 && !again.ok(); ++i) {
    std::this_thread::sleep_for(20ms);
    again = ask_for(second, kPart);
  }
  CHECK(again.ok());
}

TEST_CASE("many clients that come and go leave no descriptor at the peer") {
  const Scratch scratch;
  write_identity(scratch / "m.rdu", 4);
  NodeProcess node(
      {.program = {}, .data = scratch / "node", .arguments = {"--device", "reference:"}});
  const auto visit = [&] {
    const LoadedModel model(node.device("reference:"), scratch / "m.rdu");
    return model.run({1, 2, 3, 4});
  };
  visit();
  std::this_thread::sleep_for(200ms);
  const std::ptrdiff_t before = descriptors_of(node.front_end());
  const std::ptrdiff_t ours = descriptors_of(::getpid());
  for (int i = 0; i < kClients; ++i) REQUIRE(visit() == std::vector<float>{1, 2, 3, 4});
  // What the socket's own threads close takes a moment.
  for (int i = 0; i < 100 && descriptors_of(node.front_end()) > before + 8; ++i)
    std::this_thread::sleep_for(20ms);
  CHECK(descriptors_of(node.front_end()) <= before + 8);
  CHECK(descriptors_of(::getpid()) <= ours + 8);
  for (const pid_t worker : node.workers()) CHECK(descriptors_of(worker) < 100);
}

TEST_CASE("a client that changes its memory under its own runs harms nobody") {
  constexpr std::int64_t kWidth = 50'000;
  constexpr std::uint64_t kBytes = kWidth * sizeof(float);
  const Scratch scratch;
  write_tanh(scratch / "m.rdu", kWidth, 100);  // half a second at the reference
  NodeProcess node({.program = {},
                    .data = scratch / "node",
                    .arguments = {"--device", "reference:", "--runs-at-once", "2"}});
  { const LoadedModel upload(node.device("reference:"), scratch / "m.rdu"); }
  const std::vector<pid_t> workers = node.workers();
  Rude rude(node, scratch / "node", "reference:");
  rude.share(6 * kBytes);
  // Two begin, the others wait; each keeps the memory that it was asked with.
  std::vector<std::uint64_t> runs;
  for (std::uint64_t i = 0; i < 4; ++i) runs.push_back(rude.run(kBytes, i));
  std::this_thread::sleep_for(100ms);
  for (int i = 0; i < 8; ++i) rude.share(6 * kBytes);
  for (std::size_t left = runs.size(); left > 0;) {
    PollItem item{.socket = &rude.client.dealer()};
    REQUIRE(poll(std::span(&item, 1), 20'000).ok());
    const std::optional<Heard> heard = rude.client.next();
    if (!heard || std::count(runs.begin(), runs.end(), heard->prefix.request) == 0) continue;
    CHECK(heard->prefix.type == MessageType::kResult);
    --left;
  }
  CHECK(node.workers() == workers);
}

}  // namespace rdu::remote::testing
