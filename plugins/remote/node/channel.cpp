// The rings, and who rings whom when: a number that was pushed is always seen by someone awake or by someone who is woken.
#include "plugins/remote/node/channel.hpp"

#include <linux/futex.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace rdu::remote::node {

namespace {

// A number, and room for one file that comes with it.
struct Datagram {
  Datagram() {
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
  }
  Datagram(const Datagram&) = delete;
  Datagram& operator=(const Datagram&) = delete;

  std::uint32_t number = 0;
  iovec data = {&number, sizeof number};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message = {};
};

// On a word that two processes share, which std::atomic does not do. One sleeper wakes for each call; those of an eventfd all do.
void futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value) {
  static_assert(sizeof word == sizeof(std::uint32_t));
  ::syscall(SYS_futex, &word, operation, value, nullptr, nullptr, 0);
}

void wake_one(std::atomic<std::uint32_t>& word) { futex(word, FUTEX_WAKE, 1); }

void ring_bell(int bell) {
  const std::uint64_t one = 1;
  while (::write(bell, &one, sizeof one) < 0 && errno == EINTR) {
  }
}

}  // namespace

bool Ring::push(std::uint32_t number) {
  const std::uint32_t at = tail.load(std::memory_order_relaxed);
  if (at - head.load(std::memory_order_acquire) >= kSlots) return false;
  slots[at % kSlots].store(number, std::memory_order_relaxed);
  tail.store(at + 1, std::memory_order_seq_cst);
  return true;
}

std::optional<std::uint32_t> Ring::pop() {
  const std::uint32_t at = head.load(std::memory_order_relaxed);
  if (at == tail.load(std::memory_order_acquire)) return std::nullopt;
  const std::uint32_t number = slots[at % kSlots].load(std::memory_order_relaxed);
  head.store(at + 1, std::memory_order_seq_cst);
  return number;
}

Result<FrontChannel> FrontChannel::create(ChannelFiles& worker_files) {
  FrontChannel channel;
  Result<Segment> page = Segment::create(sizeof(ChannelPage));
  if (!page.ok()) return page.status();
  channel.page_ = std::move(*page);
  new (channel.page_.data()) ChannelPage();

  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return system_error("cannot make", "a pair of sockets");
  }
  channel.socket_ = Descriptor(ends[0]);
  worker_files.socket = Descriptor(ends[1]);
  channel.reply_bell_ = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  worker_files.page = Descriptor(::dup(channel.page_.file()));
  worker_files.reply_bell = Descriptor(::dup(channel.reply_bell_.get()));
  if (!worker_files.page || !worker_files.reply_bell)
    return system_error("cannot make", "a channel");
  return channel;
}

Status FrontChannel::hand_over(std::uint32_t number, int file) {
  Datagram datagram;
  datagram.number = number;
  cmsghdr* rights = CMSG_FIRSTHDR(&datagram.message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof file);
  std::memcpy(CMSG_DATA(rights), &file, sizeof file);
  if (::sendmsg(socket_.get(), &datagram.message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
    // It died, and nobody has noticed yet.
    if (errno == EPIPE || errno == ECONNRESET) {
      return fail(RDU_ERR_WORKER_LOST, "the worker ended before the request began");
    }
    return system_error("cannot hand memory to", "a worker");
  }
  return {};
}

void FrontChannel::forget(std::uint32_t number) {
  // Lost where the socket is full: then the memory stays until the worker goes.
  if (::send(socket_.get(), &number, sizeof number, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) return;
}

bool FrontChannel::push(std::uint32_t number) {
  if (!page().requests.push(number)) return false;
  const bool seen = page().worker_spins.load(std::memory_order_seq_cst) != 0;
  if (!seen && page().worker_sleeps.load(std::memory_order_seq_cst) != 0) {
    wake_one(page().requests.tail);
  }
  return true;
}

bool FrontChannel::before_sleep() {
  page().front_sleeps.store(1, std::memory_order_seq_cst);
  if (!has_reply()) return true;
  page().front_sleeps.store(0, std::memory_order_relaxed);
  return false;
}

void FrontChannel::after_sleep(bool rung) {
  page().front_sleeps.store(0, std::memory_order_relaxed);
  if (!rung) return;
  std::uint64_t count = 0;
  if (::read(reply_bell_.get(), &count, sizeof count) < 0 && errno != EAGAIN) return;
}

Result<WorkerChannel> WorkerChannel::open(ChannelFiles files, std::chrono::nanoseconds spin) {
  Result<Segment> page = Segment::map(std::move(files.page));
  if (!page.ok()) return page.status();
  if (page->size() < sizeof(ChannelPage))
    return fail(RDU_ERR_INTERNAL, "a channel's page is too small");
  return WorkerChannel(std::move(*page), std::move(files), spin);
}

WorkerChannel::WorkerChannel(WorkerChannel&& other) noexcept
    : page_(std::move(other.page_)), files_(std::move(other.files_)), spin_(other.spin_) {}

std::optional<std::uint32_t> WorkerChannel::try_take() {
  const std::lock_guard lock(take_mutex_);
  const auto number = page().requests.pop();
  // Its segment may have been another thread's before: the front end gave it back in between, but that is another process,
  // and the order of the two threads must be seen in this one.
  static_cast<void>(page().replies.tail.load(std::memory_order_acquire));
  // The front end may have trusted the one who took this to see the next, too.
  if (number && !page().requests.empty() &&
      page().worker_sleeps.load(std::memory_order_seq_cst) != 0) {
    wake_one(page().requests.tail);
  }
  return number;
}

// One thread at a time: more would only take processors from those who work.
std::optional<std::uint32_t> WorkerChannel::spin() {
  if (spin_.count() == 0 || page().worker_spins.exchange(1, std::memory_order_seq_cst) != 0) {
    return std::nullopt;
  }
  if (alertness_.wants_to_look()) {
    const auto end = std::chrono::steady_clock::now() + spin_;
    while (page().requests.empty() && std::chrono::steady_clock::now() < end) ::sched_yield();
    alertness_.looked(!page().requests.empty());
  }
  page().worker_spins.store(0, std::memory_order_seq_cst);
  return try_take();
}

void WorkerChannel::sleep() {
  Ring& requests = page().requests;
  page().worker_sleeps.fetch_add(1, std::memory_order_seq_cst);
  const std::uint32_t seen = requests.tail.load(std::memory_order_seq_cst);
  if (requests.head.load(std::memory_order_seq_cst) == seen) futex(requests.tail, FUTEX_WAIT, seen);
  page().worker_sleeps.fetch_sub(1, std::memory_order_seq_cst);
}

std::uint32_t WorkerChannel::take(bool soon) {
  for (;;) {
    if (const auto number = try_take()) return *number;
    if (const auto number = soon ? spin() : std::nullopt) return *number;
    sleep();
  }
}

void WorkerChannel::reply(std::uint32_t number) {
  {
    const std::lock_guard lock(reply_mutex_);
    page().replies.push(number);
  }
  // One bell is enough for all replies until the front end sleeps again.
  if (page().front_sleeps.load(std::memory_order_seq_cst) != 0 &&
      page().front_sleeps.exchange(0, std::memory_order_seq_cst) != 0) {
    ring_bell(files_.reply_bell.get());
  }
}

Result<std::pair<std::uint32_t, std::optional<Segment>>> WorkerChannel::receive_memory() {
  Datagram datagram;
  ssize_t got = 0;
  do {
    got = ::recvmsg(files_.socket.get(), &datagram.message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  const cmsghdr* rights = CMSG_FIRSTHDR(&datagram.message);
  const std::uint32_t number = datagram.number;
  if (got != sizeof number) return fail(RDU_ERR_IO, "the front end is gone");
  if (rights == nullptr || rights->cmsg_type != SCM_RIGHTS)
    return std::pair(number, std::optional<Segment>());
  int file = -1;
  std::memcpy(&file, CMSG_DATA(rights), sizeof file);
  Result<Segment> segment = Segment::map(Descriptor(file));
  if (!segment.ok()) return segment.status();
  return std::pair(number, std::optional(std::move(*segment)));
}

}  // namespace rdu::remote::node
