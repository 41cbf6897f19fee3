// Lanes, their addresses in a tier, and the bursts that they touch.
#include "tests/drivers/emu/naive/agcu.hpp"

namespace naive {

Region::Region(const Context& context, Memory& memory)
    : context_(context),
      record_(context.image.transfers[context.record.detail]),
      tier_(memory.tier(context.image.arguments[record_.argument].tier)),
      base_(context.arguments[record_.argument]) {}

std::vector<Region::Lane> Region::lanes(const Walk& walk) {
  const Addresses at = addresses(context_, walk);
  std::vector<Lane> on;
  for (std::uint32_t lane = 0; lane < at.size(); ++lane) {
    if (!at[lane]) continue;
    const auto address = static_cast<std::int64_t>(base_) + *at[lane];
    on.push_back({lane, static_cast<std::uint64_t>(address)});
    run_base_ = address - walk.index(lane) * static_cast<std::int64_t>(element());
  }
  return on;
}

std::vector<std::uint64_t> Region::bursts(const Lane& lane) const {
  const std::uint64_t first = lane.address / tier_.burst_bytes();
  const std::uint64_t last = (lane.address + element() - 1) / tier_.burst_bytes();
  std::vector<std::uint64_t> touched;
  for (std::uint64_t burst = first; burst <= last; ++burst) touched.push_back(burst);
  return touched;
}

std::int64_t Region::firings_to_last(const Walk& walk, std::uint64_t burst) const {
  const auto end = static_cast<std::int64_t>((burst + 1) * tier_.burst_bytes());
  std::int64_t lane = walk.index(0);  // of the run
  while (lane + 1 < walk.run_length() &&
         run_base_ + (lane + 1) * static_cast<std::int64_t>(element()) < end) {
    ++lane;
  }
  return lane / walk.lanes() - walk.index(0) / walk.lanes();
}

Result::Result(const Context& context, Time start, Arguments& results)
    : Side(context, Owns::kAll, start), results_(results) {}

Time Result::act(Time) {
  const rdu_hw_transfer& record = context().image.transfers[context().record.detail];
  if (position().ends(context().ports()[record.data].level)) {
    results_[record.argument] = context().input(record.data, 0);
  }
  return 1;
}

}  // namespace naive
