// Which request of one direction each bank serves next, and what it needs: kept up to date instead of searched for.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "drivers/emu/dram/banks.hpp"
#include "drivers/emu/dram/queue.hpp"

namespace rdu_hw::dram {

enum class Need : std::uint8_t { kColumn, kActivate, kPrecharge };

// A bank serves the oldest request to its open row; if there is none, the oldest of all.
class Targets {
 public:
  explicit Targets(std::int32_t banks) : slots_(banks, Queue::kNone) {}

  // The banks whose request needs that, as bits.
  std::uint64_t banks(Need need) const { return banks_[static_cast<int>(need)]; }
  Queue::Slot operator[](std::int32_t bank) const { return slots_[bank]; }

  // After any change of the bank's requests or of its open row.
  void update(std::int32_t bank, const Queue& queue, std::int64_t open_row) {
    const std::uint64_t bit = std::uint64_t{1} << bank;
    for (std::uint64_t& b : banks_) b &= ~bit;
    Queue::Slot slot = Queue::kNone;
    Need need = Need::kActivate;
    if (open_row != Banks::kClosed) {
      slot = queue.oldest_of(bank, open_row);
      need = slot == Queue::kNone ? Need::kPrecharge : Need::kColumn;
    }
    if (slot == Queue::kNone) slot = queue.oldest_of(bank);
    if (slot != Queue::kNone) banks_[static_cast<int>(need)] |= bit;
    slots_[bank] = slot;
  }

 private:
  std::vector<Queue::Slot> slots_;
  std::array<std::uint64_t, 3> banks_{};
};

}  // namespace rdu_hw::dram
