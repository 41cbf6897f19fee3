// What one unit has, and what contexts take of it.
#include <algorithm>
#include <limits>

#include "tools/rducc/target/rdu/pcu_program.hpp"
#include "tools/rducc/target/rdu/rates.hpp"
#include "tools/rducc/target/rdu/units.hpp"

namespace rducc::rdu {
namespace {

constexpr const char* kPortNames[2][3] = {{"vector inputs", "scalar inputs", "control inputs"},
                                          {"vector outputs", "scalar outputs", "control outputs"}};

// Keeps the first shortage.
class Account {
 public:
  void demand(std::uint64_t needed, std::uint64_t available, const char* what) {
    if (needed <= available || !text_.empty()) return;
    text_ = std::to_string(needed) + " " + what + ", and the unit has " + std::to_string(available);
  }
  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

void demand_pcu(const Load& load, const rdu_hw_pcu& pcu, Account& account) {
  account.demand(load.counters, pcu.counters, "counters");
  account.demand(load.contexts, pcu.contexts, "contexts");
  account.demand(load.stages, pcu.stages, "stages");
  account.demand(load.tails, 1, "operations of the tail");
  account.demand(load.registers, pcu.registers, "registers");
  if (load.systolics != 0) account.demand(load.contexts, 1, "contexts beside a systolic one");
}

void demand_agcu(const Load& load, const rdu_hw_agcu& agcu, Account& account) {
  account.demand(load.counters, agcu.counters, "counters");
  if (load.requesters == 0) return;
  const std::uint64_t entries = std::min(agcu.outstanding, agcu.coalescing_entries);
  account.demand(load.slots, entries / load.requesters,
                 "outstanding requests for each of its contexts");
}

// Requests that must be outstanding at once for a context to go on (the manual, "units", 6).
std::uint64_t slots_of(const Context& context, const rdu_hw_arch& arch) {
  if (context.program == RDU_HW_PROGRAM_RESULT) return 0;
  if (context.transfer.mode == RDU_HW_TRANSFER_SPARSE) return width(context);
  std::uint64_t burst = std::numeric_limits<std::uint32_t>::max();
  for (const rdu_hw_dram* tier : {&arch.dram, &arch.hbm}) {
    if (tier->channels != 0) burst = std::min<std::uint64_t>(burst, rdu_hw_dram_burst_bytes(tier));
  }
  const std::uint64_t span =
      std::uint64_t{width(context) - 1} * rdu_hw_format_bytes(context.transfer.format);
  return (span + burst - 1) / burst + 1;
}

const rdu_hw_ports& doors_of(const rdu_hw_arch& arch, std::uint32_t unit) {
  return unit == RDU_HW_UNIT_PCU   ? arch.pcu.ports
         : unit == RDU_HW_UNIT_PMU ? arch.pmu.ports
                                   : arch.agcu.ports;
}

}  // namespace

PortCounts ports_of(const Context& context) {
  PortCounts counts = {};
  for (const Input& input : context.inputs) ++counts[RDU_HW_INPUT][input.kind];
  for (const Output& output : context.outputs) ++counts[RDU_HW_OUTPUT][output.kind];
  return counts;
}

PortCounts ports_of(const rdu_hw_arch& arch, std::uint32_t unit) {
  const rdu_hw_ports& has = doors_of(arch, unit);
  return {{{has.vector_in, has.scalar_in, has.control_in},
           {has.vector_out, has.scalar_out, has.control_out}}};
}

std::uint32_t fifo_depth(const rdu_hw_arch& arch, std::uint32_t unit, std::uint32_t kind) {
  const rdu_hw_ports& has = doors_of(arch, unit);
  return kind == RDU_HW_VECTOR   ? has.vector_fifo_depth
         : kind == RDU_HW_SCALAR ? has.scalar_fifo_depth
                                 : has.control_fifo_depth;
}

Load& Load::operator+=(const Load& other) {
  for (std::size_t direction = 0; direction < 2; ++direction) {
    for (std::size_t kind = 0; kind < 3; ++kind) {
      ports[direction][kind] += other.ports[direction][kind];
    }
  }
  counters += other.counters;
  contexts += other.contexts;
  stages += other.stages;
  tails += other.tails;
  registers += other.registers;
  systolics += other.systolics;
  bytes += other.bytes;
  requesters += other.requesters;
  slots = std::max(slots, other.slots);
  return *this;
}

Load load_of(const Context& context, const rdu_hw_arch& arch) {
  Load load;
  load.ports = ports_of(context);
  load.counters = context.counters.size();
  load.contexts = 1;
  load.systolics = context.program == RDU_HW_PROGRAM_SYSTOLIC ? 1 : 0;
  if (context.program == RDU_HW_PROGRAM_SIMD) {
    const PcuProgram program = lay_out(context, arch);
    load.stages = program.stages;
    load.registers = program.registers;
    load.tails = static_cast<std::uint64_t>(std::ranges::count_if(
        context.operations,
        [&](const Operation& operation) { return seat_of(operation, arch) == Seat::kTail; }));
  }
  if (context.unit() == RDU_HW_UNIT_AGCU) {
    load.slots = slots_of(context, arch);
    load.requesters = load.slots != 0 ? 1 : 0;
  }
  return load;
}

std::uint64_t footprint(const Buffer& buffer, const rdu_hw_arch& arch) {
  const std::uint64_t slice = std::uint64_t{arch.pmu.banks} * (arch.grid.word_bits / 8);
  const std::uint64_t bytes = (buffer.bytes + slice - 1) / slice * slice;
  const std::uint64_t times = buffer.bank_mode == RDU_HW_BANK_DUPLICATED ? arch.pmu.banks : 1;
  return bytes * buffer.copies * times;
}

std::string shortage(const Load& load, const rdu_hw_arch& arch, std::uint32_t unit) {
  Account account;
  const PortCounts has = ports_of(arch, unit);
  for (std::size_t direction = 0; direction < 2; ++direction) {
    for (std::size_t kind = 0; kind < 3; ++kind) {
      account.demand(load.ports[direction][kind], has[direction][kind],
                     kPortNames[direction][kind]);
    }
  }
  switch (unit) {
    case RDU_HW_UNIT_PCU:
      demand_pcu(load, arch.pcu, account);
      break;
    case RDU_HW_UNIT_PMU:
      account.demand(load.counters, arch.pmu.counters, "counters");
      account.demand(load.bytes, arch.pmu.bytes, "bytes of its scratchpad");
      break;
    default:
      demand_agcu(load, arch.agcu, account);
  }
  return std::move(account).text();
}

}  // namespace rducc::rdu
