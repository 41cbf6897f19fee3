// Loading plans everything; a run fills a table of addresses in the scratch that the host lends and walks the steps.
#include "plugins/cpu/executable.hpp"

#include <time.h>

#include <cstring>
#include <utility>

#include "plugins/cpu/access/integer.hpp"

namespace rdu::cpu {
namespace {

using plugin::fail;
using plugin::Result;
using plugin::Status;

constexpr std::uint64_t kLine = 64;

std::uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace

Executable::Executable(const rdu_host_api* host, std::shared_ptr<const Flow> flow,
                       plugin::Graph graph, Plan plan)
    : host_(host), flow_(std::move(flow)), graph_(graph), plan_(std::move(plan)) {
  plan_.workspace_bytes = align_up(plan_.workspace_bytes, kLine);
}

Executable::~Executable() {
  if (worker_memory_ != nullptr) {
    host_->deallocate(host_, worker_memory_, worker_bytes_, kLine);
  }
}

Result<std::unique_ptr<Executable>> Executable::load(const rdu_host_api* host,
                                                     std::shared_ptr<const Flow> flow,
                                                     const Kernels& kernels, const rdu_load& load) {
  if (std::strcmp(load.format, "rdu.graph") != 0) {
    return fail(RDU_ERR_UNSUPPORTED, "device 'cpu' loads format rdu.graph, not ", load.format);
  }
  const plugin::Graph graph(load.graph);
  if (load.first_section >= load.end_section || load.end_section > graph.sections().size()) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "sections [", load.first_section, ", ", load.end_section,
                ") of ", graph.sections().size());
  }
  const std::uint32_t threads = flow->threads();
  Plan built = build_plan(graph, load.first_section, load.end_section, kernels, *flow);
  std::unique_ptr<Executable> executable(
      new Executable(host, std::move(flow), graph, std::move(built)));
  Plan& plan = executable->plan_;
  plan.parallel = plan.parallel && threads > 1;
  if (!plan.parallel || plan.workspace_bytes == 0) return executable;
  const std::uint64_t bytes = (threads - 1) * plan.workspace_bytes;
  executable->worker_memory_ = static_cast<std::byte*>(host->allocate(host, bytes, kLine));
  if (executable->worker_memory_ == nullptr) {
    return fail(RDU_ERR_OUT_OF_MEMORY, "no memory for ", threads - 1, " workers of ",
                plan.workspace_bytes, " bytes");
  }
  executable->worker_bytes_ = bytes;
  return executable;
}

std::uint64_t Executable::table_bytes() const {
  return align_up(plan_.slots.size() * sizeof(std::byte*), kLine);
}

rdu_memory Executable::memory() const {
  return {RDU_HEADER(rdu_memory), plan_.resident_bytes,
          table_bytes() + plan_.workspace_bytes + plan_.arena_bytes,
          worker_memory_ != nullptr ? plan_.workspace_bytes : 0};
}

Status Executable::bind(const rdu_submission& submission, std::byte** addresses,
                        std::byte* arena) const {
  const plugin::View<rdu_binding> bindings(submission.bindings);
  for (std::size_t s = 0; s < plan_.slots.size(); ++s) {
    const Slot& slot = plan_.slots[s];
    switch (slot.kind) {
      case Slot::Kind::kConstant:  // nobody writes one
        addresses[s] = static_cast<std::byte*>(const_cast<void*>(slot.data));
        break;
      case Slot::Kind::kScratch:
        addresses[s] = arena + slot.offset;
        break;
      case Slot::Kind::kBound:
      case Slot::Kind::kLent:
        addresses[s] = nullptr;
        break;
    }
  }
  // Both lists ascend by value.
  auto binding = bindings.begin();
  for (const std::uint32_t s : plan_.bound) {
    const Slot& slot = plan_.slots[s];
    while (binding != bindings.end() && binding->value < slot.value) ++binding;
    const bool found = binding != bindings.end() && binding->value == slot.value;
    const char* name = graph_.value(slot.value).name;
    if (!found || (binding->data == nullptr && slot.bytes != 0)) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "value '", name, "' is not bound");
    }
    if (binding->bytes < slot.bytes) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "value '", name, "' is bound to ", binding->bytes,
                  " bytes and needs ", slot.bytes);
    }
    addresses[s] = static_cast<std::byte*>(binding->data);
  }
  return {};
}

Status Executable::run(const rdu_submission& submission) {
  auto* scratch = static_cast<std::byte*>(submission.scratch);
  IndexFault fault;
  Run run;
  run.addresses = reinterpret_cast<std::byte**>(scratch);
  run.workspace = scratch + table_bytes();
  run.scratch = run.workspace + plan_.workspace_bytes;
  run.workers = {worker_memory_, plan_.workspace_bytes};
  run.fault = &fault;
  if (Status status = bind(submission, run.addresses, run.scratch); !status.ok()) return status;
  const plugin::Stop stop(submission);
  if (plan_.parallel) {
    run.flow = flow_.get();
    flow_->expect_work();
  }
  return run_steps(run, stop);
}

Status Executable::run_steps(const Run& run, const plugin::Stop& stop) const {
  for (const auto& step : plan_.steps) {
    if (Status status = stop.before(step->name.c_str()); !status.ok()) return status;
    if (Status status = run_step(*step, run); !status.ok()) return status;
  }
  return {};
}

Status Executable::run_step(const Step& step, const Run& run) const {
  const bool traced = host_->tracing(host_) != 0;
  const std::uint64_t begin = traced ? now_ns() : 0;
  if (Status status = step.run(run); !status.ok()) return status;
  if (run.fault->seen.load()) {
    return fail(RDU_ERR_OUT_OF_RANGE, "node '", step.name, "': index ", run.fault->index,
                " is outside a dimension of extent ", run.fault->extent);
  }
  if (traced) {
    const rdu_trace_span span{
        RDU_HEADER(rdu_trace_span), "cpu", step.name.c_str(), begin, now_ns(), nullptr};
    host_->trace(host_, &span);
  }
  return {};
}

}  // namespace rdu::cpu
