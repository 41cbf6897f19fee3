// Each binding of a package against its argument of the image.
#include "drivers/image/fault.hpp"
#include "drivers/image/package_decode.hpp"

namespace rdu_hw::image {
namespace {

constexpr auto kValue = RDU_HW_IMAGE_ERR_VALUE;
constexpr auto kConflict = RDU_HW_IMAGE_ERR_CONFLICT;

class BindingCheck {
 public:
  BindingCheck(const DecodedPackage& package, std::uint32_t number)
      : package_(package),
        binding_(package.bindings[number]),
        argument_(package.image->arguments[number]),
        place_(Place().in("binding", number)) {}

  void run() const {
    demand_within<std::uint32_t>(binding_.source, 0, RDU_HW_SOURCE_CHECK, kValue, place_, "source");
    demand_equal(binding_.reserved, 0, kValue, place_, "reserved");
    if (binding_.source != RDU_HW_SOURCE_WORD)
      demand_equal(binding_.word, 0, kValue, place_, "word");
    switch (binding_.source) {
      case RDU_HW_SOURCE_VALUE:
        check_moves();
        return check_elements();
      case RDU_HW_SOURCE_CONSTANT:
        demand_equal(binding_.moves, RDU_HW_MOVE_IN, kValue, place_, "moves");
        demand_read_only();
        return check_elements();
      case RDU_HW_SOURCE_DATA:
        return check_data();
      case RDU_HW_SOURCE_SCRATCH:
        return check_scratch();
      case RDU_HW_SOURCE_CHECK:
        return check_check();
      default:
        return check_word();
    }
  }

 private:
  bool is_region() const { return argument_.kind == RDU_HW_ARGUMENT_REGION; }

  void demand_region() const {
    demand(is_region(), kConflict, place_, "source", "one for a scalar", binding_.source);
  }
  void demand_read_only() const {
    demand(argument_.access == RDU_HW_ACCESS_READ, kConflict, place_, "source",
           "one that the chip may write", binding_.source);
  }
  void demand_no_value() const {
    demand_equal(binding_.value, RDU_HW_NONE, kValue, place_, "value");
    demand_equal(binding_.moves, 0, kValue, place_, "moves");
    demand_equal(binding_.conversion, RDU_HW_CONVERT_NONE, kValue, place_, "conversion");
  }

  // What the chip writes goes out, and nothing else does; what it only reads, or what is of a scalar, goes one way.
  void check_moves() const {
    demand_within<std::uint32_t>(binding_.moves, 1, RDU_HW_MOVE_IN | RDU_HW_MOVE_OUT, kValue,
                                 place_, "moves");
    const bool written = (argument_.access & RDU_HW_ACCESS_WRITE) != 0;
    const bool out = (binding_.moves & RDU_HW_MOVE_OUT) != 0;
    demand(written == out, kConflict, place_, "moves", "out exactly where the chip writes",
           binding_.moves);
    demand(is_region() || binding_.moves != (RDU_HW_MOVE_IN | RDU_HW_MOVE_OUT), kConflict, place_,
           "moves", "one way for a scalar", binding_.moves);
  }

  void check_elements() const {
    demand_within<std::uint32_t>(binding_.conversion, 0, RDU_HW_NUM_CONVERSIONS - 1, kValue, place_,
                                 "conversion");
    demand(binding_.value != RDU_HW_NONE, kValue, place_, "value", "a number", binding_.value);
    const std::uint64_t on_chip = rdu_hw_conversion_chip_bytes(binding_.conversion);
    const std::uint64_t at_host = rdu_hw_conversion_host_bytes(binding_.conversion);
    const std::uint64_t most = argument_.bytes / on_chip;
    const std::uint64_t least = is_region() ? 1 : 4 / on_chip;
    demand_within<std::uint64_t>(binding_.elements, least, most, kConflict, place_, "elements");
    demand(is_region() || on_chip == 4 || binding_.conversion == RDU_HW_CONVERT_NONE, kConflict,
           place_, "conversion", "one to a word", binding_.conversion);
    demand(binding_.elements <= (UINT64_MAX - binding_.offset) / at_host, kValue, place_, "offset",
           "a place in 64 bits", binding_.offset);
  }

  void check_data() const {
    demand_region();
    demand_no_value();
    demand_read_only();
    demand(binding_.offset % RDU_HW_PACKAGE_ALIGNMENT == 0, kValue, place_, "offset",
           "a multiple of 64", binding_.offset);
    demand_equal(binding_.elements, argument_.bytes, kConflict, place_, "elements");
    const std::uint64_t size = package_.data_size;
    demand(binding_.offset <= size && binding_.elements <= size - binding_.offset, kConflict,
           place_, "offset", "a range of the data", binding_.offset);
  }

  void check_scratch() const {
    demand_region();
    demand_no_value();
    demand_equal(binding_.elements, 0, kValue, place_, "elements");
    demand(binding_.offset % argument_.alignment == 0, kConflict, place_, "offset",
           "a multiple of the argument's alignment", binding_.offset);
    const std::uint64_t size = package_.scratch_bytes[argument_.tier];
    demand(binding_.offset <= size && argument_.bytes <= size - binding_.offset, kConflict, place_,
           "offset", "a range of the tier's scratch", binding_.offset);
  }

  void check_word() const {
    demand(!is_region(), kConflict, place_, "source", "one for a region", binding_.source);
    demand_no_value();
    demand_read_only();
    demand_equal(binding_.offset, 0, kValue, place_, "offset");
    demand_equal(binding_.elements, 0, kValue, place_, "elements");
  }

  void check_check() const {
    demand(!is_region() && argument_.access == RDU_HW_ACCESS_WRITE, kConflict, place_, "source",
           "one for what the chip does not write as a word", binding_.source);
    demand_equal(binding_.moves, 0, kValue, place_, "moves");
    demand_equal(binding_.conversion, RDU_HW_CONVERT_NONE, kValue, place_, "conversion");
    demand(binding_.elements != 0, kValue, place_, "elements", "an extent", binding_.elements);
  }

  const DecodedPackage& package_;
  const rdu_hw_binding& binding_;
  const rdu_hw_argument& argument_;
  Place place_;
};

}  // namespace

void check_bindings(const DecodedPackage& package) {
  for (std::uint32_t i = 0; i < package.image->num_arguments; ++i) BindingCheck(package, i).run();
}

}  // namespace rdu_hw::image
