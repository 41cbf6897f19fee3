// Bytes and bytes per second, in cycles, rounded up.
#include "drivers/emu/chip/phases.hpp"

#include "drivers/image/view.hpp"

namespace rdu_hw::emu {
namespace {

__extension__ using Wide = unsigned __int128;

sim::Time cycles_of(Wide bits, const rdu_hw_arch& arch, std::uint64_t bytes_per_s) {
  const Wide per_s = Wide{8} * bytes_per_s;
  return static_cast<sim::Time>((bits * arch.clock_hz + per_s - 1) / per_s);
}

void collect(const image::ContextView& context, std::set<std::uint32_t>& arguments) {
  const auto add = [&](const rdu_hw_operand& operand) {
    if (operand.kind == RDU_HW_OPERAND_ARGUMENT) arguments.insert(operand.value);
  };
  for (const rdu_hw_counter& counter : context.counters()) {
    if (counter.extent_from == RDU_HW_EXTENT_ARGUMENT) arguments.insert(counter.source);
  }
  for (const rdu_hw_port& port : context.ports()) add(port.value);
  for (const rdu_hw_instruction& instruction : context.instructions()) {
    for (const rdu_hw_operand& operand : instruction.operands) add(operand);
  }
  if (context.unit() == RDU_HW_UNIT_AGCU) {
    arguments.insert(context.image.transfers[context.record.detail].argument);
  }
}

}  // namespace

sim::Time program_load(const rdu_hw_arch& arch) {
  const std::uint64_t units = std::uint64_t{rdu_hw_arch_num_units(&arch)} +
                              rdu_hw_arch_num_switches(&arch) + arch.agcu.count;
  return cycles_of(Wide{units} * arch.load.program_bits_per_unit, arch,
                   arch.load.program_bytes_per_s);
}

std::set<std::uint32_t> arguments_of(const rdu_hw_image& image, std::uint32_t section) {
  std::set<std::uint32_t> arguments;
  image::for_each_context(image, section,
                          [&](const image::ContextView& context) { collect(context, arguments); });
  return arguments;
}

sim::Time argument_load(const rdu_hw_image& image, std::uint32_t section, const rdu_hw_arch& arch) {
  Wide bits = 0;
  for (const std::uint32_t i : arguments_of(image, section)) {
    bits += image.arguments[i].kind == RDU_HW_ARGUMENT_REGION ? 64 : 32;
  }
  return static_cast<sim::Time>(arch.load.argument_cycles) +
         cycles_of(bits, arch, arch.load.argument_bytes_per_s);
}

}  // namespace rdu_hw::emu
