// Signatures, variants and cuts as text.
#include "sdk/artifact/text_description.hpp"

#include "sdk/base/dtype.hpp"

namespace rdu::artifact {

using base::format;

std::string tensor_text(const SignatureTensor& tensor) {
  std::string text = format("%s[", base::dtype_name(tensor.dtype));
  for (std::size_t i = 0; i < tensor.dims.size(); ++i) {
    const SignatureDim& dim = tensor.dims[i];
    if (i > 0) text += ", ";
    if (dim.extent >= 0) {
      text += format("%lld", static_cast<long long>(dim.extent));
    } else {
      text += dim.name.empty() ? "?" : dim.name;
    }
  }
  text += "]";
  if (!tensor.variable.empty()) text += format(" variable \"%s\"", tensor.variable.c_str());
  return text;
}

std::string variant_dims_text(const VariantInfo& variant) {
  std::string text;
  for (const auto& [name, extent] : variant.dims) {
    text += (text.empty() ? "" : ",") + name + format("=%lld", static_cast<long long>(extent));
  }
  return text;
}

std::string specialised_text(const SpecialisedInput& input) {
  std::string text = format("%s[", base::dtype_name(input.dtype));
  for (std::size_t i = 0; i < input.dims.size(); ++i) {
    text += (i == 0 ? "" : ", ") + format("%lld", static_cast<long long>(input.dims[i]));
  }
  text += "] 0x";
  for (const std::byte byte : input.bytes) text += format("%02x", std::to_integer<unsigned>(byte));
  return text;
}

std::string packed_text(const PackedInfo& packed) {
  return format("packed \"%s\" for %s: %zu bytes, hash ", packed.target.c_str(),
                packed.made_for.c_str(), packed.bytes.size()) +
         base::to_string(base::hash128(packed.bytes));
}

std::string section_text(const SectionInfo& section) {
  std::string text = format("[%u, %u)", section.first_node, section.end_node);
  for (const BlockLoop& loop : section.block_loops) {
    text += format(" i%u by %lld", loop.loop, static_cast<long long>(loop.block));
  }
  if (!section.payload.empty()) {
    text += format(", payload of %zu bytes, hash ", section.payload.size()) +
            base::to_string(base::hash128(section.payload));
  }
  return text;
}

}  // namespace rdu::artifact
