// One thread, one router; it remembers who asked last.
#include "tests/plugins/remote/client/fake_peer.hpp"

#include <stdexcept>

namespace rdu::testing {

using namespace remote;

namespace {

template <class T>
T must(plugin::Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().message());
  return std::move(*result);
}

}  // namespace

Welcome FakePeer::default_welcome() {
  Welcome welcome;
  welcome.version = kProtocolVersion;
  welcome.boot_epoch = 7;
  welcome.limits.max_frame_bytes = 64u << 10;
  welcome.limits.max_message_bytes = 64u << 20;
  welcome.credit_bytes = 1u << 20;
  welcome.devices = {{"cpu:", "a test", "cpu", 0, 0, 0}};
  return welcome;
}

FakePeer::FakePeer(Welcome welcome)
    : welcome_(std::move(welcome)), context_(must(Context::create())) {
  router_ = must(Router::create(context_, {}, {}));
  endpoint_ = must(router_.bind("tcp://127.0.0.1:*"));
  on(MessageType::kHello, [this](FakePeer& peer, const Question& question) {
    peer.say(MessageType::kWelcome, question.prefix.request, peer.encoder().encode(welcome_), {},
             0);
  });
}

FakePeer::~FakePeer() { stop(); }

void FakePeer::start() {
  thread_ = std::thread([this] { run(); });
}

void FakePeer::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  router_.close();
}

client::Connection::Config FakePeer::config() const {
  client::Connection::Config config;
  config.context = must(Context::create());
  config.peer = {endpoint_, "cpu:", {}};
  return config;
}

std::size_t FakePeer::num_heard(MessageType type) const {
  const std::lock_guard lock(mutex_);
  const auto found = heard_.find(type);
  return found == heard_.end() ? 0 : found->second;
}

void FakePeer::run() {
  std::vector<Frame> frames;
  while (!stopping_) {
    PollItem item{&router_};
    must(poll({&item, 1}, 10));
    while (must(router_.receive(frames))) take(frames);
  }
}

void FakePeer::take(std::vector<Frame>& frames) {
  const auto identity = frames.front().bytes();
  asker_.assign(identity.begin(), identity.end());
  AlignedHeader header;
  const auto opened = open_message(std::span(frames).subspan(1), header);
  if (!opened.ok()) throw std::runtime_error(opened.status().message());
  {
    const std::lock_guard lock(mutex_);
    ++heard_[opened->prefix.type];
  }
  const auto answer = answers_.find(opened->prefix.type);
  if (answer == answers_.end()) return;
  answer->second(*this, {opened->prefix, opened->header, opened->payload});
}

void FakePeer::say(MessageType type, std::uint64_t request, std::span<const std::byte> header,
                   std::vector<Frame> payload, std::optional<std::uint64_t> epoch) {
  std::vector<Frame> frames(2);
  for (Frame& frame : payload) frames.push_back(std::move(frame));
  seal_message(frames, 0,
               {.version = kProtocolVersion,
                .type = type,
                .request = request,
                .epoch = epoch.value_or(welcome_.boot_epoch)},
               header);
  say_frames(std::move(frames));
}

// One that has gone in between hears nothing.
void FakePeer::say_frames(std::vector<Frame> frames) {
  std::vector<Frame> message;
  message.push_back(Frame::copy_of(asker_));
  for (Frame& frame : frames) message.push_back(std::move(frame));
  static_cast<void>(router_.send(message));
}

}  // namespace rdu::testing
