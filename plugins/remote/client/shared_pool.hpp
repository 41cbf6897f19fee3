// Pieces of the memory that a peer of this host shares with us: tensors lie there instead of going through a socket.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>

#include "plugins/remote/wire/shared_memory.hpp"

namespace rdu::remote::client {

// Threads: any.
class SharedPool {
 public:
  // Its memory up to `end`.
  SharedPool(std::shared_ptr<const SharedRegion> region, std::uint64_t end);

  // The offset of a free piece, aligned to 64 bytes; 0: none is large enough.
  std::uint64_t take(std::uint64_t bytes);
  void give_back(std::uint64_t offset);
  std::span<std::byte> at(std::uint64_t offset, std::uint64_t bytes) const {
    return region_->bytes().subspan(offset, bytes);
  }

 private:
  std::shared_ptr<const SharedRegion> region_;
  std::mutex mutex_;
  std::map<std::uint64_t, std::uint64_t> free_;  // offset: bytes; neighbours are joined
  std::map<std::uint64_t, std::uint64_t> taken_;
};

// A piece, given back at its end. One that the peer may still write to is kept until the connection has gone.
class SharedBlock {
 public:
  static std::unique_ptr<SharedBlock> take(std::shared_ptr<SharedPool> pool, std::uint64_t bytes);
  SharedBlock(std::shared_ptr<SharedPool> pool, std::uint64_t offset)
      : pool_(std::move(pool)), offset_(offset) {}
  ~SharedBlock() {
    if (pool_) pool_->give_back(offset_);
  }
  SharedBlock(const SharedBlock&) = delete;
  SharedBlock& operator=(const SharedBlock&) = delete;

  std::uint64_t offset() const { return offset_; }
  std::span<std::byte> at(std::uint64_t offset, std::uint64_t bytes) const {
    return pool_->at(offset, bytes);
  }
  void leave_to_peer() { pool_.reset(); }

 private:
  std::shared_ptr<SharedPool> pool_;
  std::uint64_t offset_;
};

}  // namespace rdu::remote::client
