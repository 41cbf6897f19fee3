// The threads on which submitted runs are driven; they wait for devices and compute nothing themselves.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace rdu::runtime {

class Job {
 public:
  virtual ~Job() = default;
  virtual void work() noexcept = 0;

 private:
  friend class WorkerPool;
  std::shared_ptr<Job> next_;  // while queued
};

// Threads start with the first jobs and run them in order of arrival.
class WorkerPool {
 public:
  explicit WorkerPool(std::uint32_t max_threads) : max_threads_(max_threads) {}
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // No job is left; the last of them may be the caller.
  ~WorkerPool();

  // A job is in one queue at a time. Throws what starting the very first thread throws; later nothing, because a pool
  // that cannot grow makes do.
  void push(std::shared_ptr<Job> job);

 private:
  struct Queue {
    void put(std::shared_ptr<Job> job);
    std::shared_ptr<Job> take();

    std::mutex mutex;
    std::condition_variable ready;
    std::shared_ptr<Job> first;
    Job* last = nullptr;
    std::uint32_t waiting = 0;  // jobs
    std::uint32_t idle = 0;     // threads
    bool stopping = false;
  };
  void grow();
  static void serve(std::shared_ptr<Queue> queue);

  const std::uint32_t max_threads_;
  std::shared_ptr<Queue> queue_ = std::make_shared<Queue>();
  std::vector<std::thread> threads_;  // guarded by queue_->mutex
};

}  // namespace rdu::runtime
