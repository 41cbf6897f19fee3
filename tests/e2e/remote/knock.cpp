// Fifty at a time, each watched until it is decided or has been silent for too long.
#include "tests/e2e/remote/knock.hpp"

#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <vector>

#include "tests/plugins/remote/support/zmtp.hpp"

namespace rdu::remote::drill {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using testing::RawPeer;

constexpr std::uint64_t kAtOnce = 50;
// A refusal without a word takes this long to be believed.
constexpr auto kSilence = 400ms;
constexpr auto kGlance = 2ms;

struct Caller {
  Dealer dealer;
  std::optional<bool> accepted;

  // The first word decides; an acceptance overrules it whenever it comes.
  void listen() {
    while (const auto event = dealer.next_event()) {
      const bool ready = *event == LinkEvent::kReady;
      if (!accepted || ready) accepted = ready;
    }
  }
};

Caller call(const std::shared_ptr<Context>& context, const std::string& endpoint,
            const std::optional<CurveClient>& keys) {
  plugin::Result<Dealer> dealer = Dealer::connect(context, endpoint, {}, keys);
  if (!dealer.ok()) throw std::runtime_error(dealer.status().message());
  std::vector<Frame> frames;
  frames.push_back(Frame::sized(64));
  frames.push_back(Frame::sized(16));
  static_cast<void>(dealer->send(frames));
  return {std::move(*dealer), {}};
}

template <class Step>
void until_decided(const Meanwhile& meanwhile, const Step& all_decided) {
  const auto end = Clock::now() + kSilence;
  do {
    if (meanwhile) meanwhile();
    ::poll(nullptr, 0, kGlance.count());
  } while (!all_decided() && Clock::now() < end);
}

}  // namespace

Knocks knock_with_keys(const std::shared_ptr<Context>& context, const std::string& endpoint,
                       std::uint64_t attempts,
                       const std::function<std::optional<CurveClient>()>& keys,
                       const Meanwhile& meanwhile) {
  Knocks knocks;
  for (std::uint64_t done = 0; done < attempts; done += kAtOnce) {
    std::vector<Caller> callers;
    for (std::uint64_t i = 0; i < std::min(kAtOnce, attempts - done); ++i)
      callers.push_back(call(context, endpoint, keys()));
    until_decided(meanwhile, [&] {
      for (Caller& caller : callers) caller.listen();
      return std::ranges::all_of(callers, [](const Caller& c) { return c.accepted.has_value(); });
    });
    for (const Caller& caller : callers) {
      ++(!caller.accepted ? knocks.silent : *caller.accepted ? knocks.accepted : knocks.refused);
    }
  }
  return knocks;
}

Knocks knock_with_bytes(const std::string& endpoint, std::uint64_t attempts,
                        const std::string& bytes, const Meanwhile& meanwhile) {
  const std::uint16_t port = testing::port_of(endpoint);
  Knocks knocks;
  for (std::uint64_t done = 0; done < attempts; done += kAtOnce) {
    std::vector<RawPeer> peers;
    for (std::uint64_t i = 0; i < std::min(kAtOnce, attempts - done); ++i) peers.emplace_back(port);
    until_decided(meanwhile, [&] {
      for (RawPeer& peer : peers) peer.advance(bytes);
      return std::ranges::all_of(peers, [](const RawPeer& peer) { return peer.closed(); });
    });
    for (const RawPeer& peer : peers) {
      ++(peer.welcomed() ? knocks.accepted : peer.closed() ? knocks.refused : knocks.silent);
    }
  }
  return knocks;
}

void raise_file_limit() {
  rlimit files = {};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace rdu::remote::drill
