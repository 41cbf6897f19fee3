// Weights packed ahead of time: the artifact that was written is loaded as on the machines named, and what that packs is
// put into it. A client of librdu, like any application.
#pragma once

#include <string>
#include <vector>

namespace rducc {

// "avx2", "avx512", …, or "native": what this machine is. Empty, or what kept it from being done; the artifact is whole in any case.
std::string pack_weights(const std::string& artifact, const std::vector<std::string>& cpus);

}  // namespace rducc
