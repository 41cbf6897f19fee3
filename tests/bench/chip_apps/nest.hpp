// Loop nests as chip programs: tiles between stages, reductions into memory, state that a loop carries, loops one trip at a time.
//
// Every context has the counters of all loops around it, outermost first, then its own; so the trips of a loop that several contexts
// share are iterations at the same level of all of them. A loop is metapipelined by itself: the tiles between its stages have copies,
// and tokens say when one may be filled or read. What has to be said is where that is not wanted.
#pragma once

#include <rdu_hw/arch.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/bench/chip_apps/place.hpp"

namespace chip_apps {

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

// What does not fit into one PMU lies in several, rows in turn; their words come together in one stream.
struct Tile {
  std::vector<Memory> writes;
  std::vector<Memory> reads;
  Stream stream = {};
  Stream data() const { return stream; }
};

// Words that a loop changes for its next trip.
struct State {
  BufferHandle buffer;
  std::int64_t words;
  Memory read;
};

// A part of a loop's body: `first` are the contexts that nothing of the stage before sets off, `last` those that end it.
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
  Nest(Section& section, const rdu_hw_arch& arch, Overlap overlap)
      : section_(section), arch_(arch), overlap_(overlap) {}

  Section& section() { return section_; }
  // One firing, in which all lanes have the same word of a tile.
  Counter broadcast() const { return lanes(arch_.pcu.lanes, arch_.pcu.lanes); }

  Memory load(const std::string& name, const Chain& chain, Region region, std::int64_t words,
              const Place& place);
  Memory store(const std::string& name, const Chain& chain, Region region, std::int64_t words,
               Stream data, const Place& place);

  // A memory between two stages of a loop, filled and read in each iteration at `level`. One copy is filled while the other is read;
  // a tile of a Sequential loop has one.
  Tile tile(const std::string& name, std::int64_t words, std::uint32_t level,
            const std::vector<Fill>& fills, const Drain& drain, std::uint32_t copies = 2,
            Layout layout = {});

  // A tile whose rows lie in banks, at least as many as there are fills, which fill them in turn.
  std::vector<Tile> banked(const std::string& name, std::int64_t words, std::uint32_t level,
                           const std::vector<Fill>& fills, const Drain& drain);

  // MemReduce: in each iteration of counter `counter`, the sum of `terms` is added to the words: read, add, write, and not before the trip
  // before is over. The first trip begins from zero.
  Stream reduce(const std::string& name, const Chain& chain, std::uint32_t counter,
                const Place& place, std::int64_t words, rdu_hw_op add,
                const std::vector<Stream>& terms);
  // MemFold: the same into what the words are already, zero before the first.
  Stream fold(const std::string& name, const Chain& chain, std::uint32_t counter,
              const Place& place, std::int64_t words, rdu_hw_op add,
              const std::vector<Stream>& terms);

  // `begin` fills it once, before the first reading; without it, it is zero.
  State state(const std::string& name, std::int64_t words, const std::optional<Fill>& begin,
              const Drain& drain);
  // What iteration i at `level` writes is what iteration i + 1 of the reader sees.
  Memory update(const State& state, const std::string& name, const Fill& fill, std::uint32_t level);
  // What is written is read once, when all is over.
  Memory update_at_end(const State& state, const std::string& name, const Fill& fill);

  // Says what a loop's stages are. Tiles let them overlap already; only without overlap they run in turn, like those of a Sequential loop:
  // each begins when the one before is over, and the first when the trip before is.
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
  struct Extent {
    std::int64_t words;
    std::uint32_t level, copies;
    Layout layout;
  };
  BufferHandle buffer(const std::string& name, std::int64_t words,
                      const rducc::rdu::BufferOptions& options = {});
  // So many PMUs, a multiple of `least`, that a part of the rows fits into each.
  std::uint32_t banks_of(std::int64_t words, std::int64_t width, std::uint32_t copies,
                         std::uint32_t least) const;
  // One bank of a tile; nothing where its reader has no rows of it.
  std::optional<Tile> part_of(const std::string& name, const Extent& extent, Bank bank,
                              std::vector<Fill> fills, Drain drain);
  Memory write(const std::string& name, BufferHandle buffer, std::int64_t words, const Fill& fill);
  Memory read(const std::string& name, BufferHandle buffer, std::int64_t words, const Drain& drain);
  Stream accumulate(const std::string& name, const Chain& chain, std::uint32_t counter,
                    const Place& place, std::int64_t words, rdu_hw_op add,
                    const std::vector<Stream>& terms, const Place& from);
  void one_at_a_time(const Loop& loop);

  Section& section_;
  const rdu_hw_arch& arch_;
  Overlap overlap_;
  std::vector<Loop> loops_;
};

// A balanced tree over values, neighbours first.
Value combine(Simd& simd, rdu_hw_op op, std::vector<Value> values);

}  // namespace chip_apps
