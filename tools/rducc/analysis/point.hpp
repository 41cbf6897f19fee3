// Evaluates a node's reads, writes and programs at one point of its domain.
#pragma once

#include <optional>
#include <vector>

#include "tools/rducc/analysis/evaluate.hpp"

namespace rducc::analysis {

// Where an access leads.
struct Position {
  std::int64_t element = 0;  // row-major in the storage
  bool inside = true;        // before the outside rule was applied
  bool fill = false;         // the rule says: nothing is there
};

class PointEvaluator {
 public:
  PointEvaluator(const rdu::artifact::Node& node, const Memory& memory);

  // The domain. Loops run row-major; `point` is the current position.
  const std::vector<std::int64_t>& extents() const { return extents_; }
  std::vector<std::int64_t>& point() { return point_; }
  // Steps loops [first, last) to the next point; false after the last one.
  bool step(std::size_t first, std::size_t last);
  bool empty(std::size_t first, std::size_t last) const;

  // The results of a program at the point; `acc` is what ACC yields.
  std::vector<rdu::artifact::Scalar> run(const rdu::artifact::Program& program,
                                         rdu::artifact::Scalar acc = {}) const;
  Position write_position(const rdu::artifact::Write& write) const;
  const rdu::artifact::Node& node() const { return node_; }

 private:
  struct Operand {
    rdu_dtype dtype = RDU_DTYPE_NONE;
    std::span<const std::byte> bytes;
    ir::Dims extents;
    std::vector<std::int64_t> strides;
    rdu::artifact::Scalar fill;
  };
  Operand operand(rdu::artifact::ValueId id) const;
  Position locate(const rdu::artifact::Access& access, const ir::Dims& extents,
                  const std::vector<std::int64_t>& strides) const;
  std::int64_t raw_position(const rdu::artifact::Index& index) const;
  rdu::artifact::Scalar load(std::uint32_t read) const;
  rdu_dtype operand_dtype(const rdu::artifact::Program& program,
                          const rdu::artifact::Instr& instr) const;

  const rdu::artifact::Node& node_;
  const Memory& memory_;
  std::vector<Operand> reads_;
  std::vector<std::int64_t> extents_;
  std::vector<std::int64_t> point_;
  mutable std::vector<rdu::artifact::Scalar> registers_;
};

std::vector<std::int64_t> row_major_strides(const ir::Dims& dims);

}  // namespace rducc::analysis
