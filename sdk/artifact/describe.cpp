// Takes from a model what an opened artifact will say of itself.
#include "sdk/artifact/describe.hpp"

namespace rdu::artifact {
namespace {

CutInfo describe_cut(const Cut& cut) {
  CutInfo info{cut.target, cut.format, cut.target_hash, {}};
  for (const Section& section : cut.sections) {
    info.sections.push_back(
        {section.first_node, section.end_node, section.block_loops, section.payload});
  }
  return info;
}

VariantInfo describe_variant(const Variant& variant) {
  VariantInfo info;
  info.dims = variant.dims;
  info.specialised = variant.specialised;
  info.inputs = variant.inputs;
  info.outputs = variant.outputs;
  for (const Cut& cut : variant.cuts) info.cuts.push_back(describe_cut(cut));
  return info;
}

}  // namespace

Description describe(const Model& model) {
  Description description;
  description.name = model.name;
  description.precision = model.precision;
  description.metadata = model.metadata;
  description.provenance = model.provenance;
  for (const Signature& signature : model.signatures) {
    SignatureInfo info{signature.name, signature.inputs, signature.outputs, {}};
    for (const Variant& variant : signature.variants) {
      info.variants.push_back(describe_variant(variant));
    }
    description.signatures.push_back(std::move(info));
  }
  for (const Packed& packed : model.packed) {
    description.packed.push_back({packed.target, packed.made_for, packed.data.bytes, kNone});
  }
  return description;
}

std::string variant_place(const Description& description, std::size_t signature,
                          std::size_t variant) {
  const SignatureInfo& info = description.signatures[signature];
  std::string place = base::format("signature \"%s\", variant %zu", info.name.c_str(), variant);
  std::string dims;
  for (const auto& [name, extent] : info.variants[variant].dims) {
    dims += (dims.empty() ? "" : ",") + name + "=" + std::to_string(extent);
  }
  if (!dims.empty()) place += " (" + dims + ")";
  return place;
}

}  // namespace rdu::artifact
