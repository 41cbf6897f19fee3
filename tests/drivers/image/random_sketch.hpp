// A section in the making: contexts over common domains, the links between them, and what they are called in memory.
#pragma once

#include <rdu_hw/arch.h>

#include <cstdint>
#include <vector>

#include "drivers/image/program.hpp"
#include "tests/drivers/image/random.hpp"

namespace image_test {

// Counters that contexts share. The extents of one of them may arrive by a link.
struct Domain {
  std::vector<rdu_hw_counter> counters;
  std::uint32_t extents = RDU_HW_NONE;  // the link
  std::uint32_t counter = 0;            // whose extent it brings
  std::uint32_t level = 0;              // one for each iteration there

  std::uint32_t levels() const { return static_cast<std::uint32_t>(counters.size()); }
  std::uint32_t lanes() const { return counters.empty() ? 1 : counters.back().lanes; }
  // Of the counters from `first` on, at most.
  std::uint64_t elements(std::uint32_t first = 0) const;
  Domain outer(std::uint32_t levels) const;
};

// What a context sends: one element per firing of a domain.
struct Stream {
  std::uint32_t link;
  std::uint32_t kind;
  Domain domain;
};

// An address program of one step: element after element of the counters from `first` on, the innermost fastest.
rdu_hw::image::Step linear(const Domain& domain, std::uint32_t element, std::uint32_t first = 0);

class Sketch {
 public:
  Sketch(const rdu_hw_arch& arch, Random& random, rdu_hw::image::Program& program)
      : arch(arch), random(random), program(program) {}

  // The number of a new context; it already takes the domain's extents.
  std::uint32_t open(std::uint32_t kind, const Domain& domain);
  rdu_hw::image::Context& context(std::uint32_t number) { return section.contexts[number]; }

  // An input at the domain's innermost level, or at another; all come before the first output. Returns the port.
  std::uint32_t take(std::uint32_t context, const Stream& stream);
  std::uint32_t take(std::uint32_t context, std::uint32_t link, std::uint32_t level,
                     std::uint32_t depth);
  // Before the outputs, where there are some already.
  void insert_input(std::uint32_t context, std::uint32_t port, std::uint32_t link,
                    std::uint32_t level, std::uint32_t depth);
  // An output and its link.
  Stream send(std::uint32_t context, std::uint32_t kind, std::uint32_t level,
              rdu_hw_operand value = {});
  // The same for a link that has sinks already.
  void send_by(std::uint32_t context, std::uint32_t link, std::uint32_t level, std::uint32_t room);
  std::uint32_t add_link(std::uint32_t kind);

  std::uint32_t add_region(std::uint32_t access, std::uint64_t bytes);
  std::uint32_t add_scalar(std::uint32_t access);
  // In any PMU; its number.
  std::uint32_t add_buffer(std::uint32_t copies, std::uint64_t bytes);
  // 1 … what the input of such a context may have.
  std::uint32_t depth_of(std::uint32_t context, std::uint32_t kind);
  std::uint32_t format();
  std::uint32_t room();
  rdu_hw::image::Section finish() { return std::move(section); }

  const rdu_hw_arch& arch;
  Random& random;
  rdu_hw::image::Program& program;
  rdu_hw::image::Section section;
  std::vector<Domain> domains;  // by context
  std::vector<bool> pinned;     // by buffer: where an earlier section left it
};

}  // namespace image_test
