// The ratios that a remote run is judged by, each against its own yardstick, measured turn by turn in one run:
// latency over a raw echo of the same bytes (the device's own time taken off), shared memory over tcp, and throughput
// with 32 runs in flight over the same device in this process. A quiet machine is assumed.
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/remote/raw_echo.hpp"
#include "tests/plugins/remote/node/node_process.hpp"
#include "tests/plugins/remote/node/small_models.hpp"

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using rdu::remote::testing::LoadedModel;
using rdu::remote::testing::NodeProcess;
using rdu::testing::RawEcho;

constexpr int kRounds = 12;      // of turns in one repetition
constexpr int kRepetitions = 7;  // each with connections and an echo of its own

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/rdu-bench-XXXXXX";
    if (mkdtemp(name) == nullptr) std::exit(2);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

double median(std::vector<double> samples) {
  std::nth_element(samples.begin(), samples.begin() + samples.size() / 2, samples.end());
  return samples[samples.size() / 2];
}

double time_us(const std::function<void()>& work) {
  const auto begin = Clock::now();
  work();
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

// Threads that one thing leaves awake (a device's workers, for half a millisecond) would take processors from the next.
constexpr std::chrono::milliseconds kUntilAllSleep{2};

// Medians of several things, measured in turns so that what disturbs one disturbs all.
std::vector<double> medians(const std::vector<std::function<void()>>& works, int batch) {
  std::vector<std::vector<double>> samples(works.size());
  for (const auto& work : works) {
    for (int i = 0; i < 2 * batch; ++i) work();
  }
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t w = 0; w < works.size(); ++w) {
      std::this_thread::sleep_for(kUntilAllSleep);
      for (int i = 0; i < batch; ++i) samples[w].push_back(time_us(works[w]));
    }
  }
  std::vector<double> result;
  for (auto& of_one : samples) result.push_back(median(std::move(of_one)));
  return result;
}

// One model on one device, its tensors in place.
class Runner {
 public:
  Runner(const std::string& uri, const std::string& path, std::int64_t width)
      : model_(uri, path), slots_(1, Slot(width)) {}

  void run() { finish(rdu_run(model_.program.get(), &slots_[0].arguments())); }

  // Runs per second with so many in flight.
  double throughput(int in_flight, std::chrono::milliseconds time) {
    // Tensors stay until the event has ended.
    std::vector<Slot> slots(in_flight, slots_[0]);
    std::deque<rdu_event*> events;
    std::size_t next = 0, done = 0;
    const auto begin = Clock::now();
    while (Clock::now() - begin < time || !events.empty()) {
      while (static_cast<int>(events.size()) < in_flight && Clock::now() - begin < time) {
        rdu_event* event = nullptr;
        finish(rdu_submit(model_.program.get(), &slots[next++ % slots.size()].arguments(), &event));
        events.push_back(event);
      }
      rdu_event_state state = RDU_EVENT_PENDING;
      if (events.empty()) break;
      finish(rdu_event_wait(events.front(), RDU_FOREVER, &state));
      finish(rdu_event_get_result(events.front()));
      rdu_event_destroy(events.front());
      events.pop_front();
      ++done;
    }
    return static_cast<double>(done) / std::chrono::duration<double>(Clock::now() - begin).count();
  }

 private:
  static void finish(rdu_status* status) {
    if (status == nullptr) return;
    std::fprintf(stderr, "remote_bench: %s\n", rdu_status_message(status));
    std::exit(1);
  }
  struct Slot {
    explicit Slot(std::int64_t width) : in_values(width, 0.5f), out_values(width) {}

    rdu_run_args& arguments() {
      const auto fill = [](rdu_tensor& tensor, std::vector<float>& values) {
        tensor = {};
        tensor.header = RDU_HEADER(rdu_tensor);
        tensor.data = values.data();
        tensor.dtype = RDU_DTYPE_F32;
        tensor.rank = 1;
        tensor.shape[0] = static_cast<std::int64_t>(values.size());
        tensor.size_bytes = values.size() * sizeof(float);
      };
      fill(in, in_values);
      fill(out, out_values);
      args = {};
      args.header = RDU_HEADER(rdu_run_args);
      args.inputs = rdu_tensors(&in, 1);
      args.outputs = rdu_tensors(&out, 1);
      return args;
    }

    std::vector<float> in_values, out_values;
    rdu_tensor in = {}, out = {};
    rdu_run_args args = {};
  };

  LoadedModel model_;
  std::vector<Slot> slots_;
};

// Pairs of ours and its yardstick, each measured side by side; a ratio is of one pair.
class Ratios {
 public:
  void add(double ours, double yardstick) {
    ours_.push_back(ours);
    yardsticks_.push_back(yardstick);
    ratios_.push_back(ours / yardstick);
  }
  double yardstick() const { return median(yardsticks_); }

  bool print(const char* name, const char* bound, const std::function<bool(double)>& holds) const {
    const auto [least, most] = std::ranges::minmax_element(ratios_);
    const double ratio = median(ratios_);
    const bool good = holds(ratio);
    std::printf("%-28s %10.1f %10.1f %8.2f  %.2f-%.2f  %s %s\n", name, median(ours_), yardstick(),
                ratio, *least, *most, bound,
                *bound == '\0' ? ""
                : good         ? "ok"
                               : "MISSED");
    std::fflush(stdout);
    return good;
  }

 private:
  std::vector<double> ours_, yardsticks_, ratios_;
};

// Options of the peer's device, where the URI that goes there has options of its own.
std::string at_peer(const std::string& device) {
  std::string result;
  for (const char c : device) result += c == '?' ? "%3F" : std::string(1, c);
  return result;
}

struct Bench {
  Folder folder;
  std::string self;
  std::string local = "cpu:";             // the device, in this process and at the peer
  std::vector<std::string> node_options;  // of the peer
  std::string only;                       // names with this in them
  bool good = true;

  bool wanted(const std::string& name) const { return name.find(only) != std::string::npos; }

  // What it costs to bring tensors there and back shows best where nothing is done with them.
  std::string identity(std::int64_t width) {
    const std::string path = folder.file("identity" + std::to_string(width));
    if (!fs::exists(path)) rdu::remote::testing::write_identity(path, width);
    return path;
  }

  std::string work(std::int64_t width, int depth) {
    const std::string path = folder.file("work" + std::to_string(width));
    if (!fs::exists(path)) rdu::remote::testing::write_tanh(path, width, depth);
    return path;
  }

  void latency(const char* name, const std::string& device,
               const std::optional<rdu::remote::KeyPair>& keys, std::int64_t width, int batch,
               double most) {
    if (!wanted(name)) return;
    std::vector<std::byte> bytes(width * sizeof(float));
    Ratios ratios, to_plain;
    for (int i = 0; i < kRepetitions; ++i) {
      Runner ours(device, identity(width), width), here(local, identity(width), width);
      RawEcho raw(self, keys), plain(self, keys, false);
      const auto times = medians({[&] { ours.run(); }, [&] { raw.round_trip(bytes); },
                                  [&] { plain.round_trip(bytes); }, [&] { here.run(); }},
                                 batch);
      ratios.add(times[0] - times[3], times[1]);
      to_plain.add(times[0] - times[3], times[2]);
    }
    char bound[32];
    std::snprintf(bound, sizeof bound, "<= %.2f", most);
    good &= ratios.print(name, bound, [most](double ratio) { return ratio <= most; });
    to_plain.print("  beside an echo not paced", "", [](double) { return true; });
  }

  void shared_memory(const std::string& device) {
    if (!wanted("shared memory")) return;
    const std::int64_t width = 150'000;
    Ratios ratios;
    for (int i = 0; i < kRepetitions; ++i) {
      Runner shared(device, identity(width), width),
          tcp(device + "?shared_memory=0", identity(width), width),
          here(local, identity(width), width);
      const auto times =
          medians({[&] { shared.run(); }, [&] { tcp.run(); }, [&] { here.run(); }}, 24);
      ratios.add(times[1] - times[2], times[0] - times[2]);
    }
    good &= ratios.print("600 KB tcp / shared memory", ">= 3.00",
                         [](double ratio) { return ratio >= 3; });
  }

  void throughput(const std::string& device) {
    if (!wanted("in flight")) return;
    const std::int64_t width = 20'000;
    const int depth = 360;
    Runner remote(device, work(width, depth), width), here_runner(local, work(width, depth), width);
    Ratios ratios;
    for (int round = 0; round < 5; ++round) {
      const double there = remote.throughput(32, std::chrono::milliseconds(700));
      ratios.add(there, here_runner.throughput(32, std::chrono::milliseconds(700)));
    }
    std::printf("(local run of the model below: %.2f ms)\n", 1e3 / ratios.yardstick());
    good &=
        ratios.print("32 in flight, runs/s", ">= 0.90", [](double ratio) { return ratio >= 0.90; });
  }

  NodeProcess node(const std::string& name, std::vector<std::string> options) const {
    options.insert(options.end(), node_options.begin(), node_options.end());
    options.insert(options.end(), {"--device", local});
    return NodeProcess({.program = "",
                        .data = folder.file(name),
                        .arguments = std::move(options),
                        .bind = "tcp://127.0.0.1:0"});
  }

  int run() {
    const rdu::remote::KeyPair server = rdu::remote::generate_keys(),
                               ours = rdu::remote::generate_keys();
    if (!rdu::remote::write_key_file(folder.file("node.key"), server).ok() ||
        !rdu::remote::write_key_file(folder.file("our.key"), ours).ok()) {
      return 2;
    }
    std::ofstream(folder.file("clients")) << ours.public_key << " bench run,upload\n";
    chmod(folder.file("clients").c_str(), 0600);

    const NodeProcess plain = node("plain", {});
    const NodeProcess curve =
        node("curve", {"--key", folder.file("node.key"), "--allow", folder.file("clients")});
    setenv("RDU_REMOTE_KEY_FILE", folder.file("our.key").c_str(), 1);
    const std::string device = plain.device(at_peer(local)), tcp = device + "?shared_memory=0";
    std::printf("%-28s %10s %10s %8s  %-9s  %s\n", "medians of repetitions", "ours us", "yardstick",
                "ratio", "least-most", "bound");
    latency("1 KB", tcp, {}, 256, 50, 1.3);
    latency("600 KB", tcp, {}, 150'000, 24, 1.15);
    setenv("RDU_REMOTE_SERVER_KEY", server.public_key.c_str(), 1);
    const std::string secret = curve.device(at_peer(local)) + "?shared_memory=0";
    latency("1 KB CURVE", secret, server, 256, 50, 1.3);
    latency("600 KB CURVE", secret, server, 150'000, 4, 1.3);
    unsetenv("RDU_REMOTE_SERVER_KEY");
    shared_memory(device);
    throughput(device);
    return good ? 0 : 1;
  }
};

}  // namespace

int main(int argc, char** argv) {
  const std::string first = argc >= 2 ? argv[1] : "";
  if (first == "--echo" || first == "--plain-echo") {
    return rdu::testing::serve_echo(argc >= 3 ? argv[2] : "", first == "--echo");
  }
  Bench bench;
  bench.self = "/proc/self/exe";
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--device" && i + 1 < argc) {
      bench.local = argv[++i];
    } else if (word == "--node" && i + 1 < argc) {
      bench.node_options.push_back(argv[++i]);
    } else if (word.starts_with("-")) {
      std::fprintf(stderr, "remote_bench [--device URI] [--node OPTION]... [NAME]\n");
      return 2;
    } else {
      bench.only = word;
    }
  }
  return bench.run();
}
