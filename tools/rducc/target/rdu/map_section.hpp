// A section that is cut to pieces: delays, units, places and routes, once more where routes turn out longer than was reckoned with.
#pragma once

#include "tools/rducc/target/rdu/retime.hpp"
#include "tools/rducc/target/rdu/route.hpp"
#include "tools/rducc/target/rdu/stores.hpp"

namespace rducc::rdu {

struct Mapped {
  Parts parts;  // with the delays
  Retimed retimed;
  std::vector<Unit> units;
  std::vector<Site> sites;
  std::vector<Route> routes;
  std::size_t num_short = 0;  // sinks where too much waits, with these routes
};

base::Result<Mapped> map_section(const Parts& parts, const rdu_hw_arch& arch,
                                 const BuildOptions& options, const Stores& stores);

BuiltSection report(const Mapped& mapped, const rdu_hw_arch& arch);

}  // namespace rducc::rdu
