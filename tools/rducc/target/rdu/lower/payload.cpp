// One section of the image for each node, one package for all of them.
#include "tools/rducc/target/rdu/lower/payload.hpp"

#include "tools/rducc/target/rdu/lower/decline.hpp"
#include "tools/rducc/target/rdu/lower/expand.hpp"
#include "tools/rducc/target/rdu/lower/kernel_sram.hpp"
#include "tools/rducc/target/rdu/lower/kernels.hpp"
#include "tools/rducc/target/rdu/lower/spatial.hpp"
#include "tools/rducc/target/rdu/lower/visit.hpp"

namespace rducc::rdu::lower {

std::vector<std::byte> to_bytes(const std::vector<std::uint8_t>& bytes) {
  const auto* data = reinterpret_cast<const std::byte*>(bytes.data());
  return {data, data + bytes.size()};
}

Work make_work(const artifact::Variant& variant, std::uint32_t first_node, std::uint32_t end_node) {
  Work work;
  work.variant = variant;
  work.first_node = first_node;
  work.end_node = end_node;
  work.num_values = static_cast<std::uint32_t>(variant.values.size());
  const auto& nodes = variant.graphs[0].nodes;
  for (std::uint32_t n = first_node; n < end_node; ++n) {
    expand(work, nodes[n]);
    work.origins.resize(work.nodes.size(), n);
  }
  return work;
}

namespace {

base::Result<Payload> make_kernel_payload(const Work& work, const chip::TargetOptions& options,
                                          const Budgets& budgets) {
  Flow flow;
  Regions regions(work, flow);
  for (std::size_t i = 0; i < work.nodes.size(); ++i) {
    const artifact::Node& node = work.nodes[i];
    const std::uint32_t number = work.origins[i];
    Section& section = flow.section({printable(node.name), number});
    const auto budget = budgets.find(number);
    Emitter emitter(flow, section, regions, options.arch, node.name, number,
                    budget == budgets.end() ? 1 : budget->second);
    emit_node(emitter, work.variant, node);
  }
  BuildOptions build;
  build.seed = options.seed;
  RDU_ASSIGN(const Built built, build_program(flow, options.arch, build));
  rdu_hw::image::Package package;
  package.image = built.image;
  package.estimated_cycles = built.estimated_cycles;
  regions.bind(package);
  return Payload{to_bytes(rdu_hw::image::write_package(package)), flow.sections().size(),
                 built.estimated_cycles};
}

}  // namespace

base::Result<Payload> make_payload(const Work& work, const chip::TargetOptions& options,
                                   const Budgets& budgets) {
  try {
    switch (options.schedule) {
      case chip::Schedule::kKernel:
        return make_kernel_payload(work, options, budgets);
      case chip::Schedule::kKernelSram:
        return make_kernel_sram_payload(work, options, budgets);
      case chip::Schedule::kSpatial:
        break;
    }
    return make_spatial_payload(work, options, budgets);
  } catch (const Decline& refusal) {
    return too_little(refusal);
  }
}

}  // namespace rducc::rdu::lower
