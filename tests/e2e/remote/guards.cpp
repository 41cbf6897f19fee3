// A door whose guard is dead or deaf lets nobody in: neither strangers nor friends.
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "plugins/remote/node/gate.hpp"
#include "tests/e2e/remote/drill.hpp"
#include "tests/e2e/remote/knock.hpp"
#include "tests/plugins/remote/node/scratch.hpp"

namespace rdu::remote::drill {

namespace {

// The peer's own gate and door, without the loop that serves them.
struct Door {
  explicit Door(const std::string& key_file, const std::string& clients) {
    auto made = Context::create(1, 8192);
    if (!made.ok()) throw std::runtime_error(made.status().message());
    context = std::move(*made);
    auto opened = node::Gate::open(context, key_file, clients);
    if (!opened.ok()) throw std::runtime_error(opened.status().message());
    gate = std::move(*opened);
    auto router = Router::create(context, {}, gate->curve());
    if (!router.ok()) throw std::runtime_error(router.status().message());
    door = std::move(*router);
    auto bound = door.bind("tcp://127.0.0.1:*");
    if (!bound.ok()) throw std::runtime_error(bound.status().message());
    endpoint = std::move(*bound);
  }

  std::uint64_t take_messages() {
    std::vector<Frame> frames;
    std::uint64_t taken = 0;
    while (true) {
      const auto got = door.receive(frames);
      if (!got.ok() || !*got) return taken;
      ++taken;
    }
  }

  std::shared_ptr<Context> context;
  std::optional<node::Gate> gate;
  Router door;
  std::string endpoint;
};

std::uint64_t knock(Door& door, const char* guard, const char* who, std::uint64_t attempts,
                    const CurveClient& keys) {
  std::uint64_t reached = 0;
  auto context = Context::create(1, 8192);
  if (!context.ok()) throw std::runtime_error(context.status().message());
  const Knocks knocks = knock_with_keys(
      *context, door.endpoint, attempts, [&] { return keys; },
      [&] { reached += door.take_messages(); });
  reached += door.take_messages();
  std::printf(
      "guards: %-16s %6lu %-10s %lu accepted, %lu refused, %lu left in silence, %lu messages came "
      "through\n",
      guard, attempts, who, knocks.accepted, knocks.refused, knocks.silent, reached);
  return knocks.accepted + reached;
}

}  // namespace

std::uint64_t drill_guards() {
  raise_file_limit();
  const std::uint64_t attempts = count(10'000, 100);
  const testing::Scratch scratch;
  const KeyPair server = generate_keys();
  const CurveClient a_friend{server.public_key, generate_keys()};
  const CurveClient stranger{server.public_key, generate_keys()};
  if (!write_key_file(scratch / "node.key", server).ok()) return 1;
  std::ofstream(scratch / "clients") << a_friend.keys.public_key << " alice run\n";
  const auto knock_both = [&](Door& door, const char* guard) {
    return knock(door, guard, "strangers", attempts, stranger) +
           knock(door, guard, "friends", attempts, a_friend);
  };
  Door hung(scratch / "node.key", scratch / "clients");
  std::uint64_t wrong = knock_both(hung, "a deaf guard");
  // He wakes up: who waited at the door has gone, and gets nothing for having waited.
  if (!hung.gate->serve().ok()) ++wrong;
  wrong += hung.take_messages();
  Door killed(scratch / "node.key", scratch / "clients");
  killed.gate.reset();
  return wrong + knock_both(killed, "a dead guard");
}

}  // namespace rdu::remote::drill
