// The description and the graphs, put together as the compiler had them.
#include "sdk/artifact/restore.hpp"

#include "sdk/artifact/flat_graph.hpp"

namespace rdu::artifact {
namespace {

Cut restore_cut(const CutInfo& info) {
  Cut cut{info.target, info.format, info.target_hash, {}};
  for (const SectionInfo& section : info.sections) {
    cut.sections.push_back({section.first_node,
                            section.end_node,
                            section.block_loops,
                            {section.payload.begin(), section.payload.end()}});
  }
  return cut;
}

Variant restore_variant(const VariantInfo& info, const rdu_graph& graph) {
  Variant variant = unflatten(graph);
  variant.dims = info.dims;
  variant.specialised = info.specialised;
  variant.inputs = info.inputs;
  variant.outputs = info.outputs;
  variant.cuts.clear();
  for (const CutInfo& cut : info.cuts) variant.cuts.push_back(restore_cut(cut));
  return variant;
}

}  // namespace

Model restore(const Artifact& artifact) {
  const Description& description = artifact.description();
  Model model{description.name,
              description.precision,
              description.metadata,
              description.provenance,
              {},
              {}};
  for (std::uint32_t s = 0; s < description.signatures.size(); ++s) {
    const SignatureInfo& info = description.signatures[s];
    Signature& signature = model.signatures.emplace_back();
    signature.name = info.name;
    signature.inputs = info.inputs;
    signature.outputs = info.outputs;
    for (std::uint32_t v = 0; v < info.variants.size(); ++v) {
      signature.variants.push_back(restore_variant(info.variants[v], artifact.graph(s, v)));
    }
  }
  for (const PackedInfo& packed : description.packed) {
    model.packed.push_back({packed.target, packed.made_for, {packed.bytes, nullptr}});
  }
  return model;
}

}  // namespace rdu::artifact
