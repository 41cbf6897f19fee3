// Inputs are used where they lie in their rings when they are as wide and as many as the rows; everything else is spread out.
#include "drivers/emu/units/simd_values.hpp"

#include <algorithm>

namespace rdu_hw::emu {
namespace {

constexpr unsigned kSlots = 8;  // operands at a time, and shifts among them

// A word to all lanes of a row.
void spread(Word word, unsigned width, Word* row) {
  if (width == 16) {
    for (unsigned lane = 0; lane < 16; ++lane) row[lane] = word;
  } else {
    std::fill_n(row, width, word);
  }
}

}  // namespace

SimdValues::SimdValues(const Context& context, const World& world, const Timeline& timeline,
                       unsigned width, std::int64_t longest)
    : world_(&world),
      width_(width),
      all_(context.view.innermost()),
      run_level_(timeline.chain().run_level()),
      longest_(longest),
      inputs_(context, timeline, world.arch.pcu.lanes),
      scratch_(kSlots) {
  block_.reserve(longest, all_);
}

SimdValues::Kind SimdValues::kind_of(const rdu_hw_operand& operand) {
  switch (operand.kind) {
    case RDU_HW_OPERAND_INPUT:
      return Kind::kInput;
    case RDU_HW_OPERAND_COUNTER:
      return Kind::kCounter;
    case RDU_HW_OPERAND_VALID:
      return Kind::kValid;
    case RDU_HW_OPERAND_FIRST:
      return Kind::kFirst;
    case RDU_HW_OPERAND_LAST:
      return Kind::kLast;
    default:
      return Kind::kUniform;
  }
}

SimdValues::Id SimdValues::add(const rdu_hw_operand& operand) {
  const Kind kind = kind_of(operand);
  for (Id id = 0; id < values_.size(); ++id) {
    const Value& v = values_[id];
    if (v.kind == kind && v.operand == operand.kind && v.index == operand.value) return id;
  }
  Value value{.kind = kind, .index = operand.value, .operand = operand.kind, .domain = all_};
  if (kind == Kind::kUniform) fill_uniform(value);
  values_.push_back(std::move(value));
  return static_cast<Id>(values_.size() - 1);
}

SimdValues::Id SimdValues::add_result() {
  values_.push_back({.kind = Kind::kResult});
  return static_cast<Id>(values_.size() - 1);
}

SimdValues::Id SimdValues::add_shifted(Id of, std::int16_t shift) {
  values_.push_back({.kind = Kind::kShifted, .shift = shift, .of = of});
  return static_cast<Id>(values_.size() - 1);
}

void SimdValues::need(Id id, unsigned domain) {
  Value& value = values_[id];
  if (value.kind == Kind::kShifted) need(value.of, domain);
  if (value.kind == Kind::kResult) {
    value.domain = value.needed && value.domain != domain ? all_ : domain;
  }
  value.needed = true;
  if (domain != all_) block_.list_rows(domain);
}

void SimdValues::settle() {
  for (Id id = 0; id < values_.size(); ++id) {
    Value& value = values_[id];
    if (!value.needed) continue;
    if (value.kind != Kind::kShifted && value.kind != Kind::kUniform) {
      value.words.resize(static_cast<std::size_t>(longest_) * width_);
    }
    value.target = value.words.data();
    value.rows = value.words.data();
    if (value.kind == Kind::kCounter) counters_.push_back(id);
  }
  for (auto& words : scratch_) words.resize(static_cast<std::size_t>(longest_) * width_);
}

void SimdValues::fill_uniform(Value& value) {
  value.words.resize(static_cast<std::size_t>(longest_) * width_);
  for (std::size_t i = 0; i < value.words.size(); ++i) {
    switch (value.operand) {
      case RDU_HW_OPERAND_LANE:
        value.words[i] = static_cast<Word>(i % width_);
        break;
      case RDU_HW_OPERAND_ARGUMENT:
        value.words[i] = world_->bindings[value.index].word;
        break;
      default:
        value.words[i] = value.index;
    }
  }
}

void SimdValues::fill_input(Value& value) {
  Input& input = inputs_[value.index];
  const std::int64_t count = block_.count();
  input.begin(count);
  if (input.is_fresh() && input.words() == width_) {
    value.rows = input.at(0);
    return;
  }
  Word* row = value.words.data();
  value.rows = row;
  for (std::int64_t i = 0; i < count; ++i, row += width_) {
    const Word* element = input.at(i);
    if (input.words() == 1) {
      spread(*element, width_, row);
    } else {
      std::copy_n(element, width_, row);
    }
  }
}

void SimdValues::fill_counter(Value& value, const Chain& chain, std::int64_t at,
                              std::int64_t firings) {
  Word* row = value.words.data() + at * width_;
  const auto start = static_cast<Word>(chain.value(value.index));
  const Word stride =
      value.index == chain.runner() ? static_cast<Word>(chain.stride(value.index)) : 0;
  const Word step = value.index + 1 == chain.levels() ? static_cast<Word>(chain.lane_step()) : 0;
  for (std::int64_t i = 0; i < firings; ++i, row += width_) {
    const Word first = start + static_cast<Word>(i) * stride;
    for (unsigned lane = 0; lane < width_; ++lane) row[lane] = first + lane * step;
  }
}

void SimdValues::fill_flags(Value& value) {
  Word* row = value.words.data();
  for (std::int64_t i = 0; i < block_.count(); ++i, row += width_) {
    if (value.kind == Kind::kValid) {
      for (unsigned lane = 0; lane < width_; ++lane) row[lane] = lane < block_.valid(i) ? 1 : 0;
    } else {
      const unsigned level = value.kind == Kind::kFirst ? block_.first(i) : block_.last(i);
      std::fill_n(row, width_, level <= value.index ? 1 : 0);
    }
  }
}

void SimdValues::begin(Chain& chain, std::int64_t count) {
  block_.begin(chain, count, [&](std::int64_t at, std::int64_t firings) {
    for (const Id id : counters_) fill_counter(values_[id], chain, at, firings);
  });
  for (Value& value : values_) {
    if (!value.needed) continue;
    if (value.kind == Kind::kInput) fill_input(value);
    if (value.kind == Kind::kResult) value.target = value.words.data();
    const bool flags =
        value.kind == Kind::kValid || value.kind == Kind::kFirst || value.kind == Kind::kLast;
    if (flags) fill_flags(value);
  }
}

const Word* SimdValues::rows(Id id, unsigned domain, unsigned slot) {
  const Value& value = values_[id];
  if (value.kind == Kind::kShifted) return shifted(value, domain, slot);
  const Word* rows = value.kind == Kind::kResult ? value.target : value.rows;
  if (value.kind == Kind::kUniform || value.domain == domain) return rows;
  Word* gathered = scratch_[slot].data();
  for (const std::int32_t firing : block_.rows(domain)) {
    gathered = std::copy_n(rows + std::int64_t{firing} * width_, width_, gathered);
  }
  return scratch_[slot].data();
}

// Lane i takes lane i + shift, 0 where there is none.
const Word* SimdValues::shifted(const Value& value, unsigned domain, unsigned slot) {
  const Word* from = rows(value.of, domain, slot + kSlots / 2);
  Word* to = scratch_[slot].data();
  const int width = static_cast<int>(width_);
  for (std::int64_t row = num_rows(domain); row > 0; --row, from += width_, to += width_) {
    for (int lane = 0; lane < width; ++lane) {
      const int source = lane + value.shift;
      to[lane] = source >= 0 && source < width ? from[source] : 0;
    }
  }
  return scratch_[slot].data();
}

}  // namespace rdu_hw::emu
