// posix_spawn of this program itself, numbers for its memory, and what is believed of what comes back.
#include "plugins/remote/node/worker_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "plugins/remote/node/worker/serve.hpp"

extern char** environ;

namespace rdu::remote::node {

namespace {

constexpr std::size_t kMaxIntroduction = 64u << 10;

class SpawnActions {
 public:
  SpawnActions() { ::posix_spawn_file_actions_init(&actions_); }
  ~SpawnActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  void move(int from, int to) { ::posix_spawn_file_actions_adddup2(&actions_, from, to); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

// Out of the way of the numbers that the worker expects.
Result<Descriptor> high(Descriptor file) {
  Descriptor moved(::fcntl(file.get(), F_DUPFD_CLOEXEC, 64));
  if (!moved) return system_error("cannot copy", "a descriptor");
  return moved;
}

std::string ending_of(int status) {
  if (WIFSIGNALED(status)) return concat("killed by signal ", WTERMSIG(status));
  return concat("ended with code ", WEXITSTATUS(status));
}

Result<pid_t> spawn(const WorkerCommand& command, ChannelFiles files) {
  SpawnActions actions;
  std::vector<Descriptor> held;
  const std::pair<Descriptor*, int> wanted[] = {{&files.socket, kWorkerSocket},
                                                {&files.page, kWorkerPage},
                                                {&files.reply_bell, kWorkerReplyBell}};
  for (const auto& [file, number] : wanted) {
    Result<Descriptor> moved = high(std::move(*file));
    if (!moved.ok()) return moved.status();
    actions.move(moved->get(), number);
    held.push_back(std::move(*moved));
  }
  std::vector<std::string> words = command.arguments;
  words.insert(words.begin(), "rdu-node");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t process = 0;
  const int error = ::posix_spawn(&process, command.program.c_str(), actions.get(), nullptr,
                                  arguments.data(), environ);
  if (error != 0) {
    errno = error;
    return system_error("cannot start", command.program);
  }
  return process;
}

}  // namespace

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::start(const WorkerCommand& command) {
  ChannelFiles files;
  Result<FrontChannel> channel = FrontChannel::create(files);
  if (!channel.ok()) return channel.status();
  const Result<pid_t> process = spawn(command, std::move(files));
  if (!process.ok()) return process.status();
  return std::unique_ptr<WorkerProcess>(new WorkerProcess(std::move(*channel), *process));
}

WorkerProcess::~WorkerProcess() {
  if (!ending_.empty()) return;
  ::kill(process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<Result<DeviceFacts>> WorkerProcess::introduction() {
  Bytes bytes(kMaxIntroduction);
  const ssize_t got = ::recv(channel_.socket(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  if (got <= 0)
    return Result<DeviceFacts>(
        fail(RDU_ERR_WORKER_LOST, "the worker ended before it said anything"));
  ByteReader in(ByteSpan(bytes).first(static_cast<std::size_t>(got)));
  const auto code = in.get<rdu_code>();
  const std::string message = in.get_text();
  if (code != RDU_OK || !in.ok())
    return Result<DeviceFacts>(Status(code == RDU_OK ? RDU_ERR_INTERNAL : code, message));
  DeviceFacts facts;
  if (Status status = decode_device(in.get_bytes(), facts); !status.ok())
    return Result<DeviceFacts>(status);
  ready_ = true;
  return Result<DeviceFacts>(std::move(facts));
}

Result<std::uint32_t> WorkerProcess::share(int file) {
  const std::uint32_t number = next_number_++;
  RDU_NODE_TRY(channel_.hand_over(number, file));
  return number;
}

void WorkerProcess::forget(std::uint32_t number) { channel_.forget(number); }

Status WorkerProcess::submit(SegmentLease segment) {
  for (const std::uint32_t number : pool_->take_dropped()) channel_.forget(number);
  if (segment->number == 0) {
    const Result<std::uint32_t> number = share(segment->memory.file());
    if (!number.ok()) return number.status();
    segment->number = *number;
  }
  const std::uint32_t number = segment->number;
  under_way_.emplace(number, std::move(segment));
  if (channel_.push(number)) return {};
  under_way_.erase(number);
  return fail(RDU_ERR_OVERLOADED, "the worker has ", under_way_.size(), " pieces of work already");
}

std::optional<SegmentLease> WorkerProcess::reap() {
  const auto number = channel_.pop();
  if (!number) return std::nullopt;
  const auto found = under_way_.find(*number);
  if (found == under_way_.end()) {
    give_up("it answered what nobody asked");
    return std::nullopt;
  }
  SegmentLease segment = std::move(found->second);
  under_way_.erase(found);
  return segment;
}

bool WorkerProcess::gone() {
  if (!ending_.empty()) return true;
  int status = 0;
  if (::waitpid(process_, &status, WNOHANG) != process_) return false;
  ending_ = ending_of(status);
  return true;
}

void WorkerProcess::give_up(const std::string& why) {
  if (!ending_.empty()) return;
  ::kill(process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
  ending_ = why;
}

Result<SegmentLease> make_work(WorkerProcess& worker, WorkHead head, ByteSpan body,
                               std::size_t reply_bytes) {
  const std::size_t at = body_offset(std::size_t{head.num_inputs} + head.num_outputs);
  Result<SegmentLease> segment = worker.acquire(at + std::max(body.size(), reply_bytes));
  if (!segment.ok()) return segment;
  head.body_bytes = static_cast<std::uint32_t>(body.size());
  const std::span<std::byte> bytes = (*segment)->memory.bytes();
  write_head(bytes, head);
  if (!body.empty()) std::memcpy(bytes.data() + at, body.data(), body.size());
  return segment;
}

}  // namespace rdu::remote::node
