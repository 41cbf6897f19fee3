// Hands finished spans to the application's trace callback.
#pragma once

#include <rdu/trace.h>

#include <atomic>
#include <cstdint>
#include <shared_mutex>

namespace rdu::runtime {

std::uint64_t now_ns();  // CLOCK_MONOTONIC

class Tracer {
 public:
  bool on() const { return on_.load(std::memory_order_relaxed); }

  // Returns when nobody is inside the old callback any more.
  void set(rdu_trace_fn fn, void* user);
  void emit(const rdu_trace_record& record);

 private:
  std::atomic<bool> on_{false};
  std::shared_mutex mutex_;
  rdu_trace_fn fn_ = nullptr;
  void* user_ = nullptr;
};

// Names of a span of the runtime's own; the end is the destructor.
struct SpanInfo {
  const char* name;
  const char* category;
  std::uint64_t run_id = 0;
  std::uint64_t user_tag = 0;
  std::uint32_t section = RDU_NO_INDEX;
};

class Span {
 public:
  Span(Tracer& tracer, const SpanInfo& info)
      : tracer_(tracer), info_(info), begin_ns_(tracer.on() ? now_ns() : 0) {}

  // One that began earlier.
  Span(Tracer& tracer, const SpanInfo& info, std::uint64_t begin_ns)
      : tracer_(tracer), info_(info), begin_ns_(begin_ns) {}
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;
  ~Span();

 private:
  Tracer& tracer_;
  SpanInfo info_;
  std::uint64_t begin_ns_;
};

}  // namespace rdu::runtime
