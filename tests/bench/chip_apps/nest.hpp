// Loop nests as chip programs: tiles between stages, reductions into memory, state that a loop carries, loops one trip at a time.
//
// Every context has the counters of all loops around it, outermost first, then its own; so the trips of a loop that several contexts
// share are iterations at the same level of all of them. A loop is metapipelined by itself: the tiles between its stages have copies,
// and a stage fills or reads one when tokens say so. What has to be said is where that is not wanted.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/rducc/target/rdu/flow.hpp"

namespace chip_apps {

using rducc::rdu::Affine;
using rducc::rdu::at;
using rducc::rdu::BufferHandle;
using rducc::rdu::Chain;
using rducc::rdu::ContextHandle;
using rducc::rdu::Counter;
using rducc::rdu::kEvery;
using rducc::rdu::lanes;
using rducc::rdu::loop;
using rducc::rdu::Memory;
using rducc::rdu::Region;
using rducc::rdu::Scalar;
using rducc::rdu::Section;
using rducc::rdu::Simd;
using rducc::rdu::Stream;
using rducc::rdu::Turn;
using rducc::rdu::Value;

Chain operator+(Chain outer, Counter inner);
Chain operator+(Chain outer, const Chain& inner);

// A loop over `extent` in steps of `step`, shared by `par` copies of its body: in trip t, copy p has what begins at (t · par + p) · step.
// Copies may have nothing to do in the last trip.
struct Strip {
  std::uint32_t extent;
  std::uint32_t step;
  std::uint32_t par;

  std::uint32_t trips() const { return (extent + step * par - 1) / (step * par); }
  Affine index(std::uint32_t counter, std::uint32_t copy) const;
};

// Lanes whose index is outside least … limit - 1 do nothing: they load zeros and store nothing.
struct Guard {
  Affine index;
  std::int64_t limit;
  std::int64_t least = 0;
};

// Of `banks` memories that have the rows in turn, this is number `bank`: rows of others are guarded away.
struct Bank {
  std::uint32_t banks = 1;
  std::uint32_t bank = 0;

  // Whether it has any of the rows that an index over counters takes.
  bool meets(const Affine& row) const;
};

// The word at (row, column) of something `width` words wide, or at `column` of a list. Outside of it, lanes do nothing.
struct Place {
  Affine column;
  Affine row = {};
  std::int64_t width = 0;  // 0: a list
  std::vector<Guard> guards = {};
  Bank bank = {};
  std::optional<Stream> chosen =
      {};  // brings the row, as a word of each lane, once per iteration at this level
  std::uint32_t chosen_level = 0;
  std::uint32_t piece =
      0;  // the innermost counter, part of `column`, goes on in the next row after so many words; 0: never
};

struct Fill {
  Chain chain;
  Place place;
  Stream data;
};

struct Drain {
  Chain chain;
  Place place;
};

// How a tile lies in the banks of its PMU: for access along rows, or along columns of rows of so many words as well.
struct Layout {
  std::uint32_t columns_of = 0;
};

struct Tile {
  std::vector<Memory> writes;
  Memory read;
  Stream data() const { return read.data(); }
};

// Words that a loop changes for its next trip.
struct State {
  BufferHandle buffer;
  std::int64_t words;
  Memory read;
};

// A part of a loop's body that runs to its end before the next has its result. `first` begin it without data of the stage before, `last` end it.
struct Stage {
  std::string name;
  std::vector<ContextHandle> first;
  std::vector<ContextHandle> last;
};

// A loop whose trips are iterations at `level`, with its stages.
struct Loop {
  std::string name;
  std::uint32_t level;
  std::vector<Stage> stages;
  bool is_sequential = false;
};

enum class Overlap { kMetapipe, kNone };

class Nest {
 public:
  Nest(Section& section, std::uint32_t lanes, Overlap overlap)
      : section_(section), lanes_(lanes), overlap_(overlap) {}

  Section& section() { return section_; }
  // One firing, in which all lanes have the same word of a tile.
  Counter broadcast() const { return lanes(lanes_, lanes_); }

  Memory load(const std::string& name, const Chain& chain, Region region, std::int64_t words,
              const Place& place);
  Memory store(const std::string& name, const Chain& chain, Region region, std::int64_t words,
               Stream data, const Place& place);

  // A memory between two stages of a loop, filled and read in each iteration at `level`. One copy is filled while the other is read;
  // a tile of a Sequential loop has one.
  Tile tile(const std::string& name, std::int64_t words, std::uint32_t level,
            const std::vector<Fill>& fills, const Drain& drain, std::uint32_t copies = 2,
            Layout layout = {});

  // A tile whose rows lie in as many banks as there are fills, fill number q with those of rank q.
  std::vector<Tile> banked(const std::string& name, std::int64_t words, std::uint32_t level,
                           const std::vector<Fill>& fills, const Drain& drain);

  struct Reduced {
    Stream sum;  // after each trip; what follows the last is the result
    Memory write;
  };
  // MemReduce: in each iteration of counter `counter`, the sum of `terms` is added to the words: read, add, write, and not before the trip
  // before is over. The first trip begins from zero.
  Reduced reduce(const std::string& name, const Chain& chain, std::uint32_t counter,
                 const Place& place, std::int64_t words, rdu_hw_op add,
                 const std::vector<Stream>& terms);
  // MemFold: the same into what the words are already, zero before the first.
  Reduced fold(const std::string& name, const Chain& chain, std::uint32_t counter,
               const Place& place, std::int64_t words, rdu_hw_op add,
               const std::vector<Stream>& terms);

  // `begin` fills it once, before the first reading; without it, it is zero.
  State state(const std::string& name, std::int64_t words, const std::optional<Fill>& begin,
              const Drain& drain);
  // What iteration i at `level` writes is what iteration i + 1 of the reader sees.
  Memory update(const State& state, const std::string& name, const Fill& fill, std::uint32_t level);
  // What is written is read once, when all is over.
  Memory update_at_end(const State& state, const std::string& name, const Fill& fill);

  // In the next to the last case when overlap is off.
  void metapipe(Loop loop);
  void sequential(Loop loop);

  const std::vector<Loop>& loops() const { return loops_; }

  // Reduce into an argument: the int32 sum, over all trips of a loop, of the scalars that its copies send in each. Its iterations at level 1
  // are the loop's trips.
  ContextHandle total(const std::string& name, std::uint32_t trips,
                      const std::vector<Stream>& scalars, Scalar result);

  // The sum of streams whose contexts have this chain; a stream alone stays what it is.
  Stream sum(const std::string& name, const Chain& chain, rdu_hw_op add,
             const std::vector<Stream>& terms);
  // Scalars side by side: lane q has number q, in each firing of the chain.
  Stream pack(const std::string& name, const Chain& chain, const std::vector<Stream>& scalars);

 private:
  void apply(Memory& memory, const Chain& chain, const Place& place, std::int64_t words);
  Memory write(const std::string& name, BufferHandle buffer, std::int64_t words, const Fill& fill);
  Memory read(const std::string& name, BufferHandle buffer, std::int64_t words, const Drain& drain);
  Reduced accumulate(const std::string& name, const Chain& chain, std::uint32_t counter,
                     const Place& place, std::int64_t words, rdu_hw_op add,
                     const std::vector<Stream>& terms, const Place& from);
  void one_at_a_time(const Loop& loop);

  Section& section_;
  std::uint32_t lanes_;
  Overlap overlap_;
  std::vector<Loop> loops_;
};

// A balanced tree over values, neighbours first.
Value combine(Simd& simd, rdu_hw_op op, std::vector<Value> values);

}  // namespace chip_apps
