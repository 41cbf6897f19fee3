// An artifact as it is shipped, and sections of it as they are loaded at peers.
#pragma once

#include <rdu/plugin.h>

#include <memory>
#include <rdu/plugin/status.hpp>
#include <span>
#include <string>
#include <vector>

#include "plugins/remote/wire/hash.hpp"

namespace rdu::remote::client {

// Borrows the bytes, which stay until the executable is unloaded (or the check returns).
struct Shipment {
  std::vector<std::span<const std::byte>> parts;  // metadata first
  Offer offer;
};

plugin::Result<std::shared_ptr<const Shipment>> make_shipment(const rdu_graph_source& source);

// What one executable is at every peer that has it.
struct Program {
  std::shared_ptr<const Shipment> shipment;
  std::uint32_t signature = 0;
  std::uint32_t variant = 0;
  std::uint32_t first_section = 0;
  std::uint32_t end_section = 0;
  bool stateless = false;  // the host keeps the variables and binds them
};

// A tensor that crosses the wire: which port of the peer's program, which binding of a submission.
struct PortBinding {
  std::uint32_t port = 0;
  std::uint32_t value = 0;
  std::uint64_t bytes = 0;
};

// A program at one peer.
struct LoadedProgram {
  std::uint64_t id = 0;
  std::vector<PortBinding> inputs, outputs;
  std::vector<std::uint32_t> variables;  // by number in the graph: number at the peer, or RDU_NONE
  rdu_memory memory;
};

// `load` to keep: what its host knows of it; the rest is zero, and the copy's size says so.
rdu_load kept_load(const rdu_load& load);

// Finds the peer's ports in the list of values that each submission binds.
plugin::Result<LoadedProgram> match_ports(const Loaded& loaded, const rdu_load& load);

// The values that a submission of these sections binds, ascending: the list that rdu_submission promises.
std::vector<std::uint32_t> bound_values(const rdu_graph& graph, std::uint32_t first_section,
                                        std::uint32_t end_section);

}  // namespace rdu::remote::client
