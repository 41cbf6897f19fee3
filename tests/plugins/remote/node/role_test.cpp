// What each role opens, and that nothing else does.
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <thread>

#include "plugins/remote/client/connection.hpp"
#include "tests/plugins/remote/node/locked_node.hpp"
#include "tests/plugins/remote/node/small_models.hpp"

namespace rdu::remote::testing {
namespace {

using namespace std::chrono_literals;

const std::vector<float> kX = {0.5f, -1.0f, 2.0f, 0.0f};

// The words of a call that is not permitted; "" where it is. A device that may not be asked is one that takes nothing.
std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const rdu::Error& error) {
    CHECK((error.code() == RDU_ERR_PERMISSION || error.code() == RDU_ERR_UNSUPPORTED));
    return error.what();
  }
  return {};
}

bool says(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

// A request of the administrator's.
plugin::Status ask_status(const LockedNode& locked, const std::string& name) {
  client::Connection::Config config;
  config.context = *remote::Context::create();
  config.peer = {locked.node->endpoint(), "cpu:", locked.server.public_key};
  config.keys = locked.clients.at(name);
  const auto until = client::Clock::now() + 20s;
  const auto connection = client::Connection::open(config, until);
  if (!connection.ok()) return connection.status();
  const auto reply = (*connection)->request(MessageType::kStatus, {}, {}, until);
  return reply.ok() ? client::status_of(*reply, MessageType::kStatusReport) : reply.status();
}

}  // namespace

TEST_CASE("who may only run runs what is here, and brings nothing") {
  const LockedNode locked({{"alice", "run,upload"}, {"bob", "run"}, {"eve", "admin"}});
  const std::string here = locked.scratch / "here.rdu",
                    elsewhere = locked.scratch / "elsewhere.rdu";
  write_tanh(here, 4, 2);
  write_tanh(elsewhere, 4, 3);
  const std::vector<float> expected = LoadedModel(locked.device("alice"), here).run(kX);
  CHECK(LoadedModel(locked.device("bob"), here).run(kX) == expected);
  CHECK(says(refusal([&] { LoadedModel(locked.device("bob"), elsewhere); }), "upload"));
  CHECK(says(refusal([&] { LoadedModel(locked.device("eve"), here); }), "may only admin"));
}

TEST_CASE("only an administrator sees the load") {
  const LockedNode locked({{"alice", "run,upload,train"}, {"eve", "admin"}});
  CHECK(ask_status(locked, "alice").code() == RDU_ERR_PERMISSION);
  CHECK(ask_status(locked, "eve").ok());
}

TEST_CASE("a signature that changes parameters needs the role train, at every use") {
  LockedNode locked({{"alice", "run,upload"}, {"tom", "run,train"}});
  const std::string training = locked.scratch / "train.rdu", total = locked.scratch / "total.rdu";
  write_running_total(training, 4, "train_step");
  write_running_total(total, 4);
  const auto step = [&](const LoadedModel& model, const State& state) {
    return model.run(kX, &state);
  };
  {
    const LoadedModel model(locked.device("alice"), total);
    const State state(model.program);
    CHECK(step(model, state) == kX);
  }
  CHECK(says(refusal([&] { LoadedModel(locked.device("alice"), training); }), "role train"));
  const LoadedModel model(locked.device("tom"), training);
  const State state(model.program);
  CHECK(step(model, state) == kX);
  locked.allow({{"alice", "run,upload"}, {"tom", "run"}});
  locked.node->signal(SIGHUP);
  std::string words;
  for (int i = 0; i < 200 && words.empty(); ++i) {
    std::this_thread::sleep_for(10ms);
    words = refusal([&] { step(model, state); });
  }
  CHECK(says(words, "role train"));
}

}  // namespace rdu::remote::testing
