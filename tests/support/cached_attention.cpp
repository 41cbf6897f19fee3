// length -> append k and v -> scores -> mask -> softmax -> weighted sum; the last five in one section.
#include "tests/support/cached_attention.hpp"

#include <limits>
#include <utility>

namespace rdu::testing {
namespace {

constexpr auto F32 = RDU_DTYPE_F32;
constexpr auto I64 = RDU_DTYPE_I64;
constexpr double kScale = 0.5;  // 1 / sqrt(kHeadWidth)

class CachedAttention {
 public:
  CachedAttention(std::int64_t step, std::int64_t capacity) : step_(step), capacity_(capacity) {}

  artifact::Model build() {
    const Dims rows{kHeads, step_, kHeadWidth};
    const ValueId q = b_.input("q", F32, rows);
    const ValueId k = b_.input("k", F32, rows);
    const ValueId v = b_.input("v", F32, rows);
    add_length();
    const ValueId keys = add_cache("past_k", k);
    const ValueId values = add_cache("past_v", v);
    const ValueId weights = add_softmax(add_mask(add_scores(q, keys)));
    b_.output(add_sum(weights, values));
    b_.sections({1, 2, 3, 9});
    artifact::Model model = b_.build("cached attention");
    describe(model.signatures[0], keys, values);
    return model;
  }

 private:
  void add_length() {
    length_ = b_.value("past", I64, {}, RDU_ROLE_VARIABLE);
    total_ = b_.map(
        "total", I64, {}, {read(length_, {})},
        program({instr(RDU_OP_LOAD, I64), constant(I64, 0, step_), instr(RDU_OP_ADD, I64, 0, 1)}));
    b_.variant().variables.push_back({"past", length_, total_, kNone});
  }

  ValueId add_cache(const std::string& name, ValueId rows) {
    const ValueId cache = b_.value(name, F32, {kHeads, capacity_, kHeadWidth}, RDU_ROLE_VARIABLE);
    b_.variant().values[cache].dim_values = {kNone, total_, kNone};
    Node node;
    node.name = "append_" + name;
    node.pattern = RDU_PATTERN_SCATTER;
    node.loops = {{kHeads}, {step_}, {kHeadWidth}};
    node.num_parallel = 3;
    node.reads = {read(rows, identity(3))};
    node.body = program({instr(RDU_OP_LOAD, F32)});
    node.combine = RDU_COMBINE_REPLACE;
    node.base = cache;
    Access access = identity(3);
    access[1].source = length_;
    access[1].outside = RDU_OUTSIDE_ERROR;
    node.writes.push_back({cache, access});
    b_.add(std::move(node));
    b_.variant().variables.push_back({name, cache, cache, kNone, 0, 1, step_});
    return cache;
  }

  Node product(const std::string& name, ValueId a, Access a_access, ValueId b, Access b_access) {
    Node node;
    node.name = name;
    node.pattern = RDU_PATTERN_CONTRACT;
    node.num_parallel = 3;
    node.reads = {read(a, std::move(a_access)), read(b, std::move(b_access))};
    node.body.code = {instr(RDU_OP_LOAD, F32, 0), instr(RDU_OP_LOAD, F32, 1)};
    node.body.results = {0, 1};
    node.combine = RDU_COMBINE_ADD;
    node.acc_dtype = F32;
    return node;
  }

  ValueId over_total(const std::string& name) {
    const ValueId id = b_.value(name, F32, {kHeads, step_, capacity_});
    b_.variant().values[id].dim_values = {kNone, kNone, total_};
    return id;
  }

  // scores[h, s, t] = q[h, s, :] · keys[h, t, :]
  ValueId add_scores(ValueId q, ValueId keys) {
    Node node =
        product("scores", q, {along(0), along(1), along(3)}, keys, {along(0), along(2), along(3)});
    node.loops = {{kHeads, kNone, RDU_LOOP_BATCH},
                  {step_, kNone, RDU_LOOP_M},
                  {capacity_, total_, RDU_LOOP_N},
                  {kHeadWidth, kNone, RDU_LOOP_K}};
    return write_over_total(std::move(node));
  }

  ValueId write_over_total(Node node) {
    const ValueId id = over_total(node.name);
    node.writes.push_back({id, {}});
    b_.add(std::move(node));
    return id;
  }

  Node over_all(const std::string& name, std::vector<Read> reads, Program body) {
    Node node;
    node.name = name;
    node.loops = {{kHeads}, {step_}, {capacity_, total_}};
    node.num_parallel = 3;
    node.reads = std::move(reads);
    node.body = std::move(body);
    return node;
  }

  // Position s of the step is number past + s of all, and sees those up to itself.
  ValueId add_mask(ValueId scores) {
    return write_over_total(
        over_all("masked", {read(scores, identity(3)), read(length_, {})},
                 program({instr(RDU_OP_INDEX, I64, 2), instr(RDU_OP_INDEX, I64, 1),
                          instr(RDU_OP_LOAD, I64, 1), instr(RDU_OP_ADD, I64, 1, 2),
                          instr(RDU_OP_LE, RDU_DTYPE_BOOL, 0, 3), instr(RDU_OP_LOAD, F32, 0),
                          constant(F32, kScale), instr(RDU_OP_MUL, F32, 5, 6),
                          constant(F32, -std::numeric_limits<double>::infinity()),
                          instr(RDU_OP_SELECT, F32, 4, 7, 8)})));
  }

  ValueId add_reduction(const std::string& name, rdu_combine_op combine, ValueId operand) {
    const ValueId result = b_.reduce_last(name, combine, operand);
    b_.variant().graphs[0].nodes.back().loops[2].extent_value = total_;
    return result;
  }

  ValueId add_softmax(ValueId masked) {
    const ValueId most = add_reduction("most", RDU_COMBINE_MAX, masked);
    const ValueId powers = write_over_total(
        over_all("powers", {read(masked, identity(3)), read(most, identity(2))},
                 program({instr(RDU_OP_LOAD, F32, 0), instr(RDU_OP_LOAD, F32, 1),
                          instr(RDU_OP_SUB, F32, 0, 1), instr(RDU_OP_EXP, F32, 2)})));
    sum_ = add_reduction("sum", RDU_COMBINE_ADD, powers);
    return powers;
  }

  // y[h, s, d] = Σ_t powers[h, s, t] · values[h, t, d] / sum[h, s]
  ValueId add_sum(ValueId powers, ValueId values) {
    Node node = product("y", powers, {along(0), along(1), along(3)}, values,
                        {along(0), along(3), along(2)});
    node.loops = {{kHeads, kNone, RDU_LOOP_BATCH},
                  {step_, kNone, RDU_LOOP_M},
                  {kHeadWidth, kNone, RDU_LOOP_N},
                  {capacity_, total_, RDU_LOOP_K}};
    node.reads.push_back(read(sum_, identity(2)));
    node.epilogue =
        program({instr(RDU_OP_ACC, F32), instr(RDU_OP_LOAD, F32, 2), instr(RDU_OP_DIV, F32, 0, 1)});
    const ValueId y = b_.value("y", F32, {kHeads, step_, kHeadWidth});
    node.writes.push_back({y, {}});
    b_.add(std::move(node));
    return y;
  }

  void describe(artifact::Signature& signature, ValueId keys, ValueId values) const {
    const auto tensor = [](const std::string& name, const char* dim, const std::string& variable) {
      artifact::SignatureTensor t;
      t.name = name;
      t.dims = {{kHeads, ""}, {-1, dim}, {kHeadWidth, ""}};
      t.variable = variable;
      return t;
    };
    signature.inputs = {tensor("q", "seq", ""), tensor("k", "seq", ""), tensor("v", "seq", ""),
                        tensor("past_k", "past", "past_k"), tensor("past_v", "past", "past_v")};
    signature.outputs = {tensor("y", "seq", ""), tensor("present_k", "total", "past_k"),
                         tensor("present_v", "total", "past_v")};
    artifact::Variant& variant = signature.variants[0];
    variant.dims = {{"seq", step_}};
    for (const ValueId id : {keys, values}) {
      variant.inputs.push_back(id);
      variant.outputs.push_back(id);
    }
  }

  std::int64_t step_, capacity_;
  ModelBuilder b_;
  ValueId length_ = kNone, total_ = kNone, sum_ = kNone;
};

}  // namespace

artifact::Model cached_attention(const std::vector<std::int64_t>& steps, std::int64_t capacity) {
  artifact::Model model = CachedAttention(steps.at(0), capacity).build();
  for (std::size_t i = 1; i < steps.size(); ++i) {
    const artifact::Model other = CachedAttention(steps[i], capacity).build();
    model.signatures[0].variants.push_back(other.signatures[0].variants[0]);
  }
  return model;
}

}  // namespace rdu::testing
