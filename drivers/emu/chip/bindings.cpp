// Each region: aligned as its argument asks, and inside its tier.
#include "drivers/emu/chip/bindings.hpp"

namespace rdu_hw::emu {

std::string find_fault(const rdu_hw_image& image, std::span<const Binding> bindings,
                       std::span<const Memory, kNumTiers> memory, bool values) {
  if (bindings.size() != image.num_arguments) {
    return "bindings: expected one for each of " + std::to_string(image.num_arguments) +
           " arguments, got " + std::to_string(bindings.size());
  }
  for (std::uint32_t i = 0; i < image.num_arguments; ++i) {
    const rdu_hw_argument& argument = image.arguments[i];
    if (argument.kind != RDU_HW_ARGUMENT_REGION) continue;
    const std::string place = "argument " + std::to_string(i) + ": address: expected ";
    const std::uint64_t address = bindings[i].address;
    if (address % argument.alignment != 0) {
      return place + "a multiple of " + std::to_string(argument.alignment) + ", got " +
             std::to_string(address);
    }
    const Memory& tier = memory[argument.tier];
    if (argument.bytes > tier.size || address > tier.size - argument.bytes) {
      return place + std::to_string(argument.bytes) + " bytes inside the " +
             std::to_string(tier.size) + " of tier " + std::to_string(argument.tier) + ", got " +
             std::to_string(address);
    }
    if (values && tier.data == nullptr) {
      return "argument " + std::to_string(i) + ": tier " + std::to_string(argument.tier) +
             ": expected bytes behind it, got none";
    }
  }
  return {};
}

}  // namespace rdu_hw::emu
