// When contexts begin, and how far apart their firings are, in a section that runs as it should: nobody waits for anything but the first elements.
#pragma once

#include <rdu_hw/arch.h>

#include <vector>

#include "sdk/base/result.hpp"
#include "tools/rducc/target/rdu/parts.hpp"

namespace rducc::rdu {

// How long links are, in hops, the door included: as they came out, or an estimate for all.
struct Distances {
  std::uint32_t estimate = 1;
  std::vector<std::vector<std::uint32_t>> hops = {};  // by link and sink; empty: the estimate

  // Units that talk are placed near each other: one hop, and a twenty-fourth of the way along both sides of the mesh.
  static Distances guess(const rdu_hw_arch& arch);
};

// All contexts are taken to last equally long, as long as the one with the most firings at one in a cycle: what fires seldom waits for the others.
// So a window of k firings is as long for a context as for those that feed it, and counts of elements follow from times. A context begins as late as
// those that wait for it allow, but for what FIFOs and buffers behind it hold: what waits beyond that, waits where streams part. Any such schedule says
// which room is enough, for nobody who fires as early as he can is later than in it.
class Schedule {
 public:
  // kInvalidArgument when contexts wait for each other in a circle without initial elements: none could ever begin.
  static base::Result<Schedule> find(const Parts& parts, const rdu_hw_arch& arch,
                                     Distances distances);

  // Elements of the link that have come before the sink's context begins and wait in its FIFO, with one that is held and one on its way.
  std::uint64_t waiting(const Link& link, const Sink& sink) const;

  std::uint32_t hops(const Link& link, const Sink& sink) const;

 private:
  Schedule(const Parts& parts, const rdu_hw_arch& arch, Distances distances);
  void begin_late(const std::vector<std::uint32_t>& order);
  // `soonest`: when each can begin by what it waits for alone.
  void begin_early(const std::vector<std::uint32_t>& order,
                   const std::vector<std::uint64_t>& soonest);
  std::vector<std::uint64_t> earliest(const std::vector<std::uint32_t>& order,
                                      const std::vector<std::uint64_t>& soonest) const;
  std::uint64_t room(const Link& link, const Sink& sink) const;
  // Cycles from the start to when the first element that the sink needs is there.
  std::uint64_t arrival(const Link& link, const Sink& sink) const;
  // From the source's begin to the arrival.
  std::uint64_t way(const Link& link, const Sink& sink) const;
  // Cycles of k firings of a context.
  std::uint64_t last(std::uint32_t context, std::uint64_t firings) const;

  const Parts* parts_;
  const rdu_hw_arch* arch_;
  std::uint64_t length_ = 1;  // of the section
  Distances distances_;
  std::vector<std::uint64_t> begins_;
};

// Whether the sink's first iteration waits for the link: not where elements are there from the start, or none are needed.
bool must_come(const Link& link, const Sink& sink);
// Tokens that the first iteration of a sink that counts waits for.
std::uint64_t first_tokens(const Pace& pace);
// From a firing to what it sends ("units", 3 to 6).
std::uint64_t latency(const Context& source, std::uint32_t kind, const rdu_hw_arch& arch);

}  // namespace rducc::rdu
