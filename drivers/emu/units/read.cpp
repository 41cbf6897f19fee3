// Rows that lie one behind the other are one copy.
#include "drivers/emu/units/read.hpp"

#include <algorithm>

#include "drivers/emu/units/storage.hpp"

namespace rdu_hw::emu {

Read::Read(const Context& context, World& world)
    : Access(context, world),
      output_(timeline_.firing(), timeline_.place(access_.data)),
      words_(words_of(context.port(access_.data).kind, lanes())) {}

void Read::begin(std::int64_t count) { to_ = output_.begin(count); }

void Read::move(const Lines& lines) {
  const Chain& chain = timeline_.chain();
  const std::byte* from = copy() + lines.base;
  Word* to = to_ + lines.firing * words_;
  const bool dense = lines.stride == element_bytes_;
  if (dense && chain.lanes() == words_ && is_packed(lines)) {
    const std::uint32_t last = chain.valid_lanes(lines.later + lines.count - 1);
    const std::int64_t elements = (lines.count - 1) * words_ + last;
    load_elements(world_.forms, access_.format, from, to, static_cast<std::size_t>(elements));
    std::fill(to + elements, to + lines.count * words_, 0);
    return;
  }
  for (std::int64_t i = 0; i < lines.count; ++i, from += lines.step, to += words_) {
    const std::uint32_t valid = std::min(chain.valid_lanes(lines.later + i), words_);
    if (dense) {
      load_elements(world_.forms, access_.format, from, to, valid);
    } else {
      load_strided(access_.format, from, lines.stride, to, valid);
    }
    std::fill(to + valid, to + words_, 0);
  }
}

void Read::move(const Addresses& addresses, std::int64_t firing, std::uint32_t valid) {
  Word* to = to_ + firing * words_;
  const std::uint32_t sent = std::min(valid, words_);
  std::fill(to, to + sent, access_.fill);
  std::fill(to + sent, to + words_, 0);
  for (std::uint64_t rest = addresses.on; rest != 0; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    if (static_cast<std::uint32_t>(lane) >= sent) break;
    to[lane] = load_element(access_.format, copy() + addresses.at(lane));
  }
}

}  // namespace rdu_hw::emu
