// Index words on their way to an access: from the end where they are negative; and a word for the host where one leads outside.
#include "tools/rducc/target/rdu/lower/emit.hpp"

namespace rducc::rdu::lower {
namespace {

// The least position outside; 0, which is inside of everything, where there is none.
Value least_outside(Simd& simd, Value word, const Position& position) {
  const auto extent = static_cast<std::int32_t>(position.extent);
  const Value below =
      simd.compute(RDU_HW_OP_LT_I32, word, Simd::integer(position.wraps ? -extent : 0));
  const Value above = simd.compute(RDU_HW_OP_GE_I32, word, Simd::integer(extent));
  const Value outside = simd.compute(RDU_HW_OP_OR_WORD, below, above);
  const Value seen = simd.compute(RDU_HW_OP_SELECT_WORD, outside, word, Simd::integer(0));
  return simd.reduce_pick(RDU_HW_PICK_MAX_FIRST_I32, 0, outside, seen).position;
}

Value from_end(Simd& simd, Value word, const Position& position) {
  const Value negative = simd.compute(RDU_HW_OP_LT_I32, word, Simd::integer(0));
  const Value moved = simd.compute(RDU_HW_OP_ADD_I32, word,
                                   Simd::integer(static_cast<std::int32_t>(position.extent)));
  return simd.compute(RDU_HW_OP_SELECT_WORD, negative, moved, word);
}

}  // namespace

Feed Emitter::index_words(const Nest& nest, const Position& position, Order order, Across across) {
  const Feed words = fetch(nest, nest.reads[position.index], order, across);
  const bool by_lanes = words.level == kEvery;
  // A scratchpad may send a word as a vector; an address that is dense beside it takes a scalar.
  const bool is_word = by_lanes || section_.parts().links[words.stream.link].kind == RDU_HW_SCALAR;
  if (is_word && !position.wraps && !position.bound) return words;
  const Order used = by_lanes ? order : order.first(words.level);
  Simd simd = section_.simd({name("index"), node_},
                            chain(nest, used, by_lanes ? Across::kLanes : Across::kNothing));
  const Value word = simd.input(words.stream);
  if (position.bound) {
    const Scalar check =
        regions_.check({name("index"), node_}, position.bound->value, position.bound->dim);
    section_.result({name("check"), node_}, {}, check,
                    simd.scalar(least_outside(simd, word, position), 0));
  }
  if (is_word && !position.wraps) return words;
  const Value index = position.wraps ? from_end(simd, word, position) : word;
  return {by_lanes ? simd.vector(index) : simd.scalar(index), words.level};
}

}  // namespace rducc::rdu::lower
