// A SIMD context's instructions, run over blocks of firings.
#pragma once

#include <cstdint>
#include <vector>

#include "drivers/emu/units/simd_values.hpp"

namespace rdu_hw::emu {

// Each instruction runs once for a block, over the firings that anybody looks at: what only the end of an iteration needs is
// computed there alone.
class SimdProgram {
 public:
  SimdProgram(const Context& context, const World& world, const Timeline& timeline);

  std::int64_t longest() const { return longest_; }
  // The next `count` firings: from the fronts of inputs to the backs of outputs. The chain is walked.
  void run(Chain& chain, std::int64_t count);

 private:
  using Id = SimdValues::Id;
  struct Stage {
    rdu_hw_instruction record;
    Id operands[3] = {};
    Id result = SimdValues::kNone;
    Id position = SimdValues::kNone;
    unsigned domain = 0;
    std::vector<Word> state = {};  // of the accumulators
    std::vector<Word> positions = {};
  };
  struct Sent {
    Output output;
    std::uint32_t kind;
    unsigned domain;
    Id value;
  };

  void add_instructions();
  void add_outputs(const Timeline& timeline);
  void find_domains();
  Id operand(const rdu_hw_operand& operand);

  void compute(Stage& stage);
  void accumulate(Stage& stage);
  // Takes firings [begin, end), of one iteration, into the accumulators.
  void start(Stage& stage, std::int64_t firing);
  void take(Stage& stage, std::int64_t begin, std::int64_t end);
  void take_products(Stage& stage, std::int64_t begin, std::int64_t end);
  void store_state(Stage& stage, std::int64_t row);
  void plant_trees(Stage& stage);
  void send(const Sent& sent, std::int64_t count);
  void clear_lanes(const Sent& sent, std::int64_t count);

  const Context* context_;
  const World* world_;
  std::int64_t longest_;
  SimdValues values_;
  std::vector<Stage> stages_;
  std::vector<Id> written_;  // by register, while instructions are added
  std::vector<Sent> outputs_;
  // Of the accumulating instruction that runs: what comes in by firing, and how wide it is.
  const Word* incoming_ = nullptr;
  const Word* incoming_positions_ = nullptr;
  const Word* factors_ = nullptr;
  const Word* initial_ = nullptr;
  const std::uint64_t* masks_ = nullptr;
  unsigned incoming_width_ = 1;
  std::vector<Word> trees_, tree_positions_, packed_;
};

}  // namespace rdu_hw::emu
