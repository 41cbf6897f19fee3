// Parts of compute units and address generators.
#include "tests/drivers/image/random_parts.hpp"

#include <algorithm>
#include <bit>

#include "tests/drivers/image/random_body.hpp"

namespace image_test {

using namespace rdu_hw::image;

Domain Parts::random_domain() {
  Domain domain;
  const std::uint32_t outer = random_.in(0, 2);
  const std::uint32_t most = random_.chance(8) ? 20 : 4;
  for (std::uint32_t i = 0; i < outer; ++i) {
    domain.counters.push_back(counter(random_.in(1, most)));
  }
  const std::uint32_t lanes = random_.chance(20) ? random_.in(1, arch_.pcu.lanes) : arch_.pcu.lanes;
  domain.counters.push_back(counter(random_.in(1, 4 * lanes), lanes));
  if (random_.chance(15)) {
    rdu_hw_counter& c = domain.counters[random_.in(0, outer)];
    c.extent_from = RDU_HW_EXTENT_ARGUMENT;
    c.source = sketch_.add_scalar(RDU_HW_ACCESS_READ);
  } else if (random_.chance(12)) {
    add_extents(domain);
  }
  return domain;
}

// A program that counts out extents: 1 more than some bits of a counter or a constant. Now and then one too many.
void Parts::add_extents(Domain& domain) {
  domain.counter = random_.in(0, domain.levels() - 1);
  domain.level = random_.in(0, domain.counter);
  const Domain over = Domain{domain.counters, RDU_HW_NONE, 0, 0}.outer(domain.level);
  const std::uint32_t context = sketch_.open(RDU_HW_PROGRAM_SIMD, over);
  const std::uint32_t extent = domain.counters[domain.counter].extent;
  const rdu_hw_operand of = domain.level != 0
                                ? operand(RDU_HW_OPERAND_COUNTER, random_.in(0, domain.level - 1))
                                : operand(RDU_HW_OPERAND_CONSTANT, random_.in(0, 100));
  const rdu_hw_operand mask = operand(RDU_HW_OPERAND_CONSTANT, std::bit_floor(extent) - 1);
  const std::uint32_t more = random_.chance(6) ? extent + 1 : 1;
  sketch_.context(context).instructions = {
      compute(RDU_HW_OP_XOR_WORD, 0, 0, of, operand(RDU_HW_OPERAND_CONSTANT, random_.in(0, 3))),
      compute(RDU_HW_OP_AND_WORD, 1, 0, operand(RDU_HW_OPERAND_REGISTER, 0), mask),
      compute(RDU_HW_OP_ADD_I32, 2, 0, operand(RDU_HW_OPERAND_REGISTER, 0),
              operand(RDU_HW_OPERAND_CONSTANT, more))};
  domain.extents =
      sketch_.send(context, RDU_HW_SCALAR, domain.level, operand(RDU_HW_OPERAND_REGISTER, 0)).link;
}

bool Parts::alike(const Stream& a, const Stream& b) const {
  const auto same = [](const rdu_hw_counter& x, const rdu_hw_counter& y) {
    return x.extent == y.extent && x.lanes == y.lanes && x.extent_from == y.extent_from &&
           x.source == y.source;
  };
  return a.domain.extents == b.domain.extents &&
         std::ranges::equal(a.domain.counters, b.domain.counters, same);
}

Stream Parts::source(const Domain& domain) {
  if (random_.chance(10)) return count(domain);
  const auto left = std::ranges::find_if(found_.tiles, [&](const Legacy::Tile& tile) {
    return tile.domain.elements() >= domain.elements();
  });
  if (left == found_.tiles.end() || random_.chance(30)) {
    return load(domain, random_.chance(90) ? RDU_HW_VECTOR : RDU_HW_SCALAR);
  }
  sketch_.section.buffers.push_back({left->buffer, {}});
  sketch_.pinned.push_back(true);
  const auto buffer = static_cast<std::uint32_t>(sketch_.section.buffers.size() - 1);
  const std::uint32_t context = sketch_.open(RDU_HW_PROGRAM_READ, domain);
  const std::uint32_t element = rdu_hw_format_bytes(left->format);
  sketch_.context(context).steps = {linear(domain, element)};
  const Stream stream = sketch_.send(context, RDU_HW_VECTOR, domain.levels());
  const auto port = static_cast<std::uint32_t>(sketch_.context(context).ports.size() - 1);
  sketch_.context(context).access = {buffer, port, left->format, RDU_HW_NONE, 0, 0, 0, 0};
  found_.tiles.erase(left);
  return stream;
}

// In two thirds of the cases as it is, else with lanes that are off at an end.
void Parts::trim(std::uint32_t context, std::uint32_t element, std::uint64_t bytes) {
  if (random_.chance(66) || bytes <= element) return;
  Step& step = sketch_.context(context).steps.back();
  const auto words = static_cast<std::uint32_t>(bytes / element);
  const std::uint32_t low = random_.in(0, words - 1);
  step.low = std::int64_t{low} * element;
  step.high = std::int64_t{random_.in(low, words - 1) + 1} * element;
}

Stream Parts::load(const Domain& domain, std::uint32_t kind) {
  const std::uint32_t context = sketch_.open(RDU_HW_PROGRAM_LOAD, domain);
  const std::uint32_t format = sketch_.format();
  const std::uint32_t element = rdu_hw_format_bytes(format);
  const std::uint64_t bytes = element * domain.elements();
  const auto left = std::ranges::find_if(
      found_.regions, [&](const Legacy::Region& region) { return 4 * region.words >= bytes; });
  const bool inherits = left != found_.regions.end() && random_.chance(70);
  const std::uint32_t argument =
      inherits ? left->argument : sketch_.add_region(RDU_HW_ACCESS_READ, bytes);
  const std::uint32_t mode = random_.chance(80) ? RDU_HW_TRANSFER_DENSE : RDU_HW_TRANSFER_SPARSE;
  sketch_.context(context).steps = {linear(domain, element)};
  trim(context, element, bytes);
  const Stream stream = sketch_.send(context, kind, domain.levels());
  const auto port = static_cast<std::uint32_t>(sketch_.context(context).ports.size() - 1);
  sketch_.context(context).transfer = {argument, mode, format, port, random_.in(0, 9), 0};
  return stream;
}

Stream Parts::map(const std::vector<Stream>& streams) {
  const Domain& domain = streams.front().domain;
  const std::uint32_t levels = domain.levels();
  // A stream of an outer domain, whose elements are held.
  std::vector<Stream> outer;
  if (levels > 1 && random_.chance(20)) {
    const std::uint32_t kind = random_.chance(50) ? RDU_HW_VECTOR : RDU_HW_SCALAR;
    outer = {load(domain.outer(random_.in(1, levels - 1)), kind)};
  }
  std::vector<std::uint32_t> scalars;
  if (random_.chance(25)) scalars = {sketch_.add_scalar(RDU_HW_ACCESS_READ)};
  const std::uint32_t context = sketch_.open(RDU_HW_PROGRAM_SIMD, domain);
  for (const Stream& stream : streams) sketch_.take(context, stream);
  for (const Stream& stream : outer) sketch_.take(context, stream);
  for (rdu_hw_counter& counter : sketch_.context(context).counters) {
    if (random_.chance(80)) continue;
    counter.start = static_cast<std::int32_t>(random_.in(0, 200)) - 100;
    counter.step = static_cast<std::int32_t>(random_.in(0, 6)) - 3;
  }
  const std::uint32_t result = add_random_body(sketch_.context(context), arch_, random_, scalars);
  const bool reduces = streams.size() == 1 && levels > 1 && random_.chance(25);
  const std::uint32_t level = reduces ? random_.in(1, levels - 1) : levels;
  const bool scalar = (reduces && random_.chance(70)) || random_.chance(8);
  return sketch_.send(context, scalar ? RDU_HW_SCALAR : RDU_HW_VECTOR, level,
                      operand(RDU_HW_OPERAND_REGISTER, result));
}

Stream Parts::feed_back(const Stream& stream) {
  const std::uint32_t context = sketch_.open(RDU_HW_PROGRAM_SIMD, stream.domain);
  sketch_.take(context, stream);
  return feed_back(context);
}

// Nothing comes in but what went out.
Stream Parts::count(const Domain& domain) {
  return feed_back(sketch_.open(RDU_HW_PROGRAM_SIMD, domain));
}

Stream Parts::feed_back(std::uint32_t context) {
  const std::uint32_t levels = sketch_.domains[context].levels();
  const std::uint32_t kind = random_.chance(60) ? RDU_HW_VECTOR : RDU_HW_SCALAR;
  const std::uint32_t back = sketch_.add_link(kind);
  const std::uint32_t depth = sketch_.depth_of(context, kind);
  sketch_.take(context, back, levels, depth);
  sketch_.section.links[back].initial = random_.in(1, depth);
  const std::uint32_t result = add_random_body(sketch_.context(context), arch_, random_);
  const rdu_hw_operand value = operand(RDU_HW_OPERAND_REGISTER, result);
  sketch_.send_by(context, back, levels, sketch_.room());
  sketch_.context(context).ports.back().value = value;
  return sketch_.send(context, RDU_HW_VECTOR, levels, value);
}

// A further counter below one that takes a single value in a firing now; no counters where that cannot be.
Domain Parts::inside(const Stream& stream, rdu_hw_counter inner) const {
  Domain domain = stream.domain;
  rdu_hw_counter& last = domain.counters.back();
  const bool constant = domain.extents == RDU_HW_NONE && last.extent_from == RDU_HW_EXTENT_CONSTANT;
  if (!constant || domain.elements() > 200) return {};
  last = counter((last.extent + last.lanes - 1) / last.lanes);
  domain.counters.push_back(inner);
  return domain;
}

Stream Parts::widen(const Stream& stream) {
  const rdu_hw_counter inner = counter(random_.in(1, 2 * arch_.pcu.lanes), arch_.pcu.lanes);
  const Domain domain = inside(stream, inner);
  const std::uint32_t levels = domain.levels();
  if (levels == 0) return map({stream});
  const std::uint32_t context = sketch_.open(RDU_HW_PROGRAM_SIMD, domain);
  sketch_.take(context, stream.link, levels - 1, sketch_.depth_of(context, stream.kind));
  const std::uint32_t result = add_random_body(sketch_.context(context), arch_, random_);
  return sketch_.send(context, RDU_HW_VECTOR, levels, operand(RDU_HW_OPERAND_REGISTER, result));
}

Stream Parts::to_scalars(const Stream& stream) {
  const std::uint32_t context = sketch_.open(RDU_HW_PROGRAM_SIMD, stream.domain);
  const std::uint32_t word = sketch_.take(context, stream);
  return sketch_.send(context, RDU_HW_SCALAR, stream.domain.levels(),
                      operand(RDU_HW_OPERAND_INPUT, word));
}

Stream Parts::gather_rows(const Stream& chosen) {
  const bool narrows = chosen.kind == RDU_HW_VECTOR && random_.chance(60);
  const Stream stream = narrows ? to_scalars(chosen) : chosen;
  const rdu_hw_counter inner = counter(random_.in(1, 2 * arch_.pcu.lanes), arch_.pcu.lanes);
  const Domain domain = inside(stream, inner);
  const std::uint32_t levels = domain.levels();
  if (levels == 0) return gather(stream);
  const std::uint32_t format = sketch_.format();
  const std::uint32_t element = rdu_hw_format_bytes(format);
  const std::uint32_t rows = random_.in(1, 6);
  const std::int64_t row_bytes = std::int64_t{element} * inner.extent;
  const std::uint32_t argument =
      sketch_.add_region(RDU_HW_ACCESS_READ, static_cast<std::uint64_t>(rows * row_bytes));
  const std::uint32_t context = sketch_.open(RDU_HW_PROGRAM_LOAD, domain);
  const std::uint32_t row =
      sketch_.take(context, stream.link, levels - 1, sketch_.depth_of(context, stream.kind));
  sketch_.context(context).steps = {
      {.terms = {{RDU_HW_TERM_PORT, row, 1}}, .modulus = rows},
      {.terms = {{RDU_HW_TERM_STEP, 0, row_bytes}, counter_term(levels - 1, element)}}};
  const Stream result = sketch_.send(context, RDU_HW_VECTOR, levels);
  const auto port = static_cast<std::uint32_t>(sketch_.context(context).ports.size() - 1);
  // Lanes of a vector choose rows of their own.
  const bool dense = stream.kind == RDU_HW_SCALAR && random_.chance(80);
  const std::uint32_t mode = dense ? RDU_HW_TRANSFER_DENSE : RDU_HW_TRANSFER_SPARSE;
  sketch_.context(context).transfer = {argument, mode, format, port, 0, 0};
  return result;
}

void Parts::add_order() {
  const auto contexts = static_cast<std::uint32_t>(sketch_.section.contexts.size());
  const std::uint32_t from = random_.in(0, contexts - 1);
  const std::uint32_t to = random_.in(from, contexts - 1);
  const Domain& a = sketch_.domains[from];
  const Domain& b = sketch_.domains[to];
  const std::uint32_t level = random_.in(0, std::min(a.levels(), b.levels()));
  const Stream before = {0, 0, a.outer(level)};
  const Stream behind = {0, 0, b.outer(level)};
  const bool counted = before.domain.extents == behind.domain.extents && alike(before, behind);
  if (from == to || !counted) return;
  const std::uint32_t link = sketch_.add_link(RDU_HW_CONTROL);
  sketch_.send_by(from, link, level, sketch_.room());
  // Inputs come first: those behind them move.
  auto& ports = sketch_.context(to).ports;
  const auto first_output = static_cast<std::uint32_t>(
      std::ranges::find(ports, std::uint32_t{RDU_HW_OUTPUT}, &rdu_hw_port::direction) -
      ports.begin());
  sketch_.insert_input(to, first_output, link, level, random_.in(1, 4));
}

// What a port says, anywhere in so many bytes: within them, or off.
Step Parts::address_by(std::uint32_t port, std::uint32_t element, std::uint64_t bytes) {
  Step step;
  step.terms = {{RDU_HW_TERM_PORT, port, element}};
  const std::uint64_t near =
      std::max<std::uint64_t>(std::min<std::uint64_t>(bytes, 96) / element, 1);
  if (random_.chance(40)) {
    step.modulus = static_cast<std::int64_t>(bytes / element * element);
  } else if (random_.chance(50)) {
    step.modulus = static_cast<std::int64_t>(near * element);
  } else {
    step.low = 0;
    step.high = static_cast<std::int64_t>(bytes / element * element - element + 1);
  }
  return step;
}

Stream Parts::gather(const Stream& stream) {
  const std::uint32_t format = sketch_.format();
  const std::uint32_t element = rdu_hw_format_bytes(format);
  const std::uint64_t bytes = 4 * std::uint64_t{random_.in(1, 500)};
  const std::uint32_t argument = sketch_.add_region(RDU_HW_ACCESS_READ, bytes);
  const std::uint32_t context = sketch_.open(RDU_HW_PROGRAM_LOAD, stream.domain);
  const std::uint32_t address = sketch_.take(context, stream);
  sketch_.context(context).steps = {address_by(address, element, bytes)};
  const Stream result = sketch_.send(context, RDU_HW_VECTOR, stream.domain.levels());
  const auto port = static_cast<std::uint32_t>(sketch_.context(context).ports.size() - 1);
  sketch_.context(context).transfer = {argument, RDU_HW_TRANSFER_SPARSE, format,
                                       port,     random_.in(0, 9),       0};
  return result;
}

Stream Parts::through_memory(const Stream& stream) {
  const Domain& domain = stream.domain;
  const std::uint32_t format = sketch_.format();
  const std::uint32_t element = rdu_hw_format_bytes(format);
  const std::uint64_t bytes = element * domain.elements();
  const std::uint32_t argument =
      sketch_.add_region(RDU_HW_ACCESS_READ | RDU_HW_ACCESS_WRITE, bytes);
  const std::uint32_t level = random_.in(0, domain.levels());
  const auto mode = [&] {
    return random_.chance(60) ? std::uint32_t{RDU_HW_TRANSFER_DENSE}
                              : std::uint32_t{RDU_HW_TRANSFER_SPARSE};
  };
  const std::uint32_t token = sketch_.add_link(RDU_HW_CONTROL);

  const std::uint32_t store = sketch_.open(RDU_HW_PROGRAM_STORE, domain);
  const std::uint32_t data = sketch_.take(store, stream);
  sketch_.context(store).steps = {linear(domain, element)};
  sketch_.context(store).transfer = {argument, mode(), format, data, 0, 0};
  sketch_.send_by(store, token, level, RDU_HW_ROOM_LAST);

  const std::uint32_t load = sketch_.open(RDU_HW_PROGRAM_LOAD, domain);
  sketch_.take(load, token, level, random_.in(1, 3));
  sketch_.context(load).steps = {linear(domain, element)};
  const Stream result = sketch_.send(load, RDU_HW_VECTOR, domain.levels());
  const auto port = static_cast<std::uint32_t>(sketch_.context(load).ports.size() - 1);
  sketch_.context(load).transfer = {argument, mode(), format, port, 0, 0};
  return result;
}

void Parts::finish(const Stream& stream) {
  const Domain& domain = stream.domain;
  if (random_.chance(20)) {
    const std::uint32_t context = sketch_.open(RDU_HW_PROGRAM_RESULT, domain);
    const std::uint32_t data = sketch_.take(context, stream);
    const std::uint32_t argument = sketch_.add_scalar(RDU_HW_ACCESS_WRITE);
    sketch_.context(context).transfer = {argument, 0, RDU_HW_FORMAT_WORD, data, 0, 0};
    return;
  }
  const std::uint32_t format = sketch_.format();
  const std::uint32_t element = rdu_hw_format_bytes(format);
  const std::uint64_t bytes = element * domain.elements();
  const bool stays = random_.chance(50);
  const std::uint32_t access =
      stays ? RDU_HW_ACCESS_READ | RDU_HW_ACCESS_WRITE : RDU_HW_ACCESS_WRITE;
  const std::uint32_t argument = sketch_.add_region(access, bytes);
  if (stays) left_.regions.push_back({argument, bytes / 4});
  const std::uint32_t context = sketch_.open(RDU_HW_PROGRAM_STORE, domain);
  const std::uint32_t data = sketch_.take(context, stream);
  sketch_.context(context).steps = {linear(domain, element)};
  const bool dense = random_.chance(70);
  if (dense) {
    trim(context, element, bytes);
  } else {
    disorder(sketch_.context(context).steps, bytes, element);
  }
  const std::uint32_t mode = dense ? RDU_HW_TRANSFER_DENSE : RDU_HW_TRANSFER_SPARSE;
  sketch_.context(context).transfer = {argument, mode, format, data, 0, 0};
}

void Parts::scatter(const Stream& address, const Stream& data) {
  const std::uint32_t format = sketch_.format();
  const std::uint32_t element = rdu_hw_format_bytes(format);
  const std::uint64_t bytes = 4 * std::uint64_t{random_.in(1, 200)};
  const std::uint32_t argument = sketch_.add_region(RDU_HW_ACCESS_WRITE, bytes);
  const std::uint32_t context = sketch_.open(RDU_HW_PROGRAM_STORE, data.domain);
  const std::uint32_t by = sketch_.take(context, address);
  const std::uint32_t port = sketch_.take(context, data);
  sketch_.context(context).steps = {address_by(by, element, bytes)};
  sketch_.context(context).transfer = {argument, RDU_HW_TRANSFER_SPARSE, format, port, 0, 0};
}

// Blocks of a product of matrices, straight from memory and back.
void Parts::add_contraction() {
  const rdu_hw_pcu& pcu = arch_.pcu;
  const std::uint32_t level = random_.chance(75) ? 1 : random_.in(0, 2);
  Domain steps = {
      {counter(random_.in(1, 3)), counter(random_.in(1, level == 2 ? 4 : 24))}, RDU_HW_NONE, 0, 0};
  if (random_.chance(15)) {
    steps.counters[1].extent_from = RDU_HW_EXTENT_ARGUMENT;
    steps.counters[1].source = sketch_.add_scalar(RDU_HW_ACCESS_READ);
  }
  const std::uint32_t rows = random_.in(1, std::min(pcu.systolic_rows, pcu.lanes));
  const std::uint32_t columns = random_.in(1, std::min(pcu.systolic_columns, pcu.lanes));
  const auto with = [](Domain domain, std::initializer_list<rdu_hw_counter> inner) {
    domain.counters.insert(domain.counters.end(), inner);
    return domain;
  };
  Stream a = load(with(steps, {counter(rows, pcu.lanes)}), RDU_HW_VECTOR);
  Stream b = load(with(steps, {counter(columns, pcu.lanes)}), RDU_HW_VECTOR);
  a.domain = b.domain = steps;
  const std::uint32_t array = sketch_.open(RDU_HW_PROGRAM_SYSTOLIC, steps);
  const std::uint32_t left = sketch_.take(array, a);
  const std::uint32_t right = sketch_.take(array, b);
  const bool pairs = pcu.bf16_per_word == 2 && random_.chance(40);
  const std::uint32_t format = pairs                ? RDU_HW_SYSTOLIC_BF16_PAIR
                               : random_.chance(50) ? RDU_HW_SYSTOLIC_FP32
                                                    : RDU_HW_SYSTOLIC_INT32;
  Stream result = sketch_.send(array, RDU_HW_VECTOR, level);
  const auto port = static_cast<std::uint32_t>(sketch_.context(array).ports.size() - 1);
  sketch_.context(array).systolic = {rows, columns, format, level, left, right, port, 0};
  result.domain = with(steps.outer(level), {counter(rows), counter(columns, pcu.lanes)});
  if (random_.chance(40)) result = map({result});
  finish(result);
}

}  // namespace image_test
