// Contexts, sockets, send and receive without blocking, and the poll that mixes sockets with descriptors.
#include "plugins/remote/wire/link.hpp"

#include <zmq.h>

#include <cerrno>
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

bool Socket::readable() const {
  int events = 0;
  std::size_t size = sizeof events;
  return zmq_getsockopt(handle_, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN) != 0;
}

Result<int> poll(std::span<PollItem> items, long timeout_ms) {
  zmq_pollitem_t polled[kMostPolled];
  if (items.size() > kMostPolled) {
    return fail(RDU_ERR_LIMIT_EXCEEDED, "poll of ", items.size(), ", at most ", kMostPolled);
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    const PollItem& item = items[i];
    polled[i] = {
        item.socket != nullptr ? item.socket->raw() : nullptr, item.fd,
        static_cast<short>((item.want_read ? ZMQ_POLLIN : 0) | (item.want_write ? ZMQ_POLLOUT : 0)),
        0};
  }
  const int ready = zmq_poll(polled, static_cast<int>(items.size()), timeout_ms);
  if (ready < 0 && errno != EINTR) return fail(RDU_ERR_IO, "poll: ", zmq_strerror(errno));
  for (std::size_t i = 0; i < items.size(); ++i) {
    const short events = ready > 0 ? polled[i].revents : short{0};
    items[i].readable = (events & (ZMQ_POLLIN | ZMQ_POLLERR)) != 0;
    items[i].writable = (events & ZMQ_POLLOUT) != 0;
  }
  return ready < 0 ? 0 : ready;
}

}  // namespace rdu::remote
