// Parts of memory units: who writes, who reads, and the tokens between them.
#include <algorithm>

#include "tests/drivers/image/random_parts.hpp"

namespace image_test {

using namespace rdu_hw::image;

// Backwards, rotated, only in part, some elements several times, or as columns of what was rows.
void Parts::disorder(std::vector<Step>& steps, std::uint64_t bytes, std::uint32_t element) {
  Step& step = steps.back();
  const auto size = static_cast<std::int64_t>(bytes);
  switch (random_.in(0, 4)) {
    case 0:
      for (rdu_hw_term& term : step.terms) term.coefficient *= -1;
      step.offset = size - element;
      return;
    case 1:
      step.offset = std::int64_t{element} * random_.in(0, 64);
      step.modulus = size;
      return;
    case 2: {
      const auto words = static_cast<std::uint32_t>(size / element);
      const std::uint32_t low = random_.in(0, words - 1);
      step.low = std::int64_t{low} * element;
      step.high = std::int64_t{random_.in(low, words - 1) + 1} * element;
      return;
    }
    case 3:
      for (rdu_hw_term& term : step.terms) term.coefficient /= element;
      step.divisor = random_.in(2, 5);
      steps.push_back({.terms = {{RDU_HW_TERM_STEP, 0, element}}});
      return;
    default: {
      const std::int64_t width = random_.in(1, 20);
      const std::int64_t height = (size / element + width - 1) / width;
      for (rdu_hw_term& term : step.terms) term.coefficient /= element;
      Step rest = step;
      step.divisor = width;
      rest.modulus = width;
      steps.push_back(rest);
      steps.push_back(
          {.terms = {{RDU_HW_TERM_STEP, 0, element}, {RDU_HW_TERM_STEP, 1, height * element}},
           .low = 0,
           .high = size - element + 1});
    }
  }
}

// The stream into a buffer, tile by tile of its counters from `tile` on.
std::uint32_t Parts::write(const Stream& stream, std::uint32_t buffer, std::uint32_t tile,
                           std::uint32_t format) {
  const std::uint32_t context = sketch_.open(RDU_HW_PROGRAM_WRITE, stream.domain);
  const std::uint32_t data = sketch_.take(context, stream);
  sketch_.context(context).steps = {linear(stream.domain, rdu_hw_format_bytes(format), tile)};
  sketch_.context(context).access = {buffer, data, format, RDU_HW_NONE, 0, 0, tile, 0};
  return context;
}

Stream Parts::buffer(const Stream& stream) {
  const Domain& domain = stream.domain;
  const std::uint32_t levels = domain.levels();
  const bool one = random_.chance(25);  // tile, which a later section may find
  const std::uint32_t tile = one ? 0 : random_.in(levels > 2 ? levels - 2 : 0, levels);
  const std::uint32_t copies = one ? 1 : random_.in(1, 3);
  const std::uint32_t format = sketch_.format();
  const std::uint32_t element = rdu_hw_format_bytes(format);
  const std::uint64_t bytes = element * domain.elements(tile);
  const std::uint32_t buffer = sketch_.add_buffer(copies, bytes);
  const std::uint32_t token = sketch_.add_link(RDU_HW_CONTROL);

  const std::uint32_t writer = write(stream, buffer, tile, format);
  // A token that goes round; without one at the start nothing ever moves.
  const bool round = random_.chance(20);
  const std::uint32_t back = round ? sketch_.add_link(RDU_HW_CONTROL) : RDU_HW_NONE;
  if (round) {
    sketch_.take(writer, back, tile, copies);
    sketch_.section.links[back].initial = random_.chance(15) ? 0 : random_.in(1, copies);
  }
  if (random_.chance(20)) sketch_.context(writer).access.fold = random_.in(0, 9);
  sketch_.send_by(writer, token, tile, RDU_HW_ROOM_FIRST);

  // A tile may be read several times.
  Domain reads = domain;
  const bool again = domain.extents == RDU_HW_NONE && tile < levels && random_.chance(20);
  if (again) reads.counters.insert(reads.counters.begin() + tile, counter(random_.in(1, 3)));
  const std::uint32_t reader = sketch_.open(RDU_HW_PROGRAM_READ, reads);
  sketch_.take(reader, token, tile, copies);
  sketch_.context(reader).steps = {linear(reads, element, tile + (again ? 1 : 0))};
  if (random_.chance(50)) disorder(sketch_.context(reader).steps, bytes, element);
  const Stream result = sketch_.send(reader, RDU_HW_VECTOR, reads.levels());
  const auto port = static_cast<std::uint32_t>(sketch_.context(reader).ports.size() - 1);
  sketch_.context(reader).access = {buffer, port, format, RDU_HW_NONE,
                                    0,      0,    tile,   random_.in(0, 9)};
  if (round) sketch_.send_by(reader, back, tile, RDU_HW_ROOM_LAST);
  const bool whole = tile == 0 && copies == 1 && domain.extents == RDU_HW_NONE;
  if (whole) {
    rdu_hw_buffer place = {};
    place.row = buffer;
    left_.tiles.push_back({place, domain, format});
  }
  return result;
}

Stream Parts::fold(const Stream& stream) {
  const Domain& domain = stream.domain;
  if (domain.levels() < 2 || domain.extents != RDU_HW_NONE) return buffer(stream);
  const std::uint32_t level = random_.in(0, domain.levels() - 2);  // the counter that is folded
  const std::uint32_t copies = random_.in(1, 2);
  const std::uint32_t format = sketch_.format();
  const std::uint32_t element = rdu_hw_format_bytes(format);
  const std::uint32_t buffer = sketch_.add_buffer(copies, element * domain.elements(level + 1));
  const std::uint32_t token = sketch_.add_link(RDU_HW_CONTROL);
  const std::uint32_t writer = write(stream, buffer, level, format);
  Context& folds = sketch_.context(writer);
  folds.steps = {linear(domain, element, level + 1)};
  folds.access.fold = random_.in(0, 9);
  if (random_.chance(75)) {
    folds.access.fresh_first = level;
    folds.access.fresh_count = random_.chance(80) ? 1 : 2;
  }
  sketch_.send_by(writer, token, level, RDU_HW_ROOM_FIRST);

  Domain rest = domain;
  rest.counters.erase(rest.counters.begin() + level);
  const std::uint32_t reader = sketch_.open(RDU_HW_PROGRAM_READ, rest);
  sketch_.take(reader, token, level, copies);
  sketch_.context(reader).steps = {linear(rest, element, level)};
  const Stream result = sketch_.send(reader, RDU_HW_VECTOR, rest.levels());
  const auto port = static_cast<std::uint32_t>(sketch_.context(reader).ports.size() - 1);
  sketch_.context(reader).access = {buffer, port, format, RDU_HW_NONE, 0, 0, level, 0};
  return result;
}

// Of a rolling buffer: a part of the rows that comes out even, and holds a window.
std::uint32_t Parts::rows_of_rolling(std::uint32_t rows, std::uint32_t window) {
  std::uint32_t held = rows;
  for (std::uint32_t i = 0; i < 4; ++i) {
    const std::uint32_t part = random_.in(window, rows);
    if (rows % part == 0) held = part;
  }
  return held;
}

Stream Parts::roll(const Stream& stream) {
  const Domain& domain = stream.domain;
  const std::uint32_t levels = domain.levels();
  const bool constant = domain.extents == RDU_HW_NONE &&
                        std::ranges::all_of(domain.counters, [](const rdu_hw_counter& counter) {
                          return counter.extent_from == RDU_HW_EXTENT_CONSTANT;
                        });
  if (levels < 2 || !constant) return buffer(stream);
  const std::uint32_t at = random_.in(0, levels - 2);  // the counter of rows
  const std::uint32_t rows = domain.counters[at].extent;
  const std::uint32_t window = rows % 2 == 0 && random_.chance(50) ? 2 : 1;
  const std::uint32_t held = rows_of_rolling(rows, window);
  const std::uint32_t format = sketch_.format();
  const std::uint32_t element = rdu_hw_format_bytes(format);
  const std::uint64_t row_bytes = element * domain.elements(at + 1);
  const std::uint32_t buffer = sketch_.add_buffer(1, held * row_bytes);
  const std::uint32_t there = sketch_.add_link(RDU_HW_CONTROL);
  const std::uint32_t gone = sketch_.add_link(RDU_HW_CONTROL);
  // Which row of the buffer, and where in it.
  const auto steps = [&](const Domain& side, std::vector<rdu_hw_term> row, std::uint32_t inner) {
    Step in_buffer = linear(side, element, inner);
    in_buffer.terms.push_back({RDU_HW_TERM_STEP, 0, static_cast<std::int64_t>(row_bytes)});
    return std::vector<Step>{{.terms = std::move(row), .modulus = held}, std::move(in_buffer)};
  };

  const std::uint32_t writer = sketch_.open(RDU_HW_PROGRAM_WRITE, domain);
  const std::uint32_t data = sketch_.take(writer, stream);
  sketch_.take(writer, gone, at + 1, 1);
  const auto lead = static_cast<std::int32_t>(window) - static_cast<std::int32_t>(held);
  rdu_hw_sink& behind = sketch_.section.links[gone].sinks.back();
  behind = {behind.end, 1, RDU_HW_NONE, rows, rows / window, 1, window, lead};
  sketch_.context(writer).steps = steps(domain, {counter_term(at, 1)}, at + 1);
  sketch_.context(writer).access = {buffer, data, format, RDU_HW_NONE, 0, 0, 0, 0};
  sketch_.send_by(writer, there, at + 1, RDU_HW_ROOM_LAST);

  Domain windows = domain;
  windows.counters[at] = counter(rows / window);
  windows.counters.insert(windows.counters.begin() + at + 1, counter(window));
  const std::uint32_t reader = sketch_.open(RDU_HW_PROGRAM_READ, windows);
  sketch_.take(reader, there, at + 1, 1);
  rdu_hw_sink& ahead = sketch_.section.links[there].sinks.back();
  ahead = {ahead.end, 1,      RDU_HW_NONE, rows / window,
           rows,      window, 1,           static_cast<std::int32_t>(window)};
  sketch_.context(reader).steps =
      steps(windows, {counter_term(at, window), counter_term(at + 1, 1)}, at + 2);
  const Stream result = sketch_.send(reader, RDU_HW_VECTOR, windows.levels());
  const auto port = static_cast<std::uint32_t>(sketch_.context(reader).ports.size() - 1);
  sketch_.context(reader).access = {buffer, port, format, RDU_HW_NONE, 0, 0, 0, 0};
  sketch_.send_by(reader, gone, at + 1, RDU_HW_ROOM_LAST);
  return result;
}

Stream Parts::histogram(const Stream& stream) {
  const std::uint32_t words = random_.in(1, 3 * arch_.pcu.lanes);
  const std::uint32_t format = sketch_.format();
  const std::uint32_t element = rdu_hw_format_bytes(format);
  const Domain whole = {{counter(words, arch_.pcu.lanes)}, RDU_HW_NONE, 0, 0};
  const std::uint32_t buffer = sketch_.add_buffer(1, std::uint64_t{element} * words);
  const std::uint32_t token = sketch_.add_link(RDU_HW_CONTROL);
  const std::uint32_t writer = sketch_.open(RDU_HW_PROGRAM_WRITE, stream.domain);
  const std::uint32_t data = sketch_.take(writer, stream);
  sketch_.context(writer).steps = {address_by(data, element, std::uint64_t{element} * words)};
  sketch_.context(writer).access = {buffer, data, format, random_.in(0, 9), 0, 0, 0, 0};
  sketch_.send_by(writer, token, 0, RDU_HW_ROOM_LAST);

  const std::uint32_t reader = sketch_.open(RDU_HW_PROGRAM_READ, whole);
  sketch_.take(reader, token, 0, 1);
  sketch_.context(reader).steps = {linear(whole, element)};
  const Stream result = sketch_.send(reader, RDU_HW_VECTOR, 1);
  const auto port = static_cast<std::uint32_t>(sketch_.context(reader).ports.size() - 1);
  sketch_.context(reader).access = {buffer, port, format, RDU_HW_NONE, 0, 0, 0, 0};
  return result;
}

Stream Parts::look_up(const Stream& stream) {
  const std::uint32_t words = random_.in(1, 3 * arch_.pcu.lanes);
  const std::uint32_t format = sketch_.format();
  const std::uint32_t element = rdu_hw_format_bytes(format);
  const Stream table = load({{counter(words, arch_.pcu.lanes)}, RDU_HW_NONE, 0, 0}, RDU_HW_VECTOR);
  const std::uint32_t buffer = sketch_.add_buffer(1, std::uint64_t{element} * words);
  if (random_.chance(70)) {
    sketch_.section.buffers[buffer].record.bank_mode = RDU_HW_BANK_DUPLICATED;
  }
  const std::uint32_t token = sketch_.add_link(RDU_HW_CONTROL);
  const std::uint32_t writer = write(table, buffer, 0, format);
  sketch_.send_by(writer, token, 0, RDU_HW_ROOM_LAST);

  const std::uint32_t reader = sketch_.open(RDU_HW_PROGRAM_READ, stream.domain);
  const std::uint32_t address = sketch_.take(reader, stream);
  sketch_.take(reader, token, 0, 1);
  sketch_.context(reader).steps = {address_by(address, element, std::uint64_t{element} * words)};
  const Stream result = sketch_.send(reader, RDU_HW_VECTOR, stream.domain.levels());
  const auto port = static_cast<std::uint32_t>(sketch_.context(reader).ports.size() - 1);
  sketch_.context(reader).access = {buffer, port, format, RDU_HW_NONE, 0, 0, 0, random_.in(0, 9)};
  return result;
}

}  // namespace image_test
