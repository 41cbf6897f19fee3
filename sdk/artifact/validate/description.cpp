// D: signatures and variants, without their graphs.
#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "sdk/artifact/describe.hpp"
#include "sdk/artifact/validate/report.hpp"
#include "sdk/base/dtype.hpp"

namespace rdu::artifact {
namespace {

using base::Result;

Result<void> check_tensors(const SignatureInfo& signature,
                           const std::vector<SignatureTensor>& tensors) {
  std::unordered_set<std::string_view> names;
  for (const SignatureTensor& tensor : tensors) {
    const char* name = tensor.name.c_str();
    if (tensor.name.empty() || !names.insert(tensor.name).second) {
      return broken("D2", "signature \"%s\": tensor \"%s\" has no name or that of another",
                    signature.name.c_str(), name);
    }
    if (!base::is_dtype(tensor.dtype) || tensor.dims.size() > RDU_MAX_RANK) {
      return broken("D2", "signature \"%s\": tensor \"%s\" has dtype %u and rank %zu",
                    signature.name.c_str(), name, tensor.dtype, tensor.dims.size());
    }
    for (const SignatureDim& dim : tensor.dims) {
      if (dim.extent >= (dim.name.empty() ? 0 : -1) || dim.extent == -1) continue;
      return broken("D2", "signature \"%s\": tensor \"%s\" has extent %lld", signature.name.c_str(),
                    name, static_cast<long long>(dim.extent));
    }
  }
  return {};
}

Result<void> check_specialised(const SignatureInfo& signature, const VariantInfo& variant) {
  std::unordered_set<std::uint32_t> seen;
  for (const SpecialisedInput& input : variant.specialised) {
    if (input.input >= signature.inputs.size() || !seen.insert(input.input).second) {
      return broken("D4", "specialised input %u of %zu does not exist or comes twice", input.input,
                    signature.inputs.size());
    }
    const auto bytes = base::storage_bytes(input.dtype, input.dims);
    if (input.dims.size() > RDU_MAX_RANK || !bytes || *bytes != input.bytes.size() ||
        input.dtype != signature.inputs[input.input].dtype ||
        variant.inputs[input.input] != kNone) {
      return broken("D4", "specialised input \"%s\": %zu bytes of dtype %u do not fit",
                    signature.inputs[input.input].name.c_str(), input.bytes.size(), input.dtype);
    }
  }
  return {};
}

Result<void> check_variant(const SignatureInfo& signature, const VariantInfo& variant) {
  if (variant.inputs.size() != signature.inputs.size() ||
      variant.outputs.size() != signature.outputs.size()) {
    return broken("D3", "%zu inputs and %zu outputs, the signature has %zu and %zu",
                  variant.inputs.size(), variant.outputs.size(), signature.inputs.size(),
                  signature.outputs.size());
  }
  std::unordered_set<std::string_view> names;
  for (const auto& [name, extent] : variant.dims) {
    if (name.empty() || extent < 0 || !names.insert(name).second) {
      return broken("D5", "dimension \"%s\" = %lld has no name, no extent, or comes twice",
                    name.c_str(), static_cast<long long>(extent));
    }
  }
  return check_specialised(signature, variant);
}

}  // namespace

base::Result<void> validate_description(const Description& description) {
  if (description.signatures.empty()) return broken("D1", "there is no signature");
  std::unordered_set<std::string_view> names;
  for (std::size_t s = 0; s < description.signatures.size(); ++s) {
    const SignatureInfo& signature = description.signatures[s];
    if (signature.name.empty() || !names.insert(signature.name).second) {
      return broken("D1", "signature %zu \"%s\" has no name or that of another", s,
                    signature.name.c_str());
    }
    if (signature.variants.empty()) {
      return broken("D1", "signature \"%s\" has no variant", signature.name.c_str());
    }
    RDU_TRY(check_tensors(signature, signature.inputs));
    RDU_TRY(check_tensors(signature, signature.outputs));
    for (std::size_t v = 0; v < signature.variants.size(); ++v) {
      auto valid = check_variant(signature, signature.variants[v]);
      if (!valid) return in_context(variant_place(description, s, v), std::move(valid.error()));
    }
  }
  return {};
}

}  // namespace rdu::artifact
