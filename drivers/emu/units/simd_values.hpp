// The values of a SIMD program over a block: a row of words, one for each lane, for each firing that needs it.
#pragma once

#include <cstdint>
#include <vector>

#include "drivers/emu/units/block.hpp"
#include "drivers/emu/units/context.hpp"
#include "drivers/emu/units/elements.hpp"
#include "drivers/emu/units/timeline.hpp"

namespace rdu_hw::emu {

// A value has rows for the last firings of the iterations at its *domain*, a level; at the level of single firings these are
// all firings. Values that come from outside have all rows.
class SimdValues {
 public:
  using Id = std::uint32_t;
  static constexpr Id kNone = ~Id{0};

  // `width` lanes of a row.
  SimdValues(const Context& context, const World& world, const Timeline& timeline, unsigned width,
             std::int64_t longest);

  unsigned width() const { return width_; }
  unsigned all() const { return all_; }
  Block& block() { return block_; }

  Id add(const rdu_hw_operand& operand);  // not a register's
  Id add_result();                        // of an instruction
  Id add_shifted(Id of, std::int16_t shift);
  // The domain of what is there at each end of an iteration at this level.
  unsigned domain_of(unsigned level) const { return level >= run_level_ ? all_ : level; }
  // A user of the value needs its rows.
  void need(Id id, unsigned domain);
  bool is_needed(Id id) const { return values_[id].needed; }
  // Of an id that is needed.
  unsigned domain(Id id) const { return values_[id].domain; }
  void need_all(Id id) { values_[id].domain = all_; }
  // After all of that.
  void settle();

  // The next `count` firings, whose inputs are there. The chain is walked.
  void begin(Chain& chain, std::int64_t count);
  std::int64_t num_rows(unsigned domain) const {
    return domain == all_ ? block_.count() : static_cast<std::int64_t>(block_.rows(domain).size());
  }
  // Which firing row r of a domain is.
  std::int64_t firing(unsigned domain, std::int64_t row) const {
    return domain == all_ ? row : block_.rows(domain)[static_cast<std::size_t>(row)];
  }
  // All rows of a domain, of a value that has them. `slot` tells apart what is asked for at one time.
  const Word* rows(Id id, unsigned domain, unsigned slot);
  // Where the rows of a result are to be written.
  Word* result(Id id) { return values_[id].target; }
  // From now on, for this block only: there instead.
  void redirect(Id id, Word* rows) { values_[id].target = rows; }
  bool is_result(Id id) const { return values_[id].kind == Kind::kResult; }

 private:
  enum class Kind { kUniform, kInput, kCounter, kValid, kFirst, kLast, kResult, kShifted };
  struct Value {
    Kind kind;
    std::uint32_t index = 0;  // of the input, the counter, the level, the operand's word
    std::int16_t shift = 0;
    Id of = kNone;
    std::uint16_t operand = 0;  // its kind
    unsigned domain = 0;
    bool needed = false;
    std::vector<Word> words = {};
    Word* target = nullptr;
    const Word* rows = nullptr;
  };
  static Kind kind_of(const rdu_hw_operand& operand);
  void fill_uniform(Value& value);
  void fill_input(Value& value);
  void fill_counter(Value& value, const Chain& chain, std::int64_t at, std::int64_t firings);
  void fill_flags(Value& value);
  const Word* shifted(const Value& value, unsigned domain, unsigned slot);

  const World* world_;
  unsigned width_;
  unsigned all_;
  unsigned run_level_;
  std::int64_t longest_;
  Block block_;
  Inputs inputs_;
  std::vector<Value> values_;
  std::vector<Id> counters_;  // what is filled run by run
  std::vector<std::vector<Word>> scratch_;
};

}  // namespace rdu_hw::emu
