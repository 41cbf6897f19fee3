// READ and WRITE: vectors between a port and a buffer of a scratchpad.
#pragma once

#include <optional>
#include <vector>

#include "drivers/emu/units/address.hpp"
#include "drivers/emu/units/banks.hpp"
#include "drivers/emu/units/pmu_ports.hpp"
#include "drivers/emu/units/unit.hpp"

namespace rdu_hw::emu {

// What both have: addresses, copies of the buffer, banks, and a port of the PMU if there are too few.
class Access : public ContextUnit, private PortUser {
 public:
  Access(const Context& context, World& world);
  // From now on it takes turns with others.
  void share_ports(PmuPorts& ports, PmuPorts::Group group);
  sim::Progress run() override;

 protected:
  // Firings of a run whose addresses are a line each; see the derived classes.
  struct Lines {
    std::int64_t base;    // of the first firing
    std::int64_t stride;  // from lane to lane
    std::int64_t step;    // from firing to firing
    std::int64_t firing;  // number of the first in the block
    std::int64_t later;   // the same from where the chain stands
    std::int64_t count;
  };
  // Before a block, and its values: firings of one run with all valid lanes on, or one firing with any addresses.
  virtual void begin(std::int64_t count) = 0;
  virtual void move(const Lines& lines) = 0;
  virtual void move(const Addresses& addresses, std::int64_t firing, std::uint32_t valid) = 0;

  // The copy of the buffer that is in use.
  std::byte* copy() const { return bytes_ + copy_ * buffer_.bytes; }
  // Whether the firings' lanes, which lie side by side, do so as one row.
  bool is_packed(const Lines& lines) const {
    const Chain& chain = timeline_.chain();
    return lines.count == 1 || (lines.step == element_bytes_ * std::int64_t{chain.lanes()} &&
                                chain.valid_lanes(lines.later) == chain.lanes());
  }
  // Whether all counters of the fresh range are in their first iteration.
  bool is_fresh() const;

  const rdu_hw_access& access_;
  const rdu_hw_buffer& buffer_;
  std::int64_t element_bytes_;
  Inputs inputs_;

 private:
  void granted(Time time) override;
  sim::Progress run_shared();
  std::int64_t transfer(std::int64_t most);
  std::int64_t transfer_lines(Lines lines);
  std::int64_t transfer_plane(const Plane& plane, std::int64_t firing, std::int64_t count);
  std::int64_t lines_alike(const Lines& lines);
  std::int64_t transfer_any(std::int64_t firing, std::int64_t most);
  bool agrees(Time cycles);
  void advance(std::int64_t firings);

  std::byte* bytes_ = nullptr;
  AddressProgram program_;
  Banks banks_;
  bool one_cycle_ = false;  // each firing takes one
  bool singly_ = false;     // state may change from firing to firing of a run
  std::uint64_t copy_ = 0;
  Time interval_ = 0;  // of the block's firings; 0 before the first
  Addresses addresses_;
  // Where ports are shared.
  PmuPorts* ports_ = nullptr;
  PmuPorts::Group group_ = 0;
  std::optional<sim::Channel> port_;
  bool waiting_ = false;
};

}  // namespace rdu_hw::emu
