// Memory that two processes of one host and one user see: made by the peer, sealed at its size, opened by the client.
#pragma once

#include <cstddef>
#include <rdu/plugin/status.hpp>
#include <span>
#include <string>

#include "plugins/remote/wire/messages.hpp"

namespace rdu::remote {

// Its name is the peer's descriptor below /proc: nothing is left behind when the peer dies, other users cannot open it, and the
// seals keep either side from shrinking it under the other. Move-only; the mapping goes with the object.
class SharedRegion {
 public:
  // The peer: new memory with a random proof in its first bytes.
  static plugin::Result<SharedRegion> create(std::uint64_t bytes);
  // The client: what the peer's answer names. Fails on any other host, for any other user, and where the proof is not there.
  static plugin::Result<SharedRegion> attach(const SharedMemory& answer);

  SharedRegion() = default;
  SharedRegion(SharedRegion&& other) noexcept;
  SharedRegion& operator=(SharedRegion&& other) noexcept;
  ~SharedRegion();

  // What the peer answers.
  SharedMemory describe() const;
  std::span<std::byte> bytes() const { return {data_, size_}; }
  int file() const { return file_; }

  // The first offset that a tensor may have: the proof lies before it.
  static constexpr std::uint64_t kFirstOffset = 64;

 private:
  plugin::Status map();

  int file_ = -1;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// How this process' descriptor is named to others of the same host and user: "/proc/PID/fd/N".
std::string descriptor_name(int file);
// Opens what such a name names, and nothing else: a peer must not make a client open just any file. -1: errno says why.
int open_descriptor(const std::string& name, int flags);

}  // namespace rdu::remote
