// Which values of a run of nodes stay on the chip, and what it costs to end a section behind a node.
#pragma once

#include <set>
#include <vector>

#include "tools/rducc/target/rdu/lower/edges.hpp"
#include "tools/rducc/target/rdu/lower/regions.hpp"

namespace rducc::rdu::lower {

// A value from outside that comes in once for all who read it.
struct Entrance {
  artifact::ValueId storage;
  std::int64_t words;
  std::size_t reader;  // the first one
};

class SpatialValues {
 public:
  explicit SpatialValues(const Work& work);

  // Keeps what nodes [first, end) of the work make and use, but for `spilled`.
  void keep(Edges& edges, std::size_t first, std::size_t end,
            const std::set<artifact::ValueId>& spilled) const;
  std::int64_t words(artifact::ValueId storage) const { return lives_.at(storage).words; }
  // Values of at most `most` words that several transfers would bring to nodes [first, end), but for `spilled`.
  std::vector<Entrance> entrances(std::size_t first, std::size_t end,
                                  const std::set<artifact::ValueId>& spilled,
                                  std::int64_t most) const;
  // Those that nodes [before, first) make and nodes [first, end) read.
  std::vector<Entrance> handed(std::size_t before, std::size_t first, std::size_t end) const;
  bool is_made_before(artifact::ValueId storage, std::size_t first) const;
  // Whether anybody but nodes before `end` uses it.
  bool is_used_behind(artifact::ValueId storage, std::size_t end) const;
  // Words that nodes before `end` make and others use.
  std::int64_t crossing(std::size_t end) const;

 private:
  struct Life {
    std::size_t first_write = RDU_NONE, last_write = 0;
    std::size_t first_read = RDU_NONE, last_read = 0;
    std::vector<std::size_t> readers;  // nodes, once for each read
    std::int64_t words = 0;
    bool movable = false;  // neither input, constant nor state
    bool outside = false;  // somebody else uses it
    bool shared = false;   // somebody else makes some of it
  };
  std::optional<std::size_t> first_reader(const Life& life, std::size_t first,
                                          std::size_t end) const;
  void note_nodes();
  void note_others();

  const Work& work_;
  std::map<artifact::ValueId, Life> lives_;
};

}  // namespace rducc::rdu::lower
