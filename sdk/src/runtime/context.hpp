// What the objects of one context share; each of them keeps it alive.
#pragma once

#include <rdu/context.h>

#include <atomic>
#include <memory>

#include "sdk/src/plugin/registry.hpp"
#include "sdk/src/runtime/logger.hpp"
#include "sdk/src/runtime/memory.hpp"
#include "sdk/src/runtime/tracer.hpp"
#include "sdk/src/runtime/worker_pool.hpp"

namespace rdu::runtime {

class Context {
 public:
  static Status create(const rdu_context_options* options, std::shared_ptr<Context>& out);

  Context(const Allocator& allocator, const Logger& logger, std::uint32_t thread_limit,
          plugin::SearchPath path);

  // FORKED in a child of the process that made the context.
  Status check_process() const;
  bool forked() const;

  const Allocator& allocator() const { return allocator_; }
  const Logger& logger() const { return logger_; }
  Tracer& tracer() { return tracer_; }
  plugin::Registry& plugins() { return plugins_; }
  WorkerPool& workers() { return workers_; }
  std::uint64_t next_run_id() { return run_ids_.fetch_add(1, std::memory_order_relaxed) + 1; }

 private:
  const int process_;
  const Allocator allocator_;
  const Logger logger_;
  Tracer tracer_;
  std::atomic<std::uint64_t> run_ids_{0};
  plugin::Registry plugins_;
  WorkerPool workers_;  // goes first: its threads may be the last users of the rest
};

}  // namespace rdu::runtime
