// SIMD expressions: every call appends one operation and names its result.
#include <bit>

#include "tools/rducc/target/rdu/flow.hpp"

namespace rducc::rdu {

Value Simd::input(Stream stream, std::uint32_t level, std::uint32_t depth) {
  return {Value::Kind::kInput, 0, section().receive(number(), stream, level, depth)};
}

Value Simd::counter(std::uint32_t number) { return {Value::Kind::kCounter, 0, number}; }
Value Simd::lane() { return {Value::Kind::kLane, 0, 0}; }
Value Simd::word(std::uint32_t bits) { return {Value::Kind::kConstant, 0, bits}; }
Value Simd::integer(std::int32_t value) { return word(static_cast<std::uint32_t>(value)); }
Value Simd::real(float value) { return word(std::bit_cast<std::uint32_t>(value)); }
Value Simd::argument(Scalar scalar) { return {Value::Kind::kArgument, 0, scalar.number}; }
Value Simd::valid() { return {Value::Kind::kValid, 0, 0}; }
Value Simd::first(std::uint32_t level) { return {Value::Kind::kFirst, 0, level}; }
Value Simd::last(std::uint32_t level) { return {Value::Kind::kLast, 0, level}; }

Value Simd::shifted(Value value, int by) {
  value.shift = static_cast<std::int16_t>(value.shift + by);
  return value;
}

Value Simd::compute(rdu_hw_op op, Value a, Value b, Value c) {
  return push(RDU_HW_DO_COMPUTE, static_cast<std::uint16_t>(op), RDU_HW_NONE, a, b, c);
}

Value Simd::accumulate(rdu_hw_fold fold, std::uint32_t level, Value a, Value initial) {
  return push(RDU_HW_DO_ACCUMULATE, static_cast<std::uint16_t>(fold), level, a, initial, {});
}

Value Simd::accumulate_product(rdu_hw_fold fold, std::uint32_t level, Value a, Value b,
                               Value initial) {
  return push(RDU_HW_DO_ACCUMULATE_PRODUCT, static_cast<std::uint16_t>(fold), level, a, b, initial);
}

Value Simd::reduce(rdu_hw_fold fold, std::uint32_t level, Value a, Value initial) {
  return push(RDU_HW_DO_REDUCE, static_cast<std::uint16_t>(fold), level, a, initial, {});
}

Picked Simd::accumulate_pick(rdu_hw_pick pick, std::uint32_t level, Value value, Value position) {
  const Value best =
      push(RDU_HW_DO_ACCUMULATE_PICK, static_cast<std::uint16_t>(pick), level, value, position, {});
  return {best, {Value::Kind::kPosition, 0, best.index}};
}

Picked Simd::reduce_pick(rdu_hw_pick pick, std::uint32_t level, Value value, Value position) {
  const Value best =
      push(RDU_HW_DO_REDUCE_PICK, static_cast<std::uint16_t>(pick), level, value, position, {});
  return {best, {Value::Kind::kPosition, 0, best.index}};
}

Value Simd::push(std::uint16_t kind, std::uint16_t code, std::uint32_t level, Value a, Value b,
                 Value c) {
  Context& context = record();
  if (kind != RDU_HW_DO_COMPUTE && level == kEvery) level = context.innermost();
  context.operations.push_back({kind, code, level, {a, b, c}});
  return {Value::Kind::kOperation, 0, static_cast<std::uint32_t>(context.operations.size() - 1)};
}

Stream Simd::vector(Value value, std::uint32_t level) {
  return section().send(number(), {RDU_HW_VECTOR, level, RDU_HW_ROOM_LAST, value, 0});
}

Stream Simd::scalar(Value value, std::uint32_t level) {
  return section().send(number(), {RDU_HW_SCALAR, level, RDU_HW_ROOM_LAST, value, 0});
}

void Simd::send(Stream stream, Value value, std::uint32_t level) {
  const std::uint32_t kind = section().kind_of(stream);
  section().send(number(), {kind, level, RDU_HW_ROOM_LAST, value, 0}, stream);
}

}  // namespace rducc::rdu
