// rdu_buffer_*: memory on a device.
#include "sdk/src/runtime/buffer.hpp"

#include <rdu/buffer.h>

#include <algorithm>

#include "sdk/src/api/handles.hpp"
#include "sdk/src/runtime/guard.hpp"

using rdu::runtime::Block;
using rdu::runtime::Buffer;
using rdu::runtime::guarded;
using rdu::runtime::Status;

namespace {

rdu::runtime::Context& context_of(const rdu_buffer* buffer) {
  return buffer->buffer->device().context();
}

// Between devices that the host does not reach, piece by piece through the host.
Status copy_through_host(Buffer& to, uint64_t to_offset, const Buffer& from, uint64_t from_offset,
                         uint64_t bytes) {
  constexpr uint64_t kPiece = 1 << 20;
  Block piece;
  RDU_TRY(piece.allocate(to.device().context().allocator(), std::min(bytes, kPiece), "a copy"));
  for (uint64_t done = 0; done < bytes; done += kPiece) {
    const uint64_t size = std::min(kPiece, bytes - done);
    RDU_TRY(from.read(from_offset + done, piece.data(), size));
    RDU_TRY(to.write(to_offset + done, piece.data(), size));
  }
  return {};
}

}  // namespace

extern "C" {

rdu_status* rdu_buffer_create(rdu_device* device, uint64_t size_bytes, rdu_buffer** out_buffer) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(device);
    RDU_REQUIRE(out_buffer);
    RDU_TRY(device->device->context().check_process());
    auto handle = std::make_unique<rdu_buffer>();
    RDU_TRY(Buffer::create(device->device, size_bytes, handle->buffer));
    *out_buffer = handle.release();
    return {};
  });
}

rdu_status* rdu_buffer_import(rdu_device* device, void* data, uint64_t size_bytes,
                              rdu_release_fn release, void* user, rdu_buffer** out_buffer) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(device);
    RDU_REQUIRE(data);
    RDU_REQUIRE(out_buffer);
    RDU_TRY(device->device->context().check_process());
    auto handle = std::make_unique<rdu_buffer>();
    RDU_TRY(Buffer::import(device->device, data, size_bytes, release, user, handle->buffer));
    *out_buffer = handle.release();
    return {};
  });
}

void rdu_buffer_destroy(rdu_buffer* buffer) {
  if (!buffer || context_of(buffer).forked()) return;
  delete buffer;
}

uint64_t rdu_buffer_get_size(const rdu_buffer* buffer) {
  return buffer ? buffer->buffer->bytes() : 0;
}

rdu_status* rdu_buffer_map(rdu_buffer* buffer, uint32_t access, void** out_data) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(buffer);
    RDU_REQUIRE(out_data);
    RDU_TRY(context_of(buffer).check_process());
    return buffer->buffer->map(access, out_data);
  });
}

rdu_status* rdu_buffer_unmap(rdu_buffer* buffer) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(buffer);
    RDU_TRY(context_of(buffer).check_process());
    return buffer->buffer->unmap();
  });
}

rdu_status* rdu_buffer_copy(rdu_buffer* destination, uint64_t destination_offset_bytes,
                            const rdu_buffer* source, uint64_t source_offset_bytes,
                            uint64_t size_bytes) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(destination);
    RDU_REQUIRE(source);
    RDU_TRY(context_of(destination).check_process());
    Buffer& to = *destination->buffer;
    const Buffer& from = *source->buffer;
    RDU_TRY(to.check_range(destination_offset_bytes, size_bytes));
    RDU_TRY(from.check_range(source_offset_bytes, size_bytes));
    if (to.host_data()) {
      return from.read(source_offset_bytes, to.host_data() + destination_offset_bytes, size_bytes);
    }
    if (from.host_data()) {
      return to.write(destination_offset_bytes, from.host_data() + source_offset_bytes, size_bytes);
    }
    return copy_through_host(to, destination_offset_bytes, from, source_offset_bytes, size_bytes);
  });
}

rdu_status* rdu_buffer_read(const rdu_buffer* buffer, uint64_t offset_bytes, uint64_t size_bytes,
                            void* out_data) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(buffer);
    RDU_REQUIRE(out_data);
    RDU_TRY(context_of(buffer).check_process());
    return buffer->buffer->read(offset_bytes, out_data, size_bytes);
  });
}

rdu_status* rdu_buffer_write(rdu_buffer* buffer, uint64_t offset_bytes, uint64_t size_bytes,
                             const void* data) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(buffer);
    RDU_REQUIRE(data);
    RDU_TRY(context_of(buffer).check_process());
    return buffer->buffer->write(offset_bytes, data, size_bytes);
  });
}

}  // extern "C"
