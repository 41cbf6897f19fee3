// Operands that are made in the same section: buffers for a reader, their contexts and tokens, and one stream out of several buffers.
#include <algorithm>

#include "tools/rducc/target/rdu/lower/addressing.hpp"
#include "tools/rducc/target/rdu/lower/emit.hpp"
#include "tools/rducc/target/rdu/lower/pace.hpp"
#include "tools/rducc/target/rdu/lower/pairs.hpp"

namespace rducc::rdu::lower {
namespace {

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
void set_banks(BufferOptions& options, const Touch& touch, VariableId lane, std::int64_t size) {
  const std::int64_t bytes = lane_step(touch, lane) * cell_bytes(touch.cell);
  const std::int64_t step = bytes % 4 == 0 ? bytes / 4 : 1;
  const std::int64_t words = size * cell_bytes(touch.cell) / 4;
  if (step < 2 || step % 2 != 0 || step >= words) return;
  options.bank_mode = RDU_HW_BANK_DIAGONAL;
  options.bank_stride = static_cast<std::uint32_t>(step);
}

// Lanes outside the part are off.
void finish(Addressing& addressing, const Touch& touch, const Span& span, const Span& part,
            std::int64_t element_bytes, std::int64_t access_bytes) {
  const bool inside = part.first <= span.first && span.end <= part.end;
  Wrap wrap;
  if (!inside) {
    wrap.low = 0;
    wrap.high = part.size() * element_bytes - access_bytes + 1;
  }
  addressing.finish(touch, element_bytes, -part.first * element_bytes, wrap);
}

// Of a reader of a band that lies by itself: `touch` is its access there.
void finish_in_band(Addressing& addressing, const Touch& touch, const Band& band) {
  const std::int64_t bytes = cell_bytes(touch.cell);
  const Wrap inside{.low = 0, .high = (band.size() - 1) * bytes + 1};
  addressing.finish(touch, bytes, -band.origin() * bytes, inside);
}

}  // namespace

BufferHandle Emitter::in_section(Kept& kept, Section& section) const {
  const auto known = kept.in.find(&section);
  if (known != kept.in.end()) return known->second;
  const BufferHandle buffer = section.buffer({name("kept"), node_}, kept.bytes, kept.options);
  kept.in.emplace(&section, buffer);
  return buffer;
}

void Emitter::fill(const Part& part, Kept& kept, const Nest& nest, const Touch& touch, Order order,
                   Across across, const Memory& reader, std::int64_t stride) {
  const std::vector<VariableId> loops(order.begin(), order.end());
  for (const Source* source : part.sources) {
    const Across mode = source->by_lanes ? Across::kLanes : Across::kNothing;
    AccessOptions options;
    options.format = written_format(touch.cell);
    const bool within = source->section == &section_;
    Section& maker = *source->section;
    const Memory writer = maker.write({name("keep"), within ? node_ : source->node},
                                      chain(source->nest, source->order, mode),
                                      in_section(kept, maker), source->data, {}, options);
    Addressing addressing(source->nest, writer, source->order);
    const auto place = part.band ? place_in(source->nest, source->touch, *part.band) : std::nullopt;
    for (const Guard& guard : source->nest.guards) {
      if (!place || !is_implied(guard, *place, *part.band)) addressing.guard(guard);
    }
    if (place) {
      addressing.finish_band(*place, *part.band, cell_bytes(touch.cell));
    } else if (touch.cell == Cell::kPair) {
      addressing.finish_pairs(source->touch, {stride, part.span.size() * cell_bytes(touch.cell)},
                              part.span.first);
    } else {
      finish(addressing, source->touch, source->span, part.span, cell_bytes(touch.cell),
             cell_bytes(touch.cell));
    }
    if (too_long(writer)) throw Spill{touch.value};
    if (!within) continue;
    const Rhythm rhythm = rhythm_of(*source, nest, touch, loops, across == Across::kLanes, lanes());
    section_.token({writer, rhythm.writes}, {reader, rhythm.reads}, {.pace = rhythm.pace});
  }
}

bool Emitter::too_long(const Memory& access) const {
  const Context& context = access.section().parts().contexts[access.number()];
  return context.steps.size() > arch_.pmu.address_stages;
}

void Emitter::bring_in(artifact::ValueId storage, std::int64_t words) {
  Nest nest;
  const VariableId along = nest.add_loop(words, false);
  nest.parallel = {along};
  Position place;
  place.form.add(along, 1);
  place.extent = words;
  Touch touch;
  touch.value = storage;
  touch.dims = {place};
  const Memory memory =
      section_.load({name("load"), node_}, chain(nest, nest.parallel, Across::kLanes),
                    regions_.of(storage), {}, {.mode = RDU_HW_TRANSFER_DENSE});
  Addressing(nest, memory, nest.parallel).finish(touch, memory_bytes(touch.dtype));
  edges_->add({nest, touch, nest.parallel, true, memory.data(), &section_, node_});
}

double Emitter::waits(const Nest& nest, const Touch& touch, Order order) const {
  const std::vector<VariableId> loops(order.begin(), order.end());
  double most = 0;
  for (const Source& source : edges_->sources(touch.value)) {
    if (source.section != &section_) continue;
    const Rhythm rhythm = rhythm_of(source, nest, touch, loops, true, lanes());
    most = std::max(most, rhythm.pace ? first_share(*rhythm.pace) : 1.0);
  }
  return most;
}

Stream Emitter::arrive(const Nest& nest, const Touch& touch, Order order, Across across) {
  const bool by_lanes = across == Across::kLanes;
  PairLayout layout{1, touch};
  if (touch.cell == Cell::kPair) layout = *pair_layout(nest, touch);
  const Touch& inside = layout.inside;
  const std::int64_t grain = touch.cell == Cell::kPair ? 2 * layout.stride : 1;
  const Span wanted = span_of(nest, touch, edges_->words(touch.value)).widened(grain);
  Chain counters = chain(nest, order, across);
  AccessOptions options;
  options.format = read_format(touch.cell);
  options.fill = touch.fill;
  if (!by_lanes) {
    options.kind = scratchpad_scalar();
    if (options.kind == RDU_HW_VECTOR) counters.push_back(rdu::lanes(lanes(), lanes()));
  }
  const auto band = edges_->band_part(nest, touch, counters.size());
  const auto parts =
      band ? std::vector<Part>{*band}
           : edges_->parts(touch.value, wanted, counters.size(), {cell_bytes(touch.cell), grain});
  const bool brought_in =
      edges_->keeping(touch.value).enters && parts[0].sources[0]->section == &section_;
  if (brought_in && parts.size() > 1) throw Spill{touch.value};
  std::vector<Stream> streams;
  for (const Part& part : parts) {
    Kept kept{{}, static_cast<std::uint64_t>(part.size() * cell_bytes(touch.cell)), {}};
    const Touch there = part.band ? in_band(inside, *part.band) : inside;
    if (by_lanes) set_banks(kept.options, there, order.back(), part.size());
    if (part.sources[0]->section != &section_) {
      kept.options.store = flow_.store(name("kept"));
      edges_->note(touch.value, *kept.options.store);
    }
    const Memory reader =
        section_.read({name("read"), node_}, counters, in_section(kept, section_), {}, options);
    Addressing addressing(nest, reader, order);
    if (part.band) {
      finish_in_band(addressing, there, *part.band);
    } else {
      finish(addressing, inside, wanted, part.span, cell_bytes(touch.cell), read_bytes(touch.cell));
    }
    fill(part, kept, nest, touch, order, across, reader, layout.stride);
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
