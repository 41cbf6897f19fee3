// Little-endian fields at fixed offsets; the checksum covers F0 up to itself and F1.
#include "plugins/remote/wire/prefix.hpp"

#include <algorithm>
#include <cstring>

#include "plugins/remote/wire/crc32c.hpp"

namespace rdu::remote {
namespace {

using plugin::fail;
using plugin::Result;
using plugin::Status;

constexpr std::size_t kChecksumAt = 60;

template <class T>
void put(PrefixBytes& bytes, std::size_t at, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[at + i] = static_cast<std::byte>(value >> (8 * i));
  }
}

template <class T>
T get(std::span<const std::byte> bytes, std::size_t at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(value | (std::to_integer<T>(bytes[at + i]) << (8 * i)));
  }
  return value;
}

bool is_zero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace

bool is_message_type(std::uint16_t number) {
  const auto between = [number](MessageType low, MessageType high) {
    return number >= static_cast<std::uint16_t>(low) && number <= static_cast<std::uint16_t>(high);
  };
  return between(MessageType::kHello, MessageType::kGoAway) ||
         between(MessageType::kOffer, MessageType::kCommitted) ||
         between(MessageType::kCheck, MessageType::kDone) ||
         between(MessageType::kRun, MessageType::kCancel) ||
         between(MessageType::kStateCreate, MessageType::kStateClone) ||
         between(MessageType::kShareMemory, MessageType::kSharedMemory) ||
         between(MessageType::kStatus, MessageType::kStatusReport);
}

std::uint32_t max_header_bytes(MessageType type) {
  switch (type) {
    case MessageType::kOffer:
    case MessageType::kHave:
    case MessageType::kChecked:
    case MessageType::kLoaded:
    case MessageType::kStatusReport:
      return kMaxListHeaderBytes;
    default:
      return kMaxHeaderBytes;
  }
}

PrefixBytes encode_prefix(const Prefix& prefix, std::span<const std::byte> header) {
  PrefixBytes bytes{};
  put<std::uint32_t>(bytes, 0, kMagic);
  put<std::uint16_t>(bytes, 4, prefix.version);
  put<std::uint16_t>(bytes, 6, static_cast<std::uint16_t>(prefix.type));
  put<std::uint32_t>(bytes, 12, static_cast<std::uint32_t>(header.size()));
  put<std::uint32_t>(bytes, 16, prefix.num_frames);
  put<std::uint64_t>(bytes, 24, prefix.request);
  put<std::uint64_t>(bytes, 32, prefix.epoch);
  put<std::uint64_t>(bytes, 40, prefix.payload_bytes);
  const std::uint32_t checksum = crc32c(header, crc32c(std::span(bytes).first(kChecksumAt)));
  put<std::uint32_t>(bytes, kChecksumAt, checksum);
  return bytes;
}

Result<Prefix> decode_prefix(std::span<const std::byte> frame) {
  if (frame.size() != kPrefixBytes) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "F0 has ", frame.size(), " bytes, expected ",
                kPrefixBytes);
  }
  if (const auto magic = get<std::uint32_t>(frame, 0); magic != kMagic) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "F0 begins with ", magic, ", not with RDUW");
  }
  const auto type = get<std::uint16_t>(frame, 6);
  if (!is_message_type(type)) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "message type ", type, " is unknown");
  }
  if (!is_zero(frame.subspan(8, 4)) || !is_zero(frame.subspan(20, 4)) ||
      !is_zero(frame.subspan(48, 12))) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "reserved bytes of F0 are not 0");
  }
  Prefix prefix;
  prefix.version = get<std::uint16_t>(frame, 4);
  prefix.type = static_cast<MessageType>(type);
  prefix.header_bytes = get<std::uint32_t>(frame, 12);
  prefix.num_frames = get<std::uint32_t>(frame, 16);
  prefix.request = get<std::uint64_t>(frame, 24);
  prefix.epoch = get<std::uint64_t>(frame, 32);
  prefix.payload_bytes = get<std::uint64_t>(frame, 40);
  prefix.checksum = get<std::uint32_t>(frame, kChecksumAt);
  if (prefix.header_bytes > max_header_bytes(prefix.type)) {
    return fail(RDU_ERR_LIMIT_EXCEEDED, "header of ", prefix.header_bytes, " bytes, at most ",
                max_header_bytes(prefix.type), " for message type ", type);
  }
  if (prefix.num_frames > kMaxPayloadFrames) {
    return fail(RDU_ERR_LIMIT_EXCEEDED, prefix.num_frames, " frames, at most ", kMaxPayloadFrames);
  }
  return prefix;
}

Status check_against_prefix(const Prefix& prefix, std::span<const std::byte> frame,
                            std::span<const std::byte> header, std::uint64_t num_frames,
                            std::uint64_t payload_bytes) {
  if (header.size() != prefix.header_bytes) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "F1 has ", header.size(), " bytes, F0 says ",
                prefix.header_bytes);
  }
  if (num_frames != prefix.num_frames) {
    return fail(RDU_ERR_INVALID_ARGUMENT, num_frames, " frames behind F1, F0 says ",
                prefix.num_frames);
  }
  if (payload_bytes != prefix.payload_bytes) {
    return fail(RDU_ERR_INVALID_ARGUMENT, payload_bytes, " bytes behind F1, F0 says ",
                prefix.payload_bytes);
  }
  const std::uint32_t checksum = crc32c(header, crc32c(frame.first(kChecksumAt)));
  if (checksum != prefix.checksum) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "checksum ", prefix.checksum, ", computed ", checksum);
  }
  return {};
}

}  // namespace rdu::remote
