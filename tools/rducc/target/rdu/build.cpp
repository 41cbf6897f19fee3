// The way of a program from flow to image, one pass after another.
#include "tools/rducc/target/rdu/build.hpp"

#include <algorithm>

#include "tools/rducc/target/rdu/adapt_reads.hpp"
#include "tools/rducc/target/rdu/check.hpp"
#include "tools/rducc/target/rdu/encode.hpp"
#include "tools/rducc/target/rdu/partition.hpp"
#include "tools/rducc/target/rdu/retime.hpp"
#include "tools/rducc/target/rdu/stores.hpp"

namespace rducc::rdu {
namespace {

using base::Code;
using base::Result;

// Placements that are tried when there is no way for the wires of one.
constexpr std::uint64_t kPlacements = 4;

struct Layout {
  std::vector<Site> sites;
  std::vector<Route> routes;
};

Result<Layout> lay_out_section(const Parts& parts, const std::vector<Unit>& units, const Pins& pins,
                               const rdu_hw_arch& arch, const BuildOptions& options) {
  const Netlist netlist = netlist_of(parts, units);
  for (std::uint64_t i = 0;; ++i) {
    Layout layout;
    layout.sites = place_units(netlist, pins, arch, options.seed + i, options.effort);
    auto routes = route_links(parts, units, layout.sites, arch);
    if (routes.ok()) {
      layout.routes = *std::move(routes);
      return layout;
    }
    if (i + 1 == kPlacements) return std::move(routes.error());
  }
}

BuiltSection report(const Parts& parts, const std::vector<Unit>& units, const Layout& layout,
                    const rdu_hw_arch& arch) {
  BuiltSection section;
  section.label = parts.label;
  section.contexts.resize(parts.contexts.size());
  for (std::size_t i = 0; i < units.size(); ++i) {
    std::uint32_t* const counts[3] = {&section.pcus, &section.pmus, &section.agcus};
    ++*counts[units[i].type];
    for (const std::uint32_t context : units[i].contexts) {
      section.contexts[context] = {parts.contexts[context].label, units[i].type,
                                   layout.sites[i].row, layout.sites[i].column};
    }
  }
  for (const Buffer& buffer : parts.buffers) section.scratchpad_bytes += footprint(buffer, arch);
  for (const Route& route : layout.routes) {
    section.wire_length += route.hops.size();
    for (std::uint32_t i = 0; i < route.sinks.size(); ++i) {
      section.longest_route = std::max(section.longest_route, num_hops(route, i));
    }
  }
  return section;
}

Result<BuiltSection> build_section(const Section& section, const Flow& flow,
                                   const rdu_hw_arch& arch, const BuildOptions& options,
                                   Stores& stores, rdu_hw::image::Program& program) {
  RDU_TRY(check_section(section, flow, arch));
  Parts parts = section.parts();
  adapt_reads(parts, arch);
  RDU_TRY(partition_contexts(parts, arch));
  const std::uint32_t reserved = stores.reserved(parts);
  const std::size_t pmus = rdu_hw_arch_num_pmus(&arch) - reserved;
  const std::size_t spare = pmus - std::min(pmus, parts.buffers.size());
  RDU_ASSIGN(Retimed retimed, retime_links(parts, arch, static_cast<std::uint32_t>(spare)));
  RDU_ASSIGN(const std::vector<Unit> units, share_units(parts, arch, options, reserved));
  RDU_ASSIGN(const Layout layout,
             lay_out_section(parts, units, stores.pins(parts, units), arch, options));
  stores.settle(parts, units, layout.sites);
  program.sections.push_back(encode_section(parts, units, layout.sites, layout.routes, arch));
  BuiltSection built = report(parts, units, layout, arch);
  built.delays = retimed.delays;
  built.notes = std::move(retimed.notes);
  return built;
}

// Nothing leaves this house that the chip would refuse.
Result<void> prove(const std::vector<std::uint8_t>& bytes, const rdu_hw_arch& arch) {
  rdu_hw_image* image = nullptr;
  rdu_hw_image_error error = {};
  rdu_hw_image_code code = rdu_hw_image_decode(bytes.data(), bytes.size(), &image, &error);
  if (code == RDU_HW_IMAGE_OK) code = rdu_hw_image_validate(image, &arch, &error);
  rdu_hw_image_free(image);
  if (code == RDU_HW_IMAGE_OK) return {};
  return base::fail(Code::kInternal, "the image is not right: %s", error.text);
}

}  // namespace

Result<Built> build_program(const Flow& flow, const rdu_hw_arch& arch,
                            const BuildOptions& options) {
  rdu_hw::image::Program program;
  program.arch_hash = rdu_hw_arch_hash(&arch);
  program.arguments = flow.arguments();
  RDU_ASSIGN(Stores stores, Stores::find(flow));
  Built built;
  for (const Section& section : flow.sections()) {
    auto one = build_section(section, flow, arch, options, stores, program);
    if (!one.ok()) {
      return base::in_context("section \"" + section.parts().label.name + "\"",
                              std::move(one.error()));
    }
    built.sections.push_back(*std::move(one));
    stores.next();
  }
  built.image = rdu_hw::image::write_image(program);
  RDU_TRY(prove(built.image, arch));
  return built;
}

}  // namespace rducc::rdu
