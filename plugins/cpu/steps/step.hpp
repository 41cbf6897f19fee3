// A step of a plan: one kernel over one node (or several), everything about it decided at load.
#pragma once

#include <algorithm>
#include <rdu/plugin.hpp>
#include <string>

#include "plugins/cpu/flow.hpp"
#include "plugins/cpu/plan/storage.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {

class Step {
 public:
  virtual ~Step() = default;

  // Allocates nothing. What goes wrong in the data is reported to run.fault; other failures are the status.
  virtual plugin::Status run(const Run& run) const = 0;
  // Memory that one task needs.
  virtual std::uint64_t workspace_bytes() const { return 0; }
  // Memory in the run's scratch for the length of the step, its place told by the plan.
  virtual std::uint64_t temporary_bytes() const { return 0; }
  virtual void place_temporary(std::uint64_t) {}
  // Memory that the step holds since load.
  virtual std::uint64_t resident_bytes() const { return 0; }
  // Is any of it worth a second thread?
  virtual bool parallel() const { return false; }

  std::string name;
};

// Work of about this many kernel-element steps is one task; less is never handed to another thread.
inline constexpr std::int64_t kTaskWork = 1 << 18;

// Runs fn(task, workspace) for each task, on this thread where there is one task or one thread only.
template <class F>
void for_each_task(const Run& run, std::int64_t count, const F& fn) {
  if (count <= 1 || run.flow == nullptr) {
    for (std::int64_t task = 0; task < count; ++task) fn(task, run.workspace);
    return;
  }
  run.flow->parallel(count, [&](std::int64_t task, std::uint32_t worker) {
    const std::uint64_t begin = run.trace == nullptr ? 0 : StepTrace::now_ns();
    fn(task, worker == 0 ? run.workspace : run.workers.of(worker));
    if (run.trace != nullptr) run.trace->task(worker, begin);
  });
}

// Likewise fn(first, end, workspace) for the boxes of a grid, `per_task` of them a task.
template <class F>
void for_each_run_of_boxes(const Run& run, std::int64_t boxes, std::int64_t per_task, const F& fn) {
  for_each_task(run, (boxes + per_task - 1) / per_task, [&](std::int64_t task, std::byte* memory) {
    fn(task * per_task, std::min(boxes, (task + 1) * per_task), memory);
  });
}

}  // namespace rdu::cpu
