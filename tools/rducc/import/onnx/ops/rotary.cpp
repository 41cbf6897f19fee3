// A rotation is one map over pairs and their two parts; what is not rotated is joined to it.
#include "tools/rducc/import/onnx/ops/rotary.hpp"

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// The loops of a map over a head tensor in a layout, and its accesses by them.
struct TokenLoops {
  TokenLoops(const HeadTensor& x, HeadLayout layout) {
    const ir::Loop heads{x.heads, ir::kNone, RDU_LOOP_PLAIN};
    loops = {{x.batch, ir::kNone, RDU_LOOP_PLAIN}};
    if (layout == HeadLayout::kHeadsFirst) {
      loops.insert(loops.end(), {heads, ir::loop_over(x.length)});
    } else {
      loops.insert(loops.end(), {ir::loop_over(x.length), heads});
      position = ir::along(1);
      head = ir::along(2);
    }
  }

  void add(std::int64_t extent) { loops.push_back({extent, ir::kNone, RDU_LOOP_PLAIN}); }

  std::vector<ir::Loop> loops;
  ir::Index batch = ir::along(0), head = ir::along(1), position = ir::along(2);
};

// [batch, ..., 2 * pairs]. Part 0 of a pair is x0 cos - x1 sin, part 1 is x1 cos + x0 sin.
ValueId rotated_channels(ir::Builder& builder, const HeadTensor& x, const RotaryTable& table,
                         HeadLayout layout) {
  TokenLoops t(x, layout);
  const std::uint32_t part = table.interleaved ? 4 : 3, pair = table.interleaved ? 3 : 4;
  t.add(table.interleaved ? table.pairs : 2);
  t.add(table.interleaved ? 2 : table.pairs);
  const std::int64_t part_step = table.interleaved ? 1 : table.pairs;
  const std::int64_t pair_step = table.interleaved ? 2 : 1;
  const ir::Index channel = sum(ir::along(part, part_step), ir::along(pair, pair_step));
  const ir::Index partner = sum(ir::along(part, -part_step, part_step), ir::along(pair, pair_step));
  ir::Access angle = table.row(t.batch, t.position);
  angle.push_back(ir::along(pair));
  const rdu_dtype dtype = builder.dtype(x.value), acc = wide(dtype);
  const ValueId turned = builder.map(
      dtype, t.loops,
      {builder.read(x.value, x.access(t.batch, t.head, t.position, channel)),
       builder.read(x.value, x.access(t.batch, t.head, t.position, partner)),
       builder.read(table.cos, angle), builder.read(table.sin, angle)},
      [=](Body& b, std::span<const Reg> r) {
        const Reg sine = b.cast(r[3], acc);
        const Reg first = b.binary(RDU_OP_EQ, b.index(part), b.integer(RDU_DTYPE_I64, 0));
        const Reg turn = b.select(first, b.neg(sine), sine);
        b.result(b.cast(
            b.add(b.mul(b.cast(r[0], acc), b.cast(r[2], acc)), b.mul(b.cast(r[1], acc), turn)),
            dtype));
      });
  ir::Shape shape = builder.shape(turned);
  shape.resize(3);
  shape.push_back({2 * table.pairs});
  return builder.reshape_to(turned, shape);
}

ValueId other_channels(ir::Builder& builder, const HeadTensor& x, std::int64_t first,
                       HeadLayout layout) {
  TokenLoops t(x, layout);
  t.add(x.size - first);
  return builder.map(
      builder.dtype(x.value), t.loops,
      {builder.read(x.value, x.access(t.batch, t.head, t.position, ir::along(3, 1, first)))},
      [](Body& b, std::span<const Reg> r) { b.result(r[0]); });
}

HeadTensor operand(OpCall& call, std::int64_t size) {
  if (call.rank(0) == 4) return heads_first(call, call.input(0));
  if (call.rank(0) != 3) {
    call.invalid("an input of rank " + std::to_string(call.rank(0)) + ", neither 3 nor 4");
  }
  const std::int64_t stated = call.attr_i("num_heads", 0);
  if (stated == 0 && size == 0) call.invalid("an input of rank 3 needs the attribute num_heads");
  return rows_of_heads(call, call.input(0),
                       stated == 0 ? call.b().dims(call.input(0))[2] / size : stated);
}

void finish(OpCall& call, const HeadTensor& x, const RotaryTable& table) {
  const std::int64_t stated = call.attr_i("rotary_embedding_dim", 0);
  const std::int64_t turned = stated == 0 ? x.size : stated;
  if (turned != 2 * table.pairs || turned > x.size) {
    call.invalid("tables of " + std::to_string(table.pairs) + " angles to turn " +
                 std::to_string(turned) + " of " + std::to_string(x.size) + " channels");
  }
  const HeadTensor y = rotate(call.b(), x, table, x.layout);
  call.set_output(0, y.value);
}

void import_rotary_embedding(OpCall& call) {
  require_float(call, 0);
  RotaryTable table = rotary_table(call, 1, 2);
  const HeadTensor x = operand(call, 0);
  if (call.has_input(3)) rows_by_id(call, table, call.input(3), x);
  const ir::Shape per_token{{x.batch}, x.length, {table.pairs}};
  if (!call.has_input(3) && !ir::same_shape(call.b().shape(call.input(1)), per_token)) {
    call.invalid("tables of shape " + to_text(call.b().dims(call.input(1))) +
                 " without position_ids");
  }
  finish(call, x, table);
}

// Without rotary_embedding_dim the tables say how large a head is.
void import_contrib_rotary_embedding(OpCall& call) {
  require_float(call, 0);
  if (call.attr_i("is_packed_batching", 0) != 0) {
    call.unsupported("attribute is_packed_batching = 1");
  }
  if (call.attr_f("scale", 1) != 1) {
    call.unsupported("attribute scale = " + std::to_string(call.attr_f("scale", 1)));
  }
  RotaryTable table = rotary_table(call, 2, 3);
  const bool partial = call.attr_i("rotary_embedding_dim", 0) != 0;
  const HeadTensor x = operand(call, partial ? 0 : 2 * table.pairs);
  if (call.rank(1) == 2) {
    rows_by_id(call, table, call.input(1), x);
  } else {
    rows_from(call, table, call.input(1), x);
  }
  finish(call, x, table);
}

constexpr OpEntry kOps[] = {
    {"", "RotaryEmbedding", 23, import_rotary_embedding},
    {"com.microsoft", "RotaryEmbedding", 1, import_contrib_rotary_embedding},
};

}  // namespace

RotaryTable rotary_table(OpCall& call, std::size_t cos_input, std::size_t sin_input) {
  const Dims cos = call.b().dims(call.input(cos_input)), sin = call.b().dims(call.input(sin_input));
  if (cos != sin || (cos.size() != 2 && cos.size() != 3)) {
    call.invalid("tables of shapes " + to_text(cos) + " and " + to_text(sin));
  }
  RotaryTable table;
  table.cos = call.input(cos_input);
  table.sin = call.input(sin_input);
  table.pairs = cos.back();
  table.interleaved = call.attr_i("interleaved", 0) != 0;
  table.row = [](const ir::Index& batch, const ir::Index& position) {
    return ir::Access{batch, position};
  };
  return table;
}

void rows_by_id(OpCall& call, RotaryTable& table, ValueId ids, const HeadTensor& x) {
  const ir::Shape shape = call.b().shape(ids);
  if (!ir::same_shape(shape, ir::Shape{{x.batch}, x.length}) ||
      call.b().dims(table.cos).size() != 2) {
    call.invalid("position_ids of shape " + ir::to_text(shape) + " for tables of shape " +
                 to_text(call.b().dims(table.cos)));
  }
  table.row = [ids](const ir::Index& batch, const ir::Index& position) {
    ir::Index index;
    index.source = ids;
    index.source_access = {batch, position};
    return ir::Access{ir::outside(index, RDU_OUTSIDE_ERROR)};
  };
}

void rows_from(OpCall& call, RotaryTable& table, ValueId first, const HeadTensor& x) {
  if (first == ir::kNone) {
    if (x.length.bound > call.b().dims(table.cos)[0]) {
      call.invalid("a length of " + std::to_string(x.length.bound) + " with tables of shape " +
                   to_text(call.b().dims(table.cos)));
    }
    table.row = [](const ir::Index&, const ir::Index& position) { return ir::Access{position}; };
    return;
  }
  const Dims dims = call.b().dims(first);
  table.row = [=](const ir::Index& batch, const ir::Index& position) {
    ir::Index index = position;
    index.source = first;
    index.source_access.assign(dims.size(), ir::num_elements(dims) == 1 ? ir::at(0) : batch);
    return ir::Access{ir::outside(index, RDU_OUTSIDE_ERROR)};
  };
}

HeadTensor rotate(ir::Builder& builder, const HeadTensor& x, const RotaryTable& table,
                  HeadLayout layout) {
  HeadTensor y = x;
  y.value = rotated_channels(builder, x, table, layout);
  const std::int64_t turned = 2 * table.pairs;
  if (turned < x.size) {
    const ValueId parts[] = {y.value, other_channels(builder, x, turned, layout)};
    y.value = builder.concat(parts, 3);
  }
  y.slot.reset();
  y.layout = layout;
  if (layout == HeadLayout::kRows) {
    y.first = 0;
    y.stride = x.size;
    y.value = builder.reshape_to(y.value, {{x.batch}, x.length, {x.heads * x.size}});
  }
  return y;
}

std::span<const OpEntry> rotary_ops() { return kOps; }

}  // namespace rducc::import_onnx
