// Contexts move in one after another; those of a buffer together.
#include "tests/drivers/image/random_place.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "drivers/image/fit.hpp"

namespace image_test {

using namespace rdu_hw::image;

namespace {

using Seat = std::pair<std::uint32_t, std::uint32_t>;  // row, column

// What a unit has given away.
struct House {
  std::uint32_t counters = 0;
  std::uint32_t contexts = 0;
  std::array<std::array<std::uint32_t, 3>, 2> doors = {};  // by direction and kind
  std::uint32_t stages = 0;
  bool tail = false;
  bool systolic = false;
  std::uint32_t transfers = 0;
  std::uint32_t slots = 0;    // that the neediest transfer needs
  std::uint32_t entries = 0;  // the same
  std::uint64_t bytes = 0;
};

class Placer {
 public:
  explicit Placer(Sketch& sketch)
      : sketch_(sketch), arch_(sketch.arch), random_(sketch.random), section_(sketch.section) {
    for (std::uint32_t row = 0; row < rdu_hw_arch_mesh_rows(&arch_); ++row) {
      for (std::uint32_t column = 0; column < rdu_hw_arch_mesh_columns(&arch_); ++column) {
        const bool is_pcu = rdu_hw_arch_is_pcu(row, column) != 0;
        free_[is_pcu ? RDU_HW_UNIT_PCU : RDU_HW_UNIT_PMU].push_back({row, column});
      }
    }
    for (std::uint32_t i = 0; i < arch_.agcu.count; ++i) free_[RDU_HW_UNIT_AGCU].push_back({i, 0});
    for (auto& seats : free_) {
      for (std::size_t i = seats.size(); i > 1; --i) {
        std::swap(seats[i - 1], seats[random_.in(0, static_cast<std::uint32_t>(i - 1))]);
      }
    }
  }

  bool run() {
    // Pinned buffers first: their scratchpads are not empty.
    for (const bool pinned : {true, false}) {
      for (std::uint32_t i = 0; i < section_.buffers.size(); ++i) {
        if (sketch_.pinned[i] == pinned && !place_buffer(i, pinned)) return false;
      }
    }
    for (Context& context : section_.contexts) {
      const std::uint32_t unit = rdu_hw_program_unit(context.program);
      if (unit == RDU_HW_UNIT_PMU) continue;
      const auto seat = find(unit, [&](House& house) { return move_in(context, house); });
      if (!seat) return false;
      std::tie(context.row, context.column) = *seat;
    }
    return true;
  }

 private:
  bool place_buffer(std::uint32_t number, bool pinned) {
    rdu_hw_buffer& buffer = section_.buffers[number].record;
    const bool doubled = buffer.bank_mode == RDU_HW_BANK_DUPLICATED;
    const std::uint64_t bytes = buffer.bytes * buffer.copies * (doubled ? arch_.pmu.banks : 1);
    const auto fits = [&](House& house) {
      if (house.bytes + bytes > arch_.pmu.bytes) return false;
      if (!pinned) buffer.base = house.bytes;
      house.bytes = buffer.base + bytes;
      for (Context& context : section_.contexts) {
        const bool accesses = rdu_hw_program_unit(context.program) == RDU_HW_UNIT_PMU;
        if (accesses && context.access.buffer == number && !move_in(context, house)) return false;
      }
      return true;
    };
    std::optional<Seat> seat;
    if (pinned) {
      seat = {buffer.row, buffer.column};
      std::erase(free_[RDU_HW_UNIT_PMU], *seat);
      if (!try_in(RDU_HW_UNIT_PMU, *seat, fits)) return false;
    } else {
      seat = find(RDU_HW_UNIT_PMU, fits);
      if (!seat) return false;
      std::tie(buffer.row, buffer.column) = *seat;
    }
    for (Context& context : section_.contexts) {
      const bool accesses = rdu_hw_program_unit(context.program) == RDU_HW_UNIT_PMU;
      if (!accesses || context.access.buffer != number) continue;
      context.row = buffer.row;
      context.column = buffer.column;
    }
    return true;
  }

  // On failure nothing has changed but numbers of ports, which another try sets again.
  template <typename Fits>
  bool try_in(std::uint32_t unit, const Seat& seat, const Fits& fits) {
    House house = houses_[unit][seat];
    if (!fits(house)) return false;
    houses_[unit][seat] = house;
    return true;
  }

  // Now and then a unit that is in use.
  template <typename Fits>
  std::optional<Seat> find(std::uint32_t unit, const Fits& fits) {
    const auto in_use = [&]() -> std::optional<Seat> {
      std::vector<Seat> seats;
      for (const auto& [seat, house] : houses_[unit]) seats.push_back(seat);
      for (const Seat& seat : seats) {
        if (try_in(unit, seat, fits)) return seat;
      }
      return std::nullopt;
    };
    if (random_.chance(35)) {
      if (const auto seat = in_use()) return seat;
    }
    if (free_[unit].empty()) return in_use();
    const Seat seat = free_[unit].back();
    free_[unit].pop_back();
    if (try_in(unit, seat, fits)) return seat;
    return std::nullopt;
  }

  bool move_in(Context& context, House& house) {
    const std::uint32_t unit = rdu_hw_program_unit(context.program);
    const std::uint32_t counters = unit == RDU_HW_UNIT_PCU   ? arch_.pcu.counters
                                   : unit == RDU_HW_UNIT_PMU ? arch_.pmu.counters
                                                             : arch_.agcu.counters;
    house.counters += static_cast<std::uint32_t>(context.counters.size());
    if (house.counters > counters || !number_ports(context, unit, house)) return false;
    if (unit == RDU_HW_UNIT_PCU) return move_in_pcu(context, house);
    return unit == RDU_HW_UNIT_PMU || move_in_agcu(context, house);
  }

  bool number_ports(Context& context, std::uint32_t unit, House& house) const {
    const rdu_hw_ports& has = ports_of(arch_, unit);
    const std::uint32_t counts[2][3] = {{has.vector_in, has.scalar_in, has.control_in},
                                        {has.vector_out, has.scalar_out, has.control_out}};
    for (rdu_hw_port& port : context.ports) {
      port.number = house.doors[port.direction][port.kind]++;
      if (port.number >= counts[port.direction][port.kind]) return false;
    }
    return true;
  }

  bool move_in_pcu(Context& context, House& house) const {
    const bool systolic = context.program == RDU_HW_PROGRAM_SYSTOLIC;
    if (++house.contexts > arch_.pcu.contexts || house.systolic) return false;
    if (systolic && house.contexts != 1) return false;
    house.systolic = systolic;
    // A program begins behind the stages that others use.
    const std::uint32_t shift = house.stages;
    std::vector<rdu_hw_instruction> moved = context.instructions;
    for (rdu_hw_instruction& instruction : moved) {
      const bool tail = instruction.stage == arch_.pcu.stages;
      if (tail && house.tail) return false;
      house.tail |= tail;
      if (tail) continue;
      instruction.stage += shift;
      house.stages = instruction.stage + num_stages(instruction, arch_);
      if (house.stages > arch_.pcu.stages) return false;
    }
    context.instructions = moved;
    return true;
  }

  bool move_in_agcu(const Context& context, House& house) const {
    if (context.program == RDU_HW_PROGRAM_RESULT) return true;
    const rdu_hw_transfer& transfer = context.transfer;
    const rdu_hw_argument& region = sketch_.program.arguments[transfer.argument].record;
    const rdu_hw_dram& tier = region.tier == RDU_HW_TIER_HBM ? arch_.hbm : arch_.dram;
    const std::uint32_t lanes = context.counters.empty() ? 1 : context.counters.back().lanes;
    const std::uint32_t burst = rdu_hw_dram_burst_bytes(&tier);
    const std::uint32_t bytes = (lanes - 1) * rdu_hw_format_bytes(transfer.format);
    const bool sparse = transfer.mode == RDU_HW_TRANSFER_SPARSE;
    house.slots = std::max(house.slots, sparse ? lanes : (bytes + burst - 1) / burst + 1);
    house.entries = std::max(house.entries, sparse ? lanes : 0u);
    ++house.transfers;
    return arch_.agcu.outstanding / house.transfers >= house.slots &&
           arch_.agcu.coalescing_entries / house.transfers >= house.entries;
  }

  Sketch& sketch_;
  const rdu_hw_arch& arch_;
  Random& random_;
  Section& section_;
  std::vector<Seat> free_[3];
  std::map<Seat, House> houses_[3];
};

}  // namespace

bool place(Sketch& sketch) { return Placer(sketch).run(); }

}  // namespace image_test
