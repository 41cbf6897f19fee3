// Loop: a scan; unrolled where that is small, or where a step changes a shape.
#include <algorithm>
#include <limits>
#include <optional>

#include "tools/rducc/import/onnx/ops/control.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/ops/scan_builder.hpp"
#include "tools/rducc/import/onnx/registry.hpp"
#include "tools/rducc/import/onnx/sub_graph.hpp"
#include "tools/rducc/import/onnx/trial.hpp"
#include "tools/rducc/import/onnx/walk.hpp"

namespace rducc::import_onnx {
namespace {

// Loops of fewer nodes, all iterations together, are unrolled: their steps fuse and run in any order.
constexpr std::size_t kCheapNodes = 64;
// The most nodes that a loop whose shapes change may become.
constexpr std::size_t kMostUnrolledNodes = 16'384;
// Where nothing bounds the trips and nothing is stored per trip.
constexpr std::int64_t kEndless = std::int64_t{1} << 61;

struct LoopCall {
  const onnx::GraphProto& body;
  std::size_t num_nodes = 0;  // of the body
  std::size_t num_stacked = 0;
  std::optional<std::int64_t> trips = {};  // as far as known; kEndless: only the condition ends it
  ValueId trip_value = ir::kNone;          // where the trips are not known
  ValueId condition = ir::kNone;           // at first; kNone: true
  std::vector<Meaning> carried = {};
};

ValueId flag(OpCall& call, std::size_t i) {
  if (call.dtype(i) != RDU_DTYPE_BOOL) call.invalid("the condition is not of type bool");
  return call.b().reshape(call.input(i), Dims{});
}

LoopCall read_loop(OpCall& call) {
  LoopCall loop{.body = required_graph(call, "body")};
  loop.num_nodes = std::max<std::size_t>(1, num_graph_nodes(loop.body));
  const std::size_t num_carried = call.num_inputs() < 2 ? 0 : call.num_inputs() - 2;
  if (num_graph_inputs(loop.body) != num_carried + 2 ||
      num_graph_outputs(loop.body) != call.num_outputs() + 1 || call.num_outputs() < num_carried) {
    call.invalid("its body does not fit its inputs and outputs");
  }
  loop.num_stacked = call.num_outputs() - num_carried;
  loop.trips = kEndless;
  if (call.has_input(0)) {
    if (ir::num_elements(call.dims(0)) != 1) call.invalid("the trip count is not a scalar");
    if (const auto known = call.constant(0)) {
      loop.trips = std::clamp<std::int64_t>(known->to_i64()[0], 0, kEndless);
    } else {
      loop.trips.reset();
      loop.trip_value = call.b().reshape(call.input(0), Dims{});
    }
  }
  if (call.has_input(1)) loop.condition = flag(call, 1);
  for (std::size_t i = 0; i < num_carried; ++i) loop.carried.push_back(call.meaning(2 + i));
  return loop;
}

void require_flag(OpCall& call, ValueId condition) {
  if (condition == ir::kNone || call.b().dtype(condition) != RDU_DTYPE_BOOL ||
      ir::num_elements(call.b().dims(condition)) != 1) {
    call.invalid("its body yields a condition that is not a scalar of type bool");
  }
}

std::optional<bool> known_flag(const ir::Builder& b, ValueId condition) {
  if (condition == ir::kNone) return true;
  const auto value = b.constant(condition);
  if (!value || value->to_i64().size() != 1) return std::nullopt;
  return value->to_i64()[0] != 0;
}

std::size_t most_unrolled(const LoopCall& loop, std::size_t budget) {
  return std::max<std::size_t>(1, budget / loop.num_nodes);
}

void set_outputs(OpCall& call, const std::vector<Meaning>& carried,
                 const std::vector<ValueId>& stacked) {
  for (std::size_t i = 0; i < carried.size(); ++i) call.set_output(i, carried[i]);
  for (std::size_t k = 0; k < stacked.size(); ++k) {
    call.set_output(carried.size() + k, stacked[k]);
  }
}

// --- In place -------------------------------------------------------------------------------------

// One iteration after the other, as often as the condition says.
class Unrolling {
 public:
  Unrolling(OpCall& call, const LoopCall& loop)
      : call_(call), loop_(loop), condition_(loop.condition), carried_(loop.carried) {}

  // False where a condition is not known, or after `most` iterations.
  bool run(std::size_t most) {
    for (std::int64_t i = 0; i < *loop_.trips; ++i) {
      const auto goes_on = known_flag(call_.b(), condition_);
      if (!goes_on) return false;
      if (!*goes_on) break;
      if (static_cast<std::size_t>(i) == most) return false;
      step(i);
    }
    return loop_.num_stacked == 0 || !steps_.empty();
  }

  void finish() {
    ir::Builder& b = call_.b();
    std::vector<ValueId> stacked;
    for (std::size_t k = 0; k < loop_.num_stacked; ++k) {
      std::vector<ValueId> parts;
      for (const auto& step : steps_) {
        ir::Shape shape = b.shape(step[k]);
        if (!ir::same_shape(shape, b.shape(steps_[0][k]))) {
          call_.unsupported("steps that stack shapes " + ir::to_text(b.shape(steps_[0][k])) +
                            " and " + ir::to_text(shape));
        }
        shape.insert(shape.begin(), ir::Extent{1});
        parts.push_back(b.reshape_to(step[k], shape));
      }
      stacked.push_back(b.concat(parts, 0));
    }
    set_outputs(call_, carried_, stacked);
  }

 private:
  void step(std::int64_t i) {
    ir::Builder& b = call_.b();
    std::vector<Meaning> inputs{scalar_as_declared(b, loop_.body, 0, b.scalar(RDU_DTYPE_I64, i)),
                                scalar_as_declared(b, loop_.body, 1, b.scalar(RDU_DTYPE_BOOL, 1))};
    inputs.insert(inputs.end(), carried_.begin(), carried_.end());
    std::vector<Meaning> outputs = inline_sub_graph(call_, loop_.body, inputs, i);
    condition_ = tensor_of(outputs[0]);
    require_flag(call_, condition_);
    std::vector<ValueId>& stacked = steps_.emplace_back();
    for (std::size_t k = 0; k < loop_.num_stacked; ++k) {
      stacked.push_back(tensor_of(outputs[1 + carried_.size() + k]));
      if (stacked.back() == ir::kNone) call_.unsupported("a stacked output that is no tensor");
    }
    std::move(outputs.begin() + 1,
              outputs.begin() + 1 + static_cast<std::ptrdiff_t>(carried_.size()), carried_.begin());
  }

  OpCall& call_;
  const LoopCall& loop_;
  ValueId condition_;
  std::vector<Meaning> carried_;
  std::vector<std::vector<ValueId>> steps_;  // what each stacks
};

bool unroll(OpCall& call, const LoopCall& loop, std::size_t budget) {
  Trial trial(call.b(), call.scope().state());
  Unrolling unrolling(call, loop);
  if (unrolling.run(most_unrolled(loop, budget))) {
    unrolling.finish();
    return true;
  }
  trial.take_back();
  return false;
}

// --- As a scan ------------------------------------------------------------------------------------

// Why a loop is no scan as it stands.
struct NoScan {
  std::string reason;
  std::vector<Problem> problems;  // of the body
};

// The trips and the first condition in one number of at least 0.
ValueId run_time_trips(ir::Builder& b, const LoopCall& loop) {
  const ValueId trips = loop.trip_value != ir::kNone
                            ? b.cast(loop.trip_value, RDU_DTYPE_I64)
                            : b.scalar(RDU_DTYPE_I64, static_cast<double>(*loop.trips));
  return b.elementwise(RDU_DTYPE_I64, {trips}, [](Body& body, std::span<const Reg> r) {
    body.result(body.max(r[0], body.integer(RDU_DTYPE_I64, 0)));
  });
}

// Storage for what is stacked needs a bound on the trips; nullopt where there is none.
std::optional<std::int64_t> bound_trips(OpCall& call, const LoopCall& loop) {
  const bool known = loop.trips && *loop.trips != kEndless;
  if (known || loop.num_stacked == 0) return loop.trips.value_or(kEndless);
  const std::int64_t given = call.scope().state().loop_bound;
  if (given > 0) return given;
  return std::nullopt;
}

// A step that would go on beyond the storage of what it stacks fails the run: the position that is
// read is outside of a table of one element.
ValueId guard(ir::Builder& b, ValueId goes_on, ValueId index, std::int64_t bound) {
  const ValueId position =
      b.elementwise(RDU_DTYPE_I64, {goes_on, index}, [&](Body& body, std::span<const Reg> r) {
        const Reg last = body.integer(RDU_DTYPE_I64, bound - 1);
        const Reg beyond = body.binary(RDU_OP_AND, r[0], body.binary(RDU_OP_GE, r[1], last));
        body.result(body.cast(beyond, RDU_DTYPE_I64));
      });
  const std::int64_t yes = 1;
  const ValueId table =
      b.add_constant(ir::make_tensor(RDU_DTYPE_BOOL, {1}, std::span<const std::int64_t>(&yes, 1)),
                     "within --loop-bound");
  ir::Index index_of;
  index_of.source = position;
  return b.map(
      RDU_DTYPE_BOOL, Dims{},
      {b.read(goes_on, {}), b.read(table, {ir::outside(index_of, RDU_OUTSIDE_ERROR)})},
      [](Body& body, std::span<const Reg> r) { body.result(body.binary(RDU_OP_AND, r[0], r[1])); });
}

class ScanImport {
 public:
  ScanImport(OpCall& call, const LoopCall& loop) : call_(call), loop_(loop) {
    for (const Meaning& carried : loop.carried) initial_.push_back(tensor_of(carried));
  }

  // A step may make an extent a run-time one: then the next attempt begins with such an extent.
  std::optional<NoScan> run() {
    if (std::find(initial_.begin(), initial_.end(), ir::kNone) != initial_.end()) {
      return NoScan{"it carries a sequence or an optional", {}};
    }
    while (true) {
      Trial trial(call_.b(), call_.scope().state());
      NoScan failure;
      try {
        failure.reason = attempt();
      } catch (const Abandoned&) {
        failure = {"its body cannot be repeated as it is", trial.problems()};
      } catch (const CompileError& error) {
        if (error.kind() != CompileErrorKind::kUnsupported) throw;
        failure.reason = error.what();
      }
      if (failure.reason.empty() && grown_.empty()) return std::nullopt;
      trial.take_back();
      if (!failure.reason.empty()) return failure;
      widen();
    }
  }

 private:
  // What is in the way, or "". Nothing is emitted where an extent has grown.
  std::string attempt() {
    ir::Builder& b = call_.b();
    grown_.clear();
    const auto starts = known_flag(b, loop_.condition);
    const auto bound = starts == false ? 0 : bound_trips(call_, loop_);
    if (!bound) return "its stacked outputs have no bound (--loop-bound N)";
    const bool counted = !loop_.trips && starts != false;
    ScanBuilder scan(b, *bound, counted ? run_time_trips(b, loop_) : ir::kNone);
    std::vector<ValueId> inputs{scalar_as_declared(b, loop_.body, 0, scan.index()),
                                scalar_as_declared(b, loop_.body, 1, b.scalar(RDU_DTYPE_BOOL, 1))};
    std::vector<ValueId> carried;
    for (const ValueId initial : initial_) carried.push_back(scan.carry(initial));
    inputs.insert(inputs.end(), carried.begin(), carried.end());
    const ImportedGraph step = import_sub_graph(call_, loop_.body, inputs);
    scan.add_captures(step.captures);
    for (std::size_t i = 0; i < carried.size(); ++i) {
      const std::string change = change_of(i, carried[i], step.outputs[1 + i]);
      if (!change.empty()) return change;
    }
    if (!grown_.empty()) return "";
    for (std::size_t i = 0; i < carried.size(); ++i) scan.set_next(carried[i], step.outputs[1 + i]);
    for (std::size_t k = 0; k < loop_.num_stacked; ++k) {
      scan.stack(step.outputs[1 + carried.size() + k], 0, false);
    }
    add_condition(scan, step.outputs[0], starts, *bound);
    const ScanBuilder::Results results = scan.finish();
    set_outputs(call_, {results.carried.begin(), results.carried.end()}, results.stacked);
    return "";
  }

  void add_condition(ScanBuilder& scan, ValueId goes_on, std::optional<bool> starts,
                     std::int64_t bound) {
    ir::Builder& b = call_.b();
    require_flag(call_, goes_on);
    goes_on = b.reshape(goes_on, Dims{});
    const bool always = known_flag(b, goes_on) == true;
    if (always && starts.has_value()) return;
    const bool bounded = !loop_.trips || *loop_.trips <= bound;
    if (loop_.num_stacked > 0 && !bounded) goes_on = guard(b, goes_on, scan.index(), bound);
    scan.keep(starts ? ir::kNone : loop_.condition, goes_on);
  }

  // How what a step yields differs from what it was given, or ""; run-time extents go to grown_.
  std::string change_of(std::size_t i, ValueId inside, ValueId next) {
    const ir::Builder& b = call_.b();
    const std::string what = "carried value " + std::to_string(i);
    if (b.dtype(inside) != b.dtype(next)) call_.invalid(what + " changes its element type");
    if (b.dims(inside) != b.dims(next)) {
      return "a step changes the shape of " + what + " from " + to_text(b.dims(inside)) + " to " +
             to_text(b.dims(next));
    }
    const auto &old = b.value(inside).dim_values, &now = b.value(next).dim_values;
    for (std::size_t d = 0; d < now.size(); ++d) {
      if (now[d] != ir::kNone && (old.empty() || old[d] == ir::kNone)) grown_.emplace_back(i, d);
    }
    return "";
  }

  void widen() {
    ir::Builder& b = call_.b();
    for (const auto& [i, d] : grown_) {
      std::vector<ValueId> extents = b.value(initial_[i]).dim_values;
      extents.resize(b.dims(initial_[i]).size(), ir::kNone);
      extents[d] = b.scalar(RDU_DTYPE_I64, static_cast<double>(b.dims(initial_[i])[d]));
      initial_[i] = b.own_copy(initial_[i], Dims(b.dims(initial_[i])), std::move(extents));
    }
  }

  OpCall& call_;
  const LoopCall& loop_;
  std::vector<ValueId> initial_;
  std::vector<std::pair<std::size_t, std::size_t>> grown_;  // carried value, dimension
};

// --------------------------------------------------------------------------------------------------

// What keeps the loop from being compiled either way.
[[noreturn]] void decline(OpCall& call, const LoopCall& loop, const NoScan& no_scan) {
  const bool conditional = call.has_input(1) && !call.constant(1);
  if (!no_scan.problems.empty()) {
    auto& problems = call.scope().state().problems;
    problems.insert(problems.end(), no_scan.problems.begin(), no_scan.problems.end());
    if (!loop.trips) call.want_constant(0);
    if (conditional) call.want_constant(1);
    throw Abandoned{};
  }
  if (!loop.trips) call.required_constant(0, no_scan.reason + ": the trip count");
  if (conditional) call.required_constant(1, no_scan.reason + ": the condition");
  call.unsupported(no_scan.reason + "; to be unrolled, its condition must be known at compile " +
                   "time and end it within " +
                   std::to_string(most_unrolled(loop, kMostUnrolledNodes)) + " iterations");
}

void import_loop(OpCall& call) {
  const LoopCall loop = read_loop(call);
  if (loop.trips && unroll(call, loop, kCheapNodes)) return;
  const auto no_scan = ScanImport(call, loop).run();
  if (!no_scan) return;
  if (loop.trips && unroll(call, loop, kMostUnrolledNodes)) return;
  decline(call, loop, *no_scan);
}

constexpr OpEntry kOps[] = {{"", "Loop", 1, import_loop}};

}  // namespace

std::span<const OpEntry> loop_ops() { return kOps; }

}  // namespace rducc::import_onnx
