// Values that a section computes and uses itself: streams where they are made, slabs of scratchpads where they are used.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "tools/rducc/target/rdu/flow.hpp"
#include "tools/rducc/target/rdu/lower/nest.hpp"

namespace rducc::rdu::lower {

// Whether the last loop of an order goes over the lanes.
enum class Across { kNothing, kLanes };

// Lanes where the form is not in 0 … high - 1 do not count: a last tile that reaches beyond its loop.
struct Guard {
  Form form;
  std::int64_t high;
};

// A part of a value as it is computed: an element for each iteration of the loops in `order`.
struct Pipe {
  Stream stream;
  Nest nest;
  Touch write;
  std::vector<VariableId> order;
  Across across = Across::kLanes;
  std::vector<Guard> guards;
};

// Of one section. Values are the owners of storage.
class Residents {
 public:
  // Values that later nodes of the section use, and values that somebody outside needs.
  std::set<artifact::ValueId> used_here, leaving;
  // Values that nodes of other sections write too: they cannot be used here once this section has written.
  std::set<artifact::ValueId> shared;

  void add(artifact::ValueId value, Pipe pipe) { pipes_[value].push_back(std::move(pipe)); }
  bool has(artifact::ValueId value) const { return pipes_.count(value) != 0; }
  const std::vector<Pipe>& pipes(artifact::ValueId value) const { return pipes_.at(value); }

 private:
  std::map<artifact::ValueId, std::vector<Pipe>> pipes_;
};

}  // namespace rducc::rdu::lower
