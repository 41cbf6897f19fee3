// A package as text: what each argument is bound to, then the image.
#include <array>

#include "drivers/image/package_decode.hpp"
#include "drivers/image/print.hpp"

namespace rdu_hw::image {
namespace {

#define X(name, ...) #name,
constexpr std::array<const char*, RDU_HW_NUM_CONVERSIONS> kConversions = {RDU_HW_CONVERSIONS(X)};
#undef X
constexpr std::array<const char*, 4> kMoves = {"", "in", "out", "in and out"};

std::string str(std::uint64_t number) { return std::to_string(number); }

std::string moved(const rdu_hw_binding& binding) {
  std::string text = " of value " + str(binding.value);
  if (binding.offset != 0) text += " from byte " + str(binding.offset);
  if (binding.conversion == RDU_HW_CONVERT_NONE) return str(binding.elements) + " bytes" + text;
  return str(binding.elements) + " elements" + text + " as " + kConversions[binding.conversion];
}

std::string text_of(const rdu_hw_binding& binding) {
  switch (binding.source) {
    case RDU_HW_SOURCE_VALUE:
      return moved(binding) + ", " + kMoves[binding.moves];
    case RDU_HW_SOURCE_CONSTANT:
      return moved(binding) + ", once";
    case RDU_HW_SOURCE_DATA:
      return "data from byte " + str(binding.offset);
    case RDU_HW_SOURCE_SCRATCH:
      return "scratch from byte " + str(binding.offset);
    case RDU_HW_SOURCE_CHECK:
      return "0 where no position is outside the " + str(binding.elements) + " of dimension " +
             str(binding.offset) + " of value " + str(binding.value);
    default:
      return "word " + str(binding.word);
  }
}

}  // namespace

std::string text_of(const rdu_hw_package& package) {
  std::string text = "package: image of " + str(package.image_size) + " bytes, data of " +
                     str(package.data_size) + " bytes, scratch of " +
                     str(package.scratch_bytes[RDU_HW_TIER_DRAM]) + " bytes in dram and " +
                     str(package.scratch_bytes[RDU_HW_TIER_HBM]) + " in hbm";
  if (package.estimated_cycles != 0) {
    text += ", " + str(package.estimated_cycles) + " cycles estimated";
  }
  text += '\n';
  for (std::uint32_t i = 0; i < package.image->num_arguments; ++i) {
    text += "binding " + str(i) + ": " + text_of(package.bindings[i]) + '\n';
  }
  return text + text_of(*package.image);
}

}  // namespace rdu_hw::image
