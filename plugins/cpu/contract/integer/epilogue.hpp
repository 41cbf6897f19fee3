// What follows the sums of a tile: one kernel where they are quantised again, else a vector program.
#pragma once

#include "plugins/cpu/contract/integer/requantise.hpp"
#include "plugins/cpu/contract/tile_plan.hpp"

namespace rdu::cpu {

class IntegerEpilogue {
 public:
  IntegerEpilogue() = default;
  IntegerEpilogue(const BuildContext& context, const rdu_node& node);

  const Access& write() const { return write_; }
  LoopUsers users();
  // After the loops were put in order: can the kernel take its parameters as they lie?
  void settle(const ContractLoops& loops);

  // Of one task.
  struct Memory {
    Registers registers{};
    std::byte* bytes = nullptr;
    std::byte* parameters[3] = {};
  };
  std::uint64_t memory_bytes() const;
  Memory carve(const Kernels& kernels, std::byte*& memory) const;

  // `sums` is [rows][lanes] of the box; kSlack more may be read.
  static constexpr std::uint64_t kSlack = 64;
  void run(const MoveContext& context, const Memory& memory, const Box& box,
           const std::int32_t* sums, std::size_t num_rows, std::size_t num_lanes) const;

 private:
  struct Parameter {
    bool reads = false;
    Access access;
    std::int32_t whole = 0;
    float real = 0;
  };

  void lower(const BuildContext& context, const rdu_node& node,
             const RequantiseMatch::Parameter& from, Parameter& to);
  const void* load(const MoveContext& context, const Memory& memory, std::size_t number,
                   const Box& tile) const;

  Access write_;
  Body program_;
  bool fused_ = false;
  bool per_lane_ = false;
  std::uint32_t side_ = 0;  // loops that parameters may move with, as bits
  RequantiseMatch match_;
  Parameter parameters_[3];  // whole bias, scale, bias
};

}  // namespace rdu::cpu
