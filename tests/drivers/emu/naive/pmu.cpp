// A vector of accesses: how long the banks take, and what they hold.
#include "tests/drivers/emu/naive/pmu.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace naive {

Access::Access(const Context& context, Time start, std::vector<std::uint8_t>& scratchpad)
    : Side(context, Owns::kAll, start),
      record_(context.image.accesses[context.record.detail]),
      buffer_(context.image.buffers[context.section.buffers.first + record_.buffer]),
      scratchpad_(scratchpad) {}

Time Access::act(Time) {
  const Addresses at = addresses(context(), position());
  const std::int64_t copy = position().completed(record_.swap_level) % buffer_.copies;
  std::uint8_t* bytes = scratchpad_.data() + buffer_.base + copy * buffer_.bytes;
  if (context().record.program == RDU_HW_PROGRAM_WRITE) {
    write(at, bytes);
  } else {
    read(at, bytes);
  }
  const Time cycles = bank_cycles(at);
  times_.conflicts += cycles - 1;
  return cycles;
}

// As many as the fullest bank has distinct words.
Time Access::bank_cycles(const Addresses& at) const {
  const std::int64_t banks = context().arch.pmu.banks;
  const bool writes = context().record.program == RDU_HW_PROGRAM_WRITE;
  std::map<std::int64_t, std::set<std::int64_t>> words;
  for (const auto& address : at) {
    if (!address) continue;
    const std::int64_t word = *address / 4;
    const std::int64_t row = word / buffer_.bank_stride;
    switch (buffer_.bank_mode) {
      case RDU_HW_BANK_STRIDED:
        words[row % banks].insert(word);
        break;
      case RDU_HW_BANK_DIAGONAL:
        words[(word + row) % banks].insert(word);
        break;
      default:
        if (writes) words[0].insert(word);
    }
  }
  std::size_t most = 1;
  for (const auto& [bank, held] : words) most = std::max(most, held.size());
  return static_cast<Time>(most);
}

bool Access::is_fresh() const {
  for (std::uint32_t i = 0; i < record_.fresh_count; ++i) {
    if (!position().in_first_iteration(record_.fresh_first + i)) return false;
  }
  return record_.fresh_count != 0;
}

void Access::write(const Addresses& at, std::uint8_t* copy) {
  const bool folds = record_.fold != RDU_HW_NONE && !is_fresh();
  for (std::uint32_t lane = 0; lane < at.size(); ++lane) {
    if (!at[lane]) continue;
    std::uint8_t* there = copy + *at[lane];
    Word word = context().input(record_.data, lane);
    if (folds) word = meet(record_.fold, load_element(record_.format, there), word);
    std::ranges::copy(store_element(record_.format, word), there);
  }
}

void Access::read(const Addresses& at, const std::uint8_t* copy) {
  read_.assign(at.size(), 0);
  for (std::uint32_t lane = 0; lane < at.size(); ++lane) {
    if (!position().valid(lane)) continue;
    read_[lane] = at[lane] ? load_element(record_.format, copy + *at[lane]) : record_.fill;
  }
}

Words Access::sent(std::uint32_t port) {
  const std::uint32_t kind = context().ports()[port].kind;
  if (kind == RDU_HW_CONTROL) return {};
  return kind == RDU_HW_SCALAR ? Words{read_[0]} : read_;
}

}  // namespace naive
