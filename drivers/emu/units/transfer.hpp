// What LOAD and STORE have in common: a region, its bursts, and the slots of an AGCU.
#pragma once

#include <cstdint>
#include <vector>

#include "drivers/emu/units/address.hpp"
#include "drivers/emu/units/controllers.hpp"
#include "drivers/emu/units/unit.hpp"

namespace rdu_hw::emu {

// Bytes of a vector, as they would lie one element behind the other, that are in one burst.
struct Piece {
  std::uint64_t block;   // the burst's address / its bytes
  std::uint32_t offset;  // in the burst
  std::uint32_t at;      // in the vector
  std::uint32_t bytes;
};

// The share of an AGCU that each of its LOAD and STORE contexts has.
struct AgcuShare {
  std::int64_t slots;
  std::int64_t entries;
};

class Transfer : public ContextUnit, protected BurstUser {
 public:
  Transfer(const Context& context, World& world, const std::vector<Attachment>& ports,
           Controllers& controllers, AgcuShare share);

 protected:
  bool is_dense() const { return transfer_.mode == RDU_HW_TRANSFER_DENSE; }
  // The lanes of the firing at which the chain stands, number `firing` of the block.
  void find_pieces(std::int64_t firing);
  // DENSE: how many firings after this one is the last of the run with a lane, on or off, in the burst of this piece.
  std::int64_t firings_to_last(const Piece& piece) const;
  void issue(std::int64_t burst, std::uint64_t block, Time time);
  // The bytes of the burst that lie in the tier's memory.
  std::byte* memory_of(std::uint64_t block) const {
    return world_.memory[tier_].data + block * burst_bytes_;
  }
  std::uint64_t bytes_in_memory(std::uint64_t block) const;

  const rdu_hw_transfer& transfer_;
  std::uint32_t tier_;
  std::uint64_t region_;  // its address
  std::uint64_t burst_bytes_;
  std::uint32_t element_bytes_;
  AgcuShare share_;
  Inputs inputs_;
  Addresses addresses_;
  std::vector<Piece> pieces_;
  sim::Channel slots_;  // what a firing waits on for slots

 private:
  void add_pieces(std::uint64_t address, std::uint32_t at, std::uint64_t bytes);

  Controllers& controllers_;
  AddressProgram program_;
};

}  // namespace rdu_hw::emu
