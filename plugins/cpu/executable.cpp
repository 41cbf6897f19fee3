// Loading plans everything; a run fills a table of addresses in the scratch that the host lends and walks the steps.
#include "plugins/cpu/executable.hpp"

#include <cstring>
#include <utility>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/plan/side_by_side.hpp"

namespace rdu::cpu {
namespace {

using plugin::fail;
using plugin::Result;
using plugin::Status;

constexpr std::uint64_t kLine = 64;
constexpr std::uint64_t kNotWorthWakingNs = 30'000;

Status finish_step(const Step& step, const Run& run, Status status) {
  if (!status.ok() || !run.fault->seen.load(std::memory_order_relaxed)) return status;
  return fail(RDU_ERR_OUT_OF_RANGE, "node '", step.name, "': index ", run.fault->index,
              " is outside a dimension of extent ", run.fault->extent);
}

// What does not fit is as good as nothing, but it is told.
PackedSource packed_source(const rdu_host_api& host, const rdu_load& load) {
  PackedSource source{load.source.signature, load.source.variant, {}};
  const bool has = load.header.struct_size >= offsetof(rdu_load, packed) + sizeof load.packed;
  if (!has || load.packed.size == 0) return source;
  std::string trouble;
  source.file =
      PackedFile({static_cast<const std::byte*>(load.packed.data), load.packed.size}, trouble);
  if (trouble.empty()) return source;
  host.log(&host, RDU_LOG_WARNING,
           plugin::concat("device 'cpu' packs weights itself: those of the artifact do not do, ",
                          trouble)
               .c_str());
  return source;
}

void tell_what_was_packed(const rdu_host_api& host, const Kernels& kernels,
                          const PackedStore& packed) {
  const std::size_t all = packed.pieces().size(), found = packed.num_found();
  if (found == all) return;
  host.log(&host, RDU_LOG_INFO,
           plugin::concat("device 'cpu' packs ", all - found, " of ", all,
                          " weights itself: the artifact does not have them for ", kernels.isa)
               .c_str());
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
  const PackedSource source = packed_source(*host, load);
  Plan built = build_plan(graph, load.first_section, load.end_section, kernels, *flow, source);
  if (!source.file.empty()) tell_what_was_packed(*host, kernels, *built.packed);
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
  run.stop = &stop;
  if (!plan_.parallel) return run_steps(run, stop);
  const bool is_short = latest_ns_.load(std::memory_order_relaxed) < kNotWorthWakingNs;
  const Flow::Attention attention(*flow_, is_short);
  if (!attention.alone()) run.flow = flow_.get();
  const std::uint64_t begin = StepTrace::now_ns();
  Status status = run_steps(run, stop);
  latest_ns_.store(StepTrace::now_ns() - begin, std::memory_order_relaxed);
  return status;
}

Status Executable::run_steps(const Run& run, const plugin::Stop& stop) const {
  for (const auto& stage : plan_.stages) {
    if (Status status = stop.before(stage.back()->name.c_str()); !status.ok()) return status;
    const bool together = stage.size() > 1 && run.flow != nullptr;
    if (together) {
      if (Status status = run_side_by_side(stage, run); !status.ok()) return status;
      continue;
    }
    for (const Step* step : stage) {
      if (Status status = run_step(*step, run, 0); !status.ok()) return status;
    }
  }
  return {};
}

Status Executable::run_side_by_side(std::span<const Step* const> steps, const Run& run) const {
  Status statuses[kMostSideBySide];
  const auto count = static_cast<std::int64_t>(steps.size());
  flow_->parallel(count, [&](std::int64_t i, std::uint32_t worker) {
    IndexFault fault;
    Run own = run;
    own.flow = nullptr;
    own.fault = &fault;
    if (worker != 0) own.workspace = run.workers.of(worker);
    statuses[i] = run_step(*steps[static_cast<std::size_t>(i)], own, worker);
  });
  for (std::int64_t i = 0; i < count; ++i) {
    if (!statuses[i].ok()) return std::move(statuses[i]);
  }
  return {};
}

Status Executable::run_step(const Step& step, const Run& run, std::uint32_t worker) const {
  if (host_->tracing(host_) == 0) return finish_step(step, run, step.run(run));
  const StepTrace trace{host_, step.name.c_str()};
  Run traced = run;
  traced.trace = &trace;
  const std::uint64_t begin = StepTrace::now_ns();
  Status status = finish_step(step, run, step.run(traced));
  if (status.ok()) trace.step(worker, begin);
  return status;
}

}  // namespace rdu::cpu
