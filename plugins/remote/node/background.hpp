// One thread for what may block: files are written and hashed there, and the loop goes on.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "plugins/remote/node/file.hpp"

namespace rdu::remote::node {

class Background {
 public:
  Background();
  ~Background();  // what has begun ends, what has not never begins

  // `work` runs on the thread, in order; what it returns runs in `finish`, on the loop.
  using Finish = std::function<void()>;
  void post(std::function<Finish()> work);

  // Readable when `finish` has something to do.
  int bell() const { return bell_.get(); }
  // Runs what is finished. True: there was something.
  bool finish();
  std::size_t pending() const { return pending_; }

 private:
  void run();

  Descriptor bell_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<Finish()>> work_;
  std::deque<Finish> finished_;
  std::atomic<bool> has_finished_ = false;
  bool stop_ = false;
  std::size_t pending_ = 0;  // the loop's own count
  std::thread thread_;
};

}  // namespace rdu::remote::node
