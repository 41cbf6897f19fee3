// A contraction: the array that takes operands, and the drain that sends its results.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "drivers/emu/units/elements.hpp"
#include "drivers/emu/units/unit.hpp"

namespace rdu_hw::emu {

// The accumulators, and the registers that hold a finished block while it is drained.
class SystolicArray {
 public:
  SystolicArray(const rdu_hw_systolic& shape, const arith::Forms& forms, unsigned lanes);

  // So many steps of the block, one vector of a and of b each.
  void take(const Word* a, const Word* b, std::int64_t count);
  // Ends the block: it goes to the registers.
  void finish();
  // Vectors of `lanes` words from the registers, the first of them row `row`.
  void drain(std::int64_t row, std::int64_t count, Word* to) const;

 private:
  void take_pairs(const Word* a, const Word* b, std::int64_t count);

  rdu_hw_systolic shape_;
  const arith::Forms& forms_;
  unsigned lanes_;
  std::vector<Word> sums_, results_;
  std::vector<std::uint16_t> a_, b_;  // pairs taken apart
};

class Systolic : public ContextUnit {
 public:
  Systolic(const Context& context, World& world);
  sim::Progress run() override;
  sim::Unit& sender(std::uint32_t port) override;
  void join(sim::Schedule& schedule) override;
  bool done() const override;
  Time end() const override;
  void report(ContextReport& report) const override;

 private:
  class Drain : public sim::Unit {
   public:
    Drain(Systolic& array, World& world);
    sim::Progress run() override;
    sim::Time now() const override { return timeline.firing().ready(); }
    Timeline timeline;

   private:
    Systolic& array_;
    bool values_;
    std::int64_t row_ = 0;
  };

  void compute(std::int64_t count);

  const rdu_hw_systolic& shape_;
  std::optional<SystolicArray> array_;
  std::optional<Input> a_, b_;
  sim::Channel blocks_;  // results that are finished; the credit: the registers are free
  std::optional<Drain> drain_;
};

}  // namespace rdu_hw::emu
