// Lanes act in ascending order wherever two of them could meet.
#include "drivers/emu/units/write.hpp"

#include <algorithm>

#include "drivers/emu/units/storage.hpp"

namespace rdu_hw::emu {

Write::Write(const Context& context, World& world)
    : Access(context, world), data_(inputs_[access_.data]), folds_(access_.fold != RDU_HW_NONE) {}

void Write::begin(std::int64_t) {}

const Word* Write::row(std::int64_t firing) {
  const Word* words = data_.at(firing);
  if (data_.words() != 1) return words;
  row_.fill(*words);
  return row_.data();
}

void Write::move(const Lines& lines) {
  const Chain& chain = timeline_.chain();
  const bool folds = folds_ && !is_fresh();
  std::byte* to = copy() + lines.base;
  const bool dense = lines.stride == element_bytes_;
  const bool packed = dense && data_.is_fresh() && chain.lanes() == data_.words();
  if (packed && !folds && is_packed(lines)) {
    const std::uint32_t last = chain.valid_lanes(lines.later + lines.count - 1);
    const std::int64_t elements = (lines.count - 1) * data_.words() + last;
    store_elements(world_.forms, access_.format, to, data_.at(lines.firing),
                   static_cast<std::size_t>(elements));
    return;
  }
  for (std::int64_t i = 0; i < lines.count; ++i, to += lines.step) {
    const std::uint32_t valid = chain.valid_lanes(lines.later + i);
    const Word* words = row(lines.firing + i);
    if (folds) {
      fold_line(to, lines.stride, words, valid);
    } else if (dense) {
      store_elements(world_.forms, access_.format, to, words, valid);
    } else {
      store_strided(world_.forms, access_.format, to, lines.stride, words, valid);
    }
  }
}

void Write::move(const Addresses& addresses, std::int64_t firing, std::uint32_t) {
  const bool folds = folds_ && !is_fresh();
  const Word* words = row(firing);
  for (std::uint64_t rest = addresses.on; rest != 0; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    std::byte* to = copy() + addresses.at(lane);
    if (folds) {
      fold_lane(to, words[lane]);
    } else {
      store_element(world_.forms, access_.format, to, words[lane]);
    }
  }
}

void Write::fold_line(std::byte* to, std::int64_t stride, const Word* words, std::uint32_t valid) {
  if (stride == 0) {
    for (std::uint32_t lane = 0; lane < valid; ++lane) fold_lane(to, words[lane]);
    return;
  }
  load_strided(access_.format, to, stride, there_.data(), valid);
  world_.forms.accumulate[access_.fold](there_.data(), {words, nullptr, valid, 1});
  store_strided(world_.forms, access_.format, to, stride, there_.data(), valid);
}

void Write::fold_lane(std::byte* to, Word word) {
  Word there = load_element(access_.format, to);
  world_.forms.accumulate[access_.fold](&there, {&word, nullptr, 1, 1});
  store_element(world_.forms, access_.format, to, there);
}

}  // namespace rdu_hw::emu
