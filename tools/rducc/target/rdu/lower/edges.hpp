// Values that are made and used in one section of the chip: streams of their makers go into scratchpads beside each reader.
//
// An element lies at its place in the value's storage, whatever shape a node sees it in. Every reader has buffers of its own, with the
// banking that suits it; a buffer holds a range of the storage and is written once in a run, so that nobody waits for room. Readers wait
// for tokens that they count (pace.hpp).
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "tools/rducc/target/rdu/flow.hpp"
#include "tools/rducc/target/rdu/lower/band.hpp"
#include "tools/rducc/target/rdu/lower/nest.hpp"

namespace rducc::rdu::lower {

class Emitter;

// Words of a value that one stream brings, and where they belong.
struct Source {
  Nest nest;
  Touch touch;
  std::vector<VariableId> order;
  bool by_lanes = true;
  Stream data = {};
  Section* section = nullptr;  // that makes it, or brings it in
  std::uint32_t node = 0;      // that does so there; what writes for readers elsewhere is its, too
  Span span = {};
};

// Of one reader: what a scratchpad holds, and the sources that write there.
struct Part {
  Span span;
  std::vector<const Source*> sources;
  std::optional<Band> band = {};  // of the span, what there is

  std::int64_t size() const { return band ? band->size() : span.size(); }
};

// How elements of a storage lie in a reader's scratchpads.
struct Packing {
  std::int64_t element_bytes = 4;
  std::int64_t grain = 1;  // elements that lie together
};

// What becomes of a kept value.
struct Keeping {
  bool leaves = false;   // it goes to memory as well
  bool enters = false;   // it comes from memory
  bool is_used = false;  // somebody in the section that makes it reads it
};

// A value that cannot be kept: where its makers' words are mixed, or more than a unit has doors for.
struct Spill {
  artifact::ValueId value;
};

// Makers and readers work at the same time, or in sections one after another: then nobody waits, and buffers are stores.
enum class Handing { kWithin, kOnwards };

class Edges {
 public:
  explicit Edges(const rdu_hw_arch& arch, Handing handing = Handing::kWithin)
      : arch_(arch), handing_(handing) {}

  Handing handing() const { return handing_; }

  // `words`: of the storage.
  void keep(artifact::ValueId storage, std::int64_t words, const Keeping& keeping);
  // What a section makes for later ones.
  void hand_on(artifact::ValueId storage, std::int64_t words, bool leaves);
  bool holds(artifact::ValueId storage) const { return kept_.contains(storage); }
  const Keeping& keeping(artifact::ValueId storage) const { return kept_.at(storage).keeping; }
  std::int64_t words(artifact::ValueId storage) const { return kept_.at(storage).words; }
  void add(Source source);
  const std::vector<Source>& sources(artifact::ValueId storage) const {
    return kept_.at(storage).sources;
  }

  // All that an access may touch as one part, where that takes far less than its span.
  std::optional<Part> band_part(const Nest& nest, const Touch& touch, std::size_t counters) const;
  // What a reader of these elements has in scratchpads, in ascending order; parts begin and end at grains. Throws Spill.
  std::vector<Part> parts(artifact::ValueId storage, const Span& wanted, std::size_t counters,
                          const Packing& packing) const;

  std::vector<artifact::ValueId> values() const;

  // The stores of a value that is handed onwards.
  void note(artifact::ValueId storage, Store store) { kept_.at(storage).stores.push_back(store); }
  const std::vector<Store>& stores(artifact::ValueId storage) const {
    return kept_.at(storage).stores;
  }

  // Through memory, within the section: a load waits for the stores of its value.
  void stored(artifact::ValueId storage, const Memory& store);
  void loaded(artifact::ValueId storage, const Memory& load);

 private:
  struct Kept {
    std::int64_t words = 0;
    Keeping keeping;
    std::vector<Source> sources;
    std::vector<Store> stores;
  };
  bool fits(const Part& part, std::size_t counters, std::int64_t element_bytes) const;

  const rdu_hw_arch& arch_;
  Handing handing_;
  std::map<artifact::ValueId, Kept> kept_;
  std::map<artifact::ValueId, std::vector<Memory>> stores_;
};

}  // namespace rducc::rdu::lower
