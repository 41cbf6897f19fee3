// Values that a section hands to later ones in scratchpads of the reader, instead of through memory.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "tools/rducc/target/rdu/lower/edges.hpp"

namespace rducc::rdu::lower {

// Sections are their numbers in the order in which they run.
class Onwards {
 public:
  // A value that section `maker` makes and later ones read; `outside`: from memory, whatever they do.
  void make(artifact::ValueId value, std::size_t maker, bool outside) {
    journeys_[value] = {maker, outside, {}, {}, {}};
  }
  void hand(artifact::ValueId value, std::size_t reader) { journeys_.at(value).handed[reader] = 1; }
  void leave(artifact::ValueId value, std::size_t reader) {
    journeys_.at(value).others.insert(reader);
  }

  std::vector<artifact::ValueId> handed_to(std::size_t reader) const;
  std::vector<artifact::ValueId> handed_by(std::size_t maker) const;
  // Whether it goes to memory as well.
  bool leaves(artifact::ValueId value) const;

  // While sections are emitted, one after another.
  void made(artifact::ValueId value, const std::vector<Source>& sources) {
    journeys_.at(value).sources = sources;
  }
  const std::vector<Source>& sources(artifact::ValueId value) const {
    return journeys_.at(value).sources;
  }
  void kept(artifact::ValueId value, std::size_t reader, std::size_t scratchpads) {
    journeys_.at(value).handed.at(reader) = scratchpads;
  }

  // The value is not handed to the section, or, where that makes it, to none: whether it was.
  bool let_go(artifact::ValueId value, std::size_t section);
  // Of all that is in scratchpads while the section runs, what takes the most of them for the longest goes: whether there was anything.
  bool relieve(std::size_t section);
  // Only neighbours hand on.
  void keep_to_neighbours();

 private:
  struct Journey {
    std::size_t maker = 0;
    bool outside = false;
    std::set<std::size_t> others;               // readers through memory
    std::map<std::size_t, std::size_t> handed;  // readers, and how many scratchpads it takes there
    std::vector<Source> sources;
  };
  static void drop(Journey& journey, std::size_t reader) {
    journey.handed.erase(reader);
    journey.others.insert(reader);
  }

  std::map<artifact::ValueId, Journey> journeys_;
};

}  // namespace rducc::rdu::lower
