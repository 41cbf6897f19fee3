// Which elements of a value go into which scratchpad of a reader.
#include "tools/rducc/target/rdu/lower/edges.hpp"

#include <algorithm>

#include "tools/rducc/target/rdu/lower/form.hpp"

namespace rducc::rdu::lower {
namespace {

// Sources whose spans meet belong to one part.
std::vector<Part> apart(const std::vector<Source>& sources, const Span& wanted,
                        std::int64_t grain) {
  std::vector<const Source*> sorted;
  for (const Source& source : sources) {
    if (source.span.meets(wanted)) sorted.push_back(&source);
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Source* a, const Source* b) { return a->span.first < b->span.first; });
  std::vector<Part> parts;
  for (const Source* source : sorted) {
    const Span reach = source->span.widened(grain);
    const Span span{std::max(reach.first, wanted.first), std::min(reach.end, wanted.end)};
    if (parts.empty() || parts.back().span.end <= span.first) {
      parts.push_back({span, {source}});
    } else {
      parts.back().span.end = std::max(parts.back().span.end, span.end);
      parts.back().sources.push_back(source);
    }
  }
  return parts;
}

// Pieces of at most `most` elements, each with the sources that reach it.
std::vector<Part> cut(const Part& part, std::int64_t most, std::int64_t grain) {
  std::vector<Part> pieces;
  const std::int64_t count = ceil_div(part.span.size(), most);
  const std::int64_t size = round_up(ceil_div(part.span.size(), count), grain > 1 ? grain : 16);
  for (std::int64_t first = part.span.first; first < part.span.end; first += size) {
    Part piece{{first, std::min(first + size, part.span.end)}, {}};
    for (const Source* source : part.sources) {
      if (source->span.meets(piece.span)) piece.sources.push_back(source);
    }
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

}  // namespace

void Edges::keep(artifact::ValueId storage, std::int64_t words, const Keeping& keeping) {
  kept_[storage] = {words, keeping, {}, {}};
}

void Edges::hand_on(artifact::ValueId storage, std::int64_t words, bool leaves) {
  if (!holds(storage)) keep(storage, words, {});
  kept_.at(storage).keeping.leaves = leaves;
}

std::vector<artifact::ValueId> Edges::values() const {
  std::vector<artifact::ValueId> values;
  for (const auto& [storage, kept] : kept_) values.push_back(storage);
  return values;
}

void Edges::add(Source source) {
  Kept& kept = kept_.at(source.touch.value);
  source.span = span_of(source.nest, source.touch, kept.words);
  kept.sources.push_back(std::move(source));
}

bool Edges::fits(const Part& part, std::size_t counters, std::int64_t element_bytes) const {
  std::size_t vectors = 0;
  for (const Source* source : part.sources) {
    counters += source->order.size();
    vectors += source->by_lanes ? 1 : 0;
  }
  return part.size() * element_bytes <= static_cast<std::int64_t>(arch_.pmu.bytes) &&
         counters <= arch_.pmu.counters && vectors <= arch_.pmu.ports.vector_in &&
         part.sources.size() - vectors <= arch_.pmu.ports.scalar_in &&
         part.sources.size() <= std::min(arch_.pmu.ports.control_in, arch_.pmu.ports.control_out);
}

std::optional<Part> Edges::band_part(const Nest& nest, const Touch& touch,
                                     std::size_t counters) const {
  const auto band = band_of(nest, touch);
  Part part{span_of(nest, touch, words(touch.value)), {}, band};
  if (touch.cell == Cell::kPair || !band || band->size() * 4 > part.span.size() * 3) return {};
  for (const Source& source : sources(touch.value)) {
    if (!source.span.meets(part.span)) continue;
    part.sources.push_back(&source);
    const auto place = place_in(source.nest, source.touch, *band);
    if (!place || steps_of(source.nest, *place, *band) > arch_.pmu.address_stages) return {};
  }
  if (part.sources.empty() || !fits(part, counters, cell_bytes(touch.cell))) return {};
  return part;
}

std::vector<Part> Edges::parts(artifact::ValueId storage, const Span& wanted, std::size_t counters,
                               const Packing& packing) const {
  const auto [element_bytes, grain] = packing;
  const std::int64_t most =
      static_cast<std::int64_t>(arch_.pmu.bytes) / element_bytes / grain * grain;
  if (most == 0) throw Spill{storage};
  std::vector<Part> parts;
  for (const Part& whole : apart(kept_.at(storage).sources, wanted, grain)) {
    for (Part& piece : cut(whole, most, grain)) {
      if (!fits(piece, counters, element_bytes)) throw Spill{storage};
      if (!parts.empty()) {
        Part both = parts.back();
        both.span.end = piece.span.end;
        for (const Source* source : piece.sources) {
          const bool known =
              std::find(both.sources.begin(), both.sources.end(), source) != both.sources.end();
          if (!known) both.sources.push_back(source);
        }
        if (fits(both, counters, element_bytes)) {
          parts.back() = std::move(both);
          continue;
        }
      }
      parts.push_back(std::move(piece));
    }
  }
  if (parts.empty()) throw Spill{storage};
  return parts;
}

void Edges::stored(artifact::ValueId storage, const Memory& store) {
  stores_[storage].push_back(store);
}

void Edges::loaded(artifact::ValueId storage, const Memory& load) {
  const auto known = stores_.find(storage);
  if (known == stores_.end() || handing_ == Handing::kOnwards) return;
  for (const Memory& store : known->second) load.section().token({store, 0}, {load, 0});
}

}  // namespace rducc::rdu::lower
