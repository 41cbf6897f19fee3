// The embedding layer of BERT: words, positions and segments looked up, added and normalised.
#include <optional>

#include "tools/rducc/import/onnx/ops/delegate.hpp"
#include "tools/rducc/import/onnx/ops/microsoft/domain.hpp"
#include "tools/rducc/import/onnx/ops/moments.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// A table of rows, quantised where it has a scale, and which row each token takes.
struct Lookup {
  ValueId table = ir::kNone;
  ir::Index row = {};
  ValueId scale = ir::kNone, zero_point = ir::kNone;
};

ir::Index by_token(ValueId ids, bool shared_by_batch) {
  ir::Index row;
  row.source = ids;
  row.source_access = {shared_by_batch ? ir::at(0) : ir::along(0), ir::along(1)};
  return ir::outside(row, RDU_OUTSIDE_ERROR);
}

void require_ids(const OpCall& call, std::size_t i, bool shared_by_batch) {
  if (call.dtype(i) != RDU_DTYPE_I32 && call.dtype(i) != RDU_DTYPE_I64) {
    call.invalid("input " + std::to_string(i) + " must be of type int32");
  }
  const Dims ids = call.dims(i), tokens = call.dims(0);
  const bool one_row = shared_by_batch && ids == Dims{1, tokens[1]};
  if (tokens.size() != 2 || (ids != tokens && !one_row)) {
    call.invalid("input " + std::to_string(i) + " of shape " + to_text(ids) +
                 " for tokens of shape " + to_text(tokens));
  }
}

// Token s takes row s of the positions, unless an input says which.
ir::Index position_row(const OpCall& call, std::optional<std::size_t> ids) {
  if (ids && call.has_input(*ids)) {
    require_ids(call, *ids, true);
    return by_token(call.input(*ids), call.dims(*ids)[0] == 1);
  }
  if (call.dims(3).empty() || call.dims(0)[1] > call.dims(3)[0]) {
    call.invalid("positions of shape " + to_text(call.dims(3)) + " for tokens of shape " +
                 to_text(call.dims(0)));
  }
  return ir::along(1);
}

// Σ of the rows, dequantised where needed, in `compute`: [batch, sequence, hidden].
ValueId sum_of_rows(OpCall& call, const std::vector<Lookup>& lookups, rdu_dtype compute) {
  ir::Builder& builder = call.b();
  const Dims words = builder.dims(lookups[0].table);
  const std::int64_t hidden = words.empty() ? 0 : words.back();
  std::vector<ir::Read> reads;
  for (const Lookup& lookup : lookups) {
    if (builder.dims(lookup.table).size() != 2 || builder.dims(lookup.table)[1] != hidden) {
      call.invalid("a table of shape " + to_text(builder.dims(lookup.table)) + " for rows of " +
                   std::to_string(hidden));
    }
    reads.push_back(builder.read(lookup.table, {lookup.row, ir::along(2)}));
    if (lookup.scale == ir::kNone) continue;
    for (const ValueId parameter : {lookup.scale, lookup.zero_point}) {
      reads.push_back(builder.read(builder.reshape(parameter, Dims{}), {}));
    }
  }
  const Dims dims{call.dims(0)[0], call.dims(0)[1], hidden};
  return builder.map(compute, dims, reads, [&](Body& b, std::span<const Reg> r) {
    std::optional<Reg> sum;
    for (const Lookup& lookup : lookups) {
      Reg row = b.cast(r[0], compute);
      if (lookup.scale != ir::kNone) {
        row = b.mul(b.sub(row, b.cast(r[2], compute)), b.cast(r[1], compute));
      }
      r = r.subspan(lookup.scale == ir::kNone ? 1 : 3);
      sum = sum ? b.add(*sum, row) : row;
    }
    b.result(*sum);
  });
}

void set_normalised(OpCall& call, ValueId sum, ValueId gamma, ValueId beta, rdu_dtype dtype) {
  ir::Builder& b = call.b();
  const std::int64_t last = 2;
  const Moments m = moments(b, sum, std::span(&last, 1), b.dtype(sum));
  const ValueId inverse = inverse_deviation(b, m.variance, call.attr_f("epsilon", 1e-12F));
  call.set_output(0, scale_shift(b, m.deviation, inverse, gamma, beta, dtype));
}

// How many tokens of a sequence the mask marks with 1; zeros without a mask.
void set_mask_index(OpCall& call, std::size_t mask) {
  if (!call.wants_output(1)) return;
  ir::Builder& b = call.b();
  if (!call.has_input(mask)) {
    return call.set_output(1, b.expand(b.scalar(RDU_DTYPE_I32, 0), Dims{call.dims(0)[0]}));
  }
  require_ids(call, mask, false);
  const std::int64_t sequence = 1;
  call.set_output(1,
                  b.reduce_axes(call.input(mask), std::span(&sequence, 1), false, RDU_COMBINE_ADD,
                                RDU_DTYPE_I32, RDU_DTYPE_I32, [](Body& body, Reg m) {
                                  const Reg one = body.integer(m.dtype, 1);
                                  return body.cast(body.binary(RDU_OP_EQ, m, one), RDU_DTYPE_I32);
                                }));
}

// Inputs: ids, segment ids, words, positions, segments, gamma, beta, mask, position ids.
void import_embedding(OpCall& call) {
  require_ids(call, 0, false);
  require_float(call, 2);
  const rdu_dtype dtype = call.dtype(2), compute = wide(dtype);
  std::vector<Lookup> lookups{{call.input(2), by_token(call.input(0), false)},
                              {call.input(3), position_row(call, 8)}};
  if (call.has_input(4)) {
    require_ids(call, 1, false);
    lookups.push_back({call.input(4), by_token(call.input(1), false)});
  }
  const ValueId sum = sum_of_rows(call, lookups, compute);
  set_normalised(call, sum, call.input(5), call.input(6), dtype);
  set_mask_index(call, 7);
  if (call.wants_output(2)) call.set_output(2, call.b().cast(sum, dtype));
}

// Inputs: ids, segment ids, words, positions, segments, gamma, beta, mask, then the scales of the
// five tables, then their zero points.
void import_quantised_embedding(OpCall& call) {
  require_ids(call, 0, false);
  ir::Builder& b = call.b();
  constexpr std::size_t kScales = 8, kZeroPoints = 13;
  const auto table = [&](std::size_t i, ir::Index row) {
    return Lookup{call.input(2 + i), std::move(row), call.input(kScales + i),
                  call.input(kZeroPoints + i)};
  };
  std::vector<Lookup> lookups{table(0, by_token(call.input(0), false)),
                              table(1, position_row(call, std::nullopt))};
  if (call.has_input(4)) {
    require_ids(call, 1, false);
    lookups.push_back(table(2, by_token(call.input(1), false)));
  }
  const auto dequantised = [&](std::size_t i) {
    return Delegate(call, "DequantizeLinear", 13)
        .run({call.input(2 + i), b.reshape(call.input(kScales + i), Dims{}),
              b.reshape(call.input(kZeroPoints + i), Dims{})});
  };
  const ValueId sum = sum_of_rows(call, lookups, RDU_DTYPE_F32);
  set_normalised(call, sum, dequantised(3), dequantised(4), RDU_DTYPE_F32);
  set_mask_index(call, 7);
}

constexpr OpEntry kOps[] = {
    {kMicrosoft, "EmbedLayerNormalization", 1, import_embedding},
    {kMicrosoft, "QEmbedLayerNormalization", 1, import_quantised_embedding},
};

}  // namespace

std::span<const OpEntry> microsoft_embedding_ops() { return kOps; }

}  // namespace rducc::import_onnx
