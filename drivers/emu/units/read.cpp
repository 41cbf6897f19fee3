// Rows that lie one behind the other are one copy.
#include "drivers/emu/units/read.hpp"

#include <algorithm>

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
  if (lines.stride == element_bytes_ && chain.lanes() == words_ && is_packed(lines)) {
    const std::uint32_t last = chain.valid_lanes(lines.later + lines.count - 1);
    const std::int64_t elements = (lines.count - 1) * words_ + last;
    load_elements(world_.forms, access_.format, from, to, static_cast<std::size_t>(elements));
    std::fill(to + elements, to + lines.count * words_, 0);
    return;
  }
  // The last of a run may have fewer lanes than the others.
  const std::int64_t others = lines.count - 1;
  Rows rows = {others, lines.step, lines.stride, 0, words_};
  if (others > 0) {
    rows.valid = std::min(chain.valid_lanes(lines.later), words_);
    load(from, rows, to);
  }
  rows.count = 1;
  rows.valid = std::min(chain.valid_lanes(lines.later + others), words_);
  load(from + others * lines.step, rows, to + others * words_);
}

void Read::load(const std::byte* from, const Rows& rows, Word* to) {
  if (rows.stride != element_bytes_) return load_rows(access_.format, from, rows, to);
  for (std::int64_t i = 0; i < rows.count; ++i, from += rows.step, to += rows.width) {
    load_elements(world_.forms, access_.format, from, to, rows.valid);
    std::fill(to + rows.valid, to + rows.width, 0);
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
