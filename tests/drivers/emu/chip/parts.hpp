// A program put together part by part; numbers of ports and links come by themselves. For chips with an ideal network.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "drivers/image/program.hpp"
#include "tests/drivers/emu/chip/machine.hpp"

namespace chip_test {

using rdu_hw::image::accumulate;
using rdu_hw::image::compute;
using rdu_hw::image::Context;
using rdu_hw::image::counter;
using rdu_hw::image::counter_term;
using rdu_hw::image::operand;
using rdu_hw::image::Step;

inline rdu_hw_operand reg(std::uint32_t number) { return operand(RDU_HW_OPERAND_REGISTER, number); }
inline rdu_hw_operand in(std::uint32_t port) { return operand(RDU_HW_OPERAND_INPUT, port); }
inline rdu_hw_operand word(std::uint32_t value) { return operand(RDU_HW_OPERAND_CONSTANT, value); }
inline rdu_hw_operand index(std::uint32_t counter) {
  return operand(RDU_HW_OPERAND_COUNTER, counter);
}

class Parts {
 public:
  using Counters = std::vector<rdu_hw_counter>;

  explicit Parts(const rdu_hw_arch& arch) : arch_(arch) {
    program.arch_hash = rdu_hw_arch_hash(&arch);
    next_section();
  }
  void next_section() {
    program.sections.emplace_back();
    doors_.clear();
  }

  std::uint32_t region(std::uint32_t access, std::uint64_t bytes);
  std::uint32_t scalar(std::uint32_t access);
  std::uint32_t buffer(rdu_hw_buffer record);

  // Numbers of contexts.
  std::uint32_t simd(std::uint32_t row, std::uint32_t column, Counters counters,
                     std::vector<rdu_hw_instruction> instructions);
  std::uint32_t access(std::uint32_t kind, std::uint32_t buffer, Counters counters, Step step);
  std::uint32_t transfer(std::uint32_t kind, std::uint32_t agcu, std::uint32_t argument,
                         Counters counters, Step step, std::uint32_t mode = RDU_HW_TRANSFER_DENSE);
  std::uint32_t result(std::uint32_t agcu, std::uint32_t argument, Counters counters = {});
  Context& context(std::uint32_t number) { return section().contexts[number]; }

  // Ports: inputs of a context before its outputs. The port that has a memory program's data is the last that is called so.
  std::uint32_t input(std::uint32_t context, std::uint32_t kind, std::uint32_t level);
  std::uint32_t output(std::uint32_t context, std::uint32_t kind, std::uint32_t level,
                       rdu_hw_operand value = {}, std::uint32_t room = RDU_HW_ROOM_LAST);
  void link(std::uint32_t kind, rdu_hw_end from, std::vector<rdu_hw_end> to, std::uint32_t depth,
            std::uint32_t initial = 0);

  rdu_hw::image::Program program;

 private:
  rdu_hw::image::Section& section() { return program.sections.back(); }
  std::uint32_t add(Context context, std::uint32_t row, std::uint32_t column, Counters counters);
  std::uint32_t add_port(std::uint32_t context, rdu_hw_port port);

  const rdu_hw_arch& arch_;
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>,
           std::uint32_t>
      doors_;
};

// Element after element of the counters, the innermost fastest, from counter `from` on.
Step linear(const Parts::Counters& counters, std::int64_t element = 4, std::size_t from = 0);

}  // namespace chip_test
