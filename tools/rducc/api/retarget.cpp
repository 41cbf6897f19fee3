// rducc_retarget: an artifact's graphs for other targets.
#include <rducc/rducc.h>

#include <memory>
#include <string>
#include <utility>

#include "sdk/artifact/flat_graph.hpp"
#include "sdk/artifact/reader.hpp"
#include "tools/rducc/api/output.hpp"
#include "tools/rducc/api/status.hpp"
#include "tools/rducc/target/rdu/lower/target.hpp"
#include "tools/rducc/target/rdu/lower/target_uri.hpp"

namespace artifact = rdu::artifact;
using rdu::base::Result;
using rducc::api::guarded;
using rducc::api::wrong_request;

namespace {

artifact::Variant portable_variant(const artifact::Artifact& source, std::uint32_t signature,
                                   std::uint32_t variant) {
  const artifact::VariantInfo& info = source.description().signatures[signature].variants[variant];
  artifact::Variant out = artifact::unflatten(source.graph(signature, variant));
  out.dims = info.dims;
  out.specialised = info.specialised;
  out.inputs = info.inputs;
  out.outputs = info.outputs;
  return out;
}

artifact::Model portable_model(const artifact::Artifact& source) {
  const artifact::Description& about = source.description();
  artifact::Model model{about.name, about.precision, about.metadata, about.provenance, {}};
  for (std::uint32_t s = 0; s < about.signatures.size(); ++s) {
    const artifact::SignatureInfo& info = about.signatures[s];
    artifact::Signature& signature = model.signatures.emplace_back();
    signature.name = info.name;
    signature.inputs = info.inputs;
    signature.outputs = info.outputs;
    for (std::uint32_t v = 0; v < info.variants.size(); ++v) {
      signature.variants.push_back(portable_variant(source, s, v));
    }
  }
  return model;
}

Result<void> add_target(artifact::Model& model, const char* target) {
  if (target == nullptr) return wrong_request("a target is NULL");
  RDU_TRY(rducc::check_target(target));
  if (!rducc::chip::is_chip_uri(target)) return {};
  RDU_ASSIGN(const auto options, rducc::chip::parse_target(target));
  for (artifact::Signature& signature : model.signatures) {
    for (artifact::Variant& variant : signature.variants) {
      RDU_TRY(rducc::chip::add_cut(variant, options));
    }
  }
  return {};
}

}  // namespace

extern "C" rducc_status* rducc_retarget(rdu_bytes bytes, const char* const* targets,
                                        uint32_t num_targets, rducc_output** out_output) {
  return guarded([&]() -> Result<void> {
    if (!bytes.data) return wrong_request("artifact is NULL");
    if (!targets && num_targets != 0) return wrong_request("targets is NULL");
    if (!out_output) return wrong_request("out_output is NULL");
    artifact::OpenOptions options;
    options.copy = true;
    RDU_ASSIGN(artifact::ArtifactPtr source,
               artifact::open_artifact(
                   std::span(static_cast<const std::byte*>(bytes.data), bytes.size), options));
    auto output = std::make_unique<rducc_output>();
    output->compiled.model = portable_model(*source);
    output->source = std::move(source);
    for (std::uint32_t t = 0; t < num_targets; ++t) {
      RDU_TRY(add_target(output->compiled.model, targets[t]));
    }
    *out_output = output.release();
    return {};
  });
}
