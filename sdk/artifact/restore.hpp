// An opened artifact as a model again, to be changed and written anew.
#pragma once

#include "sdk/artifact/artifact.hpp"

namespace rdu::artifact {

// Constants and what is packed are borrowed from the artifact.
Model restore(const Artifact& artifact);

}  // namespace rdu::artifact
