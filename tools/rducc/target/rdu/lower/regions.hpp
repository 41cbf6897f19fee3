// Where values are while a payload runs: regions of the chip's memory and what a host binds them to.
#pragma once

#include <map>
#include <vector>

#include "drivers/image/package.hpp"
#include "sdk/artifact/model.hpp"
#include "tools/rducc/target/rdu/flow.hpp"

namespace rducc::rdu::lower {

// What a payload computes: nodes [first_node, end_node) of graph 0, as the nodes that kernels are made for. Values from `num_values` on
// were made for these.
struct Work {
  artifact::Variant variant;
  std::uint32_t first_node = 0, end_node = 0;
  std::uint32_t num_values = 0;
  std::vector<artifact::Node> nodes;
  std::vector<std::uint32_t> origins;  // of graph 0, that the nodes stand for
  bool is_alone = false;               // no other payload takes turns with it on the chip
};

class Regions {
 public:
  Regions(const Work& work, Flow& flow);

  // Of the value's storage.
  Region of(artifact::ValueId value);
  // A word of the chip's: 0, or a position outside dimension `dim` of the value, and then a run fails.
  Scalar check(Name name, artifact::ValueId value, std::uint32_t dim);
  // Whether the value's storage is the same in all runs.
  bool is_constant(artifact::ValueId value) const;
  // The package's bindings, one for each argument of the flow so far, and its scratch.
  void bind(rdu_hw::image::Package& package) const;

 private:
  struct Use {
    bool reads = false, writes = false;  // by the payload
    bool outside = false;                // somebody else needs what the payload writes
  };
  // A region of a value, or a word that is bound already.
  struct Argument {
    artifact::ValueId value = artifact::kNone;
    rdu_hw_binding word = {};
  };
  void note_uses();
  rdu_hw_binding binding(artifact::ValueId value, rdu_hw::image::Package& package) const;
  std::uint64_t bytes_on_chip(artifact::ValueId value) const;

  const Work& work_;
  Flow& flow_;
  std::map<artifact::ValueId, Use> uses_;
  std::map<artifact::ValueId, Region> regions_;
  std::vector<Argument> arguments_;  // of the flow, in order
};

}  // namespace rducc::rdu::lower
