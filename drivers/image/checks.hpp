// What makes tables an image, part by part, in the order in which decode_image() asks. Each throws a Fault.
#pragma once

#include "drivers/image/view.hpp"

namespace rdu_hw::image {

// The ranges of each table cover it in order, and programs are known: whatever follows may walk freely.
void check_ranges(const rdu_hw_image& image);
void check_arguments(const rdu_hw_image& image);
void check_buffers(const rdu_hw_image& image);
void check_counters(const ContextView& context);
void check_ports(const ContextView& context);
// No two contexts use one port of a unit.
void check_port_numbers(const rdu_hw_image& image, std::uint32_t section);
// Of SIMD: instructions and what outputs send.
void check_instructions(const ContextView& context);
void check_systolic(const ContextView& context);
void check_access(const ContextView& context);
void check_transfer(const ContextView& context);
void check_links(const rdu_hw_image& image, std::uint32_t section);
void check_labels(const rdu_hw_image& image);
// Setup sections are the first ones, there are others, and they write nothing but scratchpads.
void check_setups(const rdu_hw_image& image);

// Memory that an address program may touch, and how.
struct AddressRule {
  std::uint64_t bytes;
  std::uint32_t format;
  bool consecutive;  // along the innermost counter
};
void check_addresses(const ContextView& context, const AddressRule& rule);

// A number of a port of this context that carries words in this direction.
const rdu_hw_port& data_port(const ContextView& context, std::uint32_t number,
                             rdu_hw_direction direction, const Place& place, const char* field);
// A number of an argument that is a scalar and has this access.
void demand_scalar(const rdu_hw_image& image, std::uint32_t number, std::uint32_t access,
                   const Place& place, const char* field);

}  // namespace rdu_hw::image
