// TopK: a sort along the axis, then the first k positions and what lies there.
#include "tools/rducc/import/onnx/ops/sorting.hpp"

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {

ValueId sort_positions(ir::Builder& builder, const Dims& dims, std::vector<ir::Read> keys,
                       Order order) {
  const ValueId result = builder.add_value(RDU_DTYPE_I64, dims);
  ir::Node node;
  node.pattern = RDU_PATTERN_SORT;
  for (const std::int64_t extent : builder.dims(result)) {
    node.loops.push_back({extent, ir::kNone, RDU_LOOP_PLAIN});
  }
  node.num_parallel = static_cast<std::uint32_t>(node.loops.size());
  Body body;
  for (std::uint32_t i = 0; i < keys.size(); ++i) {
    body.result(body.load(i, builder.dtype(keys[i].value)));
    if (order == Order::kDescending) node.descending |= 1U << i;
  }
  node.body = body.program();
  node.reads = std::move(keys);
  node.writes = {{result, {}}};
  builder.add_node(std::move(node));
  return result;
}

namespace {

std::int64_t read_k(const OpCall& call) {
  if (call.opset() < 10) return call.attr_i("k", -1);
  const std::vector<std::int64_t> k = call.required_constant(1, "k").to_i64();
  if (k.size() != 1) call.invalid("k is not one number");
  return k[0];
}

// The sorted axis is the sort's last loop; the outputs have it where the input has.
void import_top_k(OpCall& call) {
  ir::Builder& builder = call.b();
  const Dims dims = call.dims(0);
  const auto axis =
      static_cast<std::size_t>(normalise_axis(call, call.attr_i("axis", -1), call.rank(0)));
  const std::int64_t k = read_k(call);
  if (k < 0 || k > dims[axis]) {
    call.invalid("k = " + std::to_string(k) + " along an axis of " + std::to_string(dims[axis]));
  }
  Dims sorted = dims, out = dims;
  sorted.erase(sorted.begin() + static_cast<std::ptrdiff_t>(axis));
  sorted.push_back(dims[axis]);
  out[axis] = k;
  const auto last = static_cast<std::uint32_t>(dims.size() - 1);
  ir::Access in, from_sorted;
  for (std::uint32_t d = 0; d < dims.size(); ++d) {
    in.push_back(ir::along(d == axis ? last : (d < axis ? d : d - 1)));
    if (d != axis) from_sorted.push_back(ir::along(d));
  }
  from_sorted.push_back(ir::along(static_cast<std::uint32_t>(axis)));
  const Order order = call.attr_i("largest", 1) != 0 ? Order::kDescending : Order::kAscending;
  const ValueId positions =
      sort_positions(builder, sorted, {builder.read(call.input(0), in)}, order);
  const auto pass = [](Body& b, std::span<const Reg> r) { b.result(r[0]); };
  ir::Access values = ir::identity_access(dims.size());
  values[axis] = {};
  values[axis].source = positions;
  values[axis].source_access = from_sorted;
  values[axis].outside = RDU_OUTSIDE_ERROR;
  call.set_output(0, builder.map(call.dtype(0), out, {builder.read(call.input(0), values)}, pass));
  call.set_output(1, builder.map(RDU_DTYPE_I64, out, {builder.read(positions, from_sorted)}, pass));
}

constexpr OpEntry kOps[] = {{"", "TopK", 1, import_top_k}};

}  // namespace

std::span<const OpEntry> sorting_ops() { return kOps; }

}  // namespace rducc::import_onnx
