// Whether a chip has what an image asks for, part by part. Each throws a Fault.
#pragma once

#include "drivers/image/view.hpp"

namespace rdu_hw::image {

// Stages, functions, number formats, registers of one PCU context.
void fit_pcu(const ContextView& context, const rdu_hw_arch& arch);
// What the contexts of a unit share: counters, stages, its contexts and its ports.
void fit_units(const rdu_hw_image& image, std::uint32_t section, const rdu_hw_arch& arch);
void fit_buffers(const rdu_hw_image& image, std::uint32_t section, const rdu_hw_arch& arch);
// Outstanding requests and coalescing entries of each transfer.
void fit_agcus(const rdu_hw_image& image, std::uint32_t section, const rdu_hw_arch& arch);
// FIFOs and routes.
void fit_links(const rdu_hw_image& image, std::uint32_t section, const rdu_hw_arch& arch);

// No section behind the setup sections writes where they wrote.
void fit_setups(const rdu_hw_image& image, const rdu_hw_arch& arch);

// Bytes of the scratchpad that a buffer takes.
std::uint64_t footprint(const rdu_hw_buffer& buffer, const rdu_hw_arch& arch);
// Stages that an instruction occupies; the tail counts as one.
std::uint32_t num_stages(const rdu_hw_instruction& instruction, const rdu_hw_arch& arch);
const rdu_hw_ports& ports_of(const rdu_hw_arch& arch, std::uint32_t unit);

}  // namespace rdu_hw::image
