// What a flow is made of: contexts with their programs, buffers, links; nothing yet of units, stages, registers, port numbers and routes.
//
// The authoring interface is flow.hpp; the passes work on these lists. Records of the image are used as they are where nothing
// physical is in them. Numbers are positions in the lists of the owner.
#pragma once

#include <rdu_hw/config.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "drivers/image/program.hpp"

namespace rdu::base {}
namespace rdu::artifact {}

namespace rducc::rdu {

// Inside rducc, `rdu::base` finds this namespace first: let it mean the SDK's all the same.
namespace base = ::rdu::base;
namespace artifact = ::rdu::artifact;

using rdu_hw::image::Argument;
using rdu_hw::image::Label;
using rdu_hw::image::Step;

// An operand, or what an output sends: in single assignment, a result is named by the operation that makes it.
struct Value {
  enum class Kind : std::uint8_t {
    kNone,
    kOperation,  // the result of operation `index`
    kPosition,   // the position beside the result of pick `index`
    kInput,      // input `index`
    kCounter,    // counter `index`
    kLane,
    kConstant,  // the word `index`
    kArgument,  // scalar argument `index`
    kValid,
    kFirst,  // of an iteration at level `index`
    kLast
  };
  Kind kind = Kind::kNone;
  std::int16_t shift = 0;  // of lane i + shift; 0 where that lane is none, or not valid
  std::uint32_t index = 0;

  bool given() const { return kind != Kind::kNone; }
  friend bool operator==(const Value&, const Value&) = default;
};

struct Operation {
  std::uint16_t kind = RDU_HW_DO_COMPUTE;
  std::uint16_t code = 0;             // RDU_HW_OP_, RDU_HW_FOLD_ or RDU_HW_PICK_
  std::uint32_t level = RDU_HW_NONE;  // of what accumulates
  std::array<Value, 3> operands = {};
};

struct Input {
  std::uint32_t kind = RDU_HW_VECTOR;
  std::uint32_t level = 0;
  std::uint32_t link = 0;
};

struct Output {
  std::uint32_t kind = RDU_HW_VECTOR;
  std::uint32_t level = 0;
  std::uint32_t room = RDU_HW_ROOM_LAST;
  Value value = {};  // of SIMD, not of a token
  std::uint32_t link = 0;
};

struct Context {
  std::uint32_t program = RDU_HW_PROGRAM_SIMD;
  Label label;
  // Outermost first; one whose extent comes from a port has the number of a scalar input as its source.
  std::vector<rdu_hw_counter> counters;
  std::vector<Input> inputs;
  std::vector<Output> outputs;
  std::vector<Operation> operations;  // of SIMD; each uses earlier ones only
  std::vector<Step>
      steps;  // of WRITE, READ, LOAD and STORE; a port's term has the number of an input
  // The numbers of ports in the three records below are filled in by encode_section.
  rdu_hw_systolic systolic = {};
  rdu_hw_access access = {};
  rdu_hw_transfer transfer = {};

  std::uint32_t innermost() const { return static_cast<std::uint32_t>(counters.size()); }
  std::uint32_t unit() const { return rdu_hw_program_unit(program); }
};

struct Buffer {
  Label label;
  std::uint64_t bytes = 0;  // of one copy
  std::uint32_t copies = 1;
  std::uint32_t bank_mode = RDU_HW_BANK_STRIDED;
  std::uint32_t bank_stride = 1;      // words
  std::optional<std::uint32_t> kept;  // of the flow's stores: what a later section finds again
};

// Port of a link's end: number among the inputs, or among the outputs, of the context.
struct End {
  std::uint32_t context = 0;
  std::uint32_t port = 0;
  friend bool operator==(const End&, const End&) = default;
};

// An input that counts tokens: iteration j = g · group + r of its port needs that max(0, g · tokens + min(⌊(r · step + lead) / per⌋, tokens))
// have come, takes none, and the sender never waits for it.
struct Pace {
  std::uint32_t group = 1;
  std::uint32_t tokens = 1;  // in a group
  std::uint32_t step = 1;
  std::uint32_t per = 1;
  std::int32_t lead = 0;
};

struct Sink {
  End end;
  std::uint32_t depth = 0;  // 0: as deep as the chip's FIFO
  std::optional<Pace> pace = {};
};

struct Link {
  Label label;
  std::uint32_t kind = RDU_HW_VECTOR;
  std::uint32_t initial = 0;
  std::optional<End> source;  // a stream may be received before it is sent
  std::vector<Sink> sinks;
};

// Two contexts whose units shall be, or shall not be, the same one.
struct Hint {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  bool together = true;
};

struct Parts {
  Label label;
  std::vector<Context> contexts;
  std::vector<Buffer> buffers;
  std::vector<Link> links;
  std::vector<Hint> hints;
};

}  // namespace rducc::rdu
