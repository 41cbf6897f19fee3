// Options as CLI11 reads them, with a page of help that stands for a manual.
#include "plugins/remote/node/command_line.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <thread>

#include "plugins/remote/node/endpoint.hpp"

namespace rdu::remote::node {

namespace {

constexpr const char* kAbout =
    "Lends this machine's devices to clients elsewhere: they open 'remote:tcp://HOST:PORT/cpu:' as "
    "a device.\n"
    "Each device runs in a process of its own; states of clients survive the death of any of them.";

constexpr const char* kFooter =
    "EXAMPLES\n"
    "  rdu-node --bind tcp://127.0.0.1:7070\n"
    "      This host alone; no keys are needed. Use it: rdu run MODEL.rdu --device "
    "remote:tcp://127.0.0.1:7070/cpu:\n"
    "  rdu-node keygen node.key\n"
    "  rdu-node --bind tcp://0.0.0.0:7070 --key node.key --allow clients\n"
    "      Everybody whose key is in the file 'clients', one a line: KEY NAME ROLE,ROLE (run, "
    "upload, train, admin).\n"
    "\n"
    "SIGNALS\n"
    "  SIGTERM, SIGINT   finish what is under way, refuse what is new, end; a second one: end now\n"
    "  SIGHUP            read the file of clients again\n"
    "\n"
    "HEALTH\n"
    "  http://127.0.0.1:PORT/live, /ready (work goes through every worker), /metrics (Prometheus), "
    "/status (JSON; see 'rdu top')";

void add_places(CLI::App& app, NodeOptions& options) {
  app.add_option("--bind", options.binds,
                 "tcp://HOST:PORT (port 0: any) or ipc:///FOLDER/NAME; repeatable")
      ->type_name("ENDPOINT");
  app.add_option("--device", options.devices,
                 "A device to offer, 'cpu:' where none is named; repeatable")
      ->type_name("URI");
  app.add_option("--plugin-path", options.plugin_paths,
                 "Where plugins are, before all other places; repeatable")
      ->type_name("DIR");
  app.add_option("--data", options.data, "This peer's folder: artifacts, journals, identity")
      ->type_name("DIR");
  app.add_option("--http", options.http_port, "Port of the health pages on 127.0.0.1; 0: any")
      ->type_name("PORT");
  app.add_flag("!--no-http", options.http, "No health pages");
}

void add_security(CLI::App& app, NodeOptions& options) {
  app.add_option("--key", options.key_file,
                 "The peer's keys (rdu-node keygen): only who is allowed comes in")
      ->type_name("FILE");
  app.add_option("--allow", options.allow_file, "Clients and their roles; SIGHUP reads it again")
      ->type_name("FILE");
  app.add_flag(
      "--insecure-anyone-may-connect", options.insecure_anyone_may_connect,
      "Without keys, also where other hosts reach: they may run anything, and read everything");
}

void add_budgets(CLI::App& app, NodeOptions& options) {
  const CLI::AsSizeValue bytes(false);
  app.add_option("--threads", options.threads,
                 "Computing threads of each device; 0: one per processor");
  app.add_option("--runs-at-once", options.runs_at_once,
                 "Runs of one device at the same time; 0: one per processor, at most 8");
  app.add_option("--spin-us", options.spin_us,
                 "How long to look for the next short run before falling asleep")
      ->check(CLI::Range(0, 10'000));
  app.add_option("--hang-seconds", options.hang_seconds,
                 "A worker is ended when it is at something for so long after the deadline")
      ->check(CLI::Range(1, 86'400));
  app.add_option("--longest-run-seconds", options.longest_run_seconds,
                 "The deadline of runs that have none, once they have begun")
      ->check(CLI::Range(1, 31'536'000));
  app.add_option("--memory", options.memory_bytes, "Of the front end's own")->transform(bytes);
  app.add_option("--worker-memory", options.worker_memory_bytes,
                 "Of each worker's own; 0: no bound")
      ->transform(bytes);
  app.add_option("--store", options.store.max_total_bytes,
                 "Of artifacts on disk; what nobody uses goes first")
      ->transform(bytes);
  app.add_option("--max-artifact", options.store.max_artifact_bytes, "Of one artifact")
      ->transform(bytes);
  app.add_option("--credit", options.credit_bytes, "That one client may have under way")
      ->transform(bytes);
  app.add_option("--queue", options.queue_bytes, "That all clients may have under way")
      ->transform(bytes);
  app.add_option("--shared-memory", options.shared_bytes,
                 "That one client of this host may share with the peer, over all connections")
      ->transform(bytes);
  app.add_option("--max-requests", options.max_requests, "Under way, of one client")
      ->check(CLI::Range(1, 1 << 20));
  app.add_option("--max-queued", options.max_queued, "Waiting for one device")
      ->check(CLI::Range(1, 1 << 20));
  app.add_option("--max-wait-ms", options.max_wait_ms,
                 "Refuse runs that would wait longer for their device; 0: those that would miss "
                 "their deadline")
      ->check(CLI::Range(0, 86'400'000));
  app.add_option("--max-states", options.max_states, "Of one client");
  app.add_option("--state-hours", options.state_hours, "An unused state is kept this long")
      ->check(CLI::Range(1, 87'600));
  app.add_option("--snapshot-steps", options.snapshot_steps,
                 "Effects in a state's journal before its variables are saved")
      ->check(CLI::Range(1, 1 << 30));
  app.add_option("--drain-seconds", options.drain_seconds,
                 "How long SIGTERM waits for what is under way")
      ->check(CLI::Range(0, 86'400));
  app.add_flag_callback(
      "--durable", [&options] { options.durability = Durability::kMachine; },
      "Journals survive a power cut, too (fsync)");
}

void add_worker(CLI::App& app, CommandLine& line, int& parent, std::uint32_t& spin) {
  CLI::App* worker = app.add_subcommand("worker")->group("");
  worker->add_option("--threads", line.worker.host.threads);
  worker->add_option("--runs-at-once", line.worker.runs_at_once);
  worker->add_option("--spin-us", spin);
  worker->add_option("--memory", line.worker.memory_bytes);
  worker->add_option("--plugin-path", line.worker.host.plugin_paths);
  worker->add_option("--parent", parent);
  worker->add_option("device", line.worker.host.device)->required();
  worker->callback([&line] { line.kind = CommandLine::Kind::kWorker; });
}

std::string default_data(const std::string& bind) {
  const char* state = std::getenv("XDG_STATE_HOME");
  const char* home = std::getenv("HOME");
  std::string folder = state != nullptr && *state == '/'
                           ? state
                           : concat(home != nullptr ? home : "/tmp", "/.local/state");
  std::string name = bind;
  std::ranges::replace_if(
      name, [](char c) { return c == '/' || c == ':' || c == '*' || c == '@'; }, '_');
  return folder + "/rdu-node/" + name;
}

}  // namespace

std::optional<CommandLine> read_command_line(int argc, char** argv, int& exit_code) {
  CommandLine line;
  int parent = 0;
  std::uint32_t spin = 50;
  CLI::App app(kAbout, "rdu-node");
  app.set_version_flag("--version", "rdu-node 0.1.0");
  app.footer(kFooter);
  add_places(app, line.node);
  add_security(app, line.node);
  add_budgets(app, line.node);
  bool front_end = false;
  app.add_flag("--front-end", front_end)->group("");
  app.add_flag("--again", line.again)->group("");
  CLI::App* keygen = app.add_subcommand("keygen", "Make a key file, and print the public key");
  keygen->add_option("FILE", line.key_path, "Is made with mode 0600; an existing file stays")
      ->required();
  keygen->callback([&line] { line.kind = CommandLine::Kind::kKeygen; });
  add_worker(app, line, parent, spin);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error);
    return std::nullopt;
  }
  line.worker.spin = std::chrono::microseconds(spin);
  line.worker.parent = parent;
  if (front_end) line.kind = CommandLine::Kind::kFrontEnd;
  return line;
}

std::vector<std::string> worker_arguments(const NodeOptions& options) {
  std::vector<std::string> words = {"worker",
                                    "--threads",
                                    std::to_string(options.threads),
                                    "--runs-at-once",
                                    std::to_string(options.runs_at_once),
                                    "--spin-us",
                                    std::to_string(options.spin_us),
                                    "--memory",
                                    std::to_string(options.worker_memory_bytes),
                                    "--parent",
                                    std::to_string(::getpid())};
  for (const std::string& path : options.plugin_paths) {
    words.push_back("--plugin-path");
    words.push_back(path);
  }
  return words;
}

Status complete(NodeOptions& options) {
  if (options.binds.empty()) {
    return fail(RDU_ERR_INVALID_ARGUMENT,
                "where shall it listen? Try --bind tcp://127.0.0.1:7070 (--help says more)");
  }
  for (const std::string& bind : options.binds) {
    if (is_local(bind) || !options.key_file.empty() || options.insecure_anyone_may_connect)
      continue;
    return fail(RDU_ERR_PERMISSION, bind,
                " can be reached from other hosts: give --key and --allow (rdu-node keygen), or "
                "say --insecure-anyone-may-connect");
  }
  if (options.key_file.empty() != options.allow_file.empty()) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "--key and --allow belong together");
  }
  if (options.devices.empty()) options.devices.emplace_back("cpu:");
  for (std::string& device : options.devices) {
    if (device.find(':') == std::string::npos) device += ':';
    if (device.starts_with("remote:"))
      return fail(RDU_ERR_INVALID_ARGUMENT,
                  "a peer does not lend the devices of another: ", device);
  }
  if (options.data.empty()) options.data = default_data(options.binds.front());
  if (options.runs_at_once == 0)
    options.runs_at_once = std::clamp(std::thread::hardware_concurrency(), 2u, 8u);
  options.store.max_chunk_bytes = options.max_frame_bytes;
  return {};
}

}  // namespace rdu::remote::node
