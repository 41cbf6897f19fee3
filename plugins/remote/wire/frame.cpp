// A zmq_msg_t whose life follows C++ rules.
#include "plugins/remote/wire/frame.hpp"

#include <zmq.h>

#include <cstring>
#include <new>

namespace rdu::remote {
namespace {

zmq_msg_t* message(void* storage) { return static_cast<zmq_msg_t*>(storage); }
// ZeroMQ's readers take a pointer to what they do not change.
zmq_msg_t* message(const std::byte* storage) {
  return message(const_cast<void*>(static_cast<const void*>(storage)));
}

}  // namespace

Frame::Frame() noexcept {
  static_assert(sizeof storage_ == sizeof(zmq_msg_t) && alignof(zmq_msg_t) <= 8);
  zmq_msg_init(message(raw()));
}

Frame::~Frame() { zmq_msg_close(message(raw())); }

Frame::Frame(Frame&& other) noexcept : Frame() {
  zmq_msg_move(message(raw()), message(other.raw()));
}

Frame& Frame::operator=(Frame&& other) noexcept {
  if (this != &other) zmq_msg_move(message(raw()), message(other.raw()));
  return *this;
}

Frame Frame::sized(std::size_t bytes) {
  Frame frame;
  if (zmq_msg_init_size(message(frame.raw()), bytes) != 0) {
    zmq_msg_init(message(frame.raw()));
    throw std::bad_alloc();
  }
  return frame;
}

Frame Frame::copy_of(std::span<const std::byte> bytes) {
  Frame frame = sized(bytes.size());
  if (!bytes.empty()) std::memcpy(frame.writable().data(), bytes.data(), bytes.size());
  return frame;
}

Frame Frame::borrow(std::span<const std::byte> bytes, ReleaseFn release, void* owner) {
  Frame frame;
  void* data = const_cast<std::byte*>(bytes.data());
  if (zmq_msg_init_data(message(frame.raw()), data, bytes.size(), release, owner) != 0) {
    zmq_msg_init(message(frame.raw()));
    throw std::bad_alloc();
  }
  return frame;
}

std::span<const std::byte> Frame::bytes() const {
  zmq_msg_t* msg = message(storage_);
  return {static_cast<const std::byte*>(zmq_msg_data(msg)), zmq_msg_size(msg)};
}

std::span<std::byte> Frame::writable() {
  zmq_msg_t* msg = message(raw());
  return {static_cast<std::byte*>(zmq_msg_data(msg)), zmq_msg_size(msg)};
}

std::string Frame::property(const char* name) const {
  const char* value = zmq_msg_gets(message(storage_), name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace rdu::remote
