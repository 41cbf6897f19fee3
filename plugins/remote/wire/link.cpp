// Contexts, sockets, send and receive without blocking, and the poll that mixes sockets with descriptors.
#include "plugins/remote/wire/link.hpp"

#include <poll.h>
#include <zmq.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

namespace rdu::remote {
namespace {

using plugin::fail;
using plugin::Result;
using plugin::Status;

constexpr std::size_t kMostPolled = 64;

Status send_failure(int error) {
  switch (error) {
    case EAGAIN:
      return fail(RDU_ERR_OVERLOADED, "the send queue is full");
    case EHOSTUNREACH:
      return fail(RDU_ERR_NOT_FOUND, "the connection is gone");
    default:
      return fail(RDU_ERR_IO, "send: ", zmq_strerror(error));
  }
}

int events_of(void* socket) {
  int events = 0;
  std::size_t size = sizeof events;
  return zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size) == 0 ? events : 0;
}

bool ask(PollItem& item) {
  const int events = events_of(item.socket->raw());
  item.readable = item.want_read && (events & ZMQ_POLLIN) != 0;
  item.writable = item.want_write && (events & ZMQ_POLLOUT) != 0;
  return item.readable || item.writable;
}

int ask_sockets(std::span<PollItem> items) {
  int ready = 0;
  for (PollItem& item : items) {
    item.readable = item.writable = false;
    if (item.socket != nullptr && ask(item)) ++ready;
  }
  return ready;
}

// What poll said of each; sockets are asked again where something has changed.
int heed_descriptors(std::span<PollItem> items, std::span<const pollfd> polled) {
  int ready = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    PollItem& item = items[i];
    const short events = polled[i].revents;
    if (item.socket == nullptr) {
      item.readable = (events & (POLLIN | POLLERR | POLLHUP)) != 0;
      item.writable = (events & POLLOUT) != 0;
    } else if (events != 0) {
      ask(item);
    }
    if (item.readable || item.writable) ++ready;
  }
  return ready;
}

int remaining(long timeout_ms, std::chrono::steady_clock::time_point end) {
  if (timeout_ms < 0) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, timeout_ms));
}

}  // namespace

Result<std::shared_ptr<Context>> Context::create(int io_threads, int max_sockets) {
  void* handle = zmq_ctx_new();
  if (handle == nullptr) return fail(RDU_ERR_OUT_OF_MEMORY, "ZeroMQ has no memory for a context");
  auto context = std::make_shared<Context>(handle);
  if (zmq_ctx_set(handle, ZMQ_IO_THREADS, io_threads) != 0 ||
      zmq_ctx_set(handle, ZMQ_MAX_SOCKETS, max_sockets) != 0) {
    return fail(RDU_ERR_INVALID_ARGUMENT, io_threads, " I/O threads for ", max_sockets,
                " sockets: ", zmq_strerror(errno));
  }
  return context;
}

Context::~Context() {
  while (zmq_ctx_term(handle_) != 0 && errno == EINTR) {
  }
}

Socket::~Socket() { close(); }

Socket::Socket(Socket&& other) noexcept
    : context_(std::move(other.context_)), handle_(std::exchange(other.handle_, nullptr)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    close();
    context_ = std::move(other.context_);
    handle_ = std::exchange(other.handle_, nullptr);
  }
  return *this;
}

void Socket::close() {
  if (handle_ != nullptr) zmq_close(std::exchange(handle_, nullptr));
  context_.reset();
}

Status Socket::send(std::span<Frame> frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const int more = i + 1 < frames.size() ? ZMQ_SNDMORE : 0;
    int sent = 0;
    do {
      sent = zmq_msg_send(static_cast<zmq_msg_t*>(frames[i].raw()), handle_, ZMQ_DONTWAIT | more);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0) return send_failure(errno);
  }
  return {};
}

Result<bool> Socket::receive(std::vector<Frame>& frames) {
  frames.clear();
  for (bool more = true; more;) {
    Frame frame;
    auto* message = static_cast<zmq_msg_t*>(frame.raw());
    int got = 0;
    do {
      got = zmq_msg_recv(message, handle_, ZMQ_DONTWAIT);
    } while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN && frames.empty()) return false;
    if (got < 0) return fail(RDU_ERR_IO, "receive: ", zmq_strerror(errno));
    more = zmq_msg_more(message) != 0;
    frames.push_back(std::move(frame));
  }
  return true;
}

int Socket::fd() const {
  int fd = -1;
  std::size_t size = sizeof fd;
  zmq_getsockopt(handle_, ZMQ_FD, &fd, &size);
  return fd;
}

bool Socket::readable() const { return (events_of(handle_) & ZMQ_POLLIN) != 0; }

Result<int> poll(std::span<PollItem> items, long timeout_ms) {
  if (items.size() > kMostPolled) {
    return fail(RDU_ERR_LIMIT_EXCEEDED, "poll of ", items.size(), ", at most ", kMostPolled);
  }
  pollfd polled[kMostPolled];
  for (std::size_t i = 0; i < items.size(); ++i) {
    const PollItem& item = items[i];
    polled[i] = {item.socket != nullptr ? item.socket->fd() : item.fd, POLLIN, 0};
    if (item.socket == nullptr) {
      polled[i].events =
          static_cast<short>((item.want_read ? POLLIN : 0) | (item.want_write ? POLLOUT : 0));
    }
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  for (;;) {
    // A socket's descriptor only tells of what is new: the socket is asked before anybody waits.
    int ready = ask_sockets(items);
    const int got = ::poll(polled, static_cast<nfds_t>(items.size()),
                           ready > 0 ? 0 : remaining(timeout_ms, end));
    if (got < 0 && errno != EINTR) return fail(RDU_ERR_IO, "poll: ", std::strerror(errno));
    if (got > 0) ready = heed_descriptors(items, polled);
    const bool over = timeout_ms >= 0 && std::chrono::steady_clock::now() >= end;
    if (ready > 0 || got < 0 || over) return ready;
  }
}

}  // namespace rdu::remote
