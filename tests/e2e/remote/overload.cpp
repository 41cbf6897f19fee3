// Four times as much as a device can do: whoever is let in is served almost as fast as on a busy day, whoever is not is
// told at once.
#include <chrono>
#include <cstdio>
#include <random>
#include <unordered_map>

#include "tests/e2e/remote/crowd_of_clients.hpp"
#include "tests/e2e/remote/drill.hpp"
#include "tests/e2e/remote/knock.hpp"
#include "tests/e2e/remote/percentile.hpp"
#include "tests/e2e/remote/process_size.hpp"
#include "tests/plugins/remote/node/node_process.hpp"
#include "tests/plugins/remote/node/scratch.hpp"
#include "tests/plugins/remote/node/small_models.hpp"

namespace rdu::remote::drill {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kClients = 100;
constexpr std::int64_t kWidth = 256;
// The device sleeps, so that it is the device that is too slow and not this machine.
constexpr double kDeviceUs = 4000, kAtOnce = 2, kCapacity = kAtOnce * 1e6 / kDeviceUs;
constexpr std::uint64_t kMostGrowth = 16u << 20;
// A sample is short, and a machine that builds other things at the same time is not the peer's fault.
constexpr double kNoiseUs = 20'000;

struct Load {
  Latencies admitted, refused;
  std::uint64_t sent = 0, lost = 0;
};

// Requests come when they come, whatever has become of those before.
class Street {
 public:
  Street(const testing::NodeProcess& node, const Hash& artifact, const std::string& device)
      : crowd_(node.endpoint(), artifact, device,
               [this](std::size_t client, const testing::Heard& heard) { take(client, heard); }) {
    crowd_.add(kClients);
  }

  void drive(Load& load, double per_second, std::chrono::milliseconds time) {
    load_ = &load;
    std::exponential_distribution<double> gap(per_second);
    const auto end = Clock::now() + time;
    auto next = Clock::now();
    while (next < end) {
      crowd_.listen(next);
      const std::size_t client = random_() % kClients;
      const std::uint64_t request = crowd_.run(client, input_);
      ++load.sent;
      if (request != 0) under_way_[key(client, request)] = next;
      next += std::chrono::nanoseconds(static_cast<std::int64_t>(gap(random_) * 1e9));
    }
    // A request that is not answered long after the last was sent is lost.
    for (int i = 0; i < 100 && !under_way_.empty(); ++i) crowd_.listen(Clock::now() + 50ms);
    load.lost += under_way_.size();
    under_way_.clear();
  }

  // A run at a time: how long the way there and back takes when nobody else is there.
  double idle_us() {
    Load alone;
    load_ = &alone;
    for (int i = 0; i < 50; ++i) {
      const auto begin = Clock::now();
      const std::uint64_t request = crowd_.run(0, input_);
      under_way_[key(0, request)] = begin;
      while (!under_way_.empty() && Clock::now() - begin < 5s) crowd_.listen(Clock::now() + 200us);
    }
    return alone.admitted.percentile(0.5);
  }

 private:
  static std::uint64_t key(std::size_t client, std::uint64_t request) {
    return request * kClients + client;
  }
  void take(std::size_t client, const testing::Heard& heard) {
    const auto found = under_way_.find(key(client, heard.prefix.request));
    if (found == under_way_.end()) return;
    const double us =
        std::chrono::duration<double, std::micro>(Clock::now() - found->second).count();
    under_way_.erase(found);
    Error error;
    if (heard.prefix.type == MessageType::kResult) {
      load_->admitted.add(us);
    } else if (decode(heard.header, error).ok() && error.code == RDU_ERR_OVERLOADED &&
               error.retry_after_ms > 0) {
      load_->refused.add(us);
    } else {
      ++load_->lost;
    }
  }

  const std::vector<std::byte> input_ = std::vector<std::byte>(kWidth * 4);
  std::mt19937 random_{4};
  Load* load_ = nullptr;
  std::unordered_map<std::uint64_t, Clock::time_point> under_way_;
  CrowdOfClients crowd_;
};

}  // namespace

std::uint64_t drill_overload() {
  raise_file_limit();
  const std::uint64_t rounds = count(10, 2);
  const auto turn = full() ? 3000ms : 1000ms;
  const testing::Scratch scratch;
  testing::write_tanh(scratch / "m.rdu", kWidth, 1);
  const std::string device = "trouble:?delay_us=" + std::to_string(static_cast<int>(kDeviceUs));
  testing::NodeProcess node({.program = {},
                             .data = scratch / "node",
                             .arguments = {"--plugin-path", RDU_TROUBLE_FOLDER, "--device", device,
                                           "--runs-at-once", "2", "--max-wait-ms", "12"}});
  std::string quoted = device;
  quoted.replace(quoted.find('?'), 1, "%3F");
  { const testing::LoadedModel shipped(node.device(quoted), scratch / "m.rdu"); }
  Street street(node, testing::only_artifact(scratch / "node"), device);
  const double idle = street.idle_us();
  Load busy, over;
  const std::vector<pid_t> processes = {node.front_end(), node.workers().front()};
  ProcessSize before{};
  for (std::uint64_t i = 0; i < rounds; ++i) {
    street.drive(busy, 0.8 * kCapacity, turn);
    street.drive(over, 4 * kCapacity, turn);
    if (i == 0) before = size_of(processes);
  }
  const ProcessSize after = size_of(processes);
  const std::uint64_t growth = after.rss_bytes - std::min(after.rss_bytes, before.rss_bytes);
  const double usual = busy.admitted.percentile(0.99), loaded = over.admitted.percentile(0.99);
  const double told = over.refused.percentile(0.99);
  std::printf(
      "overload: idle round trip %.2f ms; at 80 %%: %zu served, %zu refused, p99 %.1f ms; at 400 "
      "%%: %zu served, %zu refused, p99 of the served %.1f ms (%.2f times), p50 and p99 of "
      "refusals "
      "%.2f and %.2f ms (%.2f times idle); %lu lost; rss grew by %.1f MiB\n",
      idle / 1e3, busy.admitted.count(), busy.refused.count(), usual / 1e3, over.admitted.count(),
      over.refused.count(), loaded / 1e3, loaded / usual, over.refused.percentile(0.5) / 1e3,
      told / 1e3, told / idle, busy.lost + over.lost, static_cast<double>(growth) / (1u << 20));
  const double most = full() ? 2 * usual : std::max(2 * usual, usual + kNoiseUs);
  const bool bounded = loaded <= most && told <= 10 * idle && growth < kMostGrowth;
  return (bounded || kInstrumented ? 0 : 1) + busy.lost + over.lost +
         (over.refused.count() > over.admitted.count() ? 0 : 1);
}

}  // namespace rdu::remote::drill
