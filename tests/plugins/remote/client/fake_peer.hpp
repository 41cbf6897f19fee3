// A peer that says what a test wants it to say, right or wrong, over a real socket.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "plugins/remote/client/connection.hpp"
#include "plugins/remote/wire/codec.hpp"
#include "plugins/remote/wire/link.hpp"

namespace rdu::testing {

class FakePeer {
 public:
  struct Question {
    remote::Prefix prefix;
    std::span<const std::byte> header;
    std::span<remote::Frame> payload;
  };
  // Answers with `say`, or not. On the peer's thread.
  using Answer = std::function<void(FakePeer&, const Question&)>;

  explicit FakePeer(remote::Welcome welcome = default_welcome());
  ~FakePeer();
  FakePeer(const FakePeer&) = delete;
  FakePeer& operator=(const FakePeer&) = delete;

  static remote::Welcome default_welcome();

  // What it does with messages of this type; WELCOME is its own idea. Set before it is spoken to.
  void on(remote::MessageType type, Answer answer) { answers_[type] = std::move(answer); }
  void start();
  void stop();

  // For answers: to the one that asked last.
  void say(remote::MessageType type, std::uint64_t request, std::span<const std::byte> header,
           std::vector<remote::Frame> payload = {}, std::optional<std::uint64_t> epoch = {});
  void say_frames(std::vector<remote::Frame> frames);
  remote::Encoder& encoder() { return encoder_; }

  const std::string& endpoint() const { return endpoint_; }
  std::size_t num_heard(remote::MessageType type) const;
  remote::client::Connection::Config config() const;

 private:
  void run();
  void take(std::vector<remote::Frame>& frames);

  remote::Welcome welcome_;
  std::map<remote::MessageType, Answer> answers_;
  std::shared_ptr<remote::Context> context_;
  remote::Router router_;
  std::string endpoint_;
  std::vector<std::byte> asker_;
  remote::Encoder encoder_;
  mutable std::mutex mutex_;
  std::map<remote::MessageType, std::size_t> heard_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace rdu::testing
