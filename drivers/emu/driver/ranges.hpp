// Which ranges of an address space are taken: first fit, so that the same calls give the same addresses.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace rdu_hw::emu {

class Ranges {
 public:
  explicit Ranges(std::uint64_t capacity) : capacity_(capacity) {}

  // The least address with room, which is taken. `alignment` is a power of two.
  std::optional<std::uint64_t> take(std::uint64_t bytes, std::uint64_t alignment);
  // The bytes of the range that began there; nothing where none does.
  std::optional<std::uint64_t> give_back(std::uint64_t address);
  // Where the range begins that holds [address, address + bytes), if one does.
  std::optional<std::uint64_t> find(std::uint64_t address, std::uint64_t bytes) const;

  std::uint64_t capacity() const { return capacity_; }
  std::uint64_t taken() const { return taken_; }

 private:
  std::uint64_t capacity_;
  std::uint64_t taken_ = 0;
  std::map<std::uint64_t, std::uint64_t> ranges_;  // bytes by address
};

}  // namespace rdu_hw::emu
