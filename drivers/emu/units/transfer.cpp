// Lanes that lie side by side are cut at the bursts' borders together.
#include "drivers/emu/units/transfer.hpp"

#include <algorithm>

namespace rdu_hw::emu {
namespace {

constexpr std::int64_t kLongest = 256;

}  // namespace

Transfer::Transfer(const Context& context, World& world, const std::vector<Attachment>& ports,
                   Controllers& controllers, AgcuShare share)
    : ContextUnit(context, world, ports),
      transfer_(context.view.image.transfers[context.record().detail]),
      tier_(context.view.image.arguments[transfer_.argument].tier),
      region_(world.bindings[transfer_.argument].address),
      burst_bytes_(controllers.burst_bytes(tier_)),
      element_bytes_(rdu_hw_format_bytes(transfer_.format)),
      share_(share),
      inputs_(context, timeline_, lanes()),
      slots_({.name = "the slots of " + context.name}),
      controllers_(controllers),
      program_(context.view, timeline_.chain(), inputs_) {
  controllers.add_user(context.number, *this);
  timeline_.firing().add_gate();
  timeline_.limit_blocks(kLongest);
  if (!values() && program_.uses_ports()) {
    world.faults.add(context.number, Failure::kUnsupported,
                     context.name + ": its addresses depend on values, and there are none");
  }
}

void Transfer::find_pieces(std::int64_t firing) {
  pieces_.clear();
  program_.evaluate(timeline_.chain(), 0, firing, addresses_);
  if (addresses_.on == 0) return;
  const int first = addresses_.first();
  const int count = addresses_.last() - first + 1;
  const std::uint64_t between = ~std::uint64_t{0} >> (64 - count) << first;
  if (addresses_.is_line && addresses_.stride == element_bytes_ && addresses_.on == between) {
    const std::uint64_t bytes = static_cast<std::uint64_t>(count) * element_bytes_;
    return add_pieces(region_ + static_cast<std::uint64_t>(addresses_.at(first)),
                      static_cast<std::uint32_t>(first) * element_bytes_, bytes);
  }
  for (std::uint64_t rest = addresses_.on; rest != 0; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    add_pieces(region_ + static_cast<std::uint64_t>(addresses_.at(lane)),
               static_cast<std::uint32_t>(lane) * element_bytes_, element_bytes_);
  }
}

void Transfer::add_pieces(std::uint64_t address, std::uint32_t at, std::uint64_t bytes) {
  while (bytes > 0) {
    const std::uint64_t block = address / burst_bytes_;
    const std::uint64_t offset = address % burst_bytes_;
    const std::uint64_t here = std::min(bytes, burst_bytes_ - offset);
    pieces_.push_back(
        {block, static_cast<std::uint32_t>(offset), at, static_cast<std::uint32_t>(here)});
    address += here;
    at += static_cast<std::uint32_t>(here);
    bytes -= here;
  }
}

std::int64_t Transfer::firings_to_last(const Piece& piece) const {
  const Chain& chain = timeline_.chain();
  const std::size_t inner = chain.levels() == 0 ? 0 : chain.levels() - 1;
  const std::int64_t index = chain.index(inner);
  // Lane 0 of the firing, wherever it would be.
  const int lane = addresses_.first();
  const std::int64_t zero = static_cast<std::int64_t>(region_) + addresses_.at(lane) -
                            lane * std::int64_t{element_bytes_};
  const std::int64_t end = static_cast<std::int64_t>((piece.block + 1) * burst_bytes_);
  const std::int64_t last_lane = (end - 1 - zero) / element_bytes_;
  const std::int64_t last = std::min(index * chain.lanes() + last_lane, chain.extent(inner) - 1);
  return last / chain.lanes() - index;
}

void Transfer::issue(std::int64_t burst, std::uint64_t block, Time time) {
  const bool loads = context_.record().program == RDU_HW_PROGRAM_LOAD;
  controllers_.issue(tier_, context_.number, burst,
                     loads ? dram::Direction::kRead : dram::Direction::kWrite, time,
                     block * burst_bytes_);
}

std::uint64_t Transfer::bytes_in_memory(std::uint64_t block) const {
  const std::uint64_t begin = block * burst_bytes_;
  const std::uint64_t size = world_.memory[tier_].size;
  return begin >= size ? 0 : std::min(burst_bytes_, size - begin);
}

}  // namespace rdu_hw::emu
