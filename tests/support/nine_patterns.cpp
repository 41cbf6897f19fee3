// One node of every pattern; the values are small enough to follow by hand.
#include "tests/support/nine_patterns.hpp"

#include "tests/support/model_builder.hpp"

namespace rdu::testing {
namespace {

using artifact::Loop;
using artifact::Port;

constexpr auto F32 = RDU_DTYPE_F32;
constexpr auto I64 = RDU_DTYPE_I64;
constexpr auto BOOL = RDU_DTYPE_BOOL;

Loop plain(std::int64_t extent) { return {extent, kNone, RDU_LOOP_PLAIN}; }

Port port(std::uint32_t kind, ValueId outer, ValueId inner_in, ValueId inner_out, ValueId result) {
  Port p;
  p.kind = kind;
  p.outer = outer;
  p.inner_in = inner_in;
  p.inner_out = inner_out;
  p.result = result;
  return p;
}

std::vector<float> ramp(std::size_t count) {
  std::vector<float> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = 0.25f * static_cast<float>(i) - 1.0f;
  return numbers;
}

// A variant for `batch` rows of 4 features.
class NinePatterns {
 public:
  explicit NinePatterns(std::int64_t batch) : batch_(batch) {}

  artifact::Model build() {
    const ValueId x = b_.input("x", F32, {batch_, 4});
    const ValueId table_rows = b_.input("rows", I64, {3});
    const ValueId flag = b_.input("flag", BOOL, {});
    const ValueId h = add_contract(x);
    add_origins(h);
    const ValueId joined = add_maps(h);
    const ValueId best = b_.reduce_last("best", RDU_COMBINE_ARGMAX_FIRST, joined);
    const ValueId picked = add_gather(table_rows);
    const ValueId counts = add_scatter(table_rows);
    const ValueId last = add_scan(picked);
    const ValueId kept = add_filter(last);
    const ValueId order = add_sort(joined);
    const ValueId chosen = add_control(flag, last);
    add_variable(chosen);
    for (const ValueId id : {best, counts, kept, order, chosen}) b_.output(id);
    return b_.build("nine patterns");
  }

  ModelBuilder& builder() { return b_; }

 private:
  // A fused pair, a constant and a node in another's body.
  void add_origins(ValueId h) {
    b_.variant().origins = {
        {"Gemm_0", "Gemm", "", RDU_ORIGIN_COMPUTED, RDU_NONE, {{"gemm", kNone}}},
        {"Relu_1", "Relu", "", RDU_ORIGIN_COMPUTED, RDU_NONE, {{"h", h}}},
        {"block", "Block", "local", RDU_ORIGIN_EXPANDED, RDU_NONE, {}},
        {"block/Shape_0", "Shape", "", RDU_ORIGIN_CONSTANT, 2, {}}};
  }

  // A quantized weight, and an epilogue with a read of its own.
  ValueId add_contract(ValueId x) {
    const ValueId scale = b_.constant("w_scale", F32, {}, std::vector<float>{0.5f});
    std::vector<std::int8_t> weights(12);
    for (int i = 0; i < 12; ++i)
      weights[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i - 6);
    const ValueId w = b_.constant("w", RDU_DTYPE_I8, {4, 3}, weights);
    artifact::Encoding encoding;
    encoding.scale = scale;
    b_.variant().encodings.push_back(encoding);
    b_.variant().values[w].encoding = 0;
    const ValueId bias = b_.constant("bias", F32, {3}, ramp(3));
    b_.variant().values[bias].role = RDU_ROLE_PARAMETER;
    const ValueId h = b_.value("h", F32, {batch_, 3});
    Node node;
    node.name = "dense";
    node.origins = {0, 1};
    node.pattern = RDU_PATTERN_CONTRACT;
    node.loops = {{batch_, kNone, RDU_LOOP_M}, {3, kNone, RDU_LOOP_N}, {4, kNone, RDU_LOOP_K}};
    node.num_parallel = 2;
    node.reads = {read(x, {along(0), along(2)}), read(w, {along(2), along(1)}), read(scale, {}),
                  read(bias, {along(1)})};
    node.body.code = {instr(RDU_OP_LOAD, F32, 0), instr(RDU_OP_LOAD, RDU_DTYPE_I8, 1),
                      instr(RDU_OP_CAST, F32, 1), instr(RDU_OP_LOAD, F32, 2),
                      instr(RDU_OP_MUL, F32, 2, 3)};
    node.body.results = {0, 4};
    node.combine = RDU_COMBINE_ADD;
    node.acc_dtype = F32;
    node.epilogue =
        program({instr(RDU_OP_ACC, F32), instr(RDU_OP_LOAD, F32, 3), instr(RDU_OP_ADD, F32, 0, 1),
                 constant(F32, 0), instr(RDU_OP_MAX, F32, 2, 3)});
    node.writes.push_back({h, {}});
    b_.add(std::move(node));
    return h;
  }

  // A join of two boxes: reflected in front, shifted with a fill behind.
  ValueId add_maps(ValueId h) {
    const ValueId joined = b_.value("joined", F32, {batch_, 6});
    Node front;
    front.name = "front";
    front.loops = {plain(batch_), plain(3)};
    front.num_parallel = 2;
    front.reads = {read(h, {along(0), outside(RDU_OUTSIDE_REFLECT, along(1, 1, -1))})};
    front.body = program({instr(RDU_OP_LOAD, F32), instr(RDU_OP_EXP, F32, 0)});
    front.writes.push_back({joined, {along(0), along(1, 2)}});
    Node back = front;
    back.name = "back";
    back.reads = {read(h, {along(0), outside(RDU_OUTSIDE_FILL, along(1, 1, 1))})};
    back.reads[0].fill.f = -2.5;
    back.body = program({instr(RDU_OP_LOAD, F32), instr(RDU_OP_INSIDE, BOOL, 0), constant(F32, 7),
                         instr(RDU_OP_SELECT, F32, 1, 0, 2)});
    back.writes = {{joined, {along(0), along(1, 2, 1)}}};
    b_.add(std::move(front));
    b_.add(std::move(back));
    return joined;
  }

  ValueId add_gather(ValueId rows) {
    const ValueId table = b_.constant("table", F32, {5, 2}, ramp(10));
    const ValueId picked = b_.value("picked", F32, {3, 2});
    Node node;
    node.name = "pick";
    node.pattern = RDU_PATTERN_GATHER;
    node.loops = {plain(3), plain(2)};
    node.num_parallel = 2;
    Index indirect = outside(RDU_OUTSIDE_WRAP, at(0));
    indirect.source = rows;
    indirect.source_access = {along(0)};
    node.reads = {read(table, {indirect, along(1)})};
    node.body = program({instr(RDU_OP_LOAD, F32)});
    node.writes.push_back({picked, {}});
    b_.add(std::move(node));
    return picked;
  }

  ValueId add_scatter(ValueId rows) {
    const ValueId zeros = b_.constant("zeros", I64, {5}, std::vector<std::int64_t>(5));
    const ValueId counts = b_.value("counts", I64, {5});
    Node node;
    node.name = "count";
    node.pattern = RDU_PATTERN_SCATTER;
    node.loops = {plain(3)};
    node.num_parallel = 1;
    node.body = program({constant(I64, 0, 1)});
    node.combine = RDU_COMBINE_ADD;
    node.base = zeros;
    Index indirect = outside(RDU_OUTSIDE_SKIP, at(0));
    indirect.source = rows;
    indirect.source_access = {along(0)};
    node.writes.push_back({counts, {indirect}});
    b_.add(std::move(node));
    return counts;
  }

  // A running sum over the three rows.
  ValueId add_scan(ValueId picked) {
    const ValueId start = b_.constant("start", F32, {2}, std::vector<float>{0.0f, 1.0f});
    const ValueId end = b_.value("sum_end", F32, {2});
    const ValueId sums = b_.value("sums", F32, {3, 2});
    Node node;
    node.name = "running_sum";
    node.pattern = RDU_PATTERN_SCAN;
    node.loops = {plain(3)};
    node.graphs[0] = b_.begin_graph();
    const ValueId state = b_.input("sum_in", F32, {2});
    const ValueId row = b_.input("row", F32, {2});
    const ValueId step = b_.input("step", I64, {});
    const ValueId next = b_.elementwise("sum_out", RDU_OP_ADD, {state, row});
    const ValueId copy =
        b_.map("row_out", F32, {2}, {read(next, identity(1)), read(step, {})},
               program({instr(RDU_OP_LOAD, F32, 0), instr(RDU_OP_LOAD, I64, 1),
                        instr(RDU_OP_CAST, F32, 1), instr(RDU_OP_MUL, F32, 0, 2)}));
    b_.output(next);
    b_.output(copy);
    b_.end_graph();
    node.ports = {port(RDU_PORT_CARRIED, start, state, next, end),
                  port(RDU_PORT_SLICE, picked, row, kNone, kNone),
                  port(RDU_PORT_INDEX, kNone, step, kNone, kNone),
                  port(RDU_PORT_STACK, kNone, kNone, copy, sums)};
    node.ports[3].reverse = true;
    b_.add(std::move(node));
    return b_.reshape("sums_flat", sums, {6});
  }

  // Positions of what is above zero: a bounded extent, and a map over it.
  ValueId add_filter(ValueId flat) {
    const ValueId count = b_.value("num_kept", I64, {});
    const ValueId rows = b_.value("kept_rows", I64, {6});
    b_.variant().values[rows].dim_values = {count};
    Node node;
    node.name = "positive";
    node.pattern = RDU_PATTERN_FILTER;
    node.loops = {plain(6)};
    node.num_parallel = 1;
    node.reads = {read(flat, {along(0)})};
    node.body = program({instr(RDU_OP_LOAD, F32), constant(F32, 0), instr(RDU_OP_GT, BOOL, 0, 1)});
    node.writes = {{rows, {}}, {count, {}}};
    b_.add(std::move(node));
    const ValueId kept = b_.map("kept", I64, {6}, {read(rows, {along(0)})},
                                program({instr(RDU_OP_LOAD, I64), instr(RDU_OP_INDEX, I64, 0),
                                         instr(RDU_OP_ADD, I64, 0, 1)}));
    b_.variant().values[kept].dim_values = {count};
    b_.variant().graphs[0].nodes.back().loops[0].extent_value = count;
    return kept;
  }

  ValueId add_sort(ValueId joined) {
    const ValueId order = b_.value("order", I64, {batch_, 6});
    Node node;
    node.name = "rank";
    node.pattern = RDU_PATTERN_SORT;
    node.loops = {plain(batch_), plain(6)};
    node.num_parallel = 2;
    node.reads = {read(joined, identity(2))};
    node.body = program({instr(RDU_OP_LOAD, F32)});
    node.descending = 1;
    node.writes.push_back({order, {}});
    b_.add(std::move(node));
    return order;
  }

  ValueId add_control(ValueId flag, ValueId flat) {
    const ValueId chosen = b_.value("chosen", F32, {6});
    Node node;
    node.name = "choose";
    node.pattern = RDU_PATTERN_CONTROL;
    node.condition = flag;
    for (std::uint32_t slot = 0; slot < 2; ++slot) {
      const std::string suffix = slot == 0 ? "_then" : "_else";
      node.graphs[slot] = b_.begin_graph();
      const ValueId inner = b_.input("flat" + suffix, F32, {6});
      const ValueId out =
          b_.elementwise("out" + suffix, slot == 0 ? RDU_OP_NEG : RDU_OP_ABS, {inner});
      b_.output(out);
      b_.end_graph();
      node.ports.push_back(port(RDU_PORT_CAPTURE, flat, inner, kNone, kNone));
      node.ports.push_back(port(RDU_PORT_RESULT, kNone, kNone, out, chosen));
      for (std::size_t i = 0; i < 2; ++i) node.ports[2 * slot + i].slot = slot;
    }
    b_.add(std::move(node));
    return chosen;
  }

  // total += chosen, kept between runs.
  void add_variable(ValueId chosen) {
    const ValueId total = b_.value("total", F32, {6}, RDU_ROLE_VARIABLE);
    const ValueId initial = b_.constant("total_initial", F32, {6}, ramp(6));
    const ValueId next = b_.elementwise("total_next", RDU_OP_ADD, {total, chosen});
    b_.variant().variables.push_back({"total", total, next, initial});
  }

  std::int64_t batch_;
  ModelBuilder b_;
};

// An input whose value was folded away, and a cut made for one machine.
void complete(artifact::Variant& variant, std::int64_t batch) {
  variant.dims = {{"batch", batch}};
  variant.inputs.push_back(kNone);
  artifact::SpecialisedInput scales;
  scales.input = 3;
  scales.dims = {1};
  scales.bytes.assign(8, std::byte{2});
  variant.specialised.push_back(scales);
  const std::uint32_t num_nodes = variant.cuts[0].sections.back().end_node;
  artifact::Cut cut;
  cut.target = "cpu";
  cut.format = "test.payload";
  cut.target_hash = 0x0123456789abcdef;
  artifact::Section head;
  head.end_node = 3;
  head.block_loops = {{0, 1}};
  head.payload.assign(100, std::byte{7});
  artifact::Section rest;
  rest.first_node = 3;
  rest.end_node = num_nodes;
  cut.sections = {head, rest};
  variant.cuts.push_back(cut);
}

}  // namespace

artifact::Model nine_patterns() {
  NinePatterns one(1);
  NinePatterns two(2);
  for (NinePatterns* each : {&one, &two}) {
    each->builder().sections({1, 3, 4, 5, 6, 7, 9, 10, 11, 12});
  }
  artifact::Model model = one.build();
  const artifact::Model other = two.build();
  artifact::Signature& signature = model.signatures[0];
  signature.variants.push_back(other.signatures[0].variants[0]);
  signature.inputs[0].dims[0] = {-1, "batch"};
  artifact::SignatureTensor scales;
  scales.name = "scales";
  scales.dtype = I64;
  scales.dims = {{1, ""}};
  signature.inputs.push_back(scales);
  for (const std::size_t output : {0u, 3u}) signature.outputs[output].dims[0] = {-1, "batch"};
  complete(signature.variants[0], 1);
  complete(signature.variants[1], 2);
  model.metadata = {{"author", "tests"}, {"license", "Apache-2.0"}};
  model.provenance = {"nine_patterns 1", "--batch 1,2", "none", 17};
  return model;
}

}  // namespace rdu::testing
