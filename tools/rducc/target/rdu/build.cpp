// The way of a program from flow to image, one pass after another.
#include "tools/rducc/target/rdu/build.hpp"

#include "tools/rducc/target/rdu/adapt_reads.hpp"
#include "tools/rducc/target/rdu/check.hpp"
#include "tools/rducc/target/rdu/encode.hpp"
#include "tools/rducc/target/rdu/map_section.hpp"
#include "tools/rducc/target/rdu/partition.hpp"

namespace rducc::rdu {
namespace {

using base::Code;
using base::Result;

Result<BuiltSection> build_section(const Section& section, const Flow& flow,
                                   const rdu_hw_arch& arch, const BuildOptions& options,
                                   Stores& stores, rdu_hw::image::Program& program) {
  RDU_TRY(check_section(section, flow, arch));
  Parts parts = section.parts();
  adapt_reads(parts, arch);
  RDU_TRY(partition_contexts(parts, arch));
  RDU_ASSIGN(const Mapped mapped, map_section(parts, arch, options, stores));
  stores.settle(mapped.parts, mapped.units, mapped.sites);
  program.sections.push_back(
      encode_section(mapped.parts, mapped.units, mapped.sites, mapped.routes, arch));
  return report(mapped, arch);
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
      base::Error error = base::in_context("section \"" + section.parts().label.name + "\"",
                                           std::move(one.error()));
      error.section = std::to_string(built.sections.size());
      return error;
    }
    built.sections.push_back(*std::move(one));
    stores.next();
  }
  built.image = rdu_hw::image::write_image(program);
  RDU_TRY(prove(built.image, arch));
  return built;
}

}  // namespace rducc::rdu
