// A bias, a residual and a clamp are one pass over the tile, an activation another; everything else is a vector program on
// it.
#include "plugins/cpu/contract/bf16/finish.hpp"

#include <algorithm>
#include <cstring>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/contract/bf16/activated_sum.hpp"

namespace rdu::cpu {
namespace {

std::int64_t bytes_of(rdu_dtype dtype) { return dtype == RDU_DTYPE_BF16 ? 2 : 4; }

std::byte* at(const Run& run, const Access& access, const Box& box) {
  return run.at(access.place) + first_element(access, box) * bytes_of(access.dtype);
}

}  // namespace

NarrowFinish::NarrowFinish(const BuildContext& context, const rdu_node& node,
                           std::uint32_t row_loop, std::uint32_t column_loop,
                           std::int64_t tile_points)
    : row_loop_(row_loop), column_loop_(column_loop), tile_points_(tile_points) {
  write_ = lower_write(scope_of(context, node), context.graph.writes(node)[0]);
  const auto known = [&] {
    if (match_simple(context, node)) return true;
    sum_ = {};
    return match_activation(context, node);
  };
  simple_ = write_.affine() && (along_columns(write_) || stride(write_, row_loop_) == 1) && known();
  if (!simple_) compile(context, node);
}

// cast(clamp(acc + reads)), in any order of the additions.
bool NarrowFinish::match_simple(const BuildContext& context, const rdu_node& node) {
  if (node.epilogue.num_results == 0) return true;
  if (node.epilogue.num_results != 1) return false;
  const auto code = context.graph.instrs(node.epilogue);
  std::uint32_t reg = context.graph.results(node.epilogue)[0];
  if (code[reg].op == RDU_OP_CAST && code[reg].dtype == write_.dtype) reg = code[reg].a;
  if (code[reg].dtype != RDU_DTYPE_F32 || !peel_clamps(code, reg, sum_.post)) return false;
  while (code[reg].op == RDU_OP_ADD && code[reg].dtype == RDU_DTYPE_F32) {
    const rdu_instr& in = code[reg];
    if (take_addend(context, node, in.b)) {
      reg = in.a;
    } else if (take_addend(context, node, in.a)) {
      reg = in.b;
    } else {
      return false;
    }
  }
  return code[reg].op == RDU_OP_ACC;
}

bool NarrowFinish::take_addend(const BuildContext& context, const rdu_node& node,
                               std::uint32_t reg) {
  const auto code = context.graph.instrs(node.epilogue);
  if (code[reg].op == RDU_OP_CAST && code[code[reg].a].dtype == RDU_DTYPE_BF16) reg = code[reg].a;
  if (code[reg].op != RDU_OP_LOAD) return false;
  return take_addend(lower_read(scope_of(context, node), context.graph.reads(node)[code[reg].a]));
}

bool NarrowFinish::take_addend(const Access& access) {
  const bool real = access.dtype == RDU_DTYPE_F32 || access.dtype == RDU_DTYPE_BF16;
  if (!real || !access.affine() || !along_columns(access)) return false;
  const bool bias = access.dtype == RDU_DTYPE_F32 && stride(access, row_loop_) == 0;
  std::optional<Access>& place = bias && !sum_.bias ? sum_.bias : sum_.start;
  if (place) return false;
  place = access;
  return true;
}

bool NarrowFinish::match_activation(const BuildContext& context, const rdu_node& node) {
  const NodeScope scope = scope_of(context, node);
  const Body body = compile_epilogue({scope, context.kernels, node, node.epilogue, RDU_DTYPE_F32},
                                     {&write_.dtype, 1});
  const auto found = match_activated_sum(context.kernels, body);
  if (!found) return false;
  sum_.activation = found->activation;
  return std::all_of(found->addends.begin(), found->addends.end(),
                     [&](std::uint32_t access) { return take_addend(body.accesses[access]); });
}

void NarrowFinish::compile(const BuildContext& context, const rdu_node& node) {
  const NodeScope scope = scope_of(context, node);
  body_write_ = write_;
  body_ = compile_epilogue({scope, context.kernels, node, node.epilogue, RDU_DTYPE_F32},
                           {&write_.dtype, 1});
  std::vector<std::uint32_t> order;
  for (std::uint32_t l = 0; l < node.num_parallel; ++l) {
    if (l != row_loop_ && l != column_loop_) order.push_back(l);
  }
  if (row_loop_ != kMaxLoops) order.push_back(row_loop_);
  if (column_loop_ != kMaxLoops) order.push_back(column_loop_);
  num_loops_ = static_cast<std::uint32_t>(order.size());
  std::copy(order.begin(), order.end(), order_.begin());
  LoopUsers users;
  body_.add_users(users);
  users.accesses.push_back(&body_write_);
  Nest nest = nest_of(context, node);
  reorder(nest, order, users);
}

std::uint64_t NarrowFinish::workspace_bytes() const {
  if (simple_) return static_cast<std::uint64_t>(tile_points_) * sizeof(float);
  return move_context_bytes(tile_points_) + Registers::bytes(body_, tile_points_);
}

void NarrowFinish::run(const Kernels& kernels, const Run& run, const SumTile& tile,
                       std::byte* workspace) const {
  simple_ ? run_simple(kernels, run, tile, workspace) : run_body(kernels, run, tile, workspace);
}

// The sums in place, with all that is added to them.
void NarrowFinish::activate(const Kernels& kernels, const SumTile& tile, SumRows& rows) const {
  if (rows.bias != nullptr || rows.start != nullptr) {
    SumRows added = rows;
    added.narrow_to = added.clamp = false;
    added.to = tile.sums;
    added.to_step = tile.width;
    kernels.narrow_rows.finish(added);
    rows.bias = nullptr;
    rows.start = nullptr;
  }
  sum_.activation->run(tile.sums, tile.width, tile.rows, tile.columns);
}

void NarrowFinish::run_simple(const Kernels& kernels, const Run& run, const SumTile& tile,
                              std::byte* workspace) const {
  SumRows rows{};
  rows.sums = tile.sums;
  rows.sums_step = tile.width;
  if (sum_.bias) rows.bias = reinterpret_cast<const float*>(at(run, *sum_.bias, tile.box));
  if (sum_.start) {
    rows.start = at(run, *sum_.start, tile.box);
    rows.start_step = stride(*sum_.start, row_loop_) * tile.row_stride;
    rows.narrow_start = sum_.start->dtype == RDU_DTYPE_BF16;
  }
  rows.narrow_to = write_.dtype == RDU_DTYPE_BF16;
  rows.rows = static_cast<std::size_t>(tile.rows);
  rows.columns = static_cast<std::size_t>(tile.columns);
  rows.clamp = sum_.post.clamp;
  rows.low = sum_.post.low;
  rows.high = sum_.post.high;
  if (sum_.activation) activate(kernels, tile, rows);
  std::byte* to = at(run, write_, tile.box);
  if (along_columns(write_)) {
    rows.to = to;
    rows.to_step = stride(write_, row_loop_) * tile.row_stride;
    return kernels.narrow_rows.finish(rows);
  }
  // Columns are planes: turned while in the first-level cache.
  rows.to = workspace;
  rows.to_step = tile.columns;
  kernels.narrow_rows.finish(rows);
  const std::int64_t plane = stride(write_, column_loop_);
  const MoveKernels& move = kernels.move[rows.narrow_to ? 1 : 2];
  if (tile.row_stride == 1) {
    move.transpose(to, plane, workspace, tile.columns, rows.columns, rows.rows);
    return;
  }
  const std::int64_t bytes = bytes_of(write_.dtype);
  for (std::int64_t c = 0; c < tile.columns; ++c) {
    for (std::int64_t r = 0; r < tile.rows; ++r) {
      std::memcpy(to + (c * plane + r * tile.row_stride) * bytes,
                  workspace + (r * tile.columns + c) * bytes, static_cast<std::size_t>(bytes));
    }
  }
}

void NarrowFinish::run_body(const Kernels& kernels, const Run& run, const SumTile& tile,
                            std::byte* workspace) const {
  for (std::int64_t r = 1; r < tile.rows && tile.columns != tile.width; ++r) {
    std::memmove(tile.sums + r * tile.columns, tile.sums + r * tile.width,
                 static_cast<std::size_t>(tile.columns) * sizeof(float));
  }
  Box box;
  box.num_loops = num_loops_;
  for (std::uint32_t l = 0; l < num_loops_; ++l) {
    box.start[l] = tile.box.start[order_[l]];
    box.count[l] = tile.box.count[order_[l]];
  }
  const MoveContext context = carve_move_context(kernels, run, tile_points_, workspace);
  const Registers registers = Registers::carve(body_, tile_points_, kernels, workspace);
  evaluate(context, body_, box, registers, tile.sums, nullptr);
  store_box(context, body_write_, box, registers.pointers[body_.results[0]]);
}

}  // namespace rdu::cpu
