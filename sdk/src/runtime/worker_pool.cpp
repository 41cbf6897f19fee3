// A queue, a condition variable and threads that come on demand.
#include "sdk/src/runtime/worker_pool.hpp"

namespace rdu::runtime {

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(queue_->mutex);
    queue_->stopping = true;
  }
  queue_->ready.notify_all();
  for (std::thread& thread : threads_) {
    // The last owner of the context may let go of it in a completion callback.
    if (thread.get_id() == std::this_thread::get_id()) {
      thread.detach();
    } else {
      thread.join();
    }
  }
}

void WorkerPool::Queue::put(std::shared_ptr<Job> job) {
  Job* added = job.get();
  (last ? last->next_ : first) = std::move(job);
  last = added;
  ++waiting;
}

std::shared_ptr<Job> WorkerPool::Queue::take() {
  std::shared_ptr<Job> job = std::move(first);
  first = std::move(job->next_);
  if (!first) last = nullptr;
  --waiting;
  return job;
}

void WorkerPool::push(std::shared_ptr<Job> job) {
  {
    const std::lock_guard lock(queue_->mutex);
    if (queue_->idle <= queue_->waiting && threads_.size() < max_threads_) grow();
    queue_->put(std::move(job));
  }
  queue_->ready.notify_one();
}

void WorkerPool::grow() {
  try {
    threads_.emplace_back(serve, queue_);
  } catch (...) {
    if (threads_.empty()) throw;
  }
}

void WorkerPool::serve(std::shared_ptr<Queue> queue) {
  std::unique_lock lock(queue->mutex);
  for (;;) {
    ++queue->idle;
    queue->ready.wait(lock, [&] { return queue->stopping || queue->first; });
    --queue->idle;
    if (!queue->first) return;
    std::shared_ptr<Job> job = queue->take();
    lock.unlock();
    job->work();
    job.reset();
    lock.lock();
  }
}

}  // namespace rdu::runtime
