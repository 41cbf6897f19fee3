// TensorScatter, and what other operators with a cache share with it: one scatter node.
#include "tools/rducc/import/onnx/ops/cache_update.hpp"

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {

ValueId update_cache(ir::Builder& builder, ValueId cache, ValueId update, std::size_t axis,
                     ValueId first, CacheMode mode) {
  const Dims dims = builder.dims(cache), updates = builder.dims(update);
  const ValueId result = builder.add_value(builder.dtype(cache), dims);
  ir::Node node;
  node.pattern = RDU_PATTERN_SCATTER;
  for (const std::int64_t extent : updates) {
    node.loops.push_back({extent, ir::kNone, RDU_LOOP_PLAIN});
  }
  node.num_parallel = static_cast<std::uint32_t>(node.loops.size());
  node.reads = {builder.read(update, ir::identity_access(updates.size()))};
  Body body;
  body.result(body.load(0, builder.dtype(update)));
  node.body = body.program();
  node.combine = RDU_COMBINE_REPLACE;
  node.base = cache;
  ir::Access access = ir::identity_access(updates.size());
  if (first != ir::kNone) {
    access[axis].source = first;
    access[axis].source_access = {ir::along(0)};
    if (mode == CacheMode::kCircular) {
      access[axis].mod = dims[axis];
    } else {
      access[axis].outside = RDU_OUTSIDE_ERROR;
    }
  }
  node.writes = {{result, std::move(access)}};
  builder.add_node(std::move(node));
  return result;
}

namespace {

CacheMode mode_of(const OpCall& call) {
  const std::string mode = call.attr_s("mode", "linear");
  if (mode == "linear") return CacheMode::kLinear;
  if (mode == "circular") return CacheMode::kCircular;
  call.invalid("attribute mode = '" + mode + "'");
}

void import_tensor_scatter(OpCall& call) {
  require_same_dtype(call, 0, 2);
  const Dims cache = call.dims(0), update = call.dims(1);
  const std::int64_t axis = normalise_axis(call, call.attr_i("axis", -2), call.rank(0));
  const auto at = static_cast<std::size_t>(axis);
  if (axis == 0) call.invalid("attribute axis names the batch");
  Dims fits = cache;
  if (update.size() == cache.size() && update[at] <= cache[at]) fits[at] = update[at];
  if (update != fits) {
    call.invalid("an update of shape " + to_text(update) + " to a cache of shape " +
                 to_text(cache));
  }
  ValueId first = ir::kNone;
  if (call.has_input(2)) {
    first = call.input(2);
    if (call.dims(2) != Dims{cache[0]}) {
      call.invalid("write_indices of shape " + to_text(call.dims(2)) + " for a batch of " +
                   std::to_string(cache[0]));
    }
  }
  call.set_output(0,
                  update_cache(call.b(), call.input(0), call.input(1), at, first, mode_of(call)));
}

constexpr OpEntry kOps[] = {
    {"", "TensorScatter", 24, import_tensor_scatter},
};

}  // namespace

std::span<const OpEntry> cache_update_ops() { return kOps; }

}  // namespace rducc::import_onnx
