// Host memory for devices that work in it, the plugin's buffers for the others.
#include "sdk/src/runtime/buffer.hpp"

#include <cstring>

#include "sdk/base/checked.hpp"

namespace rdu::runtime {

Status Buffer::create(std::shared_ptr<Device> device, std::uint64_t bytes,
                      std::unique_ptr<Buffer>& out) {
  auto buffer = std::make_unique<Buffer>(std::move(device), bytes);
  const Device& owner = *buffer->device_;
  if (owner.uses_host_memory()) {
    RDU_TRY(buffer->block_.allocate(owner.context().allocator(), bytes, "a buffer",
                                    owner.properties().alignment));
    buffer->host_ = buffer->block_.data();
  } else {
    RDU_TRY(DeviceBuffer::allocate(owner, bytes, buffer->memory_));
    buffer->host_ = buffer->memory_.map();
  }
  out = std::move(buffer);
  return {};
}

Status Buffer::import(std::shared_ptr<Device> device, void* data, std::uint64_t bytes,
                      rdu_release_fn release, void* user, std::unique_ptr<Buffer>& out) {
  auto buffer = std::make_unique<Buffer>(std::move(device), bytes);
  if (!buffer->device_->uses_host_memory()) {
    RDU_TRY(DeviceBuffer::import(*buffer->device_, data, bytes, buffer->memory_));
  }
  buffer->host_ = static_cast<std::byte*>(data);
  buffer->release_ = release;
  buffer->release_user_ = user;
  out = std::move(buffer);
  return {};
}

Buffer::~Buffer() {
  memory_ = DeviceBuffer();
  if (release_) release_(release_user_, host_);
}

Status Buffer::check_range(std::uint64_t offset, std::uint64_t bytes) const {
  if (base::range_within(offset, bytes, bytes_)) return {};
  return fail(RDU_ERR_INVALID_ARGUMENT, "bytes ", offset, " to ", offset, "+", bytes,
              " are not within a buffer of ", bytes_, " bytes");
}

Status Buffer::read(std::uint64_t offset, void* out, std::uint64_t bytes) const {
  RDU_TRY(check_range(offset, bytes));
  if (bytes == 0) return {};
  if (!host_) return memory_.download(offset, out, bytes);
  std::memmove(out, host_ + offset, bytes);
  return {};
}

Status Buffer::write(std::uint64_t offset, const void* data, std::uint64_t bytes) {
  RDU_TRY(check_range(offset, bytes));
  if (bytes == 0) return {};
  if (!host_) return memory_.upload(offset, data, bytes);
  std::memmove(host_ + offset, data, bytes);
  return {};
}

Status Buffer::map(std::uint32_t access, void** out) {
  if (access == 0 || (access & ~(RDU_MAP_READ | RDU_MAP_WRITE))) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "unknown map access ", access);
  }
  if (mapped_) return fail(RDU_ERR_BUSY, "the buffer is mapped already");
  if (host_) {
    *out = host_;
  } else {
    RDU_TRY(shadow_.allocate(device_->context().allocator(), bytes_, "a mapped buffer"));
    if (bytes_ > 0 && (access & RDU_MAP_READ)) {
      RDU_TRY(memory_.download(0, shadow_.data(), bytes_));
    }
    *out = shadow_.data();
  }
  mapped_ = access;
  return {};
}

Status Buffer::unmap() {
  if (!mapped_) return fail(RDU_ERR_INVALID_ARGUMENT, "the buffer is not mapped");
  const bool write_back = !host_ && bytes_ > 0 && (mapped_ & RDU_MAP_WRITE);
  Status status;
  if (write_back) status = memory_.upload(0, shadow_.data(), bytes_);
  shadow_ = Block();
  mapped_ = 0;
  return status;
}

}  // namespace rdu::runtime
