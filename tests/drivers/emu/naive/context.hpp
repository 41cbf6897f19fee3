// A context of a running section: its records, its links' ends, and what the host bound.
#pragma once

#include <rdu_hw/config.h>

#include <map>
#include <span>
#include <vector>

#include "tests/drivers/emu/naive/channel.hpp"

namespace naive {

// By number of the argument: the address of a region, the word of a scalar.
using Arguments = std::vector<std::uint64_t>;
// By row and column of the PMU.
using Scratchpads = std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::uint8_t>>;

struct Context {
  const rdu_hw_image& image;
  const rdu_hw_arch& arch;
  const rdu_hw_section& section;
  const rdu_hw_context& record;
  std::uint32_t number;  // in the section
  const Arguments& arguments;
  std::vector<Channel*> from;             // by port, of inputs
  std::vector<std::vector<Channel*>> to;  // by port, of outputs

  std::span<const rdu_hw_counter> counters() const { return of(image.counters, record.counters); }
  std::span<const rdu_hw_port> ports() const { return of(image.ports, record.ports); }
  std::span<const rdu_hw_instruction> instructions() const {
    return of(image.instructions, record.instructions);
  }
  std::span<const rdu_hw_step> steps() const { return of(image.steps, record.steps); }
  std::span<const rdu_hw_term> terms(const rdu_hw_step& step) const {
    return of(image.terms, step.terms);
  }
  // The word of an input's element in a lane.
  Word input(std::uint32_t port, std::uint32_t lane) const {
    const Words& words = from[port]->elements.front().words;
    return words[words.size() == 1 ? 0 : lane];
  }

 private:
  template <typename Record>
  static std::span<const Record> of(const Record* table, rdu_hw_range range) {
    return {table + range.first, range.count};
  }
};

}  // namespace naive
