// Headers (F1) from structs and back. What comes in is never trusted: it is verified, bounded and copied out.
#pragma once

#include <cstddef>
#include <memory>
#include <rdu/plugin/status.hpp>
#include <span>

#include "plugins/remote/wire/messages.hpp"

namespace rdu::remote {

// The longest text and the longest lists that a decoder takes; an encoder cuts text to them.
inline constexpr std::size_t kMaxNameBytes = 1024;
inline constexpr std::size_t kMaxSentenceBytes = 4096;
inline constexpr std::size_t kMaxReportBytes = 1u << 20;
inline constexpr std::size_t kMaxDevices = 256;
inline constexpr std::size_t kMaxPorts = 16384;
inline constexpr std::size_t kMaxSections = 65536;
inline constexpr std::size_t kMaxParts = 65536;

// Makes headers in memory that it reuses: each call's result is valid until the next. Not for several threads.
class Encoder {
 public:
  Encoder();
  ~Encoder();
  Encoder(Encoder&&) noexcept;
  Encoder& operator=(Encoder&&) noexcept;

  std::span<const std::byte> encode(const Hello& message);
  std::span<const std::byte> encode(const Welcome& message);
  std::span<const std::byte> encode(const Error& message);
  std::span<const std::byte> encode(const Credit& message);
  std::span<const std::byte> encode(const GoAway& message);
  std::span<const std::byte> encode(const Offer& message);
  std::span<const std::byte> encode(const Have& message);
  std::span<const std::byte> encode(const Chunk& message);
  std::span<const std::byte> encode(const Commit& message);
  std::span<const std::byte> encode(const Check& message);
  std::span<const std::byte> encode(const Checked& message);
  std::span<const std::byte> encode(const Load& message);
  std::span<const std::byte> encode(const Loaded& message);
  std::span<const std::byte> encode(const Unload& message);
  std::span<const std::byte> encode(const Run& message);
  std::span<const std::byte> encode(const RunResult& message);
  std::span<const std::byte> encode(const Cancel& message);
  std::span<const std::byte> encode(const StateCreate& message);
  std::span<const std::byte> encode(const StateCreated& message);
  std::span<const std::byte> encode(const StateCall& message);
  std::span<const std::byte> encode(const StateData& message);
  std::span<const std::byte> encode(const ShareMemory& message);
  std::span<const std::byte> encode(const SharedMemory& message);
  std::span<const std::byte> encode(const StatusReport& message);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

// `header` must lie 8-byte aligned (AlignedHeader). After a failure `out` is good for nothing but another decode.
plugin::Status decode(std::span<const std::byte> header, Hello& out);
plugin::Status decode(std::span<const std::byte> header, Welcome& out);
plugin::Status decode(std::span<const std::byte> header, Error& out);
plugin::Status decode(std::span<const std::byte> header, Credit& out);
plugin::Status decode(std::span<const std::byte> header, GoAway& out);
plugin::Status decode(std::span<const std::byte> header, Offer& out);
plugin::Status decode(std::span<const std::byte> header, Have& out);
plugin::Status decode(std::span<const std::byte> header, Chunk& out);
plugin::Status decode(std::span<const std::byte> header, Commit& out);
plugin::Status decode(std::span<const std::byte> header, Check& out);
plugin::Status decode(std::span<const std::byte> header, Checked& out);
plugin::Status decode(std::span<const std::byte> header, Load& out);
plugin::Status decode(std::span<const std::byte> header, Loaded& out);
plugin::Status decode(std::span<const std::byte> header, Unload& out);
plugin::Status decode(std::span<const std::byte> header, Run& out);
plugin::Status decode(std::span<const std::byte> header, RunResult& out);
plugin::Status decode(std::span<const std::byte> header, Cancel& out);
plugin::Status decode(std::span<const std::byte> header, StateCreate& out);
plugin::Status decode(std::span<const std::byte> header, StateCreated& out);
plugin::Status decode(std::span<const std::byte> header, StateCall& out);
plugin::Status decode(std::span<const std::byte> header, StateData& out);
plugin::Status decode(std::span<const std::byte> header, ShareMemory& out);
plugin::Status decode(std::span<const std::byte> header, SharedMemory& out);
plugin::Status decode(std::span<const std::byte> header, StatusReport& out);

}  // namespace rdu::remote
