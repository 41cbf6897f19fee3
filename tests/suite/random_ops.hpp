// Operators whose result is random: no expected value can be compared with.
#pragma once

#include <filesystem>

namespace rdu::suite {

// Does a test of this name check such an operator?
bool has_random_result(const std::filesystem::path& case_dir);

}  // namespace rdu::suite
