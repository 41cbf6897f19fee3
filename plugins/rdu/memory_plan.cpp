// Every argument gets its place once; only values that cross the border get theirs again in each run.
#include "plugins/rdu/memory_plan.hpp"

#include <rdu/plugin/graph.hpp>

#include "plugins/rdu/moves.hpp"

namespace rdu::chip_plugin {

using plugin::fail;
using plugin::Result;
using plugin::Status;

namespace {

bool is_region(const rdu_hw_argument& argument) { return argument.kind == RDU_HW_ARGUMENT_REGION; }

// Whether a region may lie in the host's buffer as it is.
bool is_direct(const rdu_hw_argument& argument, const rdu_hw_binding& binding,
               std::uint64_t alignment) {
  return is_region(argument) && binding.conversion == RDU_HW_CONVERT_NONE &&
         argument.tier == RDU_HW_TIER_DRAM && binding.elements == argument.bytes &&
         argument.alignment <= alignment && binding.offset % argument.alignment == 0;
}

bool has_own_region(const rdu_hw_argument& argument, const rdu_hw_binding& binding,
                    std::uint64_t alignment) {
  switch (binding.source) {
    case RDU_HW_SOURCE_VALUE:
      return is_region(argument) && !is_direct(argument, binding, alignment);
    case RDU_HW_SOURCE_CONSTANT:
      return is_region(argument);
    default:
      return binding.source == RDU_HW_SOURCE_DATA;
  }
}

class Planner {
 public:
  Planner(const Owner& owner, const rdu_hw_package& package, const rdu_graph* graph,
          std::uint64_t alignment)
      : owner_(owner), package_(package), graph_(graph), alignment_(alignment) {}

  Result<MemoryPlan> run() {
    staging_.reserve();
    for (std::uint32_t tier = 0; tier < RDU_HW_NUM_TIERS; ++tier) {
      if (Status s = allocate_scratch(tier); !s.ok()) return s;
    }
    for (std::uint32_t i = 0; i < package_.image->num_arguments; ++i) {
      if (Status s = place(i); !s.ok()) return s;
    }
    return std::move(plan_);
  }

 private:
  // Scratch begins where every region in it is aligned.
  Status allocate_scratch(std::uint32_t tier) {
    std::uint32_t alignment = 1;
    for (std::uint32_t i = 0; i < package_.image->num_arguments; ++i) {
      const rdu_hw_argument& argument = package_.image->arguments[i];
      if (package_.bindings[i].source == RDU_HW_SOURCE_SCRATCH && argument.tier == tier) {
        alignment = std::max(alignment, argument.alignment);
      }
    }
    if (package_.scratch_bytes[tier] == 0) return {};
    return allocate(tier, package_.scratch_bytes[tier], alignment, &scratch_[tier]);
  }

  Status allocate(std::uint32_t tier, std::uint64_t bytes, std::uint64_t alignment,
                  std::uint64_t* out_address) {
    Result<Allocation> made = Allocation::make(owner_.chip, tier, bytes, alignment);
    if (!made.ok()) return made.status();
    *out_address = made->address();
    plan_.bytes += bytes;
    plan_.allocations.push_back(std::move(*made));
    return {};
  }

  Status place(std::uint32_t number) {
    const rdu_hw_argument& argument = package_.image->arguments[number];
    const rdu_hw_binding& binding = package_.bindings[number];
    rdu_hw_bound bound = {0, binding.word, 0};
    if (has_own_region(argument, binding, alignment_)) {
      Status s = allocate(argument.tier, argument.bytes, argument.alignment, &bound.address);
      if (!s.ok()) return s;
    }
    Status s = fill(number, argument, binding, bound);
    plan_.bound.push_back(bound);
    return s;
  }

  Status fill(std::uint32_t number, const rdu_hw_argument& argument, const rdu_hw_binding& binding,
              rdu_hw_bound& bound) {
    switch (binding.source) {
      case RDU_HW_SOURCE_VALUE:
        plan_.moved.push_back({number, binding, argument.tier, !is_region(argument),
                               is_direct(argument, binding, alignment_), bound.address});
        return check_value(binding);
      case RDU_HW_SOURCE_CONSTANT:
        return upload_constant(number, argument, binding, bound);
      case RDU_HW_SOURCE_DATA:
        return write(owner_.chip, argument.tier, bound.address,
                     static_cast<const std::byte*>(package_.data) + binding.offset,
                     binding.elements);
      case RDU_HW_SOURCE_SCRATCH:
        bound.address = scratch_[argument.tier] + binding.offset;
        return {};
      case RDU_HW_SOURCE_CHECK:
        plan_.checks.push_back({number, binding});
        return check_dimension(binding);
      default:
        return {};
    }
  }

  // The package's numbers are the graph's only if they say so: a package is data from outside.
  Status check_number(const rdu_hw_binding& binding) const {
    if (binding.value < graph_.values().size()) return {};
    return fail(RDU_ERR_BAD_ARTIFACT, "the package names value ", binding.value, " of ",
                graph_.values().size());
  }

  Status check_dimension(const rdu_hw_binding& binding) const {
    if (binding.value == RDU_HW_NONE) return {};
    if (Status s = check_number(binding); !s.ok()) return s;
    const rdu_value& value = graph_.value(binding.value);
    if (binding.offset < value.rank) return {};
    return fail(RDU_ERR_BAD_ARTIFACT, "the package names dimension ", binding.offset, " of value '",
                value.name, "', which has ", value.rank);
  }

  Status check_value(const rdu_hw_binding& binding) const {
    if (Status s = check_number(binding); !s.ok()) return s;
    const rdu_value& value = graph_.value(binding.value);
    const std::uint64_t element = rdu_hw_conversion_host_bytes(binding.conversion);
    if (binding.offset > value.bytes ||
        binding.elements > (value.bytes - binding.offset) / element) {
      return fail(RDU_ERR_BAD_ARTIFACT, "the package moves ", binding.elements, " elements of ",
                  element, " bytes from byte ", binding.offset, " of value '", value.name,
                  "', which has ", value.bytes, " bytes");
    }
    return {};
  }

  Status upload_constant(std::uint32_t number, const rdu_hw_argument& argument,
                         const rdu_hw_binding& binding, rdu_hw_bound& bound) {
    if (Status s = check_value(binding); !s.ok()) return s;
    const rdu_value& value = graph_.value(binding.value);
    if (value.data == nullptr) {
      return fail(RDU_ERR_BAD_ARTIFACT, "the package takes value '", value.name,
                  "' for a constant, which it is not");
    }
    const auto* from = static_cast<const std::byte*>(value.data) + binding.offset;
    const bool scalar = !is_region(argument);
    plan_.constants.push_back({number, binding, argument.tier, scalar, bound.address});
    if (scalar) return word_of(value.name, binding, from, &bound.word);
    return upload(owner_, staging_, value.name, binding, from, argument.tier, bound.address);
  }

  const Owner& owner_;
  const rdu_hw_package& package_;
  plugin::Graph graph_;
  std::uint64_t alignment_;
  Staging staging_;
  std::uint64_t scratch_[RDU_HW_NUM_TIERS] = {};
  MemoryPlan plan_;
};

}  // namespace

std::array<std::uint64_t, RDU_HW_NUM_TIERS> bytes_needed(const rdu_hw_package& package,
                                                         std::uint64_t alignment) {
  std::array<std::uint64_t, RDU_HW_NUM_TIERS> bytes = {package.scratch_bytes[RDU_HW_TIER_DRAM],
                                                       package.scratch_bytes[RDU_HW_TIER_HBM]};
  for (std::uint32_t i = 0; i < package.image->num_arguments; ++i) {
    const rdu_hw_argument& argument = package.image->arguments[i];
    if (!has_own_region(argument, package.bindings[i], alignment)) continue;
    std::uint64_t& sum = bytes[argument.tier];
    sum = argument.bytes > UINT64_MAX - sum ? UINT64_MAX : sum + argument.bytes;
  }
  return bytes;
}

Result<MemoryPlan> plan_memory(const Owner& owner, const rdu_hw_package& package,
                               const rdu_graph* graph, std::uint64_t alignment) {
  return Planner(owner, package, graph, alignment).run();
}

}  // namespace rdu::chip_plugin
