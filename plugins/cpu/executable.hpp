// A loaded program: its plan, the workers' memory, and the run.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <rdu/plugin.hpp>
#include <rdu/plugin/stop.hpp>

#include "plugins/cpu/flow.hpp"
#include "plugins/cpu/plan/plan.hpp"

namespace rdu::cpu {

class Executable {
 public:
  static plugin::Result<std::unique_ptr<Executable>> load(const rdu_host_api* host,
                                                          std::shared_ptr<const Flow> flow,
                                                          const Kernels& kernels,
                                                          const rdu_load& load);
  ~Executable();

  rdu_memory memory() const;
  const PackedStore& packed() const { return *plan_.packed; }
  plugin::Status run(const rdu_submission& submission);

 private:
  Executable(const rdu_host_api* host, std::shared_ptr<const Flow> flow, plugin::Graph graph,
             Plan plan);

  std::uint64_t table_bytes() const;
  plugin::Status bind(const rdu_submission& submission, std::byte** addresses,
                      std::byte* arena) const;
  plugin::Status run_steps(const Run& run, const plugin::Stop& stop) const;
  plugin::Status run_side_by_side(std::span<const Step* const> steps, const Run& run) const;
  plugin::Status run_step(const Step& step, const Run& run, std::uint32_t worker) const;

  const rdu_host_api* host_;
  std::shared_ptr<const Flow> flow_;
  plugin::Graph graph_;
  Plan plan_;
  std::byte* worker_memory_ = nullptr;
  std::uint64_t worker_bytes_ = 0;  // of all workers
  std::atomic<std::uint64_t> latest_ns_{
      UINT64_MAX};  // that a run took, of those with parallel steps
};

}  // namespace rdu::cpu
