// The device's memory: what is allocated in each tier, and the bytes of it.
#pragma once

#include <rdu_hw/arch.h>

#include <array>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "drivers/emu/chip/chip.hpp"
#include "drivers/emu/driver/backing.hpp"
#include "drivers/emu/driver/ranges.hpp"

namespace rdu_hw::emu {

// Every function may be called from any thread; what is asked for wrongly throws a DriverFault.
class DeviceMemory {
 public:
  DeviceMemory(const rdu_hw_arch& arch, const char* file);

  std::uint64_t allocate(std::uint32_t tier, std::uint64_t bytes, std::uint64_t alignment);
  // The bytes that were there.
  std::uint64_t free(std::uint32_t tier, std::uint64_t address);
  // Where [address, address + bytes), which lies within one allocation, is for the host.
  std::byte* locate(std::uint32_t tier, std::uint64_t address, std::uint64_t bytes) const;

  // A region of a run: within one allocation, which is not freed before unpin_all().
  void pin(std::uint32_t tier, std::uint64_t address, std::uint64_t bytes);
  void unpin_all();

  std::uint64_t capacity(std::uint32_t tier) const { return tiers_[tier].capacity; }
  std::uint64_t allocated(std::uint32_t tier) const;
  std::uint64_t alignment() const { return alignment_; }
  std::array<Memory, kNumTiers> view() const;

 private:
  struct Tier {
    Tier(const rdu_hw_dram& dram, const BackingFile& file, std::uint64_t file_offset)
        : capacity(dram.capacity_bytes),
          backing(capacity, file, file_offset),
          ranges(backing.size()) {}
    std::uint64_t capacity;
    Backing backing;
    Ranges ranges;
  };
  struct Pin {
    std::uint32_t tier;
    std::uint64_t begin;
  };

  const Tier& tier(std::uint32_t number) const;
  std::uint64_t begin_of(std::uint32_t tier, std::uint64_t address, std::uint64_t bytes) const;

  BackingFile file_;
  std::array<Tier, kNumTiers> tiers_;
  std::uint64_t alignment_;
  std::uint64_t host_bytes_;  // what may be allocated of the host's memory
  mutable std::mutex mutex_;
  std::vector<Pin> pins_;
};

}  // namespace rdu_hw::emu
