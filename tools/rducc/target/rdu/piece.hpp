// A part of a SIMD context as a context of its own: some of its operations, what they take from other parts, what others take from them.
#pragma once

#include <functional>

#include "tools/rducc/target/rdu/values.hpp"

namespace rducc::rdu {

// What a part may consist of: an operation with the outputs that send its results, or, without an operation, an output of something else, or
// an input that nobody uses.
struct Item {
  std::optional<std::uint32_t> operation;
  std::vector<Value> operands;
  std::vector<std::uint32_t> outputs;
  std::uint32_t rate = 0;
};
// The operations first, in their order.
std::vector<Item> items_of(const Context& context, const ValueFacts& facts);

// Where a port of a piece comes from: a port of the whole, or a result that crosses from piece to piece.
struct Origin {
  std::optional<std::uint32_t> port;
  Value value = {};
};

struct Piece {
  Context context;
  std::vector<Origin> inputs;
  std::vector<Origin> outputs;
  std::uint32_t rate = 0;
};

class PieceMaker {
 public:
  // Rates of the consumers of a result outside of the piece; each distinct one takes an output.
  using ConsumerRates = std::function<std::vector<std::uint32_t>(const Value&)>;

  PieceMaker(const Context& whole, const ValueFacts& facts, const std::vector<Item>& items)
      : whole_(whole), facts_(facts), items_(items) {}

  // `members`: ascending numbers of items. Links are not filled in, and tokens are the caller's business.
  Piece make(const std::vector<std::uint32_t>& members, const ConsumerRates& consumers);

 private:
  void add_item(std::uint32_t number);
  void add_outputs(const std::vector<std::uint32_t>& members, const ConsumerRates& consumers);
  void settle_chain();
  Value inside(const Value& value);
  std::uint32_t input(const Origin& origin, std::uint32_t kind, std::uint32_t level);
  std::uint32_t kind_of(const Value& value) const {
    return facts_.is_uniform(value) ? RDU_HW_SCALAR : RDU_HW_VECTOR;
  }

  const Context& whole_;
  const ValueFacts& facts_;
  const std::vector<Item>& items_;
  Piece piece_;
  std::vector<std::uint32_t> number_;  // by operation of the whole: its number in the piece
};

}  // namespace rducc::rdu
