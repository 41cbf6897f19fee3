// A dealer with a memory for what it greeted; it answers pings, since a peer forgets who does not.
#include "tests/plugins/remote/support/wire_client.hpp"

#include <filesystem>
#include <stdexcept>

#include "plugins/remote/wire/keys.hpp"

namespace rdu::remote::testing {

namespace {

using Clock = std::chrono::steady_clock;

template <class T>
T must(plugin::Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().message());
  return std::move(*result);
}

std::uint8_t nibble(char c) { return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10); }

}  // namespace

WireClient::WireClient(const std::shared_ptr<Context>& context, const std::string& endpoint,
                       const std::optional<CurveClient>& curve)
    : dealer_(must(Dealer::connect(context, endpoint, {}, curve))) {}

bool WireClient::send(MessageType type, std::uint64_t request, std::span<const std::byte> header,
                      std::vector<Frame> payload) {
  std::vector<Frame> frames(2);
  for (Frame& frame : payload) frames.push_back(std::move(frame));
  seal_message(
      frames, 0,
      {.version = welcome_.version, .type = type, .request = request, .epoch = welcome_.boot_epoch},
      header);
  return send_frames(frames);
}

void WireClient::say_hello() {
  Hello hello;
  hello.versions = {kProtocolVersion, kProtocolVersion};
  hello.build = "a test";
  fill_random(std::span<std::uint8_t>(hello.session));
  send(MessageType::kHello, next_request(), encoder_.encode(hello));
}

bool WireClient::greet(std::chrono::milliseconds patience) {
  say_hello();
  const std::optional<Heard> heard = wait(last_request_, patience);
  return heard && heard->prefix.type == MessageType::kWelcome &&
         decode(heard->header, welcome_).ok();
}

std::uint64_t WireClient::load(const Hash& artifact, const std::string& device,
                               std::chrono::milliseconds patience) {
  Load load;
  load.artifact = artifact;
  load.device = device;
  load.stateless = true;
  const std::uint64_t request = next_request();
  send(MessageType::kLoad, request, encoder_.encode(load));
  const std::optional<Heard> heard = wait(request, patience);
  Loaded loaded;
  if (!heard || heard->prefix.type != MessageType::kLoaded || !decode(heard->header, loaded).ok()) {
    throw std::runtime_error("the peer does not load the model");
  }
  return loaded.program;
}

std::uint64_t WireClient::run(std::uint64_t program, std::span<const std::byte> input,
                              std::uint32_t remaining_ms) {
  Run run;
  run.program = program;
  run.remaining_ms = remaining_ms;
  run.inputs = {{0, input.size(), 0, false}};
  std::vector<Frame> payload;
  payload.push_back(Frame::copy_of(input));
  const std::uint64_t request = next_request();
  return send(MessageType::kRun, request, encoder_.encode(run), std::move(payload)) ? request : 0;
}

std::uint64_t WireClient::ping() {
  const std::uint64_t request = next_request();
  return send(MessageType::kPing, request, {}) ? request : 0;
}

std::optional<Heard> WireClient::next() {
  for (;;) {
    const plugin::Result<bool> got = dealer_.receive(frames_);
    if (!got.ok() || !*got) return std::nullopt;
    Heard heard;
    const plugin::Result<Incoming> opened = open_message(frames_, heard.memory);
    if (!opened.ok()) throw std::runtime_error("from the peer: " + opened.status().message());
    heard.prefix = opened->prefix;
    heard.header = opened->header;
    if (heard.prefix.type == MessageType::kPing) {
      send(MessageType::kPong, heard.prefix.request, {});
      continue;
    }
    if (heard.prefix.type != MessageType::kCredit) return heard;
  }
}

std::optional<Heard> WireClient::wait(std::uint64_t request, std::chrono::milliseconds patience) {
  const auto end = Clock::now() + patience;
  while (Clock::now() < end) {
    std::optional<Heard> heard = next();
    if (heard && heard->prefix.request == request) return heard;
    if (heard) continue;
    PollItem item{.socket = &dealer_};
    static_cast<void>(poll(std::span(&item, 1), 20));
  }
  return std::nullopt;
}

Hash only_artifact(const std::string& data_folder) {
  for (const auto& file : std::filesystem::directory_iterator(data_folder + "/artifacts")) {
    const std::string name = file.path().filename().string();
    Hash hash{};
    if (!name.ends_with(".data") || name.size() != 2 * hash.size() + 5) continue;
    for (std::size_t i = 0; i < hash.size(); ++i) {
      hash[i] = static_cast<std::uint8_t>(nibble(name[2 * i]) << 4 | nibble(name[2 * i + 1]));
    }
    return hash;
  }
  throw std::runtime_error("no artifact in " + data_folder);
}

}  // namespace rdu::remote::testing
