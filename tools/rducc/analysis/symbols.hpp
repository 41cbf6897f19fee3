// What is known of small integer values before a run: the arithmetic on shapes that exporters write,
// carried out on sums of run-time scalars instead of on numbers.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "sdk/artifact/model.hpp"
#include "tools/rducc/ir/affine.hpp"

namespace rducc::analysis {

// Nodes are looked at as they are added to the variant; what was asked about must not change after,
// except that the latest values may be taken back (forget).
class Symbols {
 public:
  explicit Symbols(const rdu::artifact::Variant& variant) : variant_(variant) {}

  // Says that a scalar lies within the interval, whatever else is known of it.
  void limit(rdu::artifact::ValueId scalar, ir::Interval interval);
  ir::Interval range(const ir::Affine& sum) const;

  // One sum per element of an integer or boolean value of a constant shape; what cannot be told is a
  // symbol of its own. Nothing for other values and for long ones.
  std::optional<std::vector<ir::Affine>> elements(rdu::artifact::ValueId id);
  // Values from `first` on were taken back, and the nodes that wrote them.
  void forget(rdu::artifact::ValueId first);

 private:
  struct Writer {
    std::uint32_t graph, node, write;
  };
  std::vector<ir::Affine> evaluate(rdu::artifact::ValueId owner, std::size_t count);
  void index_new_nodes();

  const rdu::artifact::Variant& variant_;
  std::map<ir::Symbol, ir::Interval> limits_;
  std::map<rdu::artifact::ValueId, std::vector<ir::Affine>> known_;
  std::multimap<rdu::artifact::ValueId, Writer> writers_;
  std::vector<std::size_t> num_indexed_;  // by graph: its first nodes are among the writers
  int depth_ = 0;
};

}  // namespace rducc::analysis
