// How lanes meet: folds and picks, in the tree and in an accumulator.
#include <bit>
#include <cmath>

#include "tests/drivers/emu/naive/words.hpp"

namespace naive {
namespace {

constexpr Word kNowhere = 0xffffffffu;

// Neighbours meet, the lower one on the left, until one is left.
template <typename T, typename Meet>
T tree(std::vector<T> lanes, const T& empty, const Meet& meet) {
  lanes.resize(std::bit_ceil(lanes.size()), empty);
  while (lanes.size() > 1) {
    std::vector<T> next;
    for (std::size_t i = 0; i < lanes.size(); i += 2) next.push_back(meet(lanes[i], lanes[i + 1]));
    lanes = std::move(next);
  }
  return lanes.front();
}

bool picks_floats(std::uint32_t pick) { return pick <= RDU_HW_PICK_MAX_LAST_F32; }
bool picks_greatest(std::uint32_t pick) { return pick % 4 >= 2; }
bool picks_last(std::uint32_t pick) { return pick % 2 == 1; }

// -1: `a` wins by its value, 1: `b` does, 0: the position decides.
int compare(std::uint32_t pick, Word a, Word b) {
  double x = std::bit_cast<std::int32_t>(a);
  double y = std::bit_cast<std::int32_t>(b);
  if (picks_floats(pick)) {
    x = std::bit_cast<float>(a);
    y = std::bit_cast<float>(b);
    if (std::isnan(x) || std::isnan(y)) return int{std::isnan(y)} - int{std::isnan(x)};
  }
  if (x == y) return 0;
  return (x > y) == picks_greatest(pick) ? -1 : 1;
}

}  // namespace

Word meet(std::uint32_t fold, Word left, Word right) {
  static constexpr std::uint32_t kOps[] = {RDU_HW_OP_ADD_F32, RDU_HW_OP_MUL_F32, RDU_HW_OP_MIN_F32,
                                           RDU_HW_OP_MAX_F32, RDU_HW_OP_ADD_I32, RDU_HW_OP_MUL_I32,
                                           RDU_HW_OP_MIN_I32, RDU_HW_OP_MAX_I32, RDU_HW_OP_AND_WORD,
                                           RDU_HW_OP_OR_WORD};
  return operate(kOps[fold], left, right);
}

Word identity(std::uint32_t fold) {
  static constexpr Word kIdentities[] = {0x80000000u, 0x3f800000u, 0x7f800000u, 0xff800000u, 0u,
                                         1u,          0x7fffffffu, 0x80000000u, 0xffffffffu, 0u};
  return kIdentities[fold];
}

Word fold_tree(std::uint32_t fold, std::vector<Word> lanes) {
  return tree(std::move(lanes), identity(fold),
              [&](Word left, Word right) { return meet(fold, left, right); });
}

Place meet(std::uint32_t pick, Place left, Place right) {
  const bool takes_right = [&] {
    if (right.position == kNowhere) return false;
    if (left.position == kNowhere) return true;
    const int winner = compare(pick, left.value, right.value);
    if (winner != 0) return winner > 0;
    return picks_last(pick) ? right.position > left.position : right.position < left.position;
  }();
  Place place = takes_right ? right : left;
  if (picks_floats(pick) && std::isnan(std::bit_cast<float>(place.value))) {
    place.value = 0x7fc00000u;
  }
  return place;
}

Place pick_tree(std::uint32_t pick, std::vector<Place> lanes) {
  return tree(std::move(lanes), Place{},
              [&](Place left, Place right) { return meet(pick, left, right); });
}

}  // namespace naive
