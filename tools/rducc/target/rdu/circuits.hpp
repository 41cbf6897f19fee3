// Which streams of a section are on a circuit of contexts, whatever their directions.
#pragma once

#include "tools/rducc/target/rdu/parts.hpp"

namespace rducc::rdu {

// A stream that stops its sender starves what else the sender feeds, and that stops whoever feeds it, too. So a stop goes along streams in both
// directions, and comes back to the one that caused it exactly when that is on a circuit. A stream that alone joins two parts of a section (a
// bridge of the graph) may stop as long as it likes. Only streams whose elements must come count: what is there from the start stops nobody.
class Circuits {
 public:
  explicit Circuits(const Parts& parts);

  bool has(std::uint32_t link, std::uint32_t sink) const {
    return on_circuit_[first_[link] + sink];
  }

 private:
  struct Edge {
    std::uint32_t number;
    std::uint32_t other;  // end
  };
  struct Visit {
    std::uint32_t context;
    std::uint32_t from;  // number of the edge that led here
    std::size_t next = 0;
  };
  void search(std::uint32_t root);
  void leave(const Visit& visit);

  std::vector<std::uint32_t> first_;  // by link: number of its first sink's edge
  std::vector<std::vector<Edge>> edges_;
  std::vector<std::uint32_t> entered_;  // by context: when; 0: not yet
  std::vector<std::uint32_t>
      lowest_;  // the first entered that is reached from here or behind, not by the way one came
  std::uint32_t clock_ = 0;
  std::vector<Visit> stack_;
  std::vector<bool> on_circuit_;
};

}  // namespace rducc::rdu
