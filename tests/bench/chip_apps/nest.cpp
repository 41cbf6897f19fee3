// Loop nests in terms of flows: which memories, which contexts, which tokens.
#include "tests/bench/chip_apps/nest.hpp"

#include <algorithm>
#include <utility>

namespace chip_apps {
namespace {

constexpr std::uint64_t kWordBytes = 4;

// Down a column of rows of an odd number of words all banks come in turn by themselves; else each row is turned by one bank.
rducc::rdu::BufferOptions banks_for(Layout layout, std::uint32_t copies) {
  if (layout.columns_of % 2 == 1 || layout.columns_of == 0) return {.copies = copies};
  return {.copies = copies, .bank_mode = RDU_HW_BANK_DIAGONAL, .bank_stride = layout.columns_of};
}

}  // namespace

Memory Nest::load(const std::string& name, const Chain& chain, Region region, std::int64_t words,
                  const Place& place) {
  Memory memory = section_.load(name, chain, region, {});
  write_address(memory, chain, place, words);
  return memory;
}

Memory Nest::store(const std::string& name, const Chain& chain, Region region, std::int64_t words,
                   Stream data, const Place& place) {
  Memory memory = section_.store(name, chain, region, data, {});
  write_address(memory, chain, place, words);
  return memory;
}

Memory Nest::write(const std::string& name, BufferHandle buffer, std::int64_t words,
                   const Fill& fill) {
  Memory memory = section_.write(name, fill.chain, buffer, fill.data, {});
  write_address(memory, fill.chain, fill.place, words);
  return memory;
}

Memory Nest::read(const std::string& name, BufferHandle buffer, std::int64_t words,
                  const Drain& drain) {
  Memory memory = section_.read(name, drain.chain, buffer, {});
  write_address(memory, drain.chain, drain.place, words);
  return memory;
}

BufferHandle Nest::buffer(const std::string& name, std::int64_t words,
                          const rducc::rdu::BufferOptions& options) {
  return section_.buffer(name, static_cast<std::uint64_t>(words) * kWordBytes, options);
}

std::uint32_t Nest::banks_of(std::int64_t words, std::int64_t width, std::uint32_t copies,
                             std::uint32_t least) const {
  if (width == 0) return least;
  const std::uint64_t slice = arch_.pmu.banks * kWordBytes;
  const auto rows = static_cast<std::uint64_t>(words / width);
  std::uint32_t banks = least;
  for (; banks < rows; banks += least) {
    const std::uint64_t bytes =
        (rows + banks - 1) / banks * static_cast<std::uint64_t>(width) * kWordBytes;
    if ((bytes + slice - 1) / slice * slice * copies <= arch_.pmu.bytes) break;
  }
  return banks;
}

std::optional<Tile> Nest::part_of(const std::string& name, const Extent& extent, Bank bank,
                                  std::vector<Fill> fills, Drain drain) {
  if (!bank.meets(drain.place.row)) return {};
  std::erase_if(fills, [&](const Fill& fill) { return !bank.meets(fill.place.row); });
  const std::int64_t width = drain.place.width;
  const std::int64_t words =
      bank.banks == 1 ? extent.words : (extent.words / width + bank.banks - 1) / bank.banks * width;
  const BufferHandle memory = buffer(name, words, banks_for(extent.layout, extent.copies));
  Tile tile;
  std::vector<Turn> writers;
  for (Fill& fill : fills) {
    fill.place.bank = bank;
    tile.writes.push_back(write("write " + name, memory, words, fill));
    writers.push_back({tile.writes.back(), extent.level});
  }
  drain.place.bank = bank;
  tile.reads.push_back(read("read " + name, memory, words, drain));
  tile.stream = tile.reads.front().data();
  const Turn reader = {tile.reads.front(), extent.level};
  section_.metapipe(memory, writers, {&reader, 1});
  return tile;
}

Tile Nest::tile(const std::string& name, std::int64_t words, std::uint32_t level,
                const std::vector<Fill>& fills, const Drain& drain, std::uint32_t copies,
                Layout layout) {
  const Extent extent = {words, level, copies, layout};
  const std::uint32_t banks = banks_of(words, drain.place.width, copies, 1);
  Tile all;
  std::vector<Stream> streams;
  for (std::uint32_t b = 0; b < banks; ++b) {
    const std::optional<Tile> part = part_of(name, extent, {banks, b}, fills, drain);
    if (!part) continue;
    all.writes.insert(all.writes.end(), part->writes.begin(), part->writes.end());
    all.reads.push_back(part->reads.front());
    streams.push_back(part->stream);
  }
  all.stream = sum(name, drain.chain, RDU_HW_OP_OR_WORD, streams);
  return all;
}

std::vector<Tile> Nest::banked(const std::string& name, std::int64_t words, std::uint32_t level,
                               const std::vector<Fill>& fills, const Drain& drain) {
  const Extent extent = {words, level, 2, {}};
  const auto writers = static_cast<std::uint32_t>(fills.size());
  const std::uint32_t banks = banks_of(words, drain.place.width, extent.copies, writers);
  std::vector<Tile> tiles;
  for (std::uint32_t b = 0; b < banks; ++b) {
    const auto part = part_of(name, extent, {banks, b}, {fills[b % writers]}, drain);
    if (part) tiles.push_back(*part);
  }
  return tiles;
}

Stream Nest::accumulate(const std::string& name, const Chain& chain, std::uint32_t counter,
                        const Place& place, std::int64_t words, rdu_hw_op add,
                        const std::vector<Stream>& terms, const Place& from) {
  const Stream more = sum("sum for " + name, chain, add, terms);
  const std::uint32_t banks = banks_of(words, place.width, 1, 1);
  const std::int64_t part =
      banks == 1 ? words : (words / place.width + banks - 1) / banks * place.width;
  std::vector<BufferHandle> memories;
  std::vector<Memory> before;
  std::vector<Stream> streams;
  for (std::uint32_t b = 0; b < banks; ++b) {
    memories.push_back(buffer(name, part));
    Drain drain = {chain, from};
    drain.place.bank = {banks, b};
    before.push_back(read("read " + name, memories[b], part, drain));
    streams.push_back(before[b].data());
  }
  const Stream old = sum(name, chain, RDU_HW_OP_OR_WORD, streams);
  Simd adder = section_.simd("add to " + name, chain);
  const Value value = adder.input(old);
  const Stream after = adder.vector(adder.compute(add, value, adder.input(more)));
  for (std::uint32_t b = 0; b < banks; ++b) {
    Fill fill = {chain, place, after};
    fill.place.bank = {banks, b};
    const Memory writer = write("write " + name, memories[b], part, fill);
    section_.token({writer, counter + 1}, {before[b], counter + 1}, {.initial = 1});
  }
  return after;
}

Stream Nest::reduce(const std::string& name, const Chain& chain, std::uint32_t counter,
                    const Place& place, std::int64_t words, rdu_hw_op add,
                    const std::vector<Stream>& terms) {
  if (chain[counter].extent == 1) {
    return sum("sum for " + name, chain, add, terms);
  }
  Place after_first = place;
  after_first.guards.push_back({at(counter, 1), chain[counter].extent, 1});
  return accumulate(name, chain, counter, place, words, add, terms, after_first);
}

Stream Nest::fold(const std::string& name, const Chain& chain, std::uint32_t counter,
                  const Place& place, std::int64_t words, rdu_hw_op add,
                  const std::vector<Stream>& terms) {
  return accumulate(name, chain, counter, place, words, add, terms, place);
}

State Nest::state(const std::string& name, std::int64_t words, const std::optional<Fill>& begin,
                  const Drain& drain) {
  const BufferHandle memory = buffer(name, words);
  const Memory reader = read("read " + name, memory, words, drain);
  if (begin) section_.token({write("begin " + name, memory, words, *begin), 0}, {reader, 0});
  return {memory, words, reader};
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

// Tokens go round the stages; one that only data set off needs none.
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
  Simd packer = section_.simd(
      name, chain + lanes(static_cast<std::uint32_t>(scalars.size()), arch_.pcu.lanes));
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
