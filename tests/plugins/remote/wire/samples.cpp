// Fields count up, so that none has the value of its neighbour.
#include "tests/plugins/remote/wire/samples.hpp"

#include <cstdlib>

#include "plugins/remote/wire/message.hpp"

namespace rdu::testing {

using namespace remote;

Welcome sample_welcome() {
  Welcome welcome;
  welcome.version = 1;
  welcome.build = "0.1.0";
  welcome.peer = counted<32>(0);
  welcome.boot_epoch = 12;
  welcome.features = kFeatureSharedMemory | kFeatureState;
  welcome.limits = {1u << 20, 64u << 20, 1u << 30, 64};
  welcome.credit_bytes = 32u << 20;
  welcome.queued_requests = 2;
  welcome.devices = {{"cpu:", "x86", "cpu", ~std::uint64_t{0}, 0, 0},
                     {"rdu:sn10", "", "", 0, 0, 0}};
  return welcome;
}

Offer sample_offer() {
  return {counted<32>(1), 4, {10, 5}, {counted<32>(2), counted<32>(3), counted<32>(4)}};
}

Loaded sample_loaded() {
  Loaded loaded;
  loaded.program = 5;
  loaded.inputs = {{"x", 0, 1, 400}, {"mask", 3, 15, 10}};
  loaded.outputs = {{"y", 9, 1, 4000}};
  loaded.variables = {{"cache", 4, 3, 1u << 20}};
  loaded.resident_bytes = 6;
  loaded.per_run_bytes = 7;
  loaded.state_bytes = 8;
  return loaded;
}

Run sample_run() {
  Run run;
  run.program = 7;
  run.state = 9;
  run.key = {counted<16>(1), 300};
  run.remaining_ms = 1500;
  run.traced = true;
  run.inputs = {{0, 4096, 0, false}, {2, 12, 8192, true}};
  run.outputs = {{1, 40, 64, true}};
  return run;
}

namespace {

template <class M>
void add(std::vector<SampleHeader>& headers, Encoder& encoder, const char* name, const M& message) {
  const auto bytes = encoder.encode(message);
  headers.push_back({name, {bytes.begin(), bytes.end()}});
}

template <class M>
int takes(std::span<const std::byte> header) {
  M message;
  return decode(header, message).ok() ? 1 : 0;
}

// What a decoder promises of a run: lists and spans within bounds.
int takes_run(std::span<const std::byte> header) {
  Run run;
  if (!decode(header, run).ok()) return 0;
  if (run.inputs.size() > kMaxPorts || run.outputs.size() > kMaxPorts) std::abort();
  return 1;
}

}  // namespace

std::vector<SampleHeader> sample_headers() {
  std::vector<SampleHeader> headers;
  Encoder encoder;
  const EffectKey key{counted<16>(9), 17};
  add(headers, encoder, "hello", Hello{{1, 3}, "0.1.0", counted<16>(5), 3, 2});
  add(headers, encoder, "welcome", sample_welcome());
  add(headers, encoder, "error", Error{RDU_ERR_OVERLOADED, "the queue is full", 25});
  add(headers, encoder, "credit", Credit{1u << 20});
  add(headers, encoder, "go_away", GoAway{1000});
  add(headers, encoder, "offer", sample_offer());
  add(headers, encoder, "have", Have{{0, 3, 5}});
  add(headers, encoder, "chunk", Chunk{counted<32>(1), 2});
  add(headers, encoder, "commit", Commit{counted<32>(1)});
  add(headers, encoder, "check", Check{counted<32>(1), "cpu:", 1, 2});
  add(headers, encoder, "checked", Checked{{{0, ""}, {4, "node 3: dtype i4"}}});
  add(headers, encoder, "load", Load{counted<32>(1), "cpu:", 1, 2, 3, 4});
  add(headers, encoder, "loaded", sample_loaded());
  add(headers, encoder, "unload", Unload{5});
  add(headers, encoder, "run", sample_run());
  add(headers, encoder, "result", RunResult{1000, 2000, {{0, 40, 64, true}}});
  add(headers, encoder, "cancel", Cancel{77});
  add(headers, encoder, "state_create", StateCreate{5, key});
  add(headers, encoder, "state_created", StateCreated{6});
  add(headers, encoder, "state_call", StateCall{6, 1, 4096, key});
  add(headers, encoder, "state_data", StateData{4096});
  add(headers, encoder, "share_memory", ShareMemory{1u << 26});
  add(headers, encoder, "shared_memory",
      SharedMemory{"/rdu-1", 1u << 26, counted<16>(3), 1u << 25, "/proc/1/fd/2", "/proc/1/fd/3"});
  add(headers, encoder, "status_report", StatusReport{"{\"clients\": 1}"});
  return headers;
}

int decode_as_everything(std::span<const std::byte> bytes) {
  AlignedHeader aligned;
  const auto header = aligned.assign(bytes);
  return takes<Hello>(header) + takes<Welcome>(header) + takes<Error>(header) +
         takes<Credit>(header) + takes<GoAway>(header) + takes<Offer>(header) +
         takes<Have>(header) + takes<Chunk>(header) + takes<Commit>(header) + takes<Check>(header) +
         takes<Checked>(header) + takes<Load>(header) + takes<Loaded>(header) +
         takes<Unload>(header) + takes_run(header) + takes<RunResult>(header) +
         takes<Cancel>(header) + takes<StateCreate>(header) + takes<StateCreated>(header) +
         takes<StateCall>(header) + takes<StateData>(header) + takes<ShareMemory>(header) +
         takes<SharedMemory>(header) + takes<StatusReport>(header);
}

std::vector<std::byte> from_hex(std::string_view text) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

}  // namespace rdu::testing
