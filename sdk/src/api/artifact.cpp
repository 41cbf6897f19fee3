// rdu_artifact_*: opening and describing.
#include "sdk/src/runtime/artifact.hpp"

#include <rdu/artifact.h>

#include <algorithm>
#include <array>

#include "sdk/artifact/view.hpp"
#include "sdk/src/api/handles.hpp"
#include "sdk/src/api/value_info.hpp"
#include "sdk/src/runtime/guard.hpp"
#include "sdk/src/runtime/sized.hpp"

using rdu::runtime::Artifact;
using rdu::runtime::fail;
using rdu::runtime::guarded;
using rdu::runtime::SignatureSpec;
using rdu::runtime::Status;
using rdu::runtime::TensorSpec;
using rdu::runtime::VariantSpec;
using rdu::runtime::write_sized;

namespace {

Status check_index(const char* what, uint32_t index, std::size_t count) {
  if (index < count) return {};
  return fail(RDU_ERR_INVALID_ARGUMENT, what, " ", index, " does not exist; there are ", count);
}

Status signature_at(const rdu_artifact* artifact, uint32_t index, const SignatureSpec*& out) {
  RDU_REQUIRE(artifact);
  const auto& signatures = artifact->artifact->signatures();
  RDU_TRY(check_index("signature", index, signatures.size()));
  out = &signatures[index];
  return {};
}

Status variant_at(const rdu_artifact* artifact, uint32_t signature, uint32_t index,
                  const VariantSpec*& out) {
  const SignatureSpec* spec = nullptr;
  RDU_TRY(signature_at(artifact, signature, spec));
  RDU_TRY(check_index("variant", index, spec->variants.size()));
  out = &spec->variants[index];
  return {};
}

Status get_tensor(const char* what, const std::vector<TensorSpec>& specs, uint32_t index,
                  rdu_value_info* out_info) {
  RDU_TRY(check_index(what, index, specs.size()));
  return write_sized(rdu::api::describe(specs[index]), "rdu_value_info", out_info);
}

Status end_of_list(uint32_t index) { return fail(RDU_ERR_NOT_FOUND, "there is no entry ", index); }

}  // namespace

extern "C" {

rdu_status* rdu_artifact_open(rdu_context* context, const char* path,
                              const rdu_artifact_options* options, rdu_artifact** out_artifact) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(context);
    RDU_REQUIRE(path);
    RDU_REQUIRE(out_artifact);
    RDU_TRY(context->context->check_process());
    auto handle = std::make_unique<rdu_artifact>();
    RDU_TRY(Artifact::open(context->context, path, options, handle->artifact));
    *out_artifact = handle.release();
    return {};
  });
}

rdu_status* rdu_artifact_open_memory(rdu_context* context, const void* data, uint64_t size_bytes,
                                     const rdu_artifact_options* options,
                                     rdu_artifact** out_artifact) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(context);
    RDU_REQUIRE(data);
    RDU_REQUIRE(out_artifact);
    RDU_TRY(context->context->check_process());
    auto handle = std::make_unique<rdu_artifact>();
    const std::span bytes(static_cast<const std::byte*>(data), size_bytes);
    RDU_TRY(Artifact::open(context->context, bytes, options, handle->artifact));
    *out_artifact = handle.release();
    return {};
  });
}

rdu_status* rdu_artifact_open_part(rdu_context* context, const rdu_artifact_part* part,
                                   const rdu_artifact_options* options,
                                   rdu_artifact** out_artifact) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(context);
    RDU_REQUIRE(part);
    RDU_REQUIRE(out_artifact);
    RDU_TRY(context->context->check_process());
    auto handle = std::make_unique<rdu_artifact>();
    RDU_TRY(Artifact::open(context->context, part, options, handle->artifact));
    *out_artifact = handle.release();
    return {};
  });
}

void rdu_artifact_close(rdu_artifact* artifact) {
  if (!artifact || artifact->artifact->context().forked()) return;
  delete artifact;
}

uint32_t rdu_artifact_num_signatures(const rdu_artifact* artifact) {
  return artifact ? static_cast<uint32_t>(artifact->artifact->signatures().size()) : 0;
}

rdu_status* rdu_artifact_get_signature(const rdu_artifact* artifact, uint32_t signature,
                                       rdu_signature_info* out_info) {
  return guarded([&]() -> Status {
    const SignatureSpec* spec = nullptr;
    RDU_TRY(signature_at(artifact, signature, spec));
    rdu_signature_info info{};
    info.name = spec->name.c_str();
    info.num_variants = static_cast<uint32_t>(spec->variants.size());
    if (!spec->variants.empty()) {
      const VariantSpec& first = spec->variants.front();
      info.num_inputs = static_cast<uint32_t>(first.inputs.size());
      info.num_outputs = static_cast<uint32_t>(first.outputs.size());
      info.num_variables = static_cast<uint32_t>(first.variables.size());
    }
    return write_sized(info, "rdu_signature_info", out_info);
  });
}

rdu_status* rdu_artifact_find_signature(const rdu_artifact* artifact, const char* name,
                                        uint32_t* out_signature) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(artifact);
    RDU_REQUIRE(name);
    RDU_REQUIRE(out_signature);
    return artifact->artifact->find(name, *out_signature);
  });
}

rdu_status* rdu_artifact_get_variant(const rdu_artifact* artifact, uint32_t signature,
                                     uint32_t variant, rdu_variant_info* out_info) {
  return guarded([&]() -> Status {
    const VariantSpec* spec = nullptr;
    RDU_TRY(variant_at(artifact, signature, variant, spec));
    rdu_variant_info info{};
    info.name = spec->name.c_str();
    info.num_nodes = rdu::artifact::at<rdu_subgraph>(spec->graph->graphs, 0).num_nodes;
    info.num_sections = spec->graph->sections.count;
    info.num_values = spec->graph->values.count;
    info.weight_bytes = spec->info->weight_bytes;
    return write_sized(info, "rdu_variant_info", out_info);
  });
}

rdu_status* rdu_artifact_get_input(const rdu_artifact* artifact, uint32_t signature,
                                   uint32_t variant, uint32_t index, rdu_value_info* out_info) {
  return guarded([&]() -> Status {
    const VariantSpec* spec = nullptr;
    RDU_TRY(variant_at(artifact, signature, variant, spec));
    return get_tensor("input", spec->inputs, index, out_info);
  });
}

rdu_status* rdu_artifact_get_output(const rdu_artifact* artifact, uint32_t signature,
                                    uint32_t variant, uint32_t index, rdu_value_info* out_info) {
  return guarded([&]() -> Status {
    const VariantSpec* spec = nullptr;
    RDU_TRY(variant_at(artifact, signature, variant, spec));
    return get_tensor("output", spec->outputs, index, out_info);
  });
}

rdu_status* rdu_artifact_get_metadata(const rdu_artifact* artifact, uint32_t index,
                                      const char** out_key, const char** out_value) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(artifact);
    RDU_REQUIRE(out_key);
    RDU_REQUIRE(out_value);
    const auto& metadata = artifact->artifact->file().description().metadata;
    if (index >= metadata.size()) return end_of_list(index);
    *out_key = metadata[index].first.c_str();
    *out_value = metadata[index].second.c_str();
    return {};
  });
}

rdu_status* rdu_artifact_get_provenance(const rdu_artifact* artifact, uint32_t index,
                                        const char** out_key, const char** out_value) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(artifact);
    RDU_REQUIRE(out_key);
    RDU_REQUIRE(out_value);
    const auto& facts = artifact->artifact->provenance();
    if (index >= facts.size()) return end_of_list(index);
    *out_key = facts[index].first;
    *out_value = facts[index].second.c_str();
    return {};
  });
}

}  // extern "C"
