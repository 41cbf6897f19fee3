// How a contract is cut into tiles: which loops are whose, and the boxes of each side.
#pragma once

#include <optional>

#include "plugins/cpu/access/grid.hpp"
#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {

// Which loops of a nest are what to a contraction: bits.
struct ContractLoops {
  std::uint32_t batch = 0, rows = 0, lanes = 0, reduction = 0;
};

std::uint32_t loops_moving(const Access& access);

// Everything that follows the loops of the node.
struct TileUsers {
  std::vector<Access*> first, second;  // of the operands
  LoopUsers others;                    // the result's among them
  const Access* write = nullptr;
  std::optional<bool> first_is_lanes{};  // set: the caller knows better than the result's strides
};

struct TilePlan {
  Nest nest;
  ContractLoops loops;
  bool first_is_lanes = true;                  // the first operand has the lanes of vectors
  LoopArray row_size{}, lane_size{};           // of boxes
  std::int64_t most_rows = 1, most_lanes = 1;  // of a box
  std::int64_t row_boxes = 1, lane_boxes = 1, batches = 1;
  std::int64_t steps = 1;     // of the reduction
  std::int64_t products = 1;  // of all

  // Boxes by number; the loops of other sides are at one point, batches where `batch` says.
  Box row_box(std::int64_t number, const Box& batch) const;
  Box lane_box(std::int64_t number, const Box& batch) const;
  Box batch_box(std::int64_t number) const;
  // The result's points that belong to both.
  Box tile(const Box& rows, const Box& lanes) const;
};

inline constexpr std::int64_t kTileSums = 4096;  // most rows times most lanes

// Puts loops in the order batches, rows, reduction, lanes, and merges them, for all users. The side along which the
// result is dense gets the lanes; its boxes are multiples of `width` where they can be, and a panel of them, in elements
// of `bytes`, fits a cache. False where the reduction is too long for that.
bool plan_tiles(const Nest& nest, const TileUsers& users, std::int64_t width, std::int64_t bytes,
                TilePlan& plan);

}  // namespace rdu::cpu
