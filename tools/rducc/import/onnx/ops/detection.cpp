// NonMaxSuppression: candidates in the order of their scores, each silencing what it overlaps (a
// scan), then the survivors (a filter).
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/ops/scan_builder.hpp"
#include "tools/rducc/import/onnx/ops/selection.hpp"
#include "tools/rducc/import/onnx/ops/sorting.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

struct Suppression {
  std::int64_t batches = 0, classes = 0, boxes = 0;
  ValueId scores = ir::kNone;   // [batches, classes, boxes]
  ValueId corners = ir::kNone;  // [batches, boxes, 4]: y1 x1 y2 x2, ascending
  ValueId order = ir::kNone;    // [batches, classes, boxes]: best first
  ValueId most = ir::kNone;     // scalars: boxes per class, and the two thresholds
  ValueId overlap = ir::kNone;
  ValueId score = ir::kNone;  // kNone: every score is enough
};

// Corners in ascending order, from any two opposite ones or from centre and size.
ValueId corners_of(OpCall& call) {
  ir::Builder& b = call.b();
  const ValueId boxes = call.input(0);
  const bool centred = call.attr_i("center_point_box", 0) != 0;
  const auto coordinate = [&](std::int64_t i) {
    return b.read(boxes, {ir::along(0), ir::along(1), ir::at(i)});
  };
  const Dims dims = call.dims(0);
  const std::vector<ir::Read> reads{coordinate(0), coordinate(1), coordinate(2), coordinate(3)};
  return b.map(call.dtype(0), dims, reads, [&](Body& body, std::span<const Reg> r) {
    const Reg half = body.like(r[0], 0.5);
    const auto low = [&](std::size_t at, std::size_t other) {
      return centred ? body.sub(r[at], body.mul(r[other], half)) : body.min(r[at], r[other]);
    };
    const auto high = [&](std::size_t at, std::size_t other) {
      return centred ? body.add(r[at], body.mul(r[other], half)) : body.max(r[at], r[other]);
    };
    const std::size_t y = centred ? 1 : 0, x = centred ? 0 : 1;
    const Reg corners[] = {low(y, y + 2), low(x, x + 2), high(y, y + 2), high(x, x + 2)};
    Reg chosen = corners[3];
    for (std::int64_t i = 2; i >= 0; --i) {
      const Reg here = body.binary(RDU_OP_EQ, body.index(2), body.integer(RDU_DTYPE_I64, i));
      chosen = body.select(here, corners[i], chosen);
    }
    body.result(chosen);
  });
}

ValueId scalar_input(OpCall& call, std::size_t i, rdu_dtype dtype) {
  ir::Builder& b = call.b();
  if (!call.has_input(i)) return b.scalar(dtype, 0);
  if (ir::num_elements(call.dims(i)) != 1) {
    call.invalid("input " + std::to_string(i) + " is not a scalar");
  }
  return b.cast(b.reshape(call.input(i), {}), dtype);
}

Suppression read_suppression(OpCall& call) {
  const Dims boxes = call.dims(0), scores = call.dims(1);
  if (boxes.size() != 3 || boxes[2] != 4 || scores.size() != 3 || scores[0] != boxes[0] ||
      scores[2] != boxes[1]) {
    call.invalid("boxes of shape " + to_text(boxes) + " and scores of shape " + to_text(scores));
  }
  ir::Builder& b = call.b();
  Suppression s;
  s.batches = scores[0];
  s.classes = scores[1];
  s.boxes = scores[2];
  s.scores = call.input(1);
  s.corners = corners_of(call);
  s.order =
      sort_positions(b, scores, {b.read(s.scores, ir::identity_access(3))}, Order::kDescending);
  s.most = scalar_input(call, 2, RDU_DTYPE_I64);
  s.overlap = scalar_input(call, 3, RDU_DTYPE_F32);
  if (call.has_input(4)) s.score = scalar_input(call, 4, RDU_DTYPE_F32);
  return s;
}

ir::Index indexed_by(ValueId source) {
  ir::Index index;
  index.source = source;
  index.source_access = ir::identity_access(2);
  return ir::outside(index, RDU_OUTSIDE_ERROR);
}

// Is the candidate alive, good enough, and one of the first `most`? [batches, classes]
ValueId is_kept(ir::Builder& b, const Suppression& s, ValueId candidate, ValueId alive,
                ValueId count) {
  const ir::Access at{ir::along(0), ir::along(1), indexed_by(candidate)};
  std::vector<ir::Read> reads{b.read(alive, at), b.read(count, ir::identity_access(2)),
                              b.read(s.most, {})};
  if (s.score != ir::kNone) {
    reads.push_back(b.read(s.scores, at));
    reads.push_back(b.read(s.score, {}));
  }
  return b.map(RDU_DTYPE_BOOL, {s.batches, s.classes}, reads,
               [](Body& body, std::span<const Reg> r) {
                 Reg kept = body.binary(RDU_OP_AND, r[0], body.binary(RDU_OP_LT, r[1], r[2]));
                 if (r.size() > 3) {
                   const Reg good = body.binary(RDU_OP_GT, body.cast(r[3], r[4].dtype), r[4]);
                   kept = body.binary(RDU_OP_AND, kept, good);
                 }
                 body.result(kept);
               });
}

// Intersection over union of two boxes, 0 where they do not meet. Registers: y1 x1 y2 x2.
Reg overlap(Body& b, std::span<const Reg> p, std::span<const Reg> q) {
  const Reg zero = b.like(p[0], 0);
  const auto side = [&](std::size_t low) {
    return b.max(zero, b.sub(b.min(p[low + 2], q[low + 2]), b.max(p[low], q[low])));
  };
  const auto area = [&](std::span<const Reg> box) {
    return b.mul(b.sub(box[2], box[0]), b.sub(box[3], box[1]));
  };
  const Reg meet = b.mul(side(0), side(1));
  const Reg all = b.sub(b.add(area(p), area(q)), meet);
  return b.select(b.binary(RDU_OP_GT, all, zero), b.div(meet, all), zero);
}

// What stays alive once the candidate is kept: all that it does not overlap too much.
ValueId survivors(ir::Builder& b, const Suppression& s, ValueId candidate, ValueId kept,
                  ValueId alive) {
  std::vector<ir::Read> reads;
  for (std::int64_t i = 0; i < 4; ++i) {
    reads.push_back(b.read(s.corners, {ir::along(0), indexed_by(candidate), ir::at(i)}));
  }
  for (std::int64_t i = 0; i < 4; ++i) {
    reads.push_back(b.read(s.corners, {ir::along(0), ir::along(2), ir::at(i)}));
  }
  reads.push_back(b.read(s.overlap, {}));
  reads.push_back(b.read(kept, ir::identity_access(2)));
  reads.push_back(b.read(alive, ir::identity_access(3)));
  return b.map(RDU_DTYPE_BOOL, b.dims(alive), reads, [](Body& body, std::span<const Reg> r) {
    const Reg ratio = body.cast(overlap(body, r.first(4), r.subspan(4, 4)), r[8].dtype);
    const Reg silenced = body.binary(RDU_OP_AND, r[9], body.binary(RDU_OP_GT, ratio, r[8]));
    body.result(body.binary(RDU_OP_AND, r[10], body.unary(RDU_OP_NOT, silenced)));
  });
}

// [batches, classes, boxes] in the order of the scores: which of them stay.
ValueId kept_candidates(ir::Builder& b, const Suppression& outer) {
  const ValueId all =
      b.expand(b.scalar(RDU_DTYPE_BOOL, 1), {outer.batches, outer.classes, outer.boxes});
  const ValueId none = b.expand(b.scalar(RDU_DTYPE_I64, 0), {outer.batches, outer.classes});
  ScanBuilder scan(b, outer.boxes);
  Suppression s = outer;
  for (ValueId* value : {&s.scores, &s.corners, &s.most, &s.overlap}) *value = scan.capture(*value);
  if (s.score != ir::kNone) s.score = scan.capture(s.score);
  const ValueId candidate = scan.slice(outer.order, 2, false);
  const ValueId alive = scan.carry(all), count = scan.carry(none);
  const ValueId kept = is_kept(b, s, candidate, alive, count);
  scan.set_next(alive, survivors(b, s, candidate, kept, alive));
  scan.set_next(count,
                b.elementwise(RDU_DTYPE_I64, {count, kept}, [](Body& body, std::span<const Reg> r) {
                  body.result(body.add(r[0], body.cast(r[1], RDU_DTYPE_I64)));
                }));
  scan.stack(kept, 2, false);
  return scan.finish().stacked[0];
}

void import_non_max_suppression(OpCall& call) {
  ir::Builder& b = call.b();
  const Suppression s = read_suppression(call);
  const Kept kept = keep_true(b, kept_candidates(b, s));
  const ValueId order = b.reshape(s.order, {s.batches * s.classes * s.boxes});
  ir::Index box;
  box.source = kept.positions;
  box.source_access = {ir::along(0)};
  box.outside = RDU_OUTSIDE_ERROR;
  const std::vector<ir::Read> reads{b.read(kept.positions, {ir::along(0)}), b.read(order, {box})};
  const std::vector<ir::Loop> loops{kept_loop(b, kept), {3, ir::kNone, RDU_LOOP_PLAIN}};
  call.set_output(0, b.map(RDU_DTYPE_I64, loops, reads, [&](Body& body, std::span<const Reg> r) {
    const auto i64 = [&body](std::int64_t v) { return body.integer(RDU_DTYPE_I64, v); };
    const Reg row = body.div(r[0], i64(s.boxes));
    const Reg column = body.index(1);
    const Reg pair =
        body.select(body.binary(RDU_OP_EQ, column, i64(0)), body.div(row, i64(s.classes)),
                    body.binary(RDU_OP_REM, row, i64(s.classes)));
    body.result(body.select(body.binary(RDU_OP_EQ, column, i64(2)), r[1], pair));
  }));
}

constexpr OpEntry kOps[] = {{"", "NonMaxSuppression", 10, import_non_max_suppression}};

}  // namespace

std::span<const OpEntry> detection_ops() { return kOps; }

}  // namespace rducc::import_onnx
