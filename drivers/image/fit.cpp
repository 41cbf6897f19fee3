// Whether a chip can run an image: the questions in their order.
#include "drivers/image/fit.hpp"

#include <array>
#include <cstdio>

#include "drivers/image/decode.hpp"

namespace rdu_hw::image {
namespace {

constexpr auto kFit = RDU_HW_IMAGE_ERR_FIT;

std::string hexadecimal(std::uint64_t value) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(value));
  return text.data();
}

void fit_arguments(const rdu_hw_image& image, const rdu_hw_arch& arch) {
  for (std::uint32_t i = 0; i < image.num_arguments; ++i) {
    const rdu_hw_argument& argument = image.arguments[i];
    if (argument.kind != RDU_HW_ARGUMENT_REGION) continue;
    const Place place = Place().in("argument", i);
    const rdu_hw_dram& tier = argument.tier == RDU_HW_TIER_HBM ? arch.hbm : arch.dram;
    demand(tier.channels != 0, kFit, place, "tier", "one that the chip has", argument.tier);
    demand_within<std::uint64_t>(argument.bytes, 1, tier.capacity_bytes, kFit, place, "bytes");
  }
}

void fit_place(const ContextView& context, const rdu_hw_arch& arch) {
  const rdu_hw_context& record = context.record;
  const Place& place = context.place;
  if (context.unit() == RDU_HW_UNIT_AGCU) {
    return demand_within<std::uint32_t>(record.row, 0, arch.agcu.count - 1, kFit, place, "row");
  }
  demand_within<std::uint32_t>(record.row, 0, rdu_hw_arch_mesh_rows(&arch) - 1, kFit, place, "row");
  demand_within<std::uint32_t>(record.column, 0, rdu_hw_arch_mesh_columns(&arch) - 1, kFit, place,
                               "column");
  const bool is_pcu = rdu_hw_arch_is_pcu(record.row, record.column) != 0;
  demand(is_pcu == (context.unit() == RDU_HW_UNIT_PCU), kFit, place, "column",
         is_pcu ? "a PMU's place" : "a PCU's place", record.column);
}

void fit_ports(const ContextView& context, const rdu_hw_arch& arch) {
  const rdu_hw_ports& has = ports_of(arch, context.unit());
  const std::uint32_t counts[2][3] = {{has.vector_in, has.scalar_in, has.control_in},
                                      {has.vector_out, has.scalar_out, has.control_out}};
  for (std::uint32_t i = 0; i < context.record.ports.count; ++i) {
    const rdu_hw_port& port = context.ports()[i];
    const std::uint32_t count = counts[port.direction][port.kind];
    if (port.number < count) continue;
    refuse(kFit, context.place.in("port", i), "number",
           "one of the unit's " + std::to_string(count) + " ports of this kind",
           std::to_string(port.number));
  }
}

void fit_context(const ContextView& context, const rdu_hw_arch& arch) {
  fit_place(context, arch);
  fit_ports(context, arch);
  if (context.innermost() != 0) {
    demand_within<std::uint32_t>(context.counters().back().lanes, 1, arch.pcu.lanes, kFit,
                                 context.place.in("counter", context.innermost() - 1), "lanes");
  }
  switch (context.unit()) {
    case RDU_HW_UNIT_PCU:
      return fit_pcu(context, arch);
    case RDU_HW_UNIT_PMU:
      return demand_within<std::uint32_t>(context.record.steps.count, 1, arch.pmu.address_stages,
                                          kFit, context.place, "steps");
    default:
      demand_within<std::uint32_t>(context.record.steps.count, 0, arch.agcu.address_stages, kFit,
                                   context.place, "steps");
  }
}

}  // namespace

const rdu_hw_ports& ports_of(const rdu_hw_arch& arch, std::uint32_t unit) {
  return unit == RDU_HW_UNIT_PCU   ? arch.pcu.ports
         : unit == RDU_HW_UNIT_PMU ? arch.pmu.ports
                                   : arch.agcu.ports;
}

void fit_image(const rdu_hw_image& image, const rdu_hw_arch& arch) {
  const std::uint64_t hash = rdu_hw_arch_hash(&arch);
  if (image.arch_hash != hash) {
    refuse(RDU_HW_IMAGE_ERR_ARCH, {}, "arch_hash",
           hexadecimal(hash) + ", which is chip " + arch.name, hexadecimal(image.arch_hash));
  }
  fit_arguments(image, arch);
  for (std::uint32_t section = 0; section < image.num_sections; ++section) {
    for_each_context(image, section,
                     [&](const ContextView& context) { fit_context(context, arch); });
    fit_units(image, section, arch);
    fit_agcus(image, section, arch);
    fit_buffers(image, section, arch);
    fit_links(image, section, arch);
  }
  fit_setups(image, arch);
}

}  // namespace rdu_hw::image
