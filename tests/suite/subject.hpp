// What a case is about.
#pragma once

#include <filesystem>

namespace rdu::suite {

// Whether the case concerns tensors of numbers alone: no strings, sequences, maps or optionals among its inputs and
// outputs, and no operator of the training domain.
bool is_numeric(const std::filesystem::path& case_dir);

}  // namespace rdu::suite
