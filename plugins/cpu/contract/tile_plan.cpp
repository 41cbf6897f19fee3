// Sorts loops by what moves with them, then fits boxes to the caches.
#include "plugins/cpu/contract/tile_plan.hpp"

#include <algorithm>
#include <cstdlib>

#include "plugins/cpu/access/index_form.hpp"
#include "plugins/cpu/access/integer.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kPanelBytes = 48 * 1024;
constexpr std::int64_t kMostLanes = 512;
constexpr std::int64_t kMostSteps = std::int64_t{1} << 16;
constexpr std::int64_t kManyProducts = 4 << 20;  // worth several tasks

std::uint32_t loops_moving(const std::vector<Access*>& accesses) {
  std::uint32_t loops = 0;
  for (const Access* access : accesses) loops |= cpu::loops_moving(*access);
  return loops;
}

// What moves with both operands, or with neither, is a batch.
ContractLoops sides(const Nest& nest, const TileUsers& users, bool first_is_lanes) {
  ContractLoops loops;
  const std::uint32_t first = loops_moving(users.first), second = loops_moving(users.second);
  for (std::uint32_t l = 0; l < nest.num_loops; ++l) {
    const std::uint32_t bit = 1u << l;
    const bool in_first = (first & bit) != 0, in_second = (second & bit) != 0;
    if (nest.reduces(l)) {
      loops.reduction |= bit;
    } else if (in_first == in_second) {
      loops.batch |= bit;
    } else {
      (in_first == first_is_lanes ? loops.lanes : loops.rows) |= bit;
    }
  }
  return loops;
}

// Does the result step least along a loop of the first operand?
bool first_has_lanes(const Nest& nest, const TileUsers& users) {
  const ContractLoops loops = sides(nest, users, true);
  std::int64_t first = INT64_MAX, second = INT64_MAX;
  for (std::uint32_t l = 0; l < nest.num_loops; ++l) {
    if (!moves(nest.extents[l])) continue;
    const std::int64_t stride = std::abs(users.write->stride[l]);
    if ((loops.lanes >> l & 1) != 0) first = std::min(first, stride);
    if ((loops.rows >> l & 1) != 0) second = std::min(second, stride);
  }
  return first <= second;
}

void order_loops(const TileUsers& users, TilePlan& plan) {
  const ContractLoops before = sides(plan.nest, users, plan.first_is_lanes);
  std::vector<std::uint32_t> order;
  for (const std::uint32_t side : {before.batch, before.rows, before.reduction, before.lanes}) {
    const auto from = static_cast<std::ptrdiff_t>(order.size());
    for (std::uint32_t l = 0; l < plan.nest.num_loops; ++l) {
      if ((side >> l & 1) != 0 && moves(plan.nest.extents[l])) order.push_back(l);
    }
    std::stable_sort(order.begin() + from, order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::abs(users.write->stride[a]) > std::abs(users.write->stride[b]);
    });
  }
  LoopUsers all = users.others;
  all.accesses.insert(all.accesses.end(), users.first.begin(), users.first.end());
  all.accesses.insert(all.accesses.end(), users.second.begin(), users.second.end());
  reshape(plan.nest, order, all);
  plan.loops = sides(plan.nest, users, plan.first_is_lanes);
}

// How many boxes of a size the loops are cut into.
std::int64_t num_boxes(const TilePlan& plan, std::uint32_t loops, const LoopArray& size) {
  std::int64_t boxes = 1;
  for (std::uint32_t l = 0; l < plan.nest.num_loops; ++l) {
    if ((loops >> l & 1) != 0) boxes *= ceil_div(plan.nest.extents[l].bound, size[l]);
  }
  return boxes;
}

// The box of that number; other loops stay at the start of `origin`. A tile may be small: nothing is divided for loops
// that are whole.
Box box_of(const TilePlan& plan, std::uint32_t loops, const LoopArray& size, std::int64_t number,
           const Box* origin) {
  Box box;
  box.num_loops = plan.nest.num_loops;
  for (std::uint32_t l = box.num_loops; l-- > 0;) {
    box.count[l] = 1;
    if (origin != nullptr) box.start[l] = origin->start[l];
    if ((loops >> l & 1) == 0) continue;
    const std::int64_t extent = plan.nest.extents[l].bound;
    std::int64_t first = 0;
    if (size[l] < extent) {
      const std::int64_t cuts = ceil_div(extent, size[l]);
      first = number % cuts * size[l];
      number /= cuts;
    }
    box.start[l] += first;
    box.count[l] = std::min(size[l], extent - first);
  }
  return box;
}

std::int64_t count(const TilePlan& plan, std::uint32_t loops) {
  std::int64_t total = 1;
  for (std::uint32_t l = 0; l < plan.nest.num_loops; ++l) {
    if ((loops >> l & 1) != 0) total *= plan.nest.extents[l].bound;
  }
  return total;
}

std::int64_t points(const TilePlan& plan, const LoopArray& size) {
  std::int64_t total = 1;
  for (std::uint32_t l = 0; l < plan.nest.num_loops; ++l) total *= size[l];
  return total;
}

void choose_boxes(std::int64_t width, std::int64_t bytes, TilePlan& plan) {
  const std::int64_t num_lanes = count(plan, plan.loops.lanes);
  plan.batches = count(plan, plan.loops.batch);
  plan.products = plan.batches * count(plan, plan.loops.rows) * num_lanes * plan.steps;
  std::int64_t lanes = std::clamp(kPanelBytes / (plan.steps * bytes), 4 * width, kMostLanes);
  // Several boxes keep all workers busy.
  if (plan.products / plan.batches > kManyProducts) {
    lanes = std::min(lanes, std::max(4 * width, num_lanes / 4));
  }
  const std::uint32_t all = (1u << plan.nest.num_loops) - 1;
  plan.lane_size = fill_from_inside(plan.nest, all & ~plan.loops.lanes, lanes / width * width);
  plan.most_lanes = points(plan, plan.lane_size);
  plan.row_size = fill_from_inside(plan.nest, all & ~plan.loops.rows, kTileSums / plan.most_lanes);
  plan.most_rows = points(plan, plan.row_size);
  plan.row_boxes = num_boxes(plan, plan.loops.rows, plan.row_size);
  plan.lane_boxes = num_boxes(plan, plan.loops.lanes, plan.lane_size);
}

}  // namespace

std::uint32_t loops_moving(const Access& access) {
  return irregular_loops(access) | loops_of(access.stride);
}

Box TilePlan::row_box(std::int64_t number, const Box& batch) const {
  return box_of(*this, loops.rows, row_size, number, &batch);
}

Box TilePlan::lane_box(std::int64_t number, const Box& batch) const {
  return box_of(*this, loops.lanes, lane_size, number, &batch);
}

Box TilePlan::batch_box(std::int64_t number) const {
  LoopArray one;
  one.fill(1);
  return box_of(*this, loops.batch, one, number, nullptr);
}

Box TilePlan::tile(const Box& rows, const Box& lanes) const {
  Box box = rows;
  for (std::uint32_t l = 0; l < box.num_loops; ++l) {
    if ((loops.lanes >> l & 1) == 0) continue;
    box.start[l] = lanes.start[l];
    box.count[l] = lanes.count[l];
  }
  return box;
}

bool plan_tiles(const Nest& nest, const TileUsers& users, std::int64_t width, std::int64_t bytes,
                TilePlan& plan) {
  plan.nest = nest;
  plan.first_is_lanes = users.first_is_lanes.value_or(first_has_lanes(nest, users));
  order_loops(users, plan);
  plan.steps = count(plan, plan.loops.reduction);
  if (plan.steps > kMostSteps) return false;
  choose_boxes(width, bytes, plan);
  return true;
}

}  // namespace rdu::cpu
