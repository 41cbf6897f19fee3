// Chooses between the kernel and the program, and feeds the kernel.
#include "plugins/cpu/contract/integer/epilogue.hpp"

#include <algorithm>

#include "plugins/cpu/access/integer.hpp"

namespace rdu::cpu {
namespace {

constexpr std::uint64_t kParameterBytes = kTileSums * 4;
constexpr std::size_t kVector = 64;  // bytes that the kernel makes at once

}  // namespace

IntegerEpilogue::IntegerEpilogue(const BuildContext& context, const rdu_node& node) {
  const NodeScope scope = scope_of(context, node);
  write_ = lower_write(scope, context.graph.writes(node)[0]);
  program_ = compile_epilogue({scope, context.kernels, node, node.epilogue, RDU_DTYPE_I32},
                              {&write_.dtype, 1});
  const auto match = match_requantise(context.graph, node);
  if (!match) return;
  fused_ = true;
  match_ = *match;
  lower(context, node, match->whole_bias, parameters_[0]);
  lower(context, node, match->scale, parameters_[1]);
  lower(context, node, match->bias, parameters_[2]);
}

void IntegerEpilogue::lower(const BuildContext& context, const rdu_node& node,
                            const RequantiseMatch::Parameter& from, Parameter& to) {
  to.reads = from.read != RDU_NONE;
  to.whole = static_cast<std::int32_t>(from.constant);
  to.real = static_cast<float>(from.constant);
  if (to.reads)
    to.access = lower_read(scope_of(context, node), context.graph.reads(node)[from.read]);
}

LoopUsers IntegerEpilogue::users() {
  LoopUsers users;
  users.accesses.push_back(&write_);
  program_.add_users(users);
  for (Parameter& parameter : parameters_) {
    if (parameter.reads) users.accesses.push_back(&parameter.access);
  }
  return users;
}

void IntegerEpilogue::settle(const ContractLoops& loops) {
  std::uint32_t moving = 0;
  for (const Parameter& parameter : parameters_) {
    if (parameter.reads) moving |= loops_moving(parameter.access);
  }
  per_lane_ = (moving & loops.lanes) != 0;
  side_ = per_lane_ ? loops.lanes : loops.rows;
  if (per_lane_ && (moving & loops.rows) != 0) fused_ = false;
}

std::uint64_t IntegerEpilogue::memory_bytes() const {
  return fused_ ? 3 * kParameterBytes + kTileSums + kVector : Registers::bytes(program_, kTileSums);
}

IntegerEpilogue::Memory IntegerEpilogue::carve(const Kernels& kernels, std::byte*& memory) const {
  Memory carved;
  if (!fused_) {
    carved.registers = Registers::carve(program_, kTileSums, kernels, memory);
    return carved;
  }
  for (std::byte*& parameter : carved.parameters) {
    parameter = memory;
    memory += kParameterBytes;
  }
  carved.bytes = memory;
  memory += kTileSums + kVector;
  return carved;
}

// One for each row of the tile, or for each lane.
const void* IntegerEpilogue::load(const MoveContext& context, const Memory& memory,
                                  std::size_t number, const Box& tile) const {
  const Parameter& parameter = parameters_[number];
  std::byte* slot = memory.parameters[number];
  Box box = tile;
  for (std::uint32_t l = 0; l < box.num_loops; ++l) {
    if ((side_ >> l & 1) == 0) box.count[l] = 1;
  }
  if (parameter.reads) return load_box(context, parameter.access, box, slot);
  const auto count = static_cast<std::size_t>(box.points());
  if (number == 0) {
    std::fill_n(reinterpret_cast<std::int32_t*>(slot), count, parameter.whole);
  } else {
    std::fill_n(reinterpret_cast<float*>(slot), count, parameter.real);
  }
  return slot;
}

void IntegerEpilogue::run(const MoveContext& context, const Memory& memory, const Box& box,
                          const std::int32_t* sums, std::size_t num_rows,
                          std::size_t num_lanes) const {
  if (!fused_) {
    evaluate(context, program_, box, memory.registers, sums, nullptr);
    store_box(context, write_, box, memory.registers.pointers[program_.results[0]]);
    return;
  }
  const auto* whole_bias = static_cast<const std::int32_t*>(load(context, memory, 0, box));
  const auto* scale = static_cast<const float*>(load(context, memory, 1, box));
  const auto* bias = static_cast<const float*>(load(context, memory, 2, box));
  const RequantiseFn convert = context.kernels.requantise[match_.dtype == RDU_DTYPE_I8][per_lane_];
  // Whole vectors where parameters allow: what is beyond a row is written again by the next.
  const std::size_t count = per_lane_ ? num_lanes : (num_lanes + kVector - 1) / kVector * kVector;
  for (std::size_t r = 0; r < num_rows; ++r) {
    const std::size_t p = per_lane_ ? 0 : r;
    convert(memory.bytes + r * num_lanes, sums + r * num_lanes, count,
            {whole_bias + p, scale + p, bias + p, match_.low, match_.high, match_.divisor,
             match_.zero_point});
  }
  store_box(context, write_, box, memory.bytes);
}

}  // namespace rdu::cpu
