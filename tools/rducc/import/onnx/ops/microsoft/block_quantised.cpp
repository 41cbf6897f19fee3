// Weights quantised in blocks of 4 or 8 bits. They stay packed: whoever reads an element makes it
// real, inside the contract or the gather.
#include "tools/rducc/import/onnx/ops/microsoft/domain.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/packed_bits.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// [rows, depth] of B with its scales and zero points [rows, blocks].
struct BlockMatrix {
  std::int64_t rows = 0, depth = 0, block = 0, bits = 4;
  ValueId elements = ir::kNone, scales = ir::kNone;
  ValueId zero_points = ir::kNone;  // kNone: half of the range
};

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// Per block: packed as the elements are, each row in bytes of its own, or of a float type.
ValueId zero_points(OpCall& call, const BlockMatrix& m, std::int64_t blocks) {
  if (!call.has_input(3)) return ir::kNone;
  if (call.dtype(3) == RDU_DTYPE_U8) {
    const std::int64_t per_byte = 8 / m.bits;
    return unpacked(call, 3, "the zero points", m.bits,
                    {m.rows, ceil_div(blocks, per_byte) * per_byte});
  }
  if (!is_float(call.dtype(3)) || ir::num_elements(call.dims(3)) != m.rows * blocks) {
    call.invalid("zero points of shape " + to_text(call.dims(3)));
  }
  return call.b().reshape(call.input(3), Dims{m.rows, blocks});
}

BlockMatrix read_matrix(OpCall& call) {
  BlockMatrix m;
  m.rows = call.attr_i("N", 0);
  m.depth = call.attr_i("K", 0);
  if (m.rows < 1 || m.depth < 1 || m.rows > kMostStated || m.depth > kMostStated) {
    call.invalid("N = " + std::to_string(m.rows) + ", K = " + std::to_string(m.depth));
  }
  m.block = packed_block(call, 0);
  m.bits = packed_bits(call);
  if (call.attr_i("weight_prepacked", 0) != 0) call.unsupported("attribute weight_prepacked");
  if (call.has_input(4)) call.unsupported("input 4 (g_idx)");
  const std::int64_t blocks = ceil_div(m.depth, m.block);
  m.elements = unpacked(call, 1, "the weights", m.bits, {m.rows, blocks * m.block});
  if (ir::num_elements(call.dims(2)) != m.rows * blocks) {
    call.invalid("scales of shape " + to_text(call.dims(2)) + " for " + std::to_string(m.rows) +
                 " rows of " + std::to_string(blocks) + " blocks");
  }
  m.scales = call.b().reshape(call.input(2), Dims{m.rows, blocks});
  m.zero_points = zero_points(call, m, blocks);
  return m;
}

// (element - zero point) * scale in `dtype`, whatever the dtypes of the three.
Reg real_element(Body& b, Reg element, Reg scale, Reg zero_point, rdu_dtype dtype) {
  const Reg difference = b.sub(b.cast(element, dtype), b.cast(zero_point, dtype));
  return b.mul(difference, b.cast(scale, dtype));
}

// The middle of the range of unsigned elements.
Reg middle(Body& b, std::int64_t bits, rdu_dtype dtype) {
  return b.constant(dtype, static_cast<double>(std::int64_t{1} << (bits - 1)));
}

// Y[m, n] = Σ_k A[m, k] * real(B[n, k]) + bias[n]: the q of one contract is the dequantisation.
void import_matmul_bits(OpCall& call) {
  require_float(call, 0);
  ir::Builder& builder = call.b();
  const BlockMatrix m = read_matrix(call);
  Dims dims = call.dims(0);
  if (dims.empty() || dims.back() != m.depth) {
    call.invalid("A of shape " + to_text(dims) + " where K = " + std::to_string(m.depth));
  }
  const std::int64_t height = ir::num_elements(std::span(dims).first(dims.size() - 1));
  const rdu_dtype dtype = call.dtype(0), acc = wide(dtype);
  const ir::Index row = ir::along(1);
  ir::Index block = ir::along(2);
  block.div = m.block;
  ir::ReduceSpec spec;
  spec.loops = {{height, ir::kNone, RDU_LOOP_M},
                {m.rows, ir::kNone, RDU_LOOP_N},
                {m.depth, ir::kNone, RDU_LOOP_K}};
  spec.num_parallel = 2;
  spec.reads = {builder.read(builder.reshape(call.input(0), Dims{height, m.depth}),
                             {ir::along(0), ir::along(2)}),
                builder.read(m.elements, {row, ir::along(2)}),
                builder.read(m.scales, {row, block})};
  if (m.zero_points != ir::kNone) spec.reads.push_back(builder.read(m.zero_points, {row, block}));
  spec.acc_dtype = acc;
  spec.body = [=, bits = m.bits](Body& b, std::span<const Reg> r) {
    b.result(b.cast(r[0], acc));
    b.result(real_element(b, r[1], r[2], r.size() > 3 ? r[3] : middle(b, bits, acc), acc));
  };
  if (call.has_input(5)) {
    if (call.dims(5) != Dims{m.rows}) call.invalid("bias of shape " + to_text(call.dims(5)));
    spec.epilogue_reads = {builder.read(call.input(5), {row})};
  }
  spec.epilogue = [=](Body& b, Reg sum, std::span<const Reg> r) {
    b.result(b.cast(r.empty() ? sum : b.add(sum, b.cast(r[0], acc)), dtype));
  };
  spec.dtype = dtype;
  spec.dims = {height, m.rows};
  dims.back() = m.rows;
  call.set_output(0, builder.reshape(builder.contract(std::move(spec)), dims));
}

// A table that is gathered from along one axis and quantised in blocks along another.
struct BlockTable {
  ValueId elements = ir::kNone, zero_points = ir::kNone;
  Dims dims;  // of the elements
  std::size_t gather_axis = 0, block_axis = 0;
  std::int64_t block = 128, bits = 4;
  bool offset = false;  // elements without a zero point are around half of the range
};

// Elements of 4-bit types lie there as such; those in U8 are packed along the last dimension.
BlockTable read_table(OpCall& call) {
  BlockTable t;
  t.dims = call.dims(0);
  t.block = packed_block(call, 128);
  const bool bytes = call.dtype(0) == RDU_DTYPE_U8;
  if (!bytes && call.dtype(0) != RDU_DTYPE_U4 && call.dtype(0) != RDU_DTYPE_I4) {
    call.unsupported("a table of this element type");
  }
  t.bits = bytes ? packed_bits(call) : 4;
  t.offset = bytes;
  if (bytes && !t.dims.empty()) t.dims.back() *= 8 / t.bits;
  const auto rank = static_cast<std::int64_t>(t.dims.size());
  const auto axis = [&](const char* name, std::int64_t fallback) {
    return static_cast<std::size_t>(normalise_axis(call, call.attr_i(name, fallback), rank));
  };
  t.gather_axis = axis("gather_axis", 0);
  t.block_axis = axis("quantize_axis", 1);
  Dims scales = t.dims;
  scales[t.block_axis] = ceil_div(scales[t.block_axis], t.block);
  if (call.dims(2) != scales) {
    call.invalid("scales of shape " + to_text(call.dims(2)) + " where " + to_text(scales) +
                 " is expected");
  }
  t.elements = bytes ? unpacked(call, 0, "the table", t.bits, t.dims) : call.input(0);
  if (!call.has_input(3)) return t;
  if (bytes) {
    scales.back() = ceil_div(scales.back(), 8 / t.bits) * (8 / t.bits);
    t.zero_points = unpacked(call, 3, "the zero points", t.bits, scales);
  } else {
    if (call.dims(3) != scales || call.dtype(3) != call.dtype(0)) {
      call.invalid("zero points of shape " + to_text(call.dims(3)));
    }
    t.zero_points = call.input(3);
  }
  return t;
}

// Negative indices count from the end.
ValueId wrapped_indices(OpCall& call, std::int64_t extent) {
  if (call.dtype(1) != RDU_DTYPE_I32 && call.dtype(1) != RDU_DTYPE_I64) {
    call.invalid("the indices must be of type int32 or int64");
  }
  return call.b().elementwise(RDU_DTYPE_I64, {call.input(1)}, [=](Body& b, std::span<const Reg> r) {
    const Reg i = b.cast(r[0], RDU_DTYPE_I64);
    const Reg negative = b.binary(RDU_OP_LT, i, b.integer(i.dtype, 0));
    b.result(b.select(negative, b.add(i, b.integer(i.dtype, extent)), i));
  });
}

// Gather whose result is made real; an index outside of the axis yields zeros, because its scale
// does.
void import_gather_block(OpCall& call) {
  ir::Builder& builder = call.b();
  const BlockTable t = read_table(call);
  const ValueId indices = wrapped_indices(call, t.dims[t.gather_axis]);
  const Dims by = builder.dims(indices);
  Dims dims(t.dims);
  const auto at = dims.begin() + static_cast<std::ptrdiff_t>(t.gather_axis);
  dims.insert(dims.erase(at), by.begin(), by.end());
  ir::Access element;
  for (std::uint32_t d = 0; d < t.dims.size(); ++d) {
    const auto shift = static_cast<std::uint32_t>(by.size()) - 1;
    element.push_back(ir::along(d > t.gather_axis ? d + shift : d));
  }
  ir::Index& index = element[t.gather_axis];
  index.terms.clear();
  index.source = indices;
  index.source_access = ir::identity_access(by.size(), static_cast<std::uint32_t>(t.gather_axis));
  index.outside = RDU_OUTSIDE_FILL;
  ir::Access scale = element;
  scale[t.block_axis].div = t.block;
  std::vector<ir::Read> reads{builder.read(t.elements, element),
                              builder.read(call.input(2), scale)};
  if (t.zero_points != ir::kNone) reads.push_back(builder.read(t.zero_points, scale));
  const rdu_dtype dtype = call.dtype(2), compute = wide(dtype);
  call.set_output(0, builder.map(dtype, dims, reads, [=](Body& b, std::span<const Reg> r) {
    const Reg zero = r.size() > 2 ? r[2]
                     : t.offset   ? middle(b, t.bits, compute)
                                  : b.constant(compute, 0);
    b.result(b.cast(real_element(b, r[0], r[1], zero, compute), dtype));
  }));
}

constexpr OpEntry kOps[] = {
    {kMicrosoft, "GatherBlockQuantized", 1, import_gather_block},
    {kMicrosoft, "MatMulNBits", 1, import_matmul_bits},
};

}  // namespace

std::span<const OpEntry> microsoft_block_quantised_ops() { return kOps; }

}  // namespace rducc::import_onnx
