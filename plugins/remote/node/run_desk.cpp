// From a RUN to a job and from its completion to a RESULT.
#include "plugins/remote/node/run_desk.hpp"

#include <algorithm>

#include "plugins/remote/node/clock.hpp"
#include "plugins/remote/node/run_work.hpp"

namespace rdu::remote::node {

// A run that would only wait for its deadline is refused while there is time to ask somebody else; whoever is let in is
// served in time.
Status RunDesk::admit(const Lane& lane, const Run& run) const {
  const NodeOptions& options = services_.options;
  if (lane.queued() >= options.max_queued)
    return fail(RDU_ERR_OVERLOADED, lane.queued(), " requests wait for ", lane.device());
  std::uint64_t most_ms = options.max_wait_ms != 0 ? options.max_wait_ms : UINT32_MAX;
  if (run.remaining_ms != 0) most_ms = std::min<std::uint64_t>(most_ms, run.remaining_ms);
  const std::uint64_t begins_in = lane.begins_in_ns();
  if (begins_in <= most_ms * kMillisecond) return {};
  return fail(RDU_ERR_OVERLOADED, lane.queued(), " requests wait for ", lane.device(),
              ": this one would begin after ", begins_in / kMillisecond, " ms");
}

void RunDesk::run(const Request& request, const Run& run) {
  const RequestRef& to = request.to;
  Result<ProgramDesk::Use> use = programs_.find(*to.from, run.program);
  if (!use.ok()) return services_.outbox.fail(to, use.status());
  Result<RunWork> planned =
      RunWork::plan(run, use->program->ports, request.payload, to.from->shared);
  if (!planned.ok()) return services_.outbox.fail(to, planned.status());
  Lane& lane = *use->lane;
  if (const Status status = admit(lane, run); !status.ok()) {
    const auto wait_ms = static_cast<std::uint32_t>(lane.expected_wait_ns() / kMillisecond + 1);
    return services_.outbox.fail(to, status, wait_ms);
  }
  auto work = std::make_shared<RunWork>(std::move(*planned));
  auto job = std::make_shared<Job>();
  job->client = to.from->client.name;
  job->arrival_ns = request.arrival_ns;
  job->deadline_ns =
      run.remaining_ms == 0 ? 0 : request.arrival_ns + run.remaining_ms * kMillisecond;
  job->bytes = to.bytes;
  job->program = use->program;
  const WorkHead head{.program = use->program->number, .deadline_ns = job->deadline_ns};
  job->prepare = [work, head](WorkerProcess& worker) { return work->prepare(worker, head); };
  services_.queued_bytes += job->bytes;
  job->done = [this, work, to](Completion completion) {
    services_.queued_bytes -= to.bytes;
    if (!completion.status.ok()) return services_.outbox.fail(to, completion.status);
    std::vector<Frame> payload;
    const RunResult result = work->result(completion, services_.options.max_frame_bytes, payload);
    services_.outbox.reply(to, MessageType::kResult, result, std::move(payload));
  };
  to.from->jobs[to.request] = job;
  lane.submit(std::move(job));
}

void RunDesk::cancel(const Request& request) {
  Cancel wish;
  if (!decode(request.header, wish).ok()) return;
  const auto& jobs = request.to.from->jobs;
  if (const auto found = jobs.find(wish.request); found != jobs.end()) node::cancel(*found->second);
}

}  // namespace rdu::remote::node
