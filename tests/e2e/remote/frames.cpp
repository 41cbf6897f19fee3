// Damaged messages at a living peer, from clients that were let in: nothing of it dies, and a good client beside them
// hardly notices.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "tests/e2e/remote/drill.hpp"
#include "tests/e2e/remote/percentile.hpp"
#include "tests/plugins/remote/node/node_process.hpp"
#include "tests/plugins/remote/node/scratch.hpp"
#include "tests/plugins/remote/node/small_models.hpp"
#include "tests/plugins/remote/support/wire_client.hpp"
#include "tests/plugins/remote/wire/damage.hpp"
#include "tests/plugins/remote/wire/samples.hpp"

namespace rdu::remote::drill {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using rdu::testing::below;
using testing::WireClient;

constexpr std::int64_t kWidth = 256;
constexpr std::uint64_t kBurst = 20;  // messages of one connection, which is then made anew
constexpr auto kPause = 5ms;  // between bursts: the trouble is in the messages, not in their number
constexpr auto kPatience = 10s;
// Below this a latency says more about the machine's other work than about the peer.
constexpr double kNoiseUs = 5000;

class Vandal {
 public:
  Vandal(std::shared_ptr<Context> context, const testing::NodeProcess& node, const Hash& artifact)
      : context_(std::move(context)), node_(node), artifact_(artifact) {
    for (const auto& sample : rdu::testing::sample_headers()) headers_.push_back(sample.bytes);
  }

  void burst() {
    WireClient client(context_, node_.endpoint());
    if (!client.greet(kPatience)) throw std::runtime_error("a vandal was not greeted");
    // What is damaged begins as something that would work.
    const std::uint64_t program = client.load(artifact_, "cpu:", kPatience);
    Run run = rdu::testing::sample_run();
    run.program = program;
    run.inputs = {{0, kWidth * 4, 0, false}};
    run.outputs.clear();
    const auto encoded = client.encoder().encode(run);
    const std::vector<std::byte> run_header(encoded.begin(), encoded.end());
    for (std::uint64_t i = 0; i < kBurst; ++i, ++sent_) send(client, run_header);
    // What it still has to say to these is heard, lest it be taken for a client that does not read.
    const auto end = Clock::now() + 2ms;
    while (Clock::now() < end) client.next();
  }
  std::uint64_t sent() const { return sent_; }

 private:
  void send(WireClient& client, const std::vector<std::byte>& run_header) {
    const auto type = static_cast<MessageType>(kTypes[below(random_, std::size(kTypes))]);
    std::vector<std::byte> header =
        type == MessageType::kRun ? run_header : headers_[below(random_, headers_.size())];
    rdu::testing::damage(header, random_);
    std::vector<Frame> frames(2);
    for (std::size_t n = below(random_, 3); n > 0; --n)
      frames.push_back(Frame::sized(below(random_, 2) == 0 ? kWidth * 4 : below(random_, 5000)));
    seal_message(frames, 0,
                 {.version = client.welcome().version,
                  .type = type,
                  .request = client.next_request(),
                  .epoch = client.welcome().boot_epoch},
                 header);
    // One in twenty lies in the prefix, too; three of those end a connection.
    if (below(random_, 20) == 0) {
      std::vector<std::byte> prefix(frames[0].bytes().begin(), frames[0].bytes().end());
      rdu::testing::damage(prefix, random_);
      frames[0] = Frame::copy_of(prefix);
    }
    client.send_frames(frames);
  }

  static constexpr std::uint16_t kTypes[] = {1,  2,  3,  4,  5,  6,  10, 11, 12, 13, 14, 20,
                                             21, 22, 23, 24, 25, 30, 30, 30, 30, 30, 31, 32,
                                             40, 41, 42, 43, 44, 45, 46, 47, 50, 51, 60, 61};
  std::shared_ptr<Context> context_;
  const testing::NodeProcess& node_;
  Hash artifact_;
  std::vector<std::vector<std::byte>> headers_;
  rdu::testing::Random random_{3};
  std::uint64_t sent_ = 0;
};

// Runs without pause on a thread of its own; the latencies of peace and of war apart.
class GoodClient {
 public:
  GoodClient(std::shared_ptr<Context> context, const testing::NodeProcess& node,
             const Hash& artifact)
      : client_(context, node.endpoint()) {
    if (!client_.greet(kPatience)) throw std::runtime_error("the good client was not greeted");
    program_ = client_.load(artifact, "cpu:", kPatience);
    thread_ = std::thread([this] { work(); });
  }
  ~GoodClient() { stop(); }
  void stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  void set_war(bool war) { war_ = war; }
  Latencies& latencies(bool war) { return latencies_[war]; }
  std::uint64_t wrong() const { return wrong_; }

 private:
  void work() {
    const std::vector<std::byte> input(kWidth * 4);
    while (!stop_) {
      const bool war = war_;
      const auto begin = Clock::now();
      const std::uint64_t request = client_.run(program_, input);
      const auto heard = client_.wait(request, kPatience);
      if (!heard || heard->prefix.type != MessageType::kResult) ++wrong_;
      latencies_[war].add(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
      std::this_thread::sleep_for(200us);
    }
  }

  WireClient client_;
  std::uint64_t program_ = 0;
  Latencies latencies_[2];
  std::atomic<bool> stop_ = false, war_ = false;
  std::atomic<std::uint64_t> wrong_ = 0;
  std::thread thread_;
};

}  // namespace

std::uint64_t drill_frames() {
  const std::uint64_t wanted = count(100'000, 4'000);
  const testing::Scratch scratch;
  testing::write_tanh(scratch / "m.rdu", kWidth, 1);
  testing::NodeProcess node({.program = {}, .data = scratch / "node", .arguments = {}});
  { const testing::LoadedModel shipped(node.device(), scratch / "m.rdu"); }
  const Hash artifact = testing::only_artifact(scratch / "node");
  plugin::Result<std::shared_ptr<Context>> context = Context::create(1, 8192);
  if (!context.ok()) return 1;
  const pid_t front_end = node.front_end();
  const std::vector<pid_t> workers = node.workers();
  GoodClient good(*context, node, artifact);
  Vandal vandal(*context, node, artifact);
  // In turns, so that what else the machine does disturbs both alike.
  while (vandal.sent() < wanted) {
    good.set_war(true);
    for (int i = 0; i < 40 && vandal.sent() < wanted; ++i) {
      vandal.burst();
      std::this_thread::sleep_for(kPause);
    }
    good.set_war(false);
    std::this_thread::sleep_for(500ms);
  }
  good.stop();
  const double peace = good.latencies(false).percentile(0.99);
  const double war = good.latencies(true).percentile(0.99);
  const bool lives = node.front_end() == front_end && node.workers() == workers;
  std::printf(
      "frames: %lu damaged messages to a living peer, %lu taken in, %lu malformed: %s; a good "
      "client's p99 %.0f us before and after, %.0f us beside them (%.1f times), %lu of its %lu "
      "runs wrong\n",
      vandal.sent(), node.status("messages_in"), node.status("malformed"),
      lives ? "every process lives" : "A PROCESS DIED", peace, war, war / peace, good.wrong(),
      good.latencies(false).count() + good.latencies(true).count());
  const double most = full() ? 5 * peace : std::max(5 * peace, kNoiseUs);
  return (lives ? 0 : 1) + good.wrong() + (war <= most || kInstrumented ? 0 : 1);
}

}  // namespace rdu::remote::drill
