// Loop nests in terms of flows: which memories, which contexts, which tokens.
#include "tests/bench/chip_apps/nest.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace chip_apps {
namespace {

using rducc::rdu::Wrap;

constexpr std::int64_t kWordBytes = 4;

struct Interval {
  std::int64_t low, high;
};

// An address program while it is written: steps, what is known of them, and whether lanes may be off.
class Address {
 public:
  Address(Memory& memory, const Chain& chain) : memory_(memory), chain_(chain) {}

  // Left out where it can never bite.
  void guard(const Guard& guard) {
    const Interval value = bounds(guard.index);
    if (value.low >= guard.least && value.high < guard.limit) return;
    step(guard.index, {.low = guard.least, .high = guard.limit});
  }

  Affine step(const Affine& sum, const Wrap& wrap) {
    Interval value = bounds(sum);
    value = {value.low / wrap.divisor, value.high / wrap.divisor};
    steps_.push_back(value);
    bounded_ = bounded_ || wrap.high != Wrap{}.high;
    return memory_.step(sum, wrap);
  }

  // Where lanes may be off, the address gets bounds of its own: intervals alone cannot see that it stays inside.
  void finish(const Affine& word, std::int64_t words) {
    const std::int64_t last = (words - 1) * kWordBytes;
    memory_.address(word * kWordBytes, bounded_ ? Wrap{.low = 0, .high = last + 1} : Wrap{});
  }

 private:
  // Counters begin at 0, and so does what is divided.
  Interval bounds(const Affine& sum) const {
    Interval value = {sum.offset, sum.offset};
    for (const rdu_hw_term& term : sum.terms) {
      const Interval x = range(term);
      const std::int64_t ends[] = {term.coefficient * x.low, term.coefficient * x.high};
      value.low += std::min(ends[0], ends[1]);
      value.high += std::max(ends[0], ends[1]);
    }
    return value;
  }

  Interval range(const rdu_hw_term& term) const {
    switch (term.source) {
      case RDU_HW_TERM_STEP:
        return steps_[term.index];
      case RDU_HW_TERM_COUNTER:
        return {0, std::int64_t{chain_[term.index].extent} - 1};
      default:
        return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    }
  }

  Memory& memory_;
  const Chain& chain_;
  std::vector<Interval> steps_;
  bool bounded_ = false;
};

std::uint64_t bytes_of(std::int64_t words) {
  return static_cast<std::uint64_t>(words * kWordBytes);
}

// Down a column of rows of an odd number of words all banks come in turn by themselves; else each row is turned by one bank.
rducc::rdu::BufferOptions banks_for(Layout layout, std::uint32_t copies) {
  if (layout.columns_of % 2 == 1 || layout.columns_of == 0) return {.copies = copies};
  return {.copies = copies, .bank_mode = RDU_HW_BANK_DIAGONAL, .bank_stride = layout.columns_of};
}

}  // namespace

Chain operator+(Chain outer, Counter inner) {
  outer.push_back(inner);
  return outer;
}

Chain operator+(Chain outer, const Chain& inner) {
  outer.insert(outer.end(), inner.begin(), inner.end());
  return outer;
}

Affine Strip::index(std::uint32_t counter, std::uint32_t copy) const {
  return at(counter, std::int64_t{par} * step) + std::int64_t{copy} * step;
}

bool Bank::meets(const Affine& row) const {
  std::int64_t stride = banks;
  for (const rdu_hw_term& term : row.terms) stride = std::gcd(stride, term.coefficient);
  return (row.offset - bank) % stride == 0;
}

void Nest::apply(Memory& memory, const Chain& chain, const Place& place, std::int64_t words) {
  Address address(memory, chain);
  for (const Guard& guard : place.guards) address.guard(guard);
  Affine row = place.row;
  Affine column = place.column;
  if (place.chosen) row = memory.word(*place.chosen, place.chosen_level);
  if (place.piece != 0 && place.piece < chain.back().extent) {
    const auto innermost = static_cast<std::uint32_t>(chain.size() - 1);
    const Affine rows = address.step(at(innermost, 1), {.divisor = place.piece});
    row = row + rows;
    column = column + rows * -std::int64_t{place.piece};
  }
  if (place.bank.banks > 1) {
    const std::int64_t bank = place.bank.bank;
    address.step(row, {.modulus = place.bank.banks, .low = bank, .high = bank + 1});
    row = address.step(row, {.divisor = place.bank.banks});
  }
  if (place.width != 0) address.guard({row, words / place.width});
  address.guard({column, place.width != 0 ? place.width : words});
  address.finish(row * place.width + column, words);
}

Memory Nest::load(const std::string& name, const Chain& chain, Region region, std::int64_t words,
                  const Place& place) {
  Memory memory = section_.load(name, chain, region, {});
  apply(memory, chain, place, words);
  return memory;
}

Memory Nest::store(const std::string& name, const Chain& chain, Region region, std::int64_t words,
                   Stream data, const Place& place) {
  Memory memory = section_.store(name, chain, region, data, {});
  apply(memory, chain, place, words);
  return memory;
}

Memory Nest::write(const std::string& name, BufferHandle buffer, std::int64_t words,
                   const Fill& fill) {
  Memory memory = section_.write(name, fill.chain, buffer, fill.data, {});
  apply(memory, fill.chain, fill.place, words);
  return memory;
}

Memory Nest::read(const std::string& name, BufferHandle buffer, std::int64_t words,
                  const Drain& drain) {
  Memory memory = section_.read(name, drain.chain, buffer, {});
  apply(memory, drain.chain, drain.place, words);
  return memory;
}

Tile Nest::tile(const std::string& name, std::int64_t words, std::uint32_t level,
                const std::vector<Fill>& fills, const Drain& drain, std::uint32_t copies,
                Layout layout) {
  const BufferHandle buffer = section_.buffer(name, bytes_of(words), banks_for(layout, copies));
  std::vector<Memory> writes;
  std::vector<Turn> writers;
  for (const Fill& fill : fills) {
    writes.push_back(write("write " + name, buffer, words, fill));
    writers.push_back({writes.back(), level});
  }
  const Memory reader = read("read " + name, buffer, words, drain);
  const Turn turn = {reader, level};
  section_.metapipe(buffer, writers, {&turn, 1});
  return {std::move(writes), reader};
}

std::vector<Tile> Nest::banked(const std::string& name, std::int64_t words, std::uint32_t level,
                               const std::vector<Fill>& fills, const Drain& drain) {
  const auto banks = static_cast<std::uint32_t>(fills.size());
  std::vector<Tile> tiles;
  for (std::uint32_t q = 0; q < banks; ++q) {
    Fill fill = fills[q];
    Drain part = drain;
    fill.place.bank = part.place.bank = {banks, q};
    const std::int64_t rows = (words / drain.place.width + banks - 1) / banks;
    tiles.push_back(tile(name, rows * drain.place.width, level, {fill}, part));
  }
  return tiles;
}

Nest::Reduced Nest::accumulate(const std::string& name, const Chain& chain, std::uint32_t counter,
                               const Place& place, std::int64_t words, rdu_hw_op add,
                               const std::vector<Stream>& terms, const Place& from) {
  const Stream more = sum("sum for " + name, chain, add, terms);
  const BufferHandle buffer = section_.buffer(name, bytes_of(words));
  const Memory before = read("read " + name, buffer, words, {chain, from});
  Simd adder = section_.simd("add to " + name, chain);
  const Value old = adder.input(before.data());
  const Stream after = adder.vector(adder.compute(add, old, adder.input(more)));
  const Memory result = write("write " + name, buffer, words, {chain, place, after});
  section_.token({result, counter + 1}, {before, counter + 1}, {.initial = 1});
  return {after, result};
}

Nest::Reduced Nest::reduce(const std::string& name, const Chain& chain, std::uint32_t counter,
                           const Place& place, std::int64_t words, rdu_hw_op add,
                           const std::vector<Stream>& terms) {
  if (chain[counter].extent == 1) {
    const BufferHandle buffer = section_.buffer(name, bytes_of(words));
    const Stream only = sum("sum for " + name, chain, add, terms);
    return {only, write("write " + name, buffer, words, {chain, place, only})};
  }
  Place after_first = place;
  after_first.guards.push_back({at(counter, 1), chain[counter].extent, 1});
  return accumulate(name, chain, counter, place, words, add, terms, after_first);
}

Nest::Reduced Nest::fold(const std::string& name, const Chain& chain, std::uint32_t counter,
                         const Place& place, std::int64_t words, rdu_hw_op add,
                         const std::vector<Stream>& terms) {
  return accumulate(name, chain, counter, place, words, add, terms, place);
}

State Nest::state(const std::string& name, std::int64_t words, const std::optional<Fill>& begin,
                  const Drain& drain) {
  const BufferHandle buffer = section_.buffer(name, bytes_of(words));
  const Memory reader = read("read " + name, buffer, words, drain);
  if (begin) section_.token({write("begin " + name, buffer, words, *begin), 0}, {reader, 0});
  return {buffer, words, reader};
}

Memory Nest::update(const State& state, const std::string& name, const Fill& fill,
                    std::uint32_t level) {
  const Memory writer = write("update " + name, state.buffer, state.words, fill);
  section_.token({writer, level}, {state.read, level}, {.initial = 1});
  return writer;
}

Memory Nest::update_at_end(const State& state, const std::string& name, const Fill& fill) {
  const Memory writer = write("update " + name, state.buffer, state.words, fill);
  section_.token({writer, 0}, {state.read, 0});
  return writer;
}

void Nest::metapipe(Loop loop) {
  if (overlap_ == Overlap::kNone) one_at_a_time(loop);
  loops_.push_back(std::move(loop));
}

void Nest::sequential(Loop loop) {
  loop.is_sequential = true;
  one_at_a_time(loop);
  loops_.push_back(std::move(loop));
}

// One token goes round the stages. A stage that only data set off is reached by them.
void Nest::one_at_a_time(const Loop& loop) {
  for (std::size_t i = 0; i < loop.stages.size(); ++i) {
    const bool closes = i == 0;
    const Stage& before = loop.stages[closes ? loop.stages.size() - 1 : i - 1];
    std::vector<Turn> turns;
    for (const ContextHandle& first : loop.stages[i].first) turns.push_back({first, loop.level});
    if (turns.empty()) continue;
    for (const ContextHandle& last : before.last) {
      section_.token({last, loop.level}, turns, {.initial = closes ? 1u : 0u});
    }
  }
}

ContextHandle Nest::total(const std::string& name, std::uint32_t trips,
                          const std::vector<Stream>& scalars, Scalar result) {
  Simd adder = section_.simd(name, {loop(trips)});
  std::vector<Value> values;
  for (const Stream& scalar : scalars) values.push_back(adder.input(scalar));
  const Value sum = adder.accumulate(RDU_HW_FOLD_ADD_I32, 0,
                                     combine(adder, RDU_HW_OP_ADD_I32, std::move(values)));
  section_.result("result " + name, {}, result, adder.scalar(sum, 0));
  return adder;
}

Stream Nest::sum(const std::string& name, const Chain& chain, rdu_hw_op add,
                 const std::vector<Stream>& terms) {
  if (terms.size() == 1) return terms.front();
  Simd adder = section_.simd(name, chain);
  std::vector<Value> values;
  for (const Stream& term : terms) values.push_back(adder.input(term));
  return adder.vector(combine(adder, add, std::move(values)));
}

Stream Nest::pack(const std::string& name, const Chain& chain, const std::vector<Stream>& scalars) {
  if (scalars.size() == 1) return scalars.front();
  Simd packer =
      section_.simd(name, chain + lanes(static_cast<std::uint32_t>(scalars.size()), lanes_));
  Value packed = packer.input(scalars.front());
  for (std::size_t q = 1; q < scalars.size(); ++q) {
    const Value mine =
        packer.compute(RDU_HW_OP_EQ_I32, Simd::lane(), Simd::integer(static_cast<std::int32_t>(q)));
    packed = packer.compute(RDU_HW_OP_SELECT_WORD, mine, packer.input(scalars[q]), packed);
  }
  return packer.vector(packed);
}

Value combine(Simd& simd, rdu_hw_op op, std::vector<Value> values) {
  while (values.size() > 1) {
    std::vector<Value> halves;
    for (std::size_t i = 0; i + 1 < values.size(); i += 2) {
      halves.push_back(simd.compute(op, values[i], values[i + 1]));
    }
    if (values.size() % 2 == 1) halves.push_back(values.back());
    values = std::move(halves);
  }
  return values.front();
}

}  // namespace chip_apps
