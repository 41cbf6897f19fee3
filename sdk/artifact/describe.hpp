// What an artifact says beside its graphs, taken from a model, and the checks that concern no graph.
#pragma once

#include <string>

#include "sdk/artifact/artifact.hpp"

namespace rdu::artifact {

// Without segments; payloads borrow from `model`.
Description describe(const Model& model);

// Names, element types, extents and specialised values of signatures and variants.
base::Result<void> validate_description(const Description& description);

// `signature "infer", variant 2 (batch=8)`: the beginning of an error about a variant.
std::string variant_place(const Description& description, std::size_t signature,
                          std::size_t variant);

}  // namespace rdu::artifact
