// The request as an artifact's provenance tells it.
#pragma once

#include <string>

#include "tools/rducc/pipeline.hpp"

namespace rducc {

// As flags of the program, those alone that decide the content and without file names: equal
// artifacts come from equal flags.
std::string provenance(const CompileRequest& request);

}  // namespace rducc
