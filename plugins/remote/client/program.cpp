// Chunks of 256 KiB, larger where an artifact would have too many; ports found by the number of their value.
#include "plugins/remote/client/program.hpp"

#include <algorithm>
#include <rdu/plugin.hpp>
#include <rdu/plugin/graph.hpp>

namespace rdu::remote::client {

using plugin::fail;
using plugin::Graph;
using plugin::Result;
using plugin::Status;

namespace {

constexpr std::uint32_t kSmallestChunk = 256u << 10;
constexpr std::uint32_t kLargestChunk = 1u << 20;
constexpr std::uint64_t kFewChunks = 4096;

std::span<const std::byte> bytes_of(const rdu_bytes& bytes) {
  return {static_cast<const std::byte*>(bytes.data), bytes.size};
}

Status match_side(const std::vector<Port>& ports, const rdu_graph& graph,
                  const std::vector<std::uint32_t>& values, std::vector<PortBinding>& out) {
  for (std::uint32_t i = 0; i < ports.size(); ++i) {
    const auto found = std::lower_bound(values.begin(), values.end(), ports[i].value);
    if (found == values.end() || *found != ports[i].value) {
      return fail(RDU_ERR_PLUGIN, "the peer wants value ", ports[i].value,
                  ", which does not cross the border of these sections");
    }
    const std::uint64_t bytes = Graph(&graph).value(ports[i].value).bytes;
    if (bytes != ports[i].bytes) {
      return fail(RDU_ERR_PLUGIN, "value ", ports[i].value, " has ", ports[i].bytes,
                  " bytes at the peer, ", bytes, " here");
    }
    out.push_back({i, ports[i].value, bytes});
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<const Shipment>> make_shipment(const rdu_graph_source& source) {
  auto shipment = std::make_shared<Shipment>();
  shipment->parts.push_back(bytes_of(source.bytes));
  std::uint64_t total = source.bytes.size;
  for (const rdu_bytes& segment : plugin::View<rdu_bytes>(source.segments)) {
    shipment->parts.push_back(bytes_of(segment));
    total += segment.size;
  }
  std::uint32_t chunk_bytes = kSmallestChunk;
  while (chunk_bytes < kLargestChunk && total / chunk_bytes > kFewChunks) chunk_bytes *= 2;
  Result<Offer> offer = make_offer(shipment->parts, chunk_bytes);
  if (!offer.ok()) return offer.status();
  shipment->offer = std::move(*offer);
  return std::shared_ptr<const Shipment>(std::move(shipment));
}

std::vector<std::uint32_t> bound_values(const rdu_graph& graph, std::uint32_t first_section,
                                        std::uint32_t end_section) {
  std::vector<std::uint32_t> values;
  const Graph view(&graph);
  for (std::uint32_t s = first_section; s < end_section; ++s) {
    for (const std::uint32_t value : view.inputs(view.sections()[s])) values.push_back(value);
    for (const std::uint32_t value : view.outputs(view.sections()[s])) values.push_back(value);
  }
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

rdu_load kept_load(const rdu_load& load) {
  rdu_load kept{};
  kept.header = load.header;
  kept.header.struct_size = std::min<std::uint32_t>(load.header.struct_size, sizeof kept);
  plugin::copy_sized(&kept, load);
  return kept;
}

Result<LoadedProgram> match_ports(const Loaded& loaded, const rdu_load& load) {
  LoadedProgram program;
  program.id = loaded.program;
  const auto values = bound_values(*load.graph, load.first_section, load.end_section);
  for (const auto& [from, to] :
       {std::pair(&loaded.inputs, &program.inputs), std::pair(&loaded.outputs, &program.outputs)}) {
    if (Status status = match_side(*from, *load.graph, values, *to); !status.ok()) return status;
  }
  for (const rdu_variable& variable : Graph(load.graph).variables()) {
    const auto found = std::find_if(loaded.variables.begin(), loaded.variables.end(),
                                    [&](const Port& port) { return port.name == variable.name; });
    program.variables.push_back(found == loaded.variables.end()
                                    ? RDU_NONE
                                    : static_cast<std::uint32_t>(found - loaded.variables.begin()));
  }
  program.memory = {RDU_HEADER(rdu_memory), 0, 0, 0};
  return program;
}

}  // namespace rdu::remote::client
