// Files on the background thread, devices in their workers, and one table of what is loaded.
#include "plugins/remote/node/program_desk.hpp"

#include "plugins/remote/node/clock.hpp"

namespace rdu::remote::node {

namespace {

// Asked with every use: the allow-list may have been read anew.
Status may_use(const Connection& client, const Program& program) {
  if (!program.trains || client.client.may(Role::kTrain)) return {};
  return fail(RDU_ERR_PERMISSION, "this client may only ", role_names(client.client.roles),
              ": the signature changes parameters, which needs the role train");
}

// Who may not upload may use what is here already.
Result<std::vector<std::uint32_t>> nothing_missing(Store& store, const Hash& artifact) {
  if (store.find(artifact).ok()) return std::vector<std::uint32_t>();
  return fail(
      RDU_ERR_PERMISSION,
      "the artifact is not here, and this client may not bring it: it needs the role upload");
}

Selection selection_of(const Load& load) {
  return {load.artifact,      load.signature,   load.variant,
          load.first_section, load.end_section, load.stateless ? 1u : 0u};
}

}  // namespace

void ProgramDesk::offer(const Request& request) {
  auto offer = std::make_shared<Offer>();
  if (!read_request(services_, request, *offer)) return;
  const bool brings = request.to.from->client.may(Role::kUpload);
  services_.background.post([this, offer, brings, to = request.to]() -> Background::Finish {
    auto missing = std::make_shared<Result<std::vector<std::uint32_t>>>(
        brings ? services_.store.offer(*offer) : nothing_missing(services_.store, offer->artifact));
    return [this, missing, to] {
      if (!missing->ok()) return services_.outbox.fail(to, missing->status());
      services_.outbox.reply(to, MessageType::kHave, Have{std::move(**missing)});
    };
  });
}

void ProgramDesk::chunk(const Request& request) {
  Chunk chunk;
  if (!read_request(services_, request, chunk)) return;
  auto frames = std::make_shared<std::vector<Frame>>();
  for (Frame& frame : request.payload) frames->push_back(std::move(frame));
  services_.background.post([this, chunk, frames, to = request.to]() -> Background::Finish {
    const Status status =
        frames->size() == 1
            ? services_.store.put(chunk.artifact, chunk.index, frames->front().bytes())
            : fail(RDU_ERR_INVALID_ARGUMENT, "a chunk of ", frames->size(), " frames");
    return [this, status, to] {
      to.from->credit.give_back(to.bytes);
      services_.outbox.tell(to.from, MessageType::kCredit, Credit{to.bytes});
      if (!status.ok()) services_.outbox.fail({to.from, to.request, 0}, status);
    };
  });
}

void ProgramDesk::commit(const Request& request) {
  Commit commit;
  if (!read_request(services_, request, commit)) return;
  const bool brings = request.to.from->client.may(Role::kUpload);
  services_.background.post([this, commit, brings, to = request.to]() -> Background::Finish {
    const Status status = brings ? services_.store.commit(commit.artifact) : Status();
    Result<StoredArtifact> stored =
        status.ok() ? services_.store.find(commit.artifact) : Result<StoredArtifact>(status);
    return [this, stored = std::move(stored), to, artifact = commit.artifact] {
      if (!stored.ok()) return services_.outbox.fail(to, stored.status());
      verify(to, artifact, *stored);
    };
  });
}

// The front end reads no artifact: a worker opens it, with all the checks of the library.
void ProgramDesk::verify(const RequestRef& to, const Hash& artifact, const StoredArtifact& stored) {
  auto job = std::make_shared<Job>();
  job->client = to.from->client.name;
  job->arrival_ns = now_ns();
  job->prepare = [body = encode_request({.artifact = artifact}, stored)](WorkerProcess& worker) {
    return make_work(worker, {.op = Op::kVerify}, body, 64u << 10);
  };
  job->done = [this, to, artifact](Completion completion) {
    if (completion.status.ok()) return services_.outbox.done(to, MessageType::kCommitted);
    if (completion.status.code() == RDU_ERR_BAD_ARTIFACT) {
      services_.background.post([this, artifact]() -> Background::Finish {
        services_.store.remove(artifact);
        return [] {};
      });
    }
    services_.outbox.fail(to, completion.status);
  };
  services_.lanes.front()->submit(std::move(job));
}

void ProgramDesk::find_artifact(const Hash& artifact,
                                std::function<void(Result<StoredArtifact>)> then) {
  services_.background.post([this, artifact, then = std::move(then)]() -> Background::Finish {
    return [stored = services_.store.find(artifact), then] { then(stored); };
  });
}

void ProgramDesk::check(const Request& request) {
  Check check;
  if (!read_request(services_, request, check)) return;
  Lane* lane = services_.find_lane(check.device);
  if (lane == nullptr) {
    return services_.outbox.fail(
        request.to, fail(RDU_ERR_NOT_FOUND, "this peer offers no device '", check.device, "'"));
  }
  find_artifact(
      check.artifact, [this, lane, check, to = request.to](const Result<StoredArtifact>& stored) {
        if (!stored.ok()) return services_.outbox.fail(to, stored.status());
        auto job = std::make_shared<Job>();
        job->client = to.from->client.name;
        job->arrival_ns = now_ns();
        const Selection selection{check.artifact, check.signature, check.variant, 0, 0};
        job->prepare = [body = encode_request(selection, *stored)](WorkerProcess& worker) {
          return make_work(worker, {.op = Op::kCheck}, body, kLongReply);
        };
        job->done = [this, to](Completion completion) {
          Checked checked;
          Status status = completion.status;
          if (status.ok()) status = decode_verdicts(completion.body(), checked.sections);
          if (!status.ok()) return services_.outbox.fail(to, status);
          services_.outbox.reply(to, MessageType::kChecked, checked);
        };
        lane->submit(std::move(job));
      });
}

void ProgramDesk::load(const Request& request) {
  Load load;
  if (!read_request(services_, request, load)) return;
  Lane* lane = services_.find_lane(load.device);
  if (lane == nullptr) {
    return services_.outbox.fail(
        request.to, fail(RDU_ERR_NOT_FOUND, "this peer offers no device '", load.device, "'"));
  }
  acquire(*lane, selection_of(load),
          [this, lane, to = request.to](const Result<ProgramPtr>& program) {
            if (!program.ok()) return services_.outbox.fail(to, program.status());
            if (const Status status = may_use(*to.from, **program); !status.ok()) {
              release(*lane, *program);
              return services_.outbox.fail(to, status);
            }
            if (to.from->gone) return release(*lane, *program);
            ++to.from->programs[(*program)->number];
            services_.outbox.reply(to, MessageType::kLoaded, (*program)->ports);
          });
}

ProgramPtr ProgramDesk::enter(Lane& lane, const Selection& selection,
                              const StoredArtifact& stored) {
  ProgramPtr& program = programs_[{&lane, selection}];
  if (!program) {
    program = std::make_shared<Program>();
    program->number = next_number_++;
    program->selection = selection;
    program->stored = stored;
    by_number_[program->number] = {program, &lane};
    services_.background.post([this, artifact = selection.artifact]() -> Background::Finish {
      services_.store.pin(artifact);
      return [] {};
    });
  }
  ++program->users;
  return program;
}

void ProgramDesk::acquire(Lane& lane, const Selection& selection,
                          std::function<void(Result<ProgramPtr>)> then) {
  const auto with_stored = [this, &lane, selection,
                            then = std::move(then)](const Result<StoredArtifact>& stored) {
    if (!stored.ok()) return then(stored.status());
    const ProgramPtr program = enter(lane, selection, *stored);
    lane.with_program(program, [this, &lane, program, then](const Status& status) {
      if (status.ok()) return then(program);
      release(lane, program);
      then(status);
    });
  };
  if (const auto found = programs_.find({&lane, selection}); found != programs_.end()) {
    return with_stored(found->second->stored);
  }
  find_artifact(selection.artifact, with_stored);
}

void ProgramDesk::release(Lane& lane, const ProgramPtr& program) {
  if (--program->users != 0) return;
  lane.unload(*program);
  programs_.erase({&lane, program->selection});
  by_number_.erase(program->number);
  services_.background.post([this, artifact = program->selection.artifact]() -> Background::Finish {
    services_.store.unpin(artifact);
    return [] {};
  });
}

Result<ProgramDesk::Use> ProgramDesk::known(const Connection& client, std::uint64_t number) const {
  const auto found = by_number_.find(number);
  if (found == by_number_.end() || !client.programs.contains(number)) {
    return fail(RDU_ERR_NOT_FOUND, "this client has loaded no program ", number);
  }
  return found->second;
}

Result<ProgramDesk::Use> ProgramDesk::find(const Connection& client, std::uint64_t number) const {
  Result<Use> use = known(client, number);
  if (!use.ok()) return use;
  if (Status status = may_use(client, *use->program); !status.ok()) return status;
  return use;
}

void ProgramDesk::unload(const Request& request) {
  Unload unload;
  if (!read_request(services_, request, unload)) return;
  Result<Use> use = known(*request.to.from, unload.program);
  if (!use.ok()) return services_.outbox.fail(request.to, use.status());
  auto& loads = request.to.from->programs;
  if (--loads[unload.program] == 0) loads.erase(unload.program);
  release(*use->lane, use->program);
  services_.outbox.done(request.to);
}

void ProgramDesk::forget(Connection& client) {
  for (const auto& [number, loads] : std::exchange(client.programs, {})) {
    const Use use = by_number_.at(number);
    for (std::uint32_t i = 0; i < loads; ++i) release(*use.lane, use.program);
  }
}

}  // namespace rdu::remote::node
