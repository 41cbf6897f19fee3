// Two rings of segment numbers between the front end and one worker, with bells for those who sleep.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

#include "plugins/remote/node/segment.hpp"
#include "plugins/remote/wire/alertness.hpp"

namespace rdu::remote::node {

// The other side may write anything into it: numbers that come out are checked by whoever pops.
struct Ring {
  static constexpr std::uint32_t kSlots = 1024;

  alignas(64) std::atomic<std::uint32_t> head{0};  // popped so far
  alignas(64) std::atomic<std::uint32_t> tail{0};  // pushed so far
  alignas(64) std::atomic<std::uint32_t> slots[kSlots]{};

  bool push(std::uint32_t number);
  std::optional<std::uint32_t> pop();
  bool empty() const {
    return head.load(std::memory_order_seq_cst) == tail.load(std::memory_order_seq_cst);
  }
};

struct ChannelPage {
  Ring requests;
  Ring replies;
  alignas(64) std::atomic<std::uint32_t> worker_spins{
      0};  // somebody will see a request without a bell
  alignas(64) std::atomic<std::uint32_t> worker_sleeps{0};  // threads that need one
  alignas(64) std::atomic<std::uint32_t> front_sleeps{0};
};

// Files that make a channel, as they are handed to a new worker.
struct ChannelFiles {
  Descriptor socket;  // hands over memory; its end is the end of the other side
  Descriptor page;
  Descriptor reply_bell;
};

// For one thread, and one worker.
class FrontChannel {
 public:
  // Also makes the worker's files.
  static Result<FrontChannel> create(ChannelFiles& worker_files);

  // Must come before the first push of that number.
  Status hand_over(std::uint32_t number, int file);
  // The other side may unmap it. It will not see that number again.
  void forget(std::uint32_t number);
  bool push(std::uint32_t number);
  std::optional<std::uint32_t> pop() { return page().replies.pop(); }
  bool has_reply() const { return !page().replies.empty(); }

  // Before and after waiting for `bell` to become readable; false: do not wait, there is something already.
  // `rung`: the bell was readable.
  bool before_sleep();
  void after_sleep(bool rung);
  int bell() const { return reply_bell_.get(); }
  int socket() const { return socket_.get(); }

 private:
  ChannelPage& page() const { return *reinterpret_cast<ChannelPage*>(page_.data()); }

  Segment page_;
  Descriptor socket_, reply_bell_;
};

// Any number of threads.
class WorkerChannel {
 public:
  static Result<WorkerChannel> open(ChannelFiles files, std::chrono::nanoseconds spin);
  WorkerChannel(WorkerChannel&& other) noexcept;

  // Waits for a request; awake at first where one is likely to come soon.
  std::uint32_t take(bool soon);
  void reply(std::uint32_t number);
  // Memory that was handed over under some number, or no memory: it is to be forgotten. Blocks until something comes.
  Result<std::pair<std::uint32_t, std::optional<Segment>>> receive_memory();

 private:
  WorkerChannel(Segment page, ChannelFiles files, std::chrono::nanoseconds spin)
      : page_(std::move(page)), files_(std::move(files)), spin_(spin) {}
  ChannelPage& page() const { return *reinterpret_cast<ChannelPage*>(page_.data()); }
  std::optional<std::uint32_t> try_take();
  std::optional<std::uint32_t> spin();
  void sleep();

  Segment page_;
  ChannelFiles files_;
  std::chrono::nanoseconds spin_;
  std::mutex take_mutex_, reply_mutex_;
  Alertness alertness_;  // of the one who spins
};

}  // namespace rdu::remote::node
