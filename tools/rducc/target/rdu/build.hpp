// From a flow to the image of a chip: partition, merge, retime, place, route, encode.
#pragma once

#include <rdu_hw/arch.h>

#include <string>
#include <vector>

#include "sdk/base/result.hpp"
#include "tools/rducc/target/rdu/flow.hpp"

namespace rducc::rdu {

enum class Sharing {
  kWhenShort,  // units are shared by what is small only where there are not enough
  kAlways      // and wherever contexts that talk to each other fit into one
};

struct BuildOptions {
  std::uint64_t seed = 1;  // of the placement; the same seed gives the same bytes
  Sharing pcus = Sharing::kAlways;
  Sharing pmus = Sharing::kWhenShort;
  std::uint32_t effort = 100;    // of the annealing, in percent
  std::uint32_t placements = 4;  // seeds that are tried where wires do not suffice
  std::uint32_t rounds = 3;      // of retiming, each with the routes of the one before
};

// Where a context ended up; the image's contexts are in the same order.
struct Placed {
  Label label;
  std::uint32_t unit;    // RDU_HW_UNIT_
  std::uint32_t row;     // an AGCU: its number
  std::uint32_t column;  // an AGCU: 0
};

struct BuiltSection {
  Label label;
  std::uint32_t pcus = 0;  // units in use
  std::uint32_t pmus = 0;
  std::uint32_t agcus = 0;
  std::uint64_t scratchpad_bytes = 0;
  std::uint64_t estimated_cycles = 0;  // without the load of its program
  std::uint64_t wire_length = 0;       // hops of all links
  std::uint32_t longest_route = 0;     // hops from a source to a sink
  std::uint32_t delays = 0;            // contexts and buffers that retime_links put in
  std::vector<Placed> contexts;
  std::vector<std::string> notes;  // what costs time and could not be helped
};

struct Built {
  std::vector<std::uint8_t> image;
  std::vector<BuiltSection> sections;
  std::uint64_t estimated_cycles = 0;  // of a run behind the first
};

// The image has passed rdu_hw_image_decode and rdu_hw_image_validate. Errors name section and context, what is needed and what the chip has:
// kInvalidArgument for a flow that contradicts itself, kLimit for one that needs more than the chip has. Where one section cannot be built
// the error's `section` is its number in the flow.
base::Result<Built> build_program(const Flow& flow, const rdu_hw_arch& arch,
                                  const BuildOptions& options = {});

}  // namespace rducc::rdu
