// Numbers from outside meet the allocator here, and are checked.
#include "drivers/emu/driver/device_memory.hpp"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "drivers/emu/driver/fault.hpp"

namespace rdu_hw::emu {
namespace {

constexpr std::uint64_t kMinAlignment = 64;
constexpr std::uint64_t kMaxAlignment = std::uint64_t{1} << 30;
constexpr std::uint64_t kFileAlignment = std::uint64_t{1} << 20;
constexpr std::array<const char*, kNumTiers> kNames = {"dram", "hbm"};

// Bursts of two allocations are never one.
std::uint64_t alignment_of(const rdu_hw_arch& arch) {
  std::uint64_t alignment = kMinAlignment;
  for (const rdu_hw_dram* dram : {&arch.dram, &arch.hbm}) {
    if (dram->channels == 0) continue;
    alignment = std::max<std::uint64_t>(alignment, std::bit_ceil(rdu_hw_dram_burst_bytes(dram)));
  }
  return alignment;
}

std::uint64_t behind_dram(const rdu_hw_arch& arch) {
  return (arch.dram.capacity_bytes + kFileAlignment - 1) / kFileAlignment * kFileAlignment;
}

std::uint64_t host_memory_bytes() {
  return static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

DeviceMemory::DeviceMemory(const rdu_hw_arch& arch, const char* file)
    : file_(file == nullptr ? BackingFile() : BackingFile(file)),
      tiers_{Tier(arch.dram, file_, 0), Tier(arch.hbm, file_, behind_dram(arch))},
      alignment_(alignment_of(arch)),
      host_bytes_(file == nullptr ? host_memory_bytes()
                                  : std::numeric_limits<std::uint64_t>::max()) {}

const DeviceMemory::Tier& DeviceMemory::tier(std::uint32_t number) const {
  if (number >= kNumTiers || tiers_[number].capacity == 0) {
    fail(RDU_HW_ERR_ARGUMENT, "the chip has no memory tier ", number);
  }
  return tiers_[number];
}

std::uint64_t DeviceMemory::allocate(std::uint32_t number, std::uint64_t bytes,
                                     std::uint64_t alignment) {
  tier(number);
  if (bytes == 0) fail(RDU_HW_ERR_ARGUMENT, "0 bytes of device memory");
  if (!std::has_single_bit(alignment) || alignment > kMaxAlignment) {
    fail(RDU_HW_ERR_ARGUMENT, "alignment: expected a power of two up to 2^30, got ", alignment);
  }
  const std::lock_guard lock(mutex_);
  const std::uint64_t taken = tiers_[0].ranges.taken() + tiers_[1].ranges.taken();
  if (bytes > host_bytes_ - std::min(taken, host_bytes_)) {
    fail(RDU_HW_ERR_CAPACITY, bytes, " bytes beside ", taken, " are more than the host's ",
         host_bytes_, " bytes of memory; a memory file may lie behind the device");
  }
  Tier& where = tiers_[number];
  const auto address = where.ranges.take(bytes, std::max(alignment, alignment_));
  if (!address) {
    fail(RDU_HW_ERR_CAPACITY, "no room for ", bytes, " bytes aligned to ", alignment, " in ",
         kNames[number], ": ", where.ranges.taken(), " of ", where.ranges.capacity(), " are taken");
  }
  try {
    where.backing.commit(*address, bytes);
  } catch (...) {
    where.ranges.give_back(*address);
    throw;
  }
  return *address;
}

std::uint64_t DeviceMemory::free(std::uint32_t number, std::uint64_t address) {
  tier(number);
  const std::lock_guard lock(mutex_);
  const bool pinned = std::any_of(pins_.begin(), pins_.end(), [&](const Pin& pin) {
    return pin.tier == number && pin.begin == address;
  });
  if (pinned) fail(RDU_HW_ERR_BUSY, "the memory at ", address, " is in use by a run");
  Tier& where = tiers_[number];
  const auto bytes = where.ranges.give_back(address);
  if (!bytes) {
    fail(RDU_HW_ERR_ARGUMENT, "no allocation begins at ", address, " in ", kNames[number]);
  }
  where.backing.release(address, *bytes);
  return *bytes;
}

std::uint64_t DeviceMemory::begin_of(std::uint32_t number, std::uint64_t address,
                                     std::uint64_t bytes) const {
  const auto begin = tier(number).ranges.find(address, bytes);
  if (!begin) {
    fail(RDU_HW_ERR_ARGUMENT, bytes, " bytes from ", address, " in ", kNames[number],
         " are not within one allocation");
  }
  return *begin;
}

std::byte* DeviceMemory::locate(std::uint32_t number, std::uint64_t address,
                                std::uint64_t bytes) const {
  const std::lock_guard lock(mutex_);
  begin_of(number, address, bytes);
  return tiers_[number].backing.data() + address;
}

void DeviceMemory::pin(std::uint32_t number, std::uint64_t address, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  pins_.push_back({number, begin_of(number, address, bytes)});
}

void DeviceMemory::unpin_all() {
  const std::lock_guard lock(mutex_);
  pins_.clear();
}

std::uint64_t DeviceMemory::allocated(std::uint32_t number) const {
  const std::lock_guard lock(mutex_);
  return tiers_[number].ranges.taken();
}

std::array<Memory, kNumTiers> DeviceMemory::view() const {
  return {Memory{tiers_[0].backing.data(), tiers_[0].backing.size()},
          Memory{tiers_[1].backing.data(), tiers_[1].backing.size()}};
}

}  // namespace rdu_hw::emu
