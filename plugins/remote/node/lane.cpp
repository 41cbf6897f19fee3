// Lives and deaths of a worker, and the jobs that pass through it.
#include "plugins/remote/node/lane.hpp"

#include <algorithm>

#include "plugins/remote/node/clock.hpp"

namespace rdu::remote::node {

namespace {

constexpr std::uint64_t kFirstDelay = 20 * kMillisecond;
constexpr std::uint64_t kLongestDelay = 5 * kSecond;

}  // namespace

Lane::Lane(std::string device, WorkerCommand command, std::uint32_t runs_at_once, Patience patience)
    : device_(std::move(device)),
      command_(std::move(command)),
      depth_(2 * runs_at_once),
      patience_(patience) {}

void Lane::submit(JobPtr job) {
  if (!trouble_.ok()) return end(job, {trouble_, {}, nullptr, 0});
  queue_.push(std::move(job));
}

void Lane::submit_first(JobPtr job) {
  if (!trouble_.ok()) return end(job, {trouble_, {}, nullptr, 0});
  first_.push_back(std::move(job));
}

void Lane::with_program(const ProgramPtr& program, std::function<void(Status)> then) {
  if (program->loaded_life == life_ && life_ != 0) return then({});
  program->waiters.push_back(std::move(then));
  if (!program->loading) load(program);
}

void Lane::load(const ProgramPtr& program) {
  program->loading = true;
  auto job = std::make_shared<Job>();
  job->arrival_ns = now_ns();
  job->prepare = [program](WorkerProcess& worker) -> Result<SegmentLease> {
    const Bytes body = encode_request(program->selection, program->stored);
    return make_work(worker, {.op = Op::kLoad, .program = program->number}, body, kLongReply);
  };
  job->done = [this, program](Completion completion) {
    Status status = completion.status;
    ProgramFacts facts;
    if (status.ok()) status = decode_program(completion.body(), facts);
    program->ports = std::move(facts.ports);
    program->ports.program = program->number;
    program->trains = facts.trains != 0;
    program->loading = false;
    if (status.ok()) program->loaded_life = life_;
    for (auto& waiter : std::exchange(program->waiters, {})) waiter(status);
  };
  submit_first(std::move(job));
}

void Lane::unload(Program& program) {
  if (program.loaded_life != life_ || life_ == 0) return;
  program.loaded_life = 0;
  auto job = std::make_shared<Job>();
  job->arrival_ns = now_ns();
  job->prepare = [number = program.number](WorkerProcess& worker) {
    return make_work(worker, {.op = Op::kUnload, .program = number}, {}, 0);
  };
  job->done = [](Completion) {};
  submit_first(std::move(job));
}

bool Lane::pump() {
  bool happened = false;
  while (reap() | dispatch()) happened = true;
  return happened;
}

bool Lane::reap() {
  bool happened = false;
  while (worker_) {
    std::optional<SegmentLease> segment = worker_->reap();
    if (!segment) break;
    happened = true;
    const auto found = dispatched_.find(segment->get());
    if (found == dispatched_.end()) continue;
    const JobPtr job = std::move(found->second);
    dispatched_.erase(found);
    Completion completion{{}, read_head((*segment)->memory.bytes()), std::move(*segment), 0};
    if (completion.head.code != RDU_OK) {
      const ByteSpan words = completion.body();
      completion.status =
          Status(completion.head.code,
                 std::string(reinterpret_cast<const char*>(words.data()), words.size()));
    }
    if (completion.status.code() == RDU_ERR_CANCELLED) ++stats_.cancelled;
    completion.queue_ns = job->dispatched_ns - job->arrival_ns;
    if (completion.head.op == Op::kRun && completion.status.ok()) {
      stats_.queue.add(completion.queue_ns);
      stats_.device.add(completion.head.device_ns);
      stats_.total.add(now_ns() - job->arrival_ns);
      recent_device_ns_ = (recent_device_ns_ * 7 + completion.head.device_ns) / 8;
    }
    end(job, std::move(completion));
  }
  return happened;
}

bool Lane::dispatch() {
  bool happened = false;
  std::vector<JobPtr> dropped;
  while (ready() && dispatched_.size() < depth_) {
    JobPtr job;
    if (!first_.empty()) {
      job = std::move(first_.front());
      first_.pop_front();
    } else {
      job = queue_.pop(now_ns(), dropped);
    }
    if (!job) break;
    happened = true;
    // The worker that had it is gone: the new one loads it first.
    if (job->program && job->program->loaded_life != life_) {
      with_program(job->program, [this, job](Status status) {
        if (status.ok()) return submit(job);
        end(job, {std::move(status), {}, nullptr, 0});
      });
      continue;
    }
    hand_out(std::move(job));
  }
  happened = happened || !dropped.empty();
  drop(dropped);
  return happened;
}

void Lane::hand_out(JobPtr job) {
  job->dispatched_ns = now_ns();
  Result<SegmentLease> segment = job->prepare(*worker_);
  Status status = segment.status();
  if (segment.ok()) {
    const PooledSegment* key = segment->get();
    dispatched_.emplace(key, job);
    job->segment = segment->get();
    status = worker_->submit(std::move(*segment));
    if (status.ok()) return;
    dispatched_.erase(key);
  }
  end(job, {std::move(status), {}, nullptr, 0});
}

void Lane::end(const JobPtr& job, Completion completion) {
  ++(completion.status.ok() ? stats_.done : stats_.failed);
  // What the job holds (frames, connections) goes with it, not with whoever still points to it.
  const auto done = std::exchange(job->done, {});
  job->prepare = {};
  job->segment = nullptr;
  if (done) done(std::move(completion));
}

void Lane::drop(std::vector<JobPtr>& jobs) {
  for (const JobPtr& job : jobs) {
    ++(job->cancelled ? stats_.cancelled : stats_.expired);
    end(job, {job->cancelled
                  ? fail(RDU_ERR_CANCELLED, "the run was cancelled")
                  : fail(RDU_ERR_DEADLINE_EXCEEDED, "the deadline passed while the run waited"),
              {},
              nullptr,
              now_ns() - job->arrival_ns});
  }
}

void Lane::tend(std::uint64_t now) {
  if (worker_ && hangs(now)) worker_->give_up("did not answer in time, and was ended,");
  if (worker_ && worker_->gone()) bury(now);
  if (!worker_ && now >= next_start_ns_) start(now);
  if (worker_ && !worker_->ready()) welcome();
  std::vector<JobPtr> dropped;
  queue_.sweep(now, dropped);
  drop(dropped);
}

// The worker takes work in order: what it is at are the first that it was given. The others wait behind them, and may.
bool Lane::hangs(std::uint64_t now) const {
  const auto is_begun = [&](const Job& job) {
    const auto before = std::ranges::count_if(dispatched_, [&](const auto& entry) {
      return entry.second->dispatched_ns < job.dispatched_ns;
    });
    return before < static_cast<std::ptrdiff_t>(depth_ / 2);
  };
  return std::ranges::any_of(dispatched_, [&](const auto& entry) {
    const Job& job = *entry.second;
    const std::uint64_t end =
        job.deadline_ns != 0 ? job.deadline_ns : job.dispatched_ns + patience_.without_deadline_ns;
    return now > end + patience_.after_deadline_ns && is_begun(job);
  });
}

void Lane::start(std::uint64_t now) {
  next_start_ns_ = now + kFirstDelay;
  Result<std::unique_ptr<WorkerProcess>> started = WorkerProcess::start(command_);
  if (started.ok()) {
    worker_ = std::move(*started);
  } else {
    fail_all(started.status());
  }
}

void Lane::welcome() {
  std::optional<Result<DeviceFacts>> said = worker_->introduction();
  if (!said) return;
  if (!said->ok()) {
    worker_->give_up(said->status().message());
    trouble_ = said->status();
    return;
  }
  facts_ = std::move(**said);
  trouble_ = Status();
  bad_starts_ = 0;
  ++life_;
}

void Lane::bury(std::uint64_t now) {
  const bool lived = worker_->ready();
  const std::string ending = worker_->how_it_ended();
  worker_.reset();
  ++life_;  // what the dead one had is nowhere
  ++stats_.restarts;
  if (lived) {
    next_start_ns_ = now;
  } else {
    next_start_ns_ = now + std::min(kLongestDelay, kFirstDelay << std::min(bad_starts_, 10u));
    ++bad_starts_;
  }
  const Status lost =
      fail(RDU_ERR_WORKER_LOST, "the worker of ", device_, " ", ending, " during the request");
  auto jobs = std::exchange(dispatched_, {});
  stats_.lost += jobs.size();
  for (const auto& [segment, job] : jobs) end(job, {lost, {}, nullptr, 0});
  if (!lived) fail_all(trouble_.ok() ? lost : trouble_);
}

// There is no worker, and none to be had soon.
void Lane::fail_all(const Status& status) {
  trouble_ = status;
  auto first = std::exchange(first_, {});
  for (const JobPtr& job : first) end(job, {status, {}, nullptr, 0});
  for (const JobPtr& job : queue_.take_all()) end(job, {status, {}, nullptr, 0});
}

std::uint64_t Lane::begins_in_ns() const {
  const std::uint64_t at_once = std::max(1u, depth_ / 2), ahead = queued() + under_way();
  return ahead < at_once ? 0 : (ahead - at_once + 1) * recent_device_ns_ / at_once;
}

std::uint64_t Lane::expected_wait_ns() const {
  const std::uint64_t at_once = std::max(1u, depth_ / 2);
  return (queued() + under_way() + 1) * std::max<std::uint64_t>(recent_device_ns_, 100'000) /
         at_once;
}

}  // namespace rdu::remote::node
