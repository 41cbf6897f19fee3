// Operands that are made in the same section: buffers for a reader, their contexts and tokens, and one stream out of several buffers.
#include <algorithm>

#include "tools/rducc/target/rdu/lower/addressing.hpp"
#include "tools/rducc/target/rdu/lower/emit.hpp"
#include "tools/rducc/target/rdu/lower/pace.hpp"

namespace rducc::rdu::lower {
namespace {

constexpr std::int64_t kWordBytes = 4;

// Elements of the storage between two lanes.
std::int64_t lane_step(const Touch& touch, VariableId lane) {
  std::int64_t step = 0;
  for (const Position& position : touch.dims) step += position.form.coef(lane) * position.pitch;
  return step < 0 ? -step : step;
}

// Of all tokens, those that the first iteration needs.
double first_share(const Pace& pace) {
  const std::int64_t first = std::max<std::int64_t>(floor_div(pace.lead, pace.per), 0);
  return static_cast<double>(first) / static_cast<double>(pace.tokens);
}

// So that neither rows nor what is read across them meet in a bank.
void set_banks(BufferOptions& options, std::int64_t step, std::int64_t words) {
  if (step < 2 || step % 2 != 0 || step >= words) return;
  options.bank_mode = RDU_HW_BANK_DIAGONAL;
  options.bank_stride = static_cast<std::uint32_t>(step);
}

// Lanes outside the part are off.
void finish(Addressing& addressing, const Touch& touch, const Span& span, const Span& part) {
  const bool inside = part.first <= span.first && span.end <= part.end;
  Wrap wrap;
  if (!inside) {
    wrap.low = 0;
    wrap.high = (part.size() - 1) * kWordBytes + 1;
  }
  addressing.finish(touch, -part.first * kWordBytes, wrap);
}

}  // namespace

void Emitter::fill(const Part& part, BufferHandle buffer, const Nest& nest, const Touch& touch,
                   Order order, Across across, const Memory& reader) {
  const std::vector<VariableId> loops(order.begin(), order.end());
  for (const Source* source : part.sources) {
    const Across mode = source->by_lanes ? Across::kLanes : Across::kNothing;
    const Memory writer = section_.write(
        {name("keep"), node_}, chain(source->nest, source->order, mode), buffer, source->data, {});
    Addressing addressing(source->nest, writer, source->order);
    for (const Guard& guard : source->nest.guards) addressing.guard(guard);
    finish(addressing, source->touch, source->span, part.span);
    const Rhythm rhythm = rhythm_of(*source, nest, touch, loops, across == Across::kLanes, lanes());
    section_.token({writer, rhythm.writes}, {reader, rhythm.reads}, {.pace = rhythm.pace});
  }
}

double Emitter::waits(const Nest& nest, const Touch& touch, Order order) const {
  const std::vector<VariableId> loops(order.begin(), order.end());
  double most = 0;
  for (const Source& source : edges_->sources(touch.value)) {
    const Rhythm rhythm = rhythm_of(source, nest, touch, loops, true, lanes());
    most = std::max(most, rhythm.pace ? first_share(*rhythm.pace) : 1.0);
  }
  return most;
}

Stream Emitter::arrive(const Nest& nest, const Touch& touch, Order order, Across across) {
  const bool by_lanes = across == Across::kLanes;
  const Span wanted = span_of(nest, touch, edges_->words(touch.value));
  Chain counters = chain(nest, order, across);
  AccessOptions options;
  options.fill = touch.fill;
  if (!by_lanes) {
    options.kind = scratchpad_scalar();
    if (options.kind == RDU_HW_VECTOR) counters.push_back(rdu::lanes(lanes(), lanes()));
  }
  const auto parts = edges_->parts(touch.value, wanted, counters.size());
  std::vector<Stream> streams;
  for (const Part& part : parts) {
    BufferOptions banks;
    if (by_lanes) set_banks(banks, lane_step(touch, order.back()), part.span.size());
    const BufferHandle buffer = section_.buffer(
        {name("kept"), node_}, static_cast<std::uint64_t>(part.span.size() * kWordBytes), banks);
    const Memory reader = section_.read({name("read"), node_}, counters, buffer, {}, options);
    Addressing addressing(nest, reader, order);
    finish(addressing, touch, wanted, part.span);
    fill(part, buffer, nest, touch, order, across, reader);
    streams.push_back(reader.data());
  }
  return streams.size() == 1 ? streams[0] : merge(streams, nest, order, across, touch.fill);
}

// At most one stream has an element that is not the fill: exclusive-or of all, and of the fill where their number is even.
Stream Emitter::merge(const std::vector<Stream>& streams, const Nest& nest, Order order,
                      Across across, std::uint32_t fill) {
  Simd simd = section_.simd({name("merge"), node_}, chain(nest, order, across));
  Value sum = simd.input(streams[0]);
  for (std::size_t i = 1; i < streams.size(); ++i) {
    sum = simd.compute(RDU_HW_OP_XOR_WORD, sum, simd.input(streams[i]));
  }
  if (fill != 0 && streams.size() % 2 == 0) {
    sum = simd.compute(RDU_HW_OP_XOR_WORD, sum, Simd::word(fill));
  }
  return across == Across::kLanes ? simd.vector(sum) : simd.scalar(sum);
}

}  // namespace rducc::rdu::lower
