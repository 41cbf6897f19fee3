// Written from "The configuration image" of the manual, sections 3 to 5; shares nothing with the passes but the lists.
#include "tests/tools/rducc/target/rdu/evaluate.hpp"

#include <algorithm>
#include <stdexcept>

namespace rdu_test {

using namespace rducc::rdu;

namespace {

std::uint32_t mix(std::uint32_t a, std::uint32_t b) {
  std::uint32_t x = a * 0x9e3779b1u ^ (b + 0x85ebca6bu + (a << 6) + (a >> 2));
  x ^= x >> 15;
  return x * 0x2c1b3c6du;
}

std::uint32_t apply(std::uint32_t code, std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  switch (code) {
    case RDU_HW_OP_ADD_I32:
      return a + b;
    case RDU_HW_OP_OR_WORD:
      return a | b;
    case RDU_HW_OP_SELECT_WORD:
      return a != 0 ? b : c;
    default:
      return mix(mix(mix(code, a), b), c);
  }
}

// Folds other than the sum of integers need an identity and nothing else here; the order of meeting is the same before and after.
constexpr std::uint32_t kIdentity = 0;
std::uint32_t fold(std::uint32_t code, std::uint32_t a, std::uint32_t b) {
  return code == RDU_HW_FOLD_ADD_I32 ? a + b : a + b * (2 * code + 1);
}

struct Pair {
  std::uint32_t value = 0;
  std::uint32_t position = 0xffffffffu;
};
Pair better(std::uint32_t code, Pair a, Pair b) {
  if (b.position == 0xffffffffu) return a;
  if (a.position == 0xffffffffu) return b;
  const bool first = code % 2 == 0 ? a.value < b.value : a.value > b.value;
  return first ? a : b;
}

class Run {
 public:
  Run(const Context& context, std::uint32_t lanes, Shift shift, Streams& streams)
      : context_(context), lanes_(lanes), shift_(shift), streams_(streams) {
    for (const rdu_hw_counter& counter : context.counters) {
      steps_.push_back((counter.extent + counter.lanes - 1) / counter.lanes);
    }
    at_.assign(steps_.size(), 0);
    results_.assign(context.operations.size(), Element(lanes, 0));
    positions_ = results_;
  }

  void run() {
    for (const Output& output : context_.outputs) streams_[output.link];
    do {
      fire();
    } while (advance());
  }

 private:
  bool advance() {
    for (std::size_t i = at_.size(); i-- > 0;) {
      if (++at_[i] < steps_[i]) return true;
      at_[i] = 0;
    }
    return false;
  }
  bool is_first(std::uint32_t level) const {
    return std::all_of(at_.begin() + level, at_.end(), [](std::uint32_t i) { return i == 0; });
  }
  bool is_last(std::uint32_t level) const {
    for (std::size_t i = level; i < at_.size(); ++i) {
      if (at_[i] + 1 != steps_[i]) return false;
    }
    return true;
  }
  std::size_t iteration(std::uint32_t level) const {
    std::size_t number = 0;
    for (std::uint32_t i = 0; i < level; ++i) number = number * steps_[i] + at_[i];
    return number;
  }
  bool is_valid(std::uint32_t lane) const {
    if (at_.empty()) return lane == 0;
    const rdu_hw_counter& counter = context_.counters.back();
    return lane < counter.lanes && at_.back() * counter.lanes + lane < counter.extent;
  }
  std::uint32_t counter(std::uint32_t number, std::uint32_t lane) const {
    const rdu_hw_counter& it = context_.counters[number];
    const bool innermost = number + 1 == at_.size();
    const std::uint32_t i = at_[number] * it.lanes + (innermost ? lane : 0);
    return static_cast<std::uint32_t>(it.start) + static_cast<std::uint32_t>(it.step) * i;
  }

  std::uint32_t read(const Value& value, std::uint32_t lane) const {
    switch (value.kind) {
      case Value::Kind::kOperation:
        return results_[value.index][lane];
      case Value::Kind::kPosition:
        return positions_[value.index][lane];
      case Value::Kind::kInput: {
        const Input& input = context_.inputs[value.index];
        const Element& element = streams_.at(input.link).at(iteration(input.level));
        return element[input.kind == RDU_HW_SCALAR ? 0 : lane];
      }
      case Value::Kind::kCounter:
        return counter(value.index, lane);
      case Value::Kind::kLane:
        return lane;
      case Value::Kind::kConstant:
        return value.index;
      case Value::Kind::kArgument:
        return mix(12345, value.index);
      case Value::Kind::kValid:
        return is_valid(lane) ? 1 : 0;
      case Value::Kind::kFirst:
        return is_first(value.index) ? 1 : 0;
      case Value::Kind::kLast:
        return is_last(value.index) ? 1 : 0;
      case Value::Kind::kNone:
        return 0;
    }
    return 0;
  }
  std::uint32_t operand(const Value& value, std::uint32_t lane) const {
    if (value.shift == 0) return read(value, lane);
    const std::int64_t from = std::int64_t{lane} + value.shift;
    if (from < 0 || from >= lanes_) return 0;
    if (shift_ == Shift::kAsWritten && !is_valid(static_cast<std::uint32_t>(from))) return 0;
    return read(value, static_cast<std::uint32_t>(from));
  }

  void fire() {
    for (std::uint32_t i = 0; i < context_.operations.size(); ++i) perform(i);
    for (const Output& output : context_.outputs) {
      if (output.kind != RDU_HW_CONTROL && is_last(output.level)) send(output);
    }
  }

  void perform(std::uint32_t number) {
    const Operation& operation = context_.operations[number];
    const auto [a, b, c] = operation.operands;
    const bool starts = operation.kind != RDU_HW_DO_COMPUTE && is_first(operation.level);
    Element& result = results_[number];
    switch (operation.kind) {
      case RDU_HW_DO_COMPUTE: {
        Element fresh(lanes_);
        for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
          fresh[lane] = apply(operation.code, operand(a, lane), operand(b, lane), operand(c, lane));
        }
        result = fresh;
        return;
      }
      case RDU_HW_DO_ACCUMULATE:
        for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
          const std::uint32_t x = is_valid(lane) ? operand(a, lane) : kIdentity;
          result[lane] = starts && !b.given()
                             ? x
                             : fold(operation.code, starts ? operand(b, lane) : result[lane], x);
        }
        return;
      case RDU_HW_DO_ACCUMULATE_PRODUCT:
        for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
          if (starts) result[lane] = c.given() ? operand(c, lane) : 0;
          if (is_valid(lane)) result[lane] += operand(a, lane) * operand(b, lane);
        }
        return;
      case RDU_HW_DO_REDUCE: {
        std::uint32_t x = kIdentity;
        for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
          if (is_valid(lane)) x = fold(operation.code, x, operand(a, lane));
        }
        const std::uint32_t whole =
            starts && !b.given() ? x : fold(operation.code, starts ? operand(b, 0) : result[0], x);
        result.assign(lanes_, whole);
        return;
      }
      default:
        pick(number, starts);
    }
  }

  void pick(std::uint32_t number, bool starts) {
    const Operation& operation = context_.operations[number];
    const bool reduces = operation.kind == RDU_HW_DO_REDUCE_PICK;
    Pair all;
    for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
      Pair x;
      if (is_valid(lane)) {
        x = {operand(operation.operands[0], lane), operand(operation.operands[1], lane)};
      }
      if (reduces) {
        all = better(operation.code, all, x);
      } else {
        keep(number, lane, starts, x);
      }
    }
    for (std::uint32_t lane = 0; reduces && lane < lanes_; ++lane) keep(number, lane, starts, all);
  }
  void keep(std::uint32_t number, std::uint32_t lane, bool starts, Pair x) {
    const Pair before = starts ? Pair{} : Pair{results_[number][lane], positions_[number][lane]};
    const Pair now = better(context_.operations[number].code, before, x);
    results_[number][lane] = now.value;
    positions_[number][lane] = now.position;
  }

  void send(const Output& output) {
    Element element(output.kind == RDU_HW_SCALAR ? 1 : lanes_, 0);
    for (std::uint32_t lane = 0; lane < element.size(); ++lane) {
      if (output.kind == RDU_HW_SCALAR || is_valid(lane)) {
        element[lane] = operand(output.value, lane);
      }
    }
    streams_[output.link].push_back(element);
  }

  const Context& context_;
  std::uint32_t lanes_;
  Shift shift_;
  Streams& streams_;
  std::vector<std::uint32_t> steps_;
  std::vector<std::uint32_t> at_;
  std::vector<Element> results_;
  std::vector<Element> positions_;
};

// A LOAD's elements, all in lanes of its counter.
void load(const Context& context, std::uint32_t lanes, Streams& streams) {
  const Output& output = context.outputs.front();
  std::size_t count = 1;
  for (std::size_t i = 0; i + 1 < context.counters.size(); ++i) {
    count *= context.counters[i].extent;
  }
  std::vector<Element>& stream = streams[output.link];
  const rdu_hw_counter innermost =
      context.counters.empty() ? rdu_hw::image::counter(1) : context.counters.back();
  for (std::size_t i = 0; i < count; ++i) {
    for (std::uint32_t base = 0; base < innermost.extent; base += innermost.lanes) {
      Element element(output.kind == RDU_HW_SCALAR ? 1 : lanes, 0);
      const std::uint32_t valid = std::min(innermost.extent - base, innermost.lanes);
      for (std::uint32_t lane = 0; lane < element.size() && lane < valid; ++lane) {
        element[lane] = mix(mix(output.link, static_cast<std::uint32_t>(stream.size())), lane);
      }
      stream.push_back(element);
    }
  }
}

// Sends what was written, in order: buffers of these tests are read as they were filled.
bool read(const Parts& parts, const Context& reader, Streams& streams) {
  for (const Context& context : parts.contexts) {
    const bool writes = context.program == RDU_HW_PROGRAM_WRITE;
    if (!writes || context.access.buffer != reader.access.buffer) continue;
    const auto written = streams.find(context.inputs.front().link);
    if (written == streams.end()) return false;
    streams[reader.outputs.front().link] = written->second;
    return true;
  }
  return false;
}

bool is_ready(const Context& context, const Streams& streams) {
  return std::ranges::all_of(context.inputs, [&](const Input& input) {
    return input.kind == RDU_HW_CONTROL || streams.contains(input.link);
  });
}

}  // namespace

Streams evaluate(const Parts& parts, std::uint32_t chip_lanes, Shift shift) {
  Streams streams;
  std::vector<bool> done(parts.contexts.size(), false);
  for (bool progress = true; progress;) {
    progress = false;
    for (std::size_t i = 0; i < parts.contexts.size(); ++i) {
      const Context& context = parts.contexts[i];
      if (done[i] || !is_ready(context, streams)) continue;
      if (context.program == RDU_HW_PROGRAM_READ && !read(parts, context, streams)) continue;
      if (context.program == RDU_HW_PROGRAM_LOAD) load(context, chip_lanes, streams);
      if (context.program == RDU_HW_PROGRAM_SIMD) Run(context, chip_lanes, shift, streams).run();
      done[i] = progress = true;
    }
  }
  if (!std::ranges::all_of(done, std::identity())) throw std::runtime_error("contexts in a circle");
  return streams;
}

}  // namespace rdu_test
