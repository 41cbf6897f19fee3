// Values that a section hands to the next one in scratchpads of the reader, instead of through memory.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "tools/rducc/target/rdu/lower/edges.hpp"

namespace rducc::rdu::lower {

class Onwards {
 public:
  // From section `reader` - 1 to section `reader`, by their numbers in the order in which they run.
  void hand(artifact::ValueId value, std::size_t reader) { handed_.insert({value, reader}); }
  bool is_handed(artifact::ValueId value, std::size_t reader) const {
    return handed_.contains({value, reader});
  }
  // Whether there was anything to let go.
  bool let_go(artifact::ValueId value, std::size_t reader) {
    return handed_.erase({value, reader}) != 0;
  }
  std::vector<artifact::ValueId> handed_to(std::size_t reader) const;

  // While sections are emitted, one after another.
  void made(artifact::ValueId value, const std::vector<Source>& sources) {
    sources_[value] = sources;
  }
  const std::vector<Source>& sources(artifact::ValueId value) const { return sources_.at(value); }
  void kept(artifact::ValueId value, std::size_t reader, std::size_t scratchpads) {
    scratchpads_[{value, reader}] = scratchpads;
  }
  void forget();

  // Of what the section gets or gives, the value that takes the most scratchpads goes: whether there was one.
  bool relieve(std::size_t section);

 private:
  using Handed = std::pair<artifact::ValueId, std::size_t>;
  std::set<Handed> handed_;
  std::map<artifact::ValueId, std::vector<Source>> sources_;
  std::map<Handed, std::size_t> scratchpads_;
};

}  // namespace rducc::rdu::lower
