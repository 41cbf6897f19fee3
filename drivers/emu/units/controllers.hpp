// The memory controllers of a chip: where bursts go, and when they come back.
#pragma once

#include <rdu_hw/arch.h>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "drivers/emu/chip/chip.hpp"
#include "drivers/emu/dram/memory.hpp"
#include "drivers/emu/sim/arbiter.hpp"

namespace rdu_hw::emu {

// Who asks for bursts.
class BurstUser {
 public:
  virtual ~BurstUser() = default;
  // The burst is decided: its bytes are to be moved now. `there` is when its data, or its acknowledgement, is at the AGCU.
  virtual void decided(std::int64_t burst, Time there) = 0;
};

// Lives as long as a run: rows stay open from section to section.
class Controllers : public sim::Arbiter {
 public:
  explicit Controllers(const rdu_hw_arch& arch);

  // The user with this number of the section that begins; users before it are gone.
  void clear_users() { users_.clear(); }
  void add_user(std::uint32_t number, BurstUser& user);

  std::uint64_t burst_bytes(std::uint32_t tier) const { return burst_bytes_[tier]; }
  // Issued at that time by an AGCU. `burst` numbers what the user issued.
  void issue(std::uint32_t tier, std::uint32_t user, std::int64_t burst, dram::Direction direction,
             Time time, std::uint64_t address);

  std::optional<sim::Turn> next() const override;
  // All decisions that nothing can influence any more.
  void serve() override;

  std::array<dram::Statistics, kNumTiers> statistics() const;

 private:
  struct Decision {
    Time time;
    std::uint32_t tier;
  };
  std::optional<Decision> earliest() const;

  Time way_;  // between an AGCU and a controller
  std::array<std::optional<dram::Memory>, kNumTiers> memories_;
  std::array<std::uint64_t, kNumTiers> burst_bytes_{};
  std::vector<BurstUser*> users_;
};

// The model of a tier that the chip has.
dram::Config dram_config(const rdu_hw_arch& arch, const rdu_hw_dram& tier);

}  // namespace rdu_hw::emu
