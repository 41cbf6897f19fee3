// Any number of threads, each of which takes the next piece of work: the one who sees it does it, so nothing is handed on.
#include "plugins/remote/node/worker/serve.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <thread>
#include <unordered_map>

namespace rdu::remote::node {

namespace {

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

// Memory by the front end's number. What is handed over comes before its number does.
class MemoryTable {
 public:
  explicit MemoryTable(WorkerChannel& channel) : channel_(channel) {}

  Result<std::span<std::byte>> find(std::uint32_t number) {
    const std::lock_guard lock(mutex_);
    for (;;) {
      if (const auto found = segments_.find(number); found != segments_.end())
        return found->second.bytes();
      Result<std::pair<std::uint32_t, std::optional<Segment>>> next = channel_.receive_memory();
      if (!next.ok()) return next.status();
      if (next->second) {
        segments_.insert_or_assign(next->first, std::move(*next->second));
      } else {
        segments_.erase(next->first);
      }
    }
  }

 private:
  WorkerChannel& channel_;
  std::mutex mutex_;
  std::unordered_map<std::uint32_t, Segment> segments_;
};

class WorkerLoop {
 public:
  WorkerLoop(WorkerChannel& channel, WorkerHost& host)
      : channel_(channel), host_(host), memory_(channel) {}

  void run() {
    for (bool brisk = false;;) {
      const std::uint32_t number = channel_.take(brisk);
      const Result<std::span<std::byte>> segment = memory_.find(number);
      if (!segment.ok()) ::_exit(1);
      const std::uint64_t device_ns = serve(*segment);
      brisk = device_ns != 0 && device_ns < kBriskNs;
      channel_.reply(number);
    }
  }

 private:
  // How long the device took, where the work was a run.
  std::uint64_t serve(std::span<std::byte> segment) {
    WorkHead head = read_head(segment);
    Result<Bytes> outcome = Bytes();
    try {
      outcome = work(segment, head);
    } catch (const std::bad_alloc&) {
      outcome = fail(RDU_ERR_OUT_OF_MEMORY, "the worker ran out of memory");
    } catch (const std::exception& error) {
      outcome = fail(RDU_ERR_INTERNAL, error.what());
    }
    const std::string& sentence = outcome.status().message();
    const ByteSpan body = outcome.ok() ? ByteSpan(*outcome) : std::as_bytes(std::span(sentence));
    put_reply(segment, head, outcome.status().code(), body);
    return head.device_ns;
  }

  static void put_reply(std::span<std::byte> segment, WorkHead& head, rdu_code code,
                        ByteSpan body) {
    const auto room = segment.subspan(body_offset(std::size_t{head.num_inputs} + head.num_outputs));
    head.code = code;
    if (body.size() > room.size() && code == RDU_OK) {
      head.code = RDU_ERR_LIMIT_EXCEEDED;
      body = {};
    }
    body = body.first(std::min(body.size(), room.size()));
    head.body_bytes = static_cast<std::uint32_t>(body.size());
    // A run's results lie where the body would: it has none.
    if (!body.empty()) std::memcpy(room.data(), body.data(), body.size());
    write_head(segment, head);
  }

  Result<Bytes> work(std::span<std::byte> segment, WorkHead& head) {
    const ByteSpan body = body_of(segment, head);
    switch (head.op) {
      case Op::kVerify:
        return nothing(host_.verify(body));
      case Op::kCheck:
        return host_.check(body);
      case Op::kLoad:
        return host_.load(head.program, body);
      case Op::kUnload:
        host_.unload(head.program);
        return Bytes();
      case Op::kRun:
        return nothing(run(segment, head));
      case Op::kCanary:
        return nothing(host_.canary());
      case Op::kStateCreate:
        return nothing(host_.create_state(head.program, head.state));
      case Op::kStateDestroy:
        host_.destroy_state(head.state);
        return Bytes();
      default:
        return nothing(work_on_state(segment, head, body));
    }
  }

  static Result<Bytes> nothing(Status status) {
    if (!status.ok()) return status;
    return Bytes();
  }

  Status work_on_state(std::span<std::byte> segment, const WorkHead& head, ByteSpan body) {
    const Result<std::shared_ptr<WorkerState>> found = host_.state(head.state);
    if (!found.ok()) return found.status();
    WorkerState& state = **found;
    const std::lock_guard lock(state.mutex());
    const std::string path(reinterpret_cast<const char*>(body.data()), body.size());
    switch (head.op) {
      case Op::kStateReset:
        return state.reset();
      case Op::kStateClone:
        return host_.clone_state(head.state, head.other_state);
      case Op::kStateSave:
        return state.save(path);
      case Op::kStateRestore:
        return state.restore(path);
      case Op::kStateRead:
      case Op::kStateWrite:
        break;
      default:
        return fail(RDU_ERR_INTERNAL, "unknown work ", static_cast<std::uint32_t>(head.op));
    }
    std::vector<TensorMemory> place;
    RDU_NODE_TRY(places(segment, head, place));
    if (place.size() != 1) return fail(RDU_ERR_INTERNAL, "a variable has one place");
    const std::span bytes(place[0].data, place[0].bytes);
    return head.op == Op::kStateRead ? state.read(head.variable, bytes)
                                     : state.write(head.variable, bytes);
  }

  Status run(std::span<std::byte> segment, WorkHead& head) {
    const Result<std::shared_ptr<WorkerProgram>> program = host_.program(head.program);
    if (!program.ok()) return program.status();
    thread_local std::vector<TensorMemory> tensors;
    RDU_NODE_TRY(places(segment, head, tensors));
    const std::span inputs = std::span(tensors).first(head.num_inputs);
    const std::span outputs = std::span(tensors).subspan(head.num_inputs);
    const std::uint64_t begin = now_ns();
    std::uint64_t timeout_us = 0;
    if (head.deadline_ns != 0) {
      if (begin >= head.deadline_ns)
        return fail(RDU_ERR_DEADLINE_EXCEEDED, "the deadline passed before the run began");
      timeout_us = (head.deadline_ns - begin) / 1000 + 1;
    }
    const RunTerms terms{nullptr, timeout_us, stop_word(segment)};
    if (terms.stop.load() != 0) return fail(RDU_ERR_CANCELLED, "the run was cancelled");
    const Status status = head.state == 0
                              ? (*program)->run(inputs, outputs, terms)
                              : run_with_state(*program, head.state, inputs, outputs, terms);
    head.device_ns = now_ns() - begin;
    return status;
  }

  Status run_with_state(const std::shared_ptr<WorkerProgram>& program, std::uint64_t number,
                        std::span<const TensorMemory> inputs, std::span<const TensorMemory> outputs,
                        const RunTerms& terms) {
    const Result<std::shared_ptr<WorkerState>> state = host_.state(number);
    if (!state.ok()) return state.status();
    const std::lock_guard lock((*state)->mutex());
    const Result<rdu_state*> own = (*state)->for_run(program);
    if (!own.ok()) return own.status();
    return program->run(inputs, outputs, {*own, terms.timeout_us, terms.stop});
  }

  // The front end checks what clients say; a mistake of its own must not become a wild pointer here.
  Status places(std::span<std::byte> segment, const WorkHead& head,
                std::vector<TensorMemory>& out) {
    const std::size_t count = std::size_t{head.num_inputs} + head.num_outputs;
    if (count > kMaxPlaces || body_offset(count) > segment.size()) {
      return fail(RDU_ERR_INTERNAL, count, " places do not fit their segment");
    }
    out.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      Place place;
      std::memcpy(&place, segment.data() + sizeof(WorkHead) + i * sizeof(Place), sizeof place);
      const Result<std::span<std::byte>> memory =
          place.memory == 0 ? Result<std::span<std::byte>>(segment) : memory_.find(place.memory);
      if (!memory.ok()) return memory.status();
      if (place.offset > memory->size() || place.bytes > memory->size() - place.offset) {
        return fail(RDU_ERR_INTERNAL, "place ", i, " lies outside its memory");
      }
      out[i] = {memory->data() + place.offset, place.bytes};
    }
    return {};
  }

  WorkerChannel& channel_;
  WorkerHost& host_;
  MemoryTable memory_;
};

// Ends with its parent, at whatever moment that comes; signals of a terminal are the parent's business.
void settle_in(const WorkerOptions& options) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != options.parent) ::_exit(1);
  ::prctl(PR_SET_NAME, "rdu-node-worker");
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::signal(signal, SIG_IGN);
  if (options.memory_bytes != 0) {
    const rlimit limit = {options.memory_bytes, options.memory_bytes};
    ::setrlimit(RLIMIT_DATA, &limit);
  }
  const rlimit no_core = {0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
}

// The first message: what the device is, or why there is none. Sent over the socket, before any memory comes.
bool introduce(const Result<Bytes>& facts, const Status& opened) {
  ByteWriter out;
  const Status& status = opened.ok() ? facts.status() : opened;
  out.put(status.code());
  out.put_text(status.message());
  if (status.ok()) out.put_bytes(*facts);
  return ::write(kWorkerSocket, out.bytes().data(), out.bytes().size()) ==
         static_cast<ssize_t>(out.bytes().size());
}

}  // namespace

int serve_worker(const WorkerOptions& options) {
  settle_in(options);
  Result<std::unique_ptr<WorkerHost>> host = WorkerHost::open(options.host);
  const Result<Bytes> facts = host.ok() ? (*host)->facts() : Result<Bytes>(host.status());
  if (!introduce(facts, host.status()) || !host.ok()) return 1;
  Result<WorkerChannel> channel = WorkerChannel::open(
      {Descriptor(kWorkerSocket), Descriptor(kWorkerPage), Descriptor(kWorkerReplyBell)},
      options.spin);
  if (!channel.ok()) return 1;
  WorkerLoop loop(*channel, **host);
  std::vector<std::thread> threads;
  for (std::uint32_t i = 1; i < options.runs_at_once; ++i)
    threads.emplace_back([&loop] { loop.run(); });
  loop.run();
  return 0;
}

}  // namespace rdu::remote::node
