// Those who must not come in: nobody gets through the handshake, and no byte of theirs reaches a decoder.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <optional>
#include <stdexcept>

#include "plugins/remote/wire/link.hpp"
#include "tests/e2e/remote/drill.hpp"
#include "tests/plugins/remote/node/node_process.hpp"
#include "tests/plugins/remote/node/scratch.hpp"

namespace rdu::remote::drill {

namespace {

constexpr std::size_t kAtOnce = 50;
// A refusal without a word takes this long to be believed; a friend is waited for.
constexpr std::chrono::milliseconds kSilence{400};

// Every connection takes a few descriptors on this side, and closes in its own time.
void raise_file_limit() {
  rlimit files = {};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

// Connects so many times and speaks at once; the number of those whose handshake succeeded.
std::uint64_t attempts(const std::shared_ptr<Context>& context, const std::string& endpoint,
                       std::uint64_t wanted,
                       const std::function<std::optional<CurveClient>()>& keys) {
  std::uint64_t accepted = 0;
  for (std::uint64_t done = 0; done < wanted; done += kAtOnce) {
    std::vector<Dealer> dealers;
    for (std::size_t i = 0; i < kAtOnce; ++i) {
      plugin::Result<Dealer> dealer = Dealer::connect(context, endpoint, {}, keys());
      if (!dealer.ok()) throw std::runtime_error(dealer.status().message());
      std::vector<Frame> frames;
      frames.push_back(Frame::sized(64));
      frames.push_back(Frame::sized(16));
      static_cast<void>(dealer->send(frames));
      dealers.push_back(std::move(*dealer));
    }
    std::size_t decided = 0;
    const auto end = std::chrono::steady_clock::now() + kSilence;
    while (decided < kAtOnce && std::chrono::steady_clock::now() < end) {
      for (Dealer& dealer : dealers) {
        while (const auto event = dealer.next_event()) {
          ++decided;
          accepted += *event == LinkEvent::kReady ? 1 : 0;
        }
      }
      PollItem item{.socket = &dealers.front().monitor()};
      static_cast<void>(poll(std::span(&item, 1), 5));
    }
  }
  return accepted;
}

}  // namespace

std::uint64_t drill_strangers() {
  raise_file_limit();
  const std::uint64_t wanted = count(10'000, 200);
  const testing::Scratch scratch;
  const KeyPair server = generate_keys(), alice = generate_keys();
  if (!write_key_file(scratch / "node.key", server).ok()) return 1;
  std::ofstream(scratch / "clients") << alice.public_key << " alice run\n";
  testing::NodeProcess node(
      {.program = {},
       .data = scratch / "node",
       .arguments = {"--key", scratch / "node.key", "--allow", scratch / "clients"}});
  plugin::Result<std::shared_ptr<Context>> context = Context::create(1, 8192);
  if (!context.ok()) return 1;
  const std::uint64_t unknown = attempts(*context, node.endpoint(), wanted, [&] {
    return CurveClient{server.public_key, generate_keys()};
  });
  const std::uint64_t plain =
      attempts(*context, node.endpoint(), wanted, [] { return std::nullopt; });
  const std::uint64_t deceived = attempts(*context, node.endpoint(), wanted, [&] {
    return CurveClient{generate_keys().public_key, alice};
  });
  const std::uint64_t reached = node.status("messages_in");
  std::printf(
      "strangers: %lu attempts each; accepted: %lu with an unknown key, %lu without one, %lu at a "
      "wrong server key; "
      "messages that reached the decoder: %lu\n",
      wanted, unknown, plain, deceived, reached);
  return unknown + plain + deceived + reached;
}

}  // namespace rdu::remote::drill
