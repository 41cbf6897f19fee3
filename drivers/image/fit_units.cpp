// What the contexts of one unit share.
#include <algorithm>
#include <array>
#include <vector>

#include "drivers/image/fit.hpp"

namespace rdu_hw::image {
namespace {

constexpr auto kFit = RDU_HW_IMAGE_ERR_FIT;

using Seat = std::array<std::uint32_t, 3>;  // unit, row, column

struct Tenant {
  Seat seat;
  std::uint32_t context;  // number in the section
};

std::uint32_t num_counters(const rdu_hw_arch& arch, std::uint32_t unit) {
  return unit == RDU_HW_UNIT_PCU   ? arch.pcu.counters
         : unit == RDU_HW_UNIT_PMU ? arch.pmu.counters
                                   : arch.agcu.counters;
}

// The contexts of one unit move in one after another.
class House {
 public:
  explicit House(const rdu_hw_arch& arch) : arch_(&arch), stages_(arch.pcu.stages + 1, false) {}

  void move_in(const ContextView& context) {
    counters_ += context.record.counters.count;
    demand_within<std::uint64_t>(counters_, 0, num_counters(*arch_, context.unit()), kFit,
                                 context.place, "counters of the unit's contexts");
    if (context.unit() != RDU_HW_UNIT_PCU) return;
    demand_within<std::uint32_t>(++contexts_, 1, arch_->pcu.contexts, kFit, context.place,
                                 "contexts of the PCU");
    const bool systolic = context.record.program == RDU_HW_PROGRAM_SYSTOLIC;
    demand(!systolic_ && (!systolic || contexts_ == 1), kFit, context.place, "program",
           "no other context beside a systolic one", context.record.program);
    systolic_ = systolic;
    for (std::uint32_t i = 0; i < context.record.instructions.count; ++i) {
      take_stages(context.instructions()[i], context.place.in("instruction", i));
    }
  }

 private:
  void take_stages(const rdu_hw_instruction& instruction, const Place& place) {
    for (std::uint32_t i = 0; i < num_stages(instruction, *arch_); ++i) {
      demand(!stages_[instruction.stage + i], kFit, place, "stage",
             "one that no other context of the PCU uses", instruction.stage + i);
      stages_[instruction.stage + i] = true;
    }
  }

  const rdu_hw_arch* arch_;
  std::vector<bool> stages_;  // and the tail
  std::uint64_t counters_ = 0;
  std::uint32_t contexts_ = 0;
  bool systolic_ = false;
};

void fit_buffer(const rdu_hw_buffer& buffer, const rdu_hw_arch& arch, const Place& place) {
  const bool inside =
      buffer.row < rdu_hw_arch_mesh_rows(&arch) && buffer.column < rdu_hw_arch_mesh_columns(&arch);
  demand(inside && rdu_hw_arch_is_pcu(buffer.row, buffer.column) == 0, kFit, place, "column",
         "a PMU's place", buffer.column);
  const std::uint64_t slice = std::uint64_t{arch.pmu.banks} * (arch.grid.word_bits / 8);
  demand(buffer.base % slice == 0, kFit, place, "base", "a multiple of a word of each bank",
         buffer.base);
  demand(buffer.bytes % slice == 0, kFit, place, "bytes", "a multiple of a word of each bank",
         buffer.bytes);
  demand_within<std::uint64_t>(buffer.base + footprint(buffer, arch), 1, arch.pmu.bytes, kFit,
                               place, "end in the scratchpad");
}

}  // namespace

std::uint64_t footprint(const rdu_hw_buffer& buffer, const rdu_hw_arch& arch) {
  const std::uint64_t times = buffer.bank_mode == RDU_HW_BANK_DUPLICATED ? arch.pmu.banks : 1;
  return buffer.bytes * buffer.copies * times;  // at most 2^30 · 2^20 · 2^8
}

void fit_units(const rdu_hw_image& image, std::uint32_t section, const rdu_hw_arch& arch) {
  std::vector<Tenant> tenants;
  const std::uint32_t count = image.sections[section].contexts.count;
  for (std::uint32_t i = 0; i < count; ++i) {
    const ContextView context = context_view(image, section, i);
    tenants.push_back({{context.unit(), context.record.row, context.record.column}, i});
  }
  std::ranges::stable_sort(tenants, {}, &Tenant::seat);
  House house(arch);
  for (std::size_t i = 0; i < tenants.size(); ++i) {
    if (i != 0 && tenants[i].seat != tenants[i - 1].seat) house = House(arch);
    house.move_in(context_view(image, section, tenants[i].context));
  }
}

void fit_buffers(const rdu_hw_image& image, std::uint32_t section, const rdu_hw_arch& arch) {
  const auto buffers = ContextView::of(image.buffers, image.sections[section].buffers);
  std::vector<std::uint32_t> order(buffers.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    fit_buffer(buffers[i], arch, Place().in("section", section).in("buffer", i));
    order[i] = i;
  }
  std::ranges::stable_sort(order, {}, [&](std::uint32_t i) {
    return std::array<std::uint64_t, 3>{buffers[i].row, buffers[i].column, buffers[i].base};
  });
  for (std::size_t i = 1; i < order.size(); ++i) {
    const rdu_hw_buffer& before = buffers[order[i - 1]];
    const rdu_hw_buffer& buffer = buffers[order[i]];
    const bool apart = before.row != buffer.row || before.column != buffer.column ||
                       before.base + footprint(before, arch) <= buffer.base;
    if (apart) continue;
    refuse(kFit, Place().in("section", section).in("buffer", order[i]), "base",
           "the end of buffer " + std::to_string(order[i - 1]) + " or more",
           std::to_string(buffer.base));
  }
}

}  // namespace rdu_hw::image
