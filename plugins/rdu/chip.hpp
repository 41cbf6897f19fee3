// The driver's handles with owners, and its codes as statuses.
#pragma once

#include <rdu_hw/driver.h>
#include <rdu_hw/package.h>

#include <memory>
#include <rdu/plugin/status.hpp>

namespace rdu::chip_plugin {

template <class T, void (*release)(T*)>
struct Release {
  void operator()(T* handle) const { release(handle); }
};
using Chip = std::unique_ptr<rdu_hw_chip, Release<rdu_hw_chip, rdu_hw_chip_close>>;
using Module = std::unique_ptr<rdu_hw_module, Release<rdu_hw_module, rdu_hw_module_unload>>;
using Run = std::unique_ptr<rdu_hw_run, Release<rdu_hw_run, rdu_hw_run_free>>;
using Package = std::unique_ptr<rdu_hw_package, Release<rdu_hw_package, rdu_hw_package_free>>;

// OK, or the driver's sentence.
plugin::Status status_of(rdu_hw_code code, const rdu_hw_error& error);

plugin::Result<Package> decode(const rdu_bytes& payload);

// A range of device memory.
class Allocation {
 public:
  Allocation() = default;
  static plugin::Result<Allocation> make(rdu_hw_chip* chip, std::uint32_t tier, std::uint64_t bytes,
                                         std::uint64_t alignment);
  Allocation(Allocation&& other) noexcept { *this = std::move(other); }
  Allocation& operator=(Allocation&& other) noexcept;
  ~Allocation();

  std::uint32_t tier() const { return tier_; }
  std::uint64_t address() const { return address_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  rdu_hw_chip* chip_ = nullptr;
  std::uint32_t tier_ = RDU_HW_TIER_DRAM;
  std::uint64_t address_ = 0;
  std::uint64_t bytes_ = 0;
};

plugin::Status write(rdu_hw_chip* chip, std::uint32_t tier, std::uint64_t address, const void* host,
                     std::uint64_t bytes);
plugin::Status read(rdu_hw_chip* chip, std::uint32_t tier, std::uint64_t address, void* host,
                    std::uint64_t bytes);

}  // namespace rdu::chip_plugin
