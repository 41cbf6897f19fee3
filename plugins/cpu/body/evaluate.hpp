// Runs a vector program over a box.
#pragma once

#include "plugins/cpu/body/body.hpp"

namespace rdu::cpu {

// A task's registers. `capacity` elements fit into each.
struct Registers {
  const void** pointers = nullptr;
  std::byte* slots = nullptr;
  std::size_t slot_bytes = 0;
  const std::byte* constants = nullptr;  // filled by fill_constants
  std::int64_t capacity = 0;
  // The fewest bytes that Registers for `body` take.
  static std::uint64_t bytes(const Body& body, std::int64_t capacity);
  static Registers carve(const Body& body, std::int64_t capacity, const Kernels& kernels,
                         std::byte*& memory);
};

// Elements per register so that the working set stays in the first-level cache.
std::int64_t register_capacity(const Body& body);

// The move context of a task, carved from its memory.
std::uint64_t move_context_bytes(std::int64_t capacity);
MoveContext carve_move_context(const Kernels& kernels, const Run& run, std::int64_t capacity,
                               std::byte*& memory);

// Leaves registers.pointers[r] for every register. `accumulator` is ACC of an epilogue. With `last_result`, the last
// operation writes there instead of its slot.
void evaluate(const MoveContext& context, const Body& body, const Box& box,
              const Registers& registers, const void* accumulator, void* last_result);

}  // namespace rdu::cpu
