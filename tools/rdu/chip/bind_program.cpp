// Allocates scratch, then argument by argument; fills what a graph and its package know.
#include "tools/rdu/chip/bind_program.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "sdk/artifact/view.hpp"
#include "tools/rdu/error.hpp"

namespace rdu::tool {

namespace {

class Binder {
 public:
  Binder(rdu_hw_chip* chip, const ChipProgram& program, const rdu_graph* graph)
      : chip_(chip), image_(*program.image), package_(program.package.get()), graph_(graph) {}

  std::vector<rdu_hw_bound> run(Contents contents) {
    std::array<std::uint64_t, RDU_HW_NUM_TIERS> scratch = {};
    for (std::uint32_t tier = 0; package_ != nullptr && tier < RDU_HW_NUM_TIERS; ++tier) {
      if (package_->scratch_bytes[tier] == 0) continue;
      scratch[tier] = allocate(tier, package_->scratch_bytes[tier], scratch_alignment(tier));
    }
    std::vector<rdu_hw_bound> bound(image_.num_arguments);
    for (std::uint32_t i = 0; i < image_.num_arguments; ++i) {
      const rdu_hw_argument& argument = image_.arguments[i];
      const rdu_hw_binding binding = package_ == nullptr ? rdu_hw_binding{} : package_->bindings[i];
      if (argument.kind == RDU_HW_ARGUMENT_SCALAR) {
        bound[i].word = binding.word;
      } else if (binding.source == RDU_HW_SOURCE_SCRATCH) {
        bound[i].address = scratch[argument.tier] + binding.offset;
      } else {
        bound[i].address = allocate(argument.tier, argument.bytes, argument.alignment);
      }
      if (contents == Contents::kZeros && package_ != nullptr) fill(argument, binding, bound[i]);
    }
    return bound;
  }

 private:
  // Where every region in it is aligned.
  std::uint32_t scratch_alignment(std::uint32_t tier) const {
    std::uint32_t alignment = 1;
    for (std::uint32_t i = 0; i < image_.num_arguments; ++i) {
      if (package_->bindings[i].source != RDU_HW_SOURCE_SCRATCH ||
          image_.arguments[i].tier != tier) {
        continue;
      }
      alignment = std::max(alignment, image_.arguments[i].alignment);
    }
    return alignment;
  }

  // Fresh memory holds zeros: those of values stay.
  void fill(const rdu_hw_argument& argument, const rdu_hw_binding& binding, rdu_hw_bound& bound) {
    if (binding.source == RDU_HW_SOURCE_DATA) {
      write(argument.tier, bound.address,
            static_cast<const std::byte*>(package_->data) + binding.offset, binding.elements);
    }
    if (binding.source != RDU_HW_SOURCE_CONSTANT) return;
    const std::vector<std::byte> converted = constant(binding);
    if (argument.kind == RDU_HW_ARGUMENT_SCALAR) {
      std::memcpy(&bound.word, converted.data(), std::min(sizeof bound.word, converted.size()));
    } else {
      write(argument.tier, bound.address, converted.data(), converted.size());
    }
  }

  // A package is data from outside: its numbers are the graph's only if they say so.
  std::vector<std::byte> constant(const rdu_hw_binding& binding) const {
    const std::string what = "constant " + std::to_string(binding.value) + " of the package";
    if (graph_ == nullptr || binding.value >= graph_->values.count) {
      throw ToolError(what + ": the graph has no such value");
    }
    const auto& value = artifact::at<rdu_value>(graph_->values, binding.value);
    const std::uint64_t bytes = rdu_hw_conversion_host_bytes(binding.conversion);
    if (value.data == nullptr || binding.offset > value.bytes ||
        binding.elements > (value.bytes - binding.offset) / bytes) {
      throw ToolError(what + ": the value has not as many elements");
    }
    std::vector<std::byte> converted(binding.elements *
                                     rdu_hw_conversion_chip_bytes(binding.conversion));
    const auto* from = static_cast<const std::byte*>(value.data) + binding.offset;
    if (rdu_hw_convert_in(binding.conversion, from, converted.data(), binding.elements) !=
        binding.elements) {
      throw ToolError(what + ": an element has no form on the chip");
    }
    return converted;
  }

  void write(std::uint32_t tier, std::uint64_t address, const void* from, std::uint64_t bytes) {
    rdu_hw_error error = {};
    if (rdu_hw_memory_write(chip_, tier, address, from, bytes, &error) != RDU_HW_OK) {
      throw ToolError(std::string("the chip's memory: ") + error.text);
    }
  }

  std::uint64_t allocate(std::uint32_t tier, std::uint64_t bytes, std::uint64_t alignment) {
    std::uint64_t address = 0;
    rdu_hw_error error = {};
    if (rdu_hw_memory_allocate(chip_, tier, bytes, alignment, &address, &error) != RDU_HW_OK) {
      throw ToolError(std::string("the chip's memory: ") + error.text);
    }
    return address;
  }

  rdu_hw_chip* chip_;
  const rdu_hw_image& image_;
  const rdu_hw_package* package_;
  const rdu_graph* graph_;  // null: the image is nobody's
};

}  // namespace

std::vector<rdu_hw_bound> bind_program(rdu_hw_chip* chip, const ChipProgram& program,
                                       const rdu_graph* graph, Contents contents) {
  return Binder(chip, program, graph).run(contents);
}

}  // namespace rdu::tool
