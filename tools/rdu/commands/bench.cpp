// rdu bench: load time, first run, latency percentiles and memory of an artifact on a device.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <deque>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>

#include "tools/rdu/commands/bench_profile.hpp"
#include "tools/rdu/commands/bench_sweep.hpp"
#include "tools/rdu/commands/command.hpp"
#include "tools/rdu/counted_run.hpp"
#include "tools/rdu/data_set.hpp"
#include "tools/rdu/remote_times.hpp"
#include "tools/rdu/verify_case.hpp"

namespace rdu::tool {

namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

struct BenchOptions {
  SessionOptions session;
  std::string artifact;
  std::string data;
  double seconds = 3;
  std::int64_t length = 0;
  std::uint32_t in_flight = 1;
  bool json = false;
  std::vector<std::string> sweep;
  bool machine = false;
  bool profile = false;
  std::string trace;
};

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Resident memory of this process: the second number of /proc/self/statm, in pages.
double resident_mb() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0, resident = 0;
  statm >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) /
         (1024.0 * 1024.0);
}

// Floats in [0, 1), integers 0: what the peers' scripts feed where there is no data.
HostTensor random_input(const rdu_value_info& info, std::mt19937& random) {
  HostTensor tensor = make_host_tensor(info.dtype, {info.shape, info.shape + info.rank});
  tensor.name = info.name;
  std::fill_n(tensor.bytes.data(), tensor.bytes.size(), std::byte{0});
  if (info.required.data != nullptr) {
    std::memcpy(tensor.bytes.data(), info.required.data, tensor.bytes.size());
  } else if (info.dtype == RDU_DTYPE_F32) {
    for (std::size_t at = 0; at < tensor.bytes.size(); at += 4) {
      const float value = static_cast<float>(random() >> 8) * 0x1p-24F;
      std::memcpy(tensor.bytes.data() + at, &value, 4);
    }
  }
  return tensor;
}

std::vector<HostTensor> make_inputs(const BenchOptions& options, rdu_program* program,
                                    rdu_state* state) {
  if (!options.data.empty()) {
    return bind_inputs(program, state,
                       read_numbered(find_data_sets(options.data).front(), "input"));
  }
  const rdu_artifact* artifact = rdu_program_get_artifact(program);
  std::mt19937 random(1);
  std::vector<HostTensor> inputs;
  for (std::uint32_t i = 0; i < signature_info(artifact, 0).num_inputs; ++i) {
    inputs.push_back(random_input(input_info(artifact, 0, 0, i), random));
  }
  return inputs;
}

// Inputs, outputs and arguments that are described once: a timed run does nothing but rdu_run.
struct PreparedRun {
  std::vector<HostTensor> inputs;
  std::vector<HostTensor> outputs;
  std::vector<rdu_tensor> in;
  std::vector<rdu_tensor> out;
  rdu_run_args args = {};
};

void prepare(PreparedRun& run, rdu_program* program, rdu_state* state) {
  for (HostTensor& tensor : run.inputs) run.in.push_back(describe(tensor));
  run.out.resize(signature_info(rdu_program_get_artifact(program), 0).num_outputs);
  for (rdu_tensor& tensor : run.out) tensor.header = RDU_HEADER(rdu_tensor);
  run.args.header = RDU_HEADER(rdu_run_args);
  run.args.inputs = rdu_tensors(run.in.data(), static_cast<std::uint32_t>(run.in.size()));
  run.args.outputs = rdu_tensors(run.out.data(), static_cast<std::uint32_t>(run.out.size()));
  run.args.state = state;
  check(rdu_program_get_output_shapes(program, &run.args, nullptr));
  for (rdu_tensor& tensor : run.out) {
    run.outputs.push_back(
        make_host_tensor(tensor.dtype, {tensor.shape, tensor.shape + tensor.rank}));
    tensor.data = run.outputs.back().bytes.data();
    tensor.size_bytes = run.outputs.back().bytes.size();
  }
}

// Before each run the states that grow hold so many positions.
class Rewind {
 public:
  Rewind(rdu_state* state, std::int64_t length) : state_(state), length_(length) {
    for (std::uint32_t i = 0; state != nullptr && i < rdu_state_num_variables(state); ++i) {
      rdu_value_info info = {};
      info.header = RDU_HEADER(rdu_value_info);
      check(rdu_state_get_variable(state, i, &info));
      for (std::uint32_t d = 0; d < info.rank; ++d) {
        if (info.dim_is_bounded[d] && info.dim_names[d]) counters_.insert(info.dim_names[d]);
      }
    }
    if (counters_.empty() && length != 0)
      throw ToolError("--length: the model has no state that grows");
  }

  void operator()() const {
    for (const std::string& counter : counters_) {
      check(rdu_state_write(state_, counter.c_str(), sizeof(length_), &length_));
    }
  }

 private:
  rdu_state* state_;
  std::int64_t length_;
  std::set<std::string> counters_;
};

double percentile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

std::vector<double> time_runs(rdu_program* program, const rdu_run_args& args, const Rewind& rewind,
                              double seconds) {
  std::vector<double> times;
  const auto start = Clock::now();
  do {
    rewind();
    const auto begin = Clock::now();
    check(rdu_run(program, &args));
    times.push_back(ms_since(begin));
  } while (ms_since(start) < seconds * 1000);
  std::ranges::sort(times);
  return times;
}

// One of several runs that are submitted at once, with a state of its own.
struct Slot {
  Slot(const BenchOptions& options, rdu_program* program)
      : state(make_state(program)), rewind(state.get(), options.length) {
    run.inputs = make_inputs(options, program, state.get());
    prepare(run, program, state.get());
  }

  void submit(rdu_program* program) {
    rewind();
    rdu_event* submitted = nullptr;
    check(rdu_submit(program, &run.args, &submitted));
    event.reset(submitted);
  }
  void finish() {
    rdu_event_state ended = RDU_EVENT_PENDING;
    check(rdu_event_wait(event.get(), RDU_FOREVER, &ended));
    check(rdu_event_get_result(event.get()));
  }

  StatePtr state;
  PreparedRun run;
  Rewind rewind;
  detail::Handle<rdu_event, rdu_event_destroy> event;
};

double runs_per_second(const BenchOptions& options, rdu_program* program) {
  std::deque<Slot> slots;
  for (std::uint32_t i = 0; i < options.in_flight; ++i) slots.emplace_back(options, program);
  const double warm_up_ms = std::min(options.seconds / 5, 0.5) * 1000;
  const double end_ms = warm_up_ms + options.seconds * 1000;
  double begin_ms = 0;
  std::size_t count = 0;
  const auto start = Clock::now();
  for (Slot& slot : slots) slot.submit(program);
  for (std::size_t i = 0; ms_since(start) < end_ms; i = (i + 1) % slots.size()) {
    slots[i].finish();
    slots[i].submit(program);
    if (begin_ms == 0 && ms_since(start) >= warm_up_ms) begin_ms = ms_since(start);
    count += begin_ms == 0 ? 0 : 1;
  }
  return static_cast<double>(count) * 1000 / (ms_since(start) - begin_ms);
}

// Counted where a chip takes part: what it sets up is of the first run alone.
json first_run(Session& session, const rdu_run_args& args) {
  const auto run = [&] { check(rdu_run(session.program(), &args)); };
  const bool has_chip = std::ranges::any_of(
      session.uris(), [](const std::string& uri) { return uri.find("rdu:") != uri.npos; });
  if (has_chip) return counted_run(session.context(), run);
  run();
  return json::object();
}

json measure(const BenchOptions& options, Session& session, Profile& profile) {
  session.open_devices();
  const double before_mb = resident_mb();
  const auto load = Clock::now();
  session.open_artifact(options.artifact);
  session.load_program();
  const double load_ms = ms_since(load);

  const StatePtr state = make_state(session.program());
  PreparedRun run;
  run.inputs = make_inputs(options, session.program(), state.get());
  prepare(run, session.program(), state.get());
  const Rewind rewind(state.get(), options.length);
  rewind();
  const auto first = Clock::now();
  const json first_counted = first_run(session, run.args);
  const double first_run_ms = ms_since(first);
  for (const double end = std::min(options.seconds / 5, 0.5) * 1000; ms_since(first) < end;) {
    rewind();
    check(rdu_run(session.program(), &run.args));  // warm up
  }
  const std::vector<double> times = time_runs(session.program(), run.args, rewind, options.seconds);
  rdu_program_stats stats = {};
  stats.header = RDU_HEADER(rdu_program_stats);
  check(rdu_program_get_stats(session.program(), &stats));
  json result = {{"load_ms", load_ms},
                 {"first_run_ms", first_run_ms},
                 {"p10_ms", percentile(times, 0.1)},
                 {"median_ms", percentile(times, 0.5)},
                 {"p90_ms", percentile(times, 0.9)},
                 {"runs", times.size()},
                 {"rss_mb", resident_mb() - before_mb},
                 {"peak_arena_bytes", stats.peak_arena_bytes},
                 {"device", session.uris().front()}};
  // After the timed runs, because a trace takes time of its own.
  const auto once = [&] {
    rewind();
    check(rdu_run(session.program(), &run.args));
  };
  result.update(once_and_again(first_counted, counted_run(session.context(), once)));
  if (options.profile) {
    profile = profile_artifact(session.context(), once, options.artifact, options.session.threads,
                               options.seconds / 3);
    result["profile"] = profile_json(profile);
  }
  if (!options.trace.empty()) write_trace(session.context(), once, options.trace);
  if (const json remote = remote_times(session.context(), once); !remote.empty()) {
    result["remote"] = remote;
  }
  if (options.in_flight > 1) {
    result["in_flight"] = options.in_flight;
    result["runs_per_second"] = runs_per_second(options, session.program());
  }
  return result;
}

int bench(const BenchOptions& options) {
  if (options.machine) {
    bench_machine(options.json);
    return 0;
  }
  if (options.artifact.empty()) throw ToolError("bench: name an artifact, or --machine");
  if (!options.sweep.empty()) {
    bench_sweep(
        {options.artifact, options.session.devices, options.sweep, options.data, options.json});
    return 0;
  }
  Session session(options.session);
  Profile profile;
  const json result = measure(options, session, profile);
  if (options.json) {
    std::printf("%s\n", result.dump().c_str());
    return 0;
  }
  std::fputs(fallback_text(rdu_program_get_placement(session.program())).c_str(), stdout);
  std::printf(
      "device     %s\nload       %.3f ms\nfirst run  %.3f ms\nrun        %.4f ms median, %.4f p10, "
      "%.4f p90 (%zu runs)\nmemory     %.1f MB added, arena %.2f MB\n",
      result["device"].get<std::string>().c_str(), result["load_ms"].get<double>(),
      result["first_run_ms"].get<double>(), result["median_ms"].get<double>(),
      result["p10_ms"].get<double>(), result["p90_ms"].get<double>(),
      result["runs"].get<std::size_t>(), result["rss_mb"].get<double>(),
      result["peak_arena_bytes"].get<double>() / (1024.0 * 1024.0));
  if (result.contains("in_flight")) {
    std::printf("in flight  %u runs: %.1f per second\n", result["in_flight"].get<std::uint32_t>(),
                result["runs_per_second"].get<double>());
  }
  std::fputs(remote_text(result.value("remote", json::object())).c_str(), stdout);
  std::fputs(counted_text(result).c_str(), stdout);
  if (options.profile) std::fputs(profile_text(profile).c_str(), stdout);
  return 0;
}

}  // namespace

void add_bench(CLI::App& app, Action& action) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* command = app.add_subcommand("bench", "Time loading and running an artifact");
  command->add_option("artifact", options->artifact,
                      "The compiled model; with --sweep the ONNX model");
  command->add_option("-s,--seconds", options->seconds, "How long to measure (default 3)")
      ->check(CLI::PositiveNumber);
  command->add_option("--data", options->data, "Folder with the inputs; random ones otherwise")
      ->type_name("DIR");
  command
      ->add_option("--length", options->length, "Positions that states which grow hold (default 0)")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--in-flight", options->in_flight,
                   "Then count runs of which so many are submitted at a time (default 1: not)")
      ->type_name("N")
      ->check(CLI::Range(1u, 1024u));
  command->add_flag("--json", options->json, "One line of JSON");
  command->add_flag("--profile", options->profile,
                    "Then trace runs: time, FLOP/s, bytes/s and share of the limit of each node");
  command->add_option("--trace", options->trace, "Then trace one run into this file, for Perfetto")
      ->type_name("FILE.json");
  command->add_flag("--machine", options->machine,
                    "Measure what this machine can do at best, and keep it for --profile");
  command
      ->add_option(
          "--sweep", options->sweep,
          "Compile for each combination of a chip's figures and count, timing only; repeats")
      ->type_name("KEY=V,V")
      ->allow_extra_args(false);
  add_session_options(*command, options->session);
  add_shares_option(*command, options->session);
  command->footer(
      "load is opening the artifact and loading the program, with the device already open. On a "
      "chip, one more\n"
      "run is counted: cycles, time on the chip, and a line for each section that it is loaded "
      "with;\n"
      "what the first run set up, and later runs find there, is counted by itself. On a peer, the "
      "time "
      "on the wire,\n"
      "in its queue and on its device is told apart.\n"
      "Example:\n  rdu bench model.rdu --threads 2 --seconds 5 --json\n"
      "  rdu bench --machine; rdu bench model.rdu --profile --trace run.json\n"
      "  rdu bench model.onnx --device rdu:sn10 --sweep stages=6,12 --sweep "
      "network.kind=ideal,routed");
  command->callback([options, &action] { action = [options] { return bench(*options); }; });
}

}  // namespace rdu::tool
