// What follows the sums of a tile, on its way to memory.
#pragma once

#include <optional>

#include "plugins/cpu/access/grid.hpp"
#include "plugins/cpu/body/evaluate.hpp"
#include "plugins/cpu/contract/dnnl/call.hpp"
#include "plugins/cpu/contract/epilogue.hpp"
#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {

// A tile of sums: the box has `rows` points along the loop of rows, `columns` along that of columns, one along all others.
struct SumTile {
  const Box& box;  // of the node's parallel loops
  float* sums;     // [rows][width]; what is there is lost
  std::int64_t width, rows, columns;
  std::int64_t row_stride = 1;  // points of the row loop between two rows
};

class NarrowFinish {
 public:
  NarrowFinish() = default;
  // `tile_points`: of the largest tile. A loop may be kMaxLoops where there is none.
  NarrowFinish(const BuildContext& context, const rdu_node& node, std::uint32_t row_loop,
               std::uint32_t column_loop, std::int64_t tile_points);

  // Does a stride of rows other than 1 do?
  bool strides() const { return simple_; }
  std::uint64_t workspace_bytes() const;
  void run(const Kernels& kernels, const Run& run, const SumTile& tile, std::byte* workspace) const;

 private:
  struct Simple {
    std::optional<Access> bias, start;
    PostOp post;
    std::optional<RowActivation> activation;  // of the sum with its addends, unclamped
  };

  bool match_simple(const BuildContext& context, const rdu_node& node);
  bool match_activation(const BuildContext& context, const rdu_node& node);
  bool take_addend(const BuildContext& context, const rdu_node& node, std::uint32_t reg);
  bool take_addend(const Access& access);
  void compile(const BuildContext& context, const rdu_node& node);
  std::int64_t stride(const Access& access, std::uint32_t loop) const {
    return loop == kMaxLoops ? 0 : access.stride[loop];
  }
  bool along_columns(const Access& access) const {
    return column_loop_ == kMaxLoops || access.stride[column_loop_] == 1;
  }
  void activate(const Kernels& kernels, const SumTile& tile, SumRows& rows) const;
  void run_simple(const Kernels& kernels, const Run& run, const SumTile& tile,
                  std::byte* workspace) const;
  void run_body(const Kernels& kernels, const Run& run, const SumTile& tile,
                std::byte* workspace) const;

  std::uint32_t row_loop_ = kMaxLoops, column_loop_ = kMaxLoops;
  std::int64_t tile_points_ = 0;
  Access write_;
  bool simple_ = false;
  Simple sum_;
  Body body_;  // its loops: the others, rows, columns
  Access body_write_;
  std::uint32_t num_loops_ = 0;
  std::array<std::uint32_t, kMaxLoops> order_{};
};

}  // namespace rdu::cpu
