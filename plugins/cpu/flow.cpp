// An arena of oneTBB workers of its own, so that the application's and other plugins' tasks never meet ours.
#include "plugins/cpu/flow.hpp"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/partitioner.h>
#include <oneapi/tbb/task_arena.h>

#include <new>
#include <optional>

namespace rdu::cpu {

// The last one that goes waits for the library's workers to end, unless the application uses oneTBB too: a thread that
// outlives the device would still hold memory of its own when the process ends.
struct Flow::Arena {
  explicit Arena(int threads) : arena(threads) {
    // The library itself stops at one thread per processor, and prints that it did.
    if (threads > tbb::info::default_concurrency()) {
      more.emplace(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads));
    }
    arena.initialize();
  }
  ~Arena() {
    arena.terminate();
    more.reset();
    tbb::finalize(library, std::nothrow);
  }
  tbb::task_scheduler_handle library{tbb::attach{}};
  std::optional<tbb::global_control> more;
  tbb::task_arena arena;
};

Flow::Flow(std::uint32_t threads)
    : threads_(threads),
      arena_(threads > 1 ? std::make_unique<Arena>(static_cast<int>(threads)) : nullptr) {}

Flow::~Flow() = default;

void Flow::parallel(std::int64_t count, FunctionRef<void(std::int64_t, std::uint32_t)> task) const {
  if (arena_ == nullptr) {
    for (std::int64_t i = 0; i < count; ++i) task(i, 0);
    return;
  }
  arena_->arena.execute([&] {
    tbb::parallel_for(
        tbb::blocked_range<std::int64_t>(0, count),
        [&](const tbb::blocked_range<std::int64_t>& range) {
          const auto worker =
              static_cast<std::uint32_t>(tbb::this_task_arena::current_thread_index());
          for (std::int64_t i = range.begin(); i < range.end(); ++i) task(i, worker);
        },
        tbb::simple_partitioner());
  });
}

void Flow::enter(FunctionRef<void()> body) const {
  if (arena_ == nullptr) return body();
  arena_->arena.execute([&] { body(); });
}

}  // namespace rdu::cpu
