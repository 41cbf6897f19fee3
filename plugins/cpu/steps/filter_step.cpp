// Filter: the row-major positions at which the body is true, ascending, and how many there are.
#include <cstring>

#include "plugins/cpu/access/grid.hpp"
#include "plugins/cpu/body/evaluate.hpp"
#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {
namespace {

class FilterStep : public Step {
 public:
  FilterStep(const BuildContext& context, const rdu_node& node) : kernels_(context.kernels) {
    const NodeScope scope = scope_of(context, node);
    nest_ = nest_of(context, node);
    nest_.reduction = 0;
    const std::uint32_t kept = context.graph.writes(node)[0].value;
    kept_ = context.places.place_of(kept);
    count_ = context.places.place_of(context.graph.writes(node)[1].value);
    bound_ = plugin::num_elements(context.graph.value(kept));
    const rdu_dtype boolean = RDU_DTYPE_BOOL;
    body_ = compile_body({scope, kernels_, node, node.body}, {&boolean, 1});
    LoopUsers users;
    body_.add_users(users);
    std::vector<std::uint32_t> order;
    for (std::uint32_t l = 0; l < nest_.num_loops; ++l) {
      if (moves(nest_.extents[l])) order.push_back(l);
    }
    reshape(nest_, order, users);
    capacity_ = register_capacity(body_);
    size_ = fill_from_inside(nest_, 0, capacity_);
  }

  // Boxes cover the domain in row-major order: positions count points.
  plugin::Status run(const Run& run) const override {
    std::byte* workspace = run.workspace;
    const MoveContext context = carve_move_context(kernels_, run, capacity_, workspace);
    const Registers registers = Registers::carve(body_, capacity_, kernels_, workspace);
    const Grid grid(nest_.num_loops, nest_.resolve(run), size_);
    auto* kept = reinterpret_cast<std::int64_t*>(run.at(kept_));
    std::int64_t position = 0, count = 0;
    for (std::int64_t b = 0; b < grid.num_boxes(); ++b) {
      const Box box = grid.box(b);
      evaluate(context, body_, box, registers, nullptr, nullptr);
      const auto* keep = static_cast<const std::uint8_t*>(registers.pointers[body_.results[0]]);
      const std::int64_t points = box.points();
      for (std::int64_t i = 0; i < points; ++i) {
        if (keep[i] == 0) continue;
        if (count < bound_) kept[count] = position + i;
        ++count;
      }
      position += points;
    }
    if (count > bound_) {
      return plugin::fail(RDU_ERR_OUT_OF_RANGE, "node '", name, "' keeps ", count,
                          " elements and has room for ", bound_);
    }
    std::memcpy(run.at(count_), &count, sizeof(count));
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    return move_context_bytes(capacity_) + Registers::bytes(body_, capacity_);
  }

 private:
  const Kernels& kernels_;
  Nest nest_;
  Body body_;
  Place kept_, count_;
  std::int64_t bound_ = 0;
  LoopArray size_{};
  std::int64_t capacity_ = 0;
};

}  // namespace

std::unique_ptr<Step> make_filter_step(const BuildContext& context, const rdu_node& node) {
  return std::make_unique<FilterStep>(context, node);
}

}  // namespace rdu::cpu
