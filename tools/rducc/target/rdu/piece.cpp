// Operands are renamed on their way in; chains of pieces that are needed less often lose their inner counters.
#include "tools/rducc/target/rdu/piece.hpp"

#include <algorithm>

#include "tools/rducc/target/rdu/pcu_program.hpp"
#include "tools/rducc/target/rdu/rates.hpp"

namespace rducc::rdu {
namespace {

Value unshifted(Value value) {
  value.shift = 0;
  return value;
}

bool names_lanes(const Value& value) {
  return value.kind == Value::Kind::kLane || value.kind == Value::Kind::kValid;
}

}  // namespace

std::vector<Item> items_of(const Context& context, const ValueFacts& facts) {
  std::vector<Item> items;
  std::vector<bool> used(context.inputs.size(), false);
  const auto use = [&](const Value& value) {
    if (value.kind == Value::Kind::kInput) used[value.index] = true;
  };
  for (std::uint32_t i = 0; i < context.operations.size(); ++i) {
    Item item = {i, {}, {}, facts.rate(i)};
    for (const Value& operand : context.operations[i].operands) {
      if (operand.given()) item.operands.push_back(operand);
      use(operand);
    }
    items.push_back(std::move(item));
  }
  for (std::uint32_t i = 0; i < context.outputs.size(); ++i) {
    const Output& output = context.outputs[i];
    if (output.kind == RDU_HW_CONTROL) continue;
    use(output.value);
    if (is_computed(output.value)) {
      items[output.value.index].outputs.push_back(i);
    } else {
      items.push_back({{}, {output.value}, {i}, facts.rate(output)});
    }
  }
  for (const rdu_hw_counter& counter : context.counters) {
    if (counter.extent_from == RDU_HW_EXTENT_PORT) used[counter.source] = true;
  }
  for (std::uint32_t i = 0; i < context.inputs.size(); ++i) {
    if (used[i] || context.inputs[i].kind == RDU_HW_CONTROL) continue;
    items.push_back({{}, {{Value::Kind::kInput, 0, i}}, {}, context.inputs[i].level});
  }
  return items;
}

Piece PieceMaker::make(const std::vector<std::uint32_t>& members, const ConsumerRates& consumers) {
  piece_ = {};
  piece_.context.program = RDU_HW_PROGRAM_SIMD;
  piece_.context.label = whole_.label;
  number_.assign(whole_.operations.size(), RDU_HW_NONE);
  for (const std::uint32_t member : members) {
    piece_.rate = std::max(piece_.rate, items_[member].rate);
  }
  for (const std::uint32_t member : members) add_item(member);
  add_outputs(members, consumers);
  settle_chain();
  return std::move(piece_);
}

void PieceMaker::add_item(std::uint32_t number) {
  const Item& item = items_[number];
  if (!item.operation) {
    for (const Value& operand : item.operands) inside(operand);
    return;
  }
  Operation operation = whole_.operations[*item.operation];
  for (Value& operand : operation.operands) operand = inside(operand);
  number_[*item.operation] = static_cast<std::uint32_t>(piece_.context.operations.size());
  piece_.context.operations.push_back(operation);
}

Value PieceMaker::inside(const Value& value) {
  if (value.kind == Value::Kind::kInput) {
    const Input& from = whole_.inputs[value.index];
    return {Value::Kind::kInput, 0, input({value.index, {}}, from.kind, from.level)};
  }
  if (!is_computed(value)) return value;
  if (number_[value.index] != RDU_HW_NONE) {
    return {value.kind, value.shift, number_[value.index]};
  }
  const Value crossing = unshifted(value);
  return {Value::Kind::kInput, value.shift, input({{}, crossing}, kind_of(crossing), piece_.rate)};
}

std::uint32_t PieceMaker::input(const Origin& origin, std::uint32_t kind, std::uint32_t level) {
  const auto known = std::ranges::find_if(piece_.inputs, [&](const Origin& it) {
    return it.port == origin.port && it.value == origin.value;
  });
  const auto number = static_cast<std::uint32_t>(known - piece_.inputs.begin());
  if (known == piece_.inputs.end()) {
    piece_.inputs.push_back(origin);
    piece_.context.inputs.push_back({kind, level, 0});
  }
  return number;
}

void PieceMaker::add_outputs(const std::vector<std::uint32_t>& members,
                             const ConsumerRates& consumers) {
  const auto add = [&](const Origin& origin, const Output& output) {
    piece_.outputs.push_back(origin);
    piece_.context.outputs.push_back(output);
  };
  for (const std::uint32_t member : members) {
    for (const std::uint32_t port : items_[member].outputs) {
      Output output = whole_.outputs[port];
      output.value = inside(output.value);
      add({port, {}}, output);
    }
  }
  for (const std::uint32_t member : members) {
    if (!items_[member].operation) continue;
    const std::uint32_t number = *items_[member].operation;
    for (const Value::Kind kind : {Value::Kind::kOperation, Value::Kind::kPosition}) {
      const Value value = {kind, 0, number};
      for (const std::uint32_t rate : consumers(value)) {
        add({{}, value}, {kind_of(value), rate, RDU_HW_ROOM_LAST, {kind, 0, number_[number]}, 0});
      }
    }
  }
}

void PieceMaker::settle_chain() {
  Context& context = piece_.context;
  context.counters.assign(whole_.counters.begin(), whole_.counters.begin() + piece_.rate);
  if (piece_.rate == whole_.innermost()) {
    for (rdu_hw_counter& counter : context.counters) {
      if (counter.extent_from != RDU_HW_EXTENT_PORT) continue;
      const Input& from = whole_.inputs[counter.source];
      counter.source = input({counter.source, {}}, from.kind, from.level);
    }
    return;
  }
  const auto is_vector = [](const auto& port) { return port.kind == RDU_HW_VECTOR; };
  const bool has_lanes = std::ranges::any_of(context.inputs, is_vector) ||
                         std::ranges::any_of(context.outputs, is_vector) ||
                         std::ranges::any_of(context.outputs, names_lanes, &Output::value) ||
                         std::ranges::any_of(context.operations, [](const Operation& operation) {
                           return std::ranges::any_of(operation.operands, names_lanes);
                         });
  // The lanes that are valid at the end of each iteration.
  if (has_lanes) {
    context.counters.push_back(rdu_hw::image::counter(last_valid_lanes(whole_), width(whole_)));
  }
}

}  // namespace rducc::rdu
