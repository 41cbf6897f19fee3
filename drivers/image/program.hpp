// A program for a chip as nested lists: what a compiler fills, and write_image() turns into bytes.
#pragma once

#include <rdu_hw/config.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace rdu_hw::image {

struct Label {
  std::string name;                  // printable ASCII; may be empty
  std::uint32_t node = RDU_HW_NONE;  // of the graph
};

struct Step {
  std::vector<rdu_hw_term> terms;
  std::int64_t offset = 0;
  std::int64_t divisor = 1;
  std::int64_t modulus = 0;
  std::int64_t low = std::numeric_limits<std::int64_t>::min();
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
};

// `detail` and the ranges of the record are the writer's business, and so is the link of each port.
struct Context {
  std::uint32_t program = RDU_HW_PROGRAM_SIMD;
  std::uint32_t row = 0;
  std::uint32_t column = 0;
  std::vector<rdu_hw_counter> counters;
  std::vector<rdu_hw_port> ports;  // inputs first
  std::vector<rdu_hw_instruction> instructions;
  std::vector<Step> steps;
  rdu_hw_systolic systolic = {};  // of SYSTOLIC
  rdu_hw_access access = {};      // of WRITE and READ
  rdu_hw_transfer transfer = {};  // of LOAD, STORE and RESULT
  Label label;
};

struct Buffer {
  rdu_hw_buffer record = {};
  Label label;
};

struct Link {
  std::uint32_t kind = RDU_HW_VECTOR;
  rdu_hw_end source = {};
  std::vector<rdu_hw_sink> sinks;
  std::uint32_t initial = 0;
  std::uint32_t entry_row = 0;
  std::uint32_t entry_column = 0;
  std::vector<rdu_hw_hop> hops;
  Label label;
};

struct Section {
  std::vector<Context> contexts;
  std::vector<Buffer> buffers;
  std::vector<Link> links;
  Label label;
};

struct Argument {
  rdu_hw_argument record = {};
  Label label;
};

struct Program {
  std::uint64_t arch_hash = 0;
  std::vector<Argument> arguments;
  std::vector<Section> sections;
  std::uint32_t num_setup_sections = 0;  // of the sections, the first
};

// Short ways to write the records.
rdu_hw_counter counter(std::uint32_t extent, std::uint32_t lanes = 1, std::int32_t step = 1,
                       std::int32_t start = 0);
rdu_hw_port input(std::uint32_t kind, std::uint32_t number, std::uint32_t level);
rdu_hw_port output(std::uint32_t kind, std::uint32_t number, std::uint32_t level,
                   rdu_hw_operand value = {}, std::uint32_t room = RDU_HW_ROOM_LAST);
rdu_hw_operand operand(std::uint16_t kind, std::uint32_t value = 0, std::int16_t shift = 0);
rdu_hw_instruction compute(std::uint16_t op, std::uint32_t stage, std::uint32_t result,
                           rdu_hw_operand a, rdu_hw_operand b = {}, rdu_hw_operand c = {});
// One of the accumulating kinds of RDU_HW_DO_.
rdu_hw_instruction accumulate(std::uint16_t kind, std::uint16_t code, std::uint32_t stage,
                              std::uint32_t result, std::uint32_t level, rdu_hw_operand a,
                              rdu_hw_operand b = {}, rdu_hw_operand c = {});
rdu_hw_sink sink(rdu_hw_end end, std::uint32_t depth, std::uint32_t hop = RDU_HW_NONE);
rdu_hw_term counter_term(std::uint32_t counter, std::int64_t coefficient);

// The bytes of an image; the same program gives the same bytes. Checks nothing: rdu_hw_image_decode does.
std::vector<std::uint8_t> write_image(const Program& program);
// The program that write_image() gives `image` for, optional chunks that nobody knows aside.
Program read_program(const rdu_hw_image& image);

}  // namespace rdu_hw::image
