// Where ONNX's own test data contradict the model they belong to, and how the suite reads them.
#pragma once

#include <rdu/artifact.h>

#include <filesystem>

#include "tools/rdu/compare.hpp"

namespace rdu::suite {

// Is this one of the listed cases? Then its data cannot tell shapes to the compiler; the model states them all.
bool has_data_quirks(const std::filesystem::path& case_dir);

// What the file meant for an input or output of this type: uint16 elements that are bfloat16 bits get their dtype, and
// a CastLike target, of which only the dtype counts, gets the model's shape. Anything else stays as it is.
tool::HostTensor settle_quirk(tool::HostTensor tensor, const rdu_value_info& info);

// The default, or where bfloat16 results were stored truncated and not rounded, one unit in the last place more.
tool::Tolerance tolerance_of(const std::filesystem::path& case_dir);

}  // namespace rdu::suite
