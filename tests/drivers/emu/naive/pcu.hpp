// Compute contexts: SIMD programs and the systolic array with its drain.
#pragma once

#include <memory>
#include <optional>

#include "tests/drivers/emu/naive/side.hpp"

namespace naive {

// From the first to the last stage that the context's instructions occupy.
Time simd_stages(const Context& context);

class Simd : public Side {
 public:
  Simd(const Context& context, Time start);

 private:
  struct Accumulator {
    Words values;     // by lane
    Words positions;  // of picks
  };

  Time act(Time now) override;
  Words sent(std::uint32_t port) override;

  Word operand(const rdu_hw_operand& operand, std::uint32_t lane) const;
  void execute(const rdu_hw_instruction& instruction, Accumulator& accumulator);
  void accumulate(const rdu_hw_instruction& instruction, Accumulator& accumulator);
  void accumulate_product(const rdu_hw_instruction& instruction, Accumulator& accumulator);
  void reduce(const rdu_hw_instruction& instruction, Accumulator& accumulator);
  void pick(const rdu_hw_instruction& instruction, Accumulator& accumulator);

  std::uint32_t lanes_;
  std::vector<Words> registers_;  // [register][lane]
  std::vector<Accumulator> accumulators_;
};

// The result registers between an array and its drain.
struct Block {
  std::vector<Words> rows;
  Time filled = 0;
  bool full = false;
  Time free_from = 0;
};

class Array : public Side {
 public:
  Array(const Context& context, Time start, Block& block);

  Time latest() const override { return std::max(Side::latest(), block_.free_from); }

 private:
  Time act(Time now) override;
  Words sent(std::uint32_t port) override;
  // The result registers stand where the result port is.
  std::size_t places(std::uint32_t port) const override;
  bool needs_room(std::uint32_t port) const override;
  bool has_room(std::uint32_t port, std::size_t sink, Time now) const override;
  void send(std::uint32_t port, Time now) override;

  const rdu_hw_systolic& record_;
  Block& block_;
  std::vector<Words> sums_;  // [row][column]
};

// Not a chain of counters: `rows` firings for each block.
class Drain : public Side {
 public:
  Drain(const Context& context, Time start, Block& block, const Array& array);

  bool done() const override { return array_.done() && !block_.full; }
  Time latest() const override { return std::max(Side::latest(), block_.filled); }

 private:
  const Walk& position() const override { return each_; }
  void advance() override;
  bool has_input(Time now) override { return block_.full && block_.filled <= now; }
  Time act(Time) override { return 1; }
  Words sent(std::uint32_t) override { return block_.rows[row_]; }
  std::size_t places(std::uint32_t port) const override {
    return port == record_.result ? Side::places(port) : 0;
  }

  const rdu_hw_systolic& record_;
  Block& block_;
  const Array& array_;
  Walk each_;  // every firing is an iteration
  std::uint32_t row_ = 0;
};

}  // namespace naive
