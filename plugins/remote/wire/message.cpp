// Counting is done here, and nowhere later: what opens has the frames and bytes that its prefix announced.
#include "plugins/remote/wire/message.hpp"

#include <algorithm>

namespace rdu::remote {

using plugin::fail;
using plugin::Result;
using plugin::Status;

Result<Incoming> open_message(std::span<Frame> frames, AlignedHeader& header) {
  if (frames.size() < 2) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "a message of ", frames.size(), " frames");
  }
  const Result<Prefix> prefix = decode_prefix(frames[0].bytes());
  if (!prefix.ok()) return prefix.status();
  const std::span<Frame> payload = frames.subspan(2);
  std::uint64_t bytes = 0;
  for (const Frame& frame : payload) bytes += frame.size();
  if (Status status = check_against_prefix(*prefix, frames[0].bytes(), frames[1].bytes(),
                                           payload.size(), bytes);
      !status.ok()) {
    return status;
  }
  return Incoming{*prefix, header.assign(frames[1].bytes()), payload};
}

std::uint64_t request_of(std::span<const Frame> frames) {
  if (frames.empty()) return 0;
  const Result<Prefix> prefix = decode_prefix(frames[0].bytes());
  return prefix.ok() ? prefix->request : 0;
}

void seal_message(std::vector<Frame>& frames, std::size_t at, Prefix prefix,
                  std::span<const std::byte> header) {
  prefix.num_frames = static_cast<std::uint32_t>(frames.size() - at - 2);
  prefix.payload_bytes = 0;
  for (std::size_t i = at + 2; i < frames.size(); ++i) prefix.payload_bytes += frames[i].size();
  frames[at] = Frame::copy_of(encode_prefix(prefix, header));
  frames[at + 1] = Frame::copy_of(header);
}

std::size_t append_tensor(std::vector<Frame>& frames, std::span<const std::byte> bytes,
                          std::uint64_t max_frame_bytes, ReleaseFn release, void* owner) {
  const bool copied = bytes.size() <= kCopyBelow;
  std::size_t borrowed = 0;
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min<std::size_t>(bytes.size(), max_frame_bytes));
    bytes = bytes.subspan(part.size());
    frames.push_back(copied ? Frame::copy_of(part) : Frame::borrow(part, release, owner));
    borrowed += copied ? 0 : 1;
  }
  return borrowed;
}

Status TensorReader::read(std::span<std::byte> out) {
  while (!out.empty()) {
    if (rest_.empty()) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "a tensor lacks ", out.size(), " bytes");
    }
    const std::span<const std::byte> part = rest_.front().bytes();
    if (part.empty() || part.size() > out.size()) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "a frame of ", part.size(), " bytes where ", out.size(),
                  " of a tensor are due");
    }
    std::memcpy(out.data(), part.data(), part.size());
    out = out.subspan(part.size());
    rest_ = rest_.subspan(1);
  }
  return {};
}

Status TensorReader::finish() const {
  if (rest_.empty()) return {};
  return fail(RDU_ERR_INVALID_ARGUMENT, rest_.size(), " frames belong to no tensor");
}

}  // namespace rdu::remote
