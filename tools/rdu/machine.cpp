// Measures, keeps and shows the limits of the machine.
#include "tools/rdu/machine.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "sdk/base/result.hpp"
#include "tools/rdu/error.hpp"
#include "tools/rdu/machine_kernels.hpp"
#include "tools/rdu/table.hpp"

namespace rdu::tool {

namespace {

using base::format;
using Clock = std::chrono::steady_clock;
using nlohmann::ordered_json;

constexpr std::size_t kPage = 4096;
constexpr int kTries = 7;
constexpr double kTrySeconds = 0.005;
constexpr std::size_t kMemoryBytes = std::size_t{128} << 20;  // far more than a share of a cache

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t at = line.find(": ");
    if (line.starts_with("model name") && at != std::string::npos) return line.substr(at + 2);
  }
  return "unknown";
}

std::size_t cache_bytes(int name, std::size_t otherwise) {
  const long bytes = sysconf(name);
  return bytes > 0 ? static_cast<std::size_t>(bytes) : otherwise;
}

float sink(float value) {
  static std::atomic<float> kept;
  kept.store(value, std::memory_order_relaxed);
  return value;
}

// The seconds that `threads` need at best for work(thread, rounds) each, divided by the rounds.
double seconds_per_round(std::uint32_t threads,
                         const std::function<void(std::uint32_t, std::uint64_t)>& work) {
  std::uint64_t rounds = 1;
  const auto time = [&] {
    std::atomic<std::uint32_t> ready{0};
    std::vector<double> seconds(threads);
    std::vector<std::thread> team;
    const auto run = [&](std::uint32_t t) {
      ready.fetch_add(1);
      while (ready.load() < threads) {
      }
      const auto start = Clock::now();
      work(t, rounds);
      seconds[t] = std::chrono::duration<double>(Clock::now() - start).count();
    };
    for (std::uint32_t t = 1; t < threads; ++t) team.emplace_back(run, t);
    run(0);
    for (std::thread& thread : team) thread.join();
    return std::ranges::max(seconds);
  };
  while (time() < kTrySeconds) rounds *= 2;
  double best = time();
  for (int i = 1; i < kTries; ++i) best = std::min(best, time());
  return best / static_cast<double>(rounds);
}

double giga_operations(std::uint32_t threads, float (*kernel)(std::uint64_t), double operations) {
  if (kernel == nullptr) return 0;
  const double seconds = seconds_per_round(
      threads, [&](std::uint32_t, std::uint64_t rounds) { sink(kernel(rounds * 256)); });
  return threads * 256 * operations / seconds / 1e9;
}

// Each thread reads its own part of `memory` again and again.
double giga_bytes(std::uint32_t threads, const MachineKernels& kernels, const std::byte* memory,
                  std::size_t bytes_each) {
  bytes_each = bytes_each / kPage * kPage;
  const double seconds = seconds_per_round(threads, [&](std::uint32_t t, std::uint64_t rounds) {
    for (std::uint64_t i = 0; i < rounds; ++i) {
      sink(kernels.read(memory + t * bytes_each, bytes_each));
    }
  });
  return threads * static_cast<double>(bytes_each) / seconds / 1e9;
}

LimitsOf measure(std::uint32_t threads, const MachineKernels& kernels, const std::byte* memory) {
  const std::size_t l1 = cache_bytes(_SC_LEVEL1_DCACHE_SIZE, 32 << 10);
  const std::size_t l2 = cache_bytes(_SC_LEVEL2_CACHE_SIZE, 256 << 10);
  LimitsOf limits;
  limits.threads = threads;
  limits.fp32_gflops = giga_operations(threads, kernels.fp32, kernels.fp32_operations);
  limits.bf16_gflops = giga_operations(threads, kernels.bf16, kernels.bf16_operations);
  limits.int8_gops = giga_operations(threads, kernels.int8, kernels.int8_operations);
  limits.l1_gbs = giga_bytes(threads, kernels, memory, l1 / 2);
  limits.l2_gbs = giga_bytes(threads, kernels, memory, std::min(l2 / 2, kMemoryBytes / threads));
  limits.dram_gbs = giga_bytes(threads, kernels, memory, kMemoryBytes / threads);
  limits.l1_bytes = static_cast<double>(l1 * threads);
  limits.l2_bytes = static_cast<double>(l2 * threads);
  return limits;
}

// Names in the file, and what they stand for.
constexpr std::pair<const char*, double LimitsOf::*> kFields[] = {
    {"fp32_gflops", &LimitsOf::fp32_gflops}, {"bf16_gflops", &LimitsOf::bf16_gflops},
    {"int8_gops", &LimitsOf::int8_gops},     {"l1_gbs", &LimitsOf::l1_gbs},
    {"l2_gbs", &LimitsOf::l2_gbs},           {"dram_gbs", &LimitsOf::dram_gbs},
    {"l1_bytes", &LimitsOf::l1_bytes},       {"l2_bytes", &LimitsOf::l2_bytes}};

}  // namespace

double LimitsOf::least_us(double operations, double bytes, bool products_of_bytes) const {
  const double gbs = bytes <= l1_bytes ? l1_gbs : bytes <= l2_bytes ? l2_gbs : dram_gbs;
  const double rate = products_of_bytes && int8_gops > 0 ? int8_gops : fp32_gflops;
  if (rate <= 0 || gbs <= 0) return 0;
  return std::max(operations / rate, bytes / gbs) / 1e3;
}

const LimitsOf& MachineLimits::of(std::uint32_t threads) const {
  for (const LimitsOf& limits : by_threads) {
    if (limits.threads == threads) return limits;
  }
  return by_threads.back();
}

MachineLimits measure_machine() {
  const MachineKernels kernels = machine_kernels();
  // Readers prefetch beyond the end.
  const std::unique_ptr<std::byte, decltype(&std::free)> memory(
      static_cast<std::byte*>(std::aligned_alloc(kPage, kMemoryBytes + kPage)), &std::free);
  if (memory == nullptr) throw ToolError("no memory to measure with");
  std::fill_n(memory.get(), kMemoryBytes + kPage, std::byte{1});
  MachineLimits limits;
  limits.cpu = cpu_name();
  limits.by_threads.push_back(measure(1, kernels, memory.get()));
  const std::uint32_t all = std::max(1u, std::thread::hardware_concurrency());
  if (all > 1) limits.by_threads.push_back(measure(all, kernels, memory.get()));
  return limits;
}

std::filesystem::path machine_file() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0') {
    return std::filesystem::path(cache) / "rdu" / "machine.json";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    return std::filesystem::path(home) / ".cache" / "rdu" / "machine.json";
  }
  return {};
}

ordered_json machine_json(const MachineLimits& limits) {
  ordered_json list = ordered_json::array();
  for (const LimitsOf& of : limits.by_threads) {
    ordered_json entry = {{"threads", of.threads}};
    for (const auto& [name, field] : kFields) entry[name] = of.*field;
    list.push_back(std::move(entry));
  }
  return {{"cpu", limits.cpu}, {"limits", std::move(list)}};
}

void save_machine(const MachineLimits& limits, const std::filesystem::path& file) {
  std::error_code ignored;
  std::filesystem::create_directories(file.parent_path(), ignored);
  std::ofstream out(file);
  out << machine_json(limits).dump(2) << '\n';
  out.flush();
  if (!out) throw ToolError(file.string() + ": cannot be written");
}

std::optional<MachineLimits> load_machine(const std::filesystem::path& file) {
  try {
    std::ifstream in(file);
    const ordered_json root = ordered_json::parse(in);
    MachineLimits limits;
    limits.cpu = root.at("cpu").get<std::string>();
    for (const ordered_json& entry : root.at("limits")) {
      LimitsOf of;
      of.threads = entry.at("threads").get<std::uint32_t>();
      for (const auto& [name, field] : kFields) of.*field = entry.at(name).get<double>();
      limits.by_threads.push_back(of);
    }
    if (limits.cpu != cpu_name() || limits.by_threads.empty()) return {};
    return limits;
  } catch (const ordered_json::exception&) {
    return {};
  }
}

std::string machine_text(const MachineLimits& limits) {
  Table table({"threads", "fp32 GFLOP/s", "bf16 GFLOP/s", "int8 GOP/s", "L1 GB/s", "L2 GB/s",
               "memory GB/s"});
  const auto cell = [](double value) {
    return value == 0 ? std::string("-") : format("%.1f", value);
  };
  for (const LimitsOf& of : limits.by_threads) {
    table.add({format("%u", of.threads), cell(of.fp32_gflops), cell(of.bf16_gflops),
               cell(of.int8_gops), cell(of.l1_gbs), cell(of.l2_gbs), cell(of.dram_gbs)});
  }
  return "machine    " + limits.cpu + "\n" + table.text();
}

}  // namespace rdu::tool
