// The way of a program from flow to image, one pass after another.
#include "tools/rducc/target/rdu/build.hpp"

#include <span>

#include "tools/rducc/target/rdu/adapt_reads.hpp"
#include "tools/rducc/target/rdu/check.hpp"
#include "tools/rducc/target/rdu/encode.hpp"
#include "tools/rducc/target/rdu/estimate.hpp"
#include "tools/rducc/target/rdu/map_section.hpp"
#include "tools/rducc/target/rdu/partition.hpp"

namespace rducc::rdu {
namespace {

using base::Code;
using base::Result;

Result<BuiltSection> build_section(const Section& section, const Flow& flow,
                                   const rdu_hw_arch& arch, const BuildOptions& options,
                                   Stores& stores, rdu_hw::image::Section& out) {
  RDU_TRY(check_section(section, flow, arch));
  Parts parts = section.parts();
  adapt_reads(parts, arch);
  RDU_TRY(partition_contexts(parts, arch));
  RDU_ASSIGN(const Mapped mapped, map_section(parts, arch, options, stores));
  const auto bases = stores.settle(mapped.parts, mapped.units, mapped.sites);
  out = encode_section(mapped.parts, mapped.units, mapped.sites, bases, mapped.routes, arch);
  BuiltSection built = report(mapped, arch);
  built.estimated_cycles = estimate_cycles(mapped.parts, mapped.units, flow.arguments(), arch);
  return built;
}

// The program of a lone section stays on the chip.
std::uint64_t estimate_run(std::span<const BuiltSection> sections, std::uint32_t num_setup,
                           const rdu_hw_arch& arch) {
  const auto run = sections.subspan(num_setup);
  std::uint64_t cycles = run.size() > 1 ? run.size() * program_load_cycles(arch) : 0;
  for (const BuiltSection& section : run) cycles += section.estimated_cycles;
  return cycles;
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
  program.num_setup_sections = flow.num_setup_sections();
  program.sections.resize(flow.sections().size());
  RDU_ASSIGN(Stores stores, Stores::find(flow, arch));
  Built built;
  built.sections.resize(flow.sections().size());
  for (const std::size_t number : stores.order()) {
    const Section& section = flow.sections()[number];
    stores.enter(number);
    auto one = build_section(section, flow, arch, options, stores, program.sections[number]);
    if (!one.ok()) {
      base::Error error = base::in_context("section \"" + section.parts().label.name + "\"",
                                           std::move(one.error()));
      error.section = std::to_string(number);
      return error;
    }
    built.sections[number] = *std::move(one);
  }
  built.estimated_cycles = estimate_run(built.sections, flow.num_setup_sections(), arch);
  built.image = rdu_hw::image::write_image(program);
  RDU_TRY(prove(built.image, arch));
  return built;
}

}  // namespace rducc::rdu
