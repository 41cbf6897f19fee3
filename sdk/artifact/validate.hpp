// The meaning of a graph, checked once so that nobody after it needs to ask. sdk/doc/patterns.md numbers the rules;
// every error ends in the number of the one that is broken, such as "[A4]".
#pragma once

#include <rdu/graph.h>

#include "sdk/artifact/artifact.hpp"

namespace rdu::artifact {

// Structure, types, ranges, order. Assumes nothing of the graph but that its arrays are as long as they say.
base::Result<void> validate_graph(const rdu_graph& graph, const Limits& limits = {});

// What ties a signature's variants, their cuts and their graphs together. The graph is valid.
base::Result<void> validate_variant(const SignatureInfo& signature, const VariantInfo& variant,
                                    const rdu_graph& graph);

// Both, for a variant under construction; a compiler calls it after each pass. Cuts and signatures may be missing.
base::Result<void> validate_model_graph(const Variant& variant);

}  // namespace rdu::artifact
