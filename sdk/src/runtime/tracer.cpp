// A span costs one relaxed load while nobody traces.
#include "sdk/src/runtime/tracer.hpp"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <mutex>

#include "sdk/src/runtime/text.hpp"

namespace rdu::runtime {

std::uint64_t now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(time.tv_nsec);
}

void Tracer::set(rdu_trace_fn fn, void* user) {
  const std::unique_lock lock(mutex_);
  fn_ = fn;
  user_ = user;
  on_.store(fn != nullptr, std::memory_order_relaxed);
}

void Tracer::emit(const rdu_trace_record& record) {
  const std::shared_lock lock(mutex_);
  if (fn_) fn_(user_, &record);
}

Span::~Span() {
  if (begin_ns_ == 0) return;
  const std::uint64_t end_ns = now_ns();
  char track[32] = "thread ";
  const auto end = std::to_chars(track + 7, track + sizeof(track) - 1, ::syscall(SYS_gettid));
  *end.ptr = '\0';
  tracer_.emit({.header = RDU_HEADER(rdu_trace_record),
                .track = track,
                .name = info_.name,
                .category = info_.category,
                .begin_ns = begin_ns_,
                .end_ns = end_ns,
                .run_id = info_.run_id,
                .user_tag = info_.user_tag,
                .section = info_.section,
                .reserved = 0,
                .details = ""});
}

}  // namespace rdu::runtime
