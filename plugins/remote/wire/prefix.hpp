// Frame F0: 64 bytes in front of every message, judged before anything else is looked at.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <rdu/plugin/status.hpp>
#include <span>

#include "plugins/remote/wire/messages.hpp"

namespace rdu::remote {

inline constexpr std::size_t kPrefixBytes = 64;
inline constexpr std::uint16_t kProtocolVersion = 1;
inline constexpr std::uint32_t kMagic = 0x57554452;  // "RDUW"

// The most that a header (F1) may have. Only types that list chunks, sections, ports or devices may have a long one.
inline constexpr std::uint32_t kMaxHeaderBytes = 64u << 10;
inline constexpr std::uint32_t kMaxListHeaderBytes = 1u << 20;

// The most frames behind F1, whatever the limits of a peer are.
inline constexpr std::uint32_t kMaxPayloadFrames = 1u << 20;

struct Prefix {
  std::uint16_t version = 0;
  MessageType type = MessageType::kError;
  std::uint32_t header_bytes = 0;
  std::uint32_t num_frames = 0;  // behind F1
  std::uint64_t request = 0;
  std::uint64_t epoch = 0;
  std::uint64_t payload_bytes = 0;
  std::uint32_t checksum = 0;
};

using PrefixBytes = std::array<std::byte, kPrefixBytes>;

bool is_message_type(std::uint16_t number);
std::uint32_t max_header_bytes(MessageType type);

// `header` is F1: it is part of the checksum. `prefix.checksum` and `prefix.header_bytes` are not read.
PrefixBytes encode_prefix(const Prefix& prefix, std::span<const std::byte> header);

// F0 alone: size, magic, zeros, known type, bounds of what it announces. The version is the session's to judge.
plugin::Result<Prefix> decode_prefix(std::span<const std::byte> frame);

// Do F1 and the sum of frames fit what F0 says? Everything is compared, the checksum last.
plugin::Status check_against_prefix(const Prefix& prefix, std::span<const std::byte> frame,
                                    std::span<const std::byte> header, std::uint64_t num_frames,
                                    std::uint64_t payload_bytes);

}  // namespace rdu::remote
