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

// A value on its way from section to section.
struct Journey {
  artifact::ValueId storage;
  std::size_t maker;
  std::set<std::size_t> readers;
  bool outside;  // somebody else uses it, too
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
  // Those that one section makes and later ones read; sections end before these nodes.
  std::vector<Journey> journeys(const std::vector<std::size_t>& ends) const;
  bool is_made_before(artifact::ValueId storage, std::size_t first) const;
  // Values that nodes [first, end) make for others or use of others, and that could stay on the chip meanwhile.
  std::vector<artifact::ValueId> handable(std::size_t first, std::size_t end) const;
  // What they read that is the same in all runs.
  std::vector<artifact::ValueId> constants(std::size_t first, std::size_t end) const;
  // Words of values that enter them, leave them or pass by.
  std::int64_t passing(std::size_t first, std::size_t end) const;
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
  void note_nodes();
  void note_others();

  const Work& work_;
  std::map<artifact::ValueId, Life> lives_;
};

}  // namespace rducc::rdu::lower
