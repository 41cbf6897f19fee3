// The parts of an artifact beside its graphs as text, which dump and diff are made of.
#pragma once

#include <string>

#include "sdk/artifact/artifact.hpp"

namespace rdu::artifact {

// `f32[batch, 3, ?] variable "h"`
std::string tensor_text(const SignatureTensor& tensor);

// `batch=8,seq=16`, "" where nothing is fixed.
std::string variant_dims_text(const VariantInfo& variant);

// `i64[2] 0x0400…`: the bytes are what a call is matched on.
std::string specialised_text(const SpecialisedInput& input);

// `[0, 4) i0 by 8, payload of 12 bytes, hash …`
std::string packed_text(const PackedInfo& packed);
std::string section_text(const SectionInfo& section);

}  // namespace rdu::artifact
