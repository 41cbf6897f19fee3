// Runs vector programs: loads first, then one kernel after the other over registers that stay in cache.
#include "plugins/cpu/body/evaluate.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/simd/scalar.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kWorkingSet = 24 * 1024;
constexpr std::uint64_t kLine = 64;

std::uint64_t aligned(std::uint64_t bytes) { return align_up(bytes, kLine); }

// The hash that <rdu/body_ops.h> speaks of: counter based, so that any order of evaluation gives the same numbers.
void fill_random(const Feed& feed, const Box& box, void* slot, std::int64_t* positions) {
  load_positions(0, feed.coef, box, positions);
  const int digits = feed.dtype == RDU_DTYPE_F64   ? 53
                     : feed.dtype == RDU_DTYPE_F32 ? 24
                     : feed.dtype == RDU_DTYPE_F16 ? 11
                                                   : 8;
  const std::int64_t points = box.points();
  for (std::int64_t i = 0; i < points; ++i) {
    std::uint64_t z =
        feed.seed + (static_cast<std::uint64_t>(positions[i]) + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    const double uniform = std::ldexp(static_cast<double>(z >> (64 - digits)), -digits);
    if (feed.dtype == RDU_DTYPE_F64)
      static_cast<double*>(slot)[i] = uniform;
    else
      static_cast<float*>(slot)[i] = static_cast<float>(uniform);
  }
}

const void* feed_register(const MoveContext& context, const Body& body, const Feed& feed,
                          const Box& box, void* slot, const void* accumulator) {
  switch (feed.kind) {
    case Feed::Kind::kRead:
      return load_box(context, body.accesses[feed.access], box, slot);
    case Feed::Kind::kInside:
      load_mask(context, body.accesses[feed.access], box, slot);
      return slot;
    case Feed::Kind::kPosition:
      load_positions(0, feed.coef, box, static_cast<std::int64_t*>(slot));
      return slot;
    case Feed::Kind::kRandom:
      fill_random(feed, box, slot, context.positions);
      return slot;
    case Feed::Kind::kAccumulator:
      return accumulator;
  }
  return nullptr;
}

}  // namespace

std::int64_t register_capacity(const Body& body) {
  const auto registers = static_cast<std::int64_t>(body.num_slots + body.constants.size() + 1);
  const std::int64_t elements = kWorkingSet / (registers * body.element_bytes);
  const auto power = static_cast<std::int64_t>(
      std::bit_floor(static_cast<std::uint64_t>(std::max<std::int64_t>(elements, 1))));
  return std::clamp<std::int64_t>(power, 128, 2048);
}

std::uint64_t Registers::bytes(const Body& body, std::int64_t capacity) {
  const auto points = static_cast<std::uint64_t>(capacity);
  std::uint64_t bytes = aligned(body.num_registers * sizeof(void*));
  bytes += body.num_slots * aligned(points * body.element_bytes);
  bytes += body.constants.size() * aligned(points * body.element_bytes);
  return bytes;
}

Registers Registers::carve(const Body& body, std::int64_t capacity, const Kernels& kernels,
                           std::byte*& memory) {
  const auto points = static_cast<std::uint64_t>(capacity);
  Registers registers;
  registers.capacity = capacity;
  registers.pointers = reinterpret_cast<const void**>(memory);
  memory += aligned(body.num_registers * sizeof(void*));
  registers.slot_bytes = aligned(points * body.element_bytes);
  registers.slots = memory;
  memory += body.num_slots * registers.slot_bytes;
  registers.constants = memory;
  for (const Constant& constant : body.constants) {
    const auto log2 = std::countr_zero(constant.bytes);
    kernels.move[log2].fill(memory, &constant.bits, points);
    registers.pointers[constant.reg] = memory;
    memory += registers.slot_bytes;
  }
  return registers;
}

std::uint64_t move_context_bytes(std::int64_t capacity) {
  return 4 * aligned(static_cast<std::uint64_t>(capacity) * sizeof(std::int64_t));
}

MoveContext carve_move_context(const Kernels& kernels, const Run& run, std::int64_t capacity,
                               std::byte*& memory) {
  const std::uint64_t bytes = move_context_bytes(capacity) / 4;
  MoveContext context{kernels, run};
  context.raw = memory;
  context.offsets = reinterpret_cast<std::int64_t*>(memory + bytes);
  context.positions = reinterpret_cast<std::int64_t*>(memory + 2 * bytes);
  context.indices = reinterpret_cast<std::int64_t*>(memory + 3 * bytes);
  memory += 4 * bytes;
  return context;
}

void evaluate(const MoveContext& context, const Body& body, const Box& box,
              const Registers& registers, const void* accumulator, void* last_result) {
  const auto points = static_cast<std::size_t>(box.points());
  for (const Feed& feed : body.feeds) {
    void* slot = registers.slots + feed.slot * registers.slot_bytes;
    registers.pointers[feed.reg] = feed_register(context, body, feed, box, slot, accumulator);
  }
  const Operation* last = body.operations.data() + body.operations.size() - 1;
  for (const Operation& op : body.operations) {
    void* slot = registers.slots + op.slot * registers.slot_bytes;
    if (last_result != nullptr && &op == last) slot = last_result;
    op.fn(slot, registers.pointers[op.a], registers.pointers[op.b], registers.pointers[op.c],
          points);
    registers.pointers[op.reg] = slot;
  }
}

}  // namespace rdu::cpu
