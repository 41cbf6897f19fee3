// Those who must not come in: nobody gets through the handshake, no byte of theirs reaches a decoder, and friends are
// served as if nothing had happened.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "tests/e2e/remote/drill.hpp"
#include "tests/e2e/remote/knock.hpp"
#include "tests/plugins/remote/node/node_process.hpp"
#include "tests/plugins/remote/node/scratch.hpp"
#include "tests/plugins/remote/support/wire_client.hpp"
#include "tests/plugins/remote/support/zmtp.hpp"

namespace rdu::remote::drill {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kFriends = 50;
constexpr auto kPatience = 20s;

struct Friends {
  std::uint64_t greeted = 0;
  double slowest_ms = 0;
};

// All at once, as after a night's rest: each says HELLO and waits for its WELCOME.
Friends greet_friends(const std::shared_ptr<Context>& context, const std::string& endpoint,
                      const CurveClient& keys) {
  std::vector<testing::WireClient> friends;
  const auto begin = Clock::now();
  for (std::uint64_t i = 0; i < kFriends; ++i) {
    friends.emplace_back(context, endpoint, keys);
    friends.back().say_hello();
  }
  Friends met;
  for (testing::WireClient& one : friends) {
    const auto left = kPatience - (Clock::now() - begin);
    const auto heard = one.wait(1, std::chrono::duration_cast<std::chrono::milliseconds>(left));
    if (!heard || heard->prefix.type != MessageType::kWelcome) continue;
    ++met.greeted;
    met.slowest_ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  }
  return met;
}

class Door {
 public:
  Door() {
    if (!write_key_file(scratch_ / "node.key", server_).ok()) throw std::runtime_error("no key");
    std::ofstream(scratch_ / "clients") << alice_.public_key << " alice run\n";
    node_.emplace(testing::NodeProcessOptions{
        .program = {},
        .data = scratch_ / "node",
        .arguments = {"--key", scratch_ / "node.key", "--allow", scratch_ / "clients"}});
    plugin::Result<std::shared_ptr<Context>> context = Context::create(1, 8192);
    if (!context.ok()) throw std::runtime_error(context.status().message());
    context_ = std::move(*context);
  }

  // What went wrong. A storm's silence is a refusal too: nothing of the storm reached the decoder.
  std::uint64_t storm(const char* who, std::uint64_t attempts,
                      const std::function<Knocks(std::uint64_t)>& knock) {
    const std::uint64_t before = node_->status("messages_in");
    const auto begin = Clock::now();
    const Knocks knocks = knock(attempts);
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    const std::uint64_t reached = node_->status("messages_in") - before;
    const Friends friends =
        greet_friends(context_, node_->endpoint(), {server_.public_key, alice_});
    std::printf(
        "strangers: %6lu %-28s %lu accepted, %lu refused, %lu left in silence, %lu messages at the "
        "decoder, %.1f s; then %lu of %lu friends within %.0f ms\n",
        attempts, who, knocks.accepted, knocks.refused, knocks.silent, reached, seconds,
        friends.greeted, kFriends, friends.slowest_ms);
    return knocks.accepted + reached + (kFriends - friends.greeted);
  }

  std::uint64_t keys(const char* who, std::uint64_t attempts,
                     const std::function<std::optional<CurveClient>()>& keys) {
    return storm(who, attempts, [&](std::uint64_t n) {
      return knock_with_keys(context_, node_->endpoint(), n, keys);
    });
  }
  std::uint64_t bytes(const char* who, std::uint64_t attempts, const std::string& text) {
    return storm(who, attempts,
                 [&](std::uint64_t n) { return knock_with_bytes(node_->endpoint(), n, text); });
  }

  const KeyPair& server() const { return server_; }
  const KeyPair& alice() const { return alice_; }

 private:
  testing::Scratch scratch_;
  KeyPair server_ = generate_keys(), alice_ = generate_keys();
  std::optional<testing::NodeProcess> node_;
  std::shared_ptr<Context> context_;
};

}  // namespace

std::uint64_t drill_strangers() {
  raise_file_limit();
  const std::uint64_t attempts = count(10'000, 150);
  Door door;
  std::uint64_t wrong = door.keys("with an unknown key", attempts, [&] {
    return CurveClient{door.server().public_key, generate_keys()};
  });
  wrong += door.keys("who take it for another", attempts, [&] {
    return CurveClient{generate_keys().public_key, door.alice()};
  });
  wrong += door.keys("without a key", attempts, [] { return std::nullopt; });
  wrong += door.bytes("with NULL, unasked", attempts, testing::zmtp_null());
  wrong += door.bytes("with PLAIN", attempts, testing::zmtp_plain("alice", "secret"));
  wrong += door.bytes("with CURVE in name only", attempts, testing::zmtp_curve_in_name_only());
  wrong += door.bytes("with ZMTP 2", attempts, testing::zmtp_2());
  wrong += door.bytes("with ZMTP 1", attempts, testing::zmtp_1());
  return wrong;
}

}  // namespace rdu::remote::drill
