// Slots and entries that the transfers of one AGCU divide among them.
#include <algorithm>
#include <map>

#include "drivers/image/fit.hpp"

namespace rdu_hw::image {
namespace {

constexpr auto kFit = RDU_HW_IMAGE_ERR_FIT;

bool transfers(const ContextView& context) {
  return context.record.program == RDU_HW_PROGRAM_LOAD ||
         context.record.program == RDU_HW_PROGRAM_STORE;
}

// Bursts that one firing can touch.
std::uint64_t bursts(const ContextView& context, const rdu_hw_arch& arch) {
  const rdu_hw_transfer& transfer = context.image.transfers[context.record.detail];
  const std::uint32_t tier = context.image.arguments[transfer.argument].tier;
  const std::uint64_t burst =
      rdu_hw_dram_burst_bytes(tier == RDU_HW_TIER_HBM ? &arch.hbm : &arch.dram);
  const std::uint64_t element = rdu_hw_format_bytes(transfer.format);
  const std::uint64_t lanes = context.innermost() == 0 ? 1 : context.counters().back().lanes;
  const std::uint64_t parts = (element + burst - 1) / burst;  // of an element
  if (transfer.mode == RDU_HW_TRANSFER_SPARSE) return lanes * parts;
  return ((lanes - 1) * element + burst - 1) / burst + parts;
}

}  // namespace

void fit_agcus(const rdu_hw_image& image, std::uint32_t section, const rdu_hw_arch& arch) {
  std::map<std::uint32_t, std::uint32_t> shares;  // by AGCU
  for_each_context(image, section, [&](const ContextView& context) {
    if (transfers(context)) ++shares[context.record.row];
  });
  for_each_context(image, section, [&](const ContextView& context) {
    if (!transfers(context)) return;
    const std::uint32_t contexts = shares.at(context.record.row);
    const std::uint64_t needed = bursts(context, arch);
    demand_within<std::uint64_t>(needed, 1, arch.agcu.outstanding / contexts, kFit, context.place,
                                 "bursts of a firing");
    const rdu_hw_transfer& transfer = image.transfers[context.record.detail];
    if (transfer.mode != RDU_HW_TRANSFER_SPARSE) return;
    demand_within<std::uint64_t>(needed, 1, arch.agcu.coalescing_entries / contexts, kFit,
                                 context.place, "bursts of a firing to be coalesced");
  });
}

}  // namespace rdu_hw::image
