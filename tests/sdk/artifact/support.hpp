// What the tests of the artifact share: bytes in memory as a mapped file would be.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "sdk/artifact/reader.hpp"
#include "sdk/artifact/writer.hpp"
#include "sdk/base/aligned_bytes.hpp"

namespace rdu::testing {

// Page-aligned, and exactly as long as the bytes: a sanitizer sees the first read beyond.
base::AlignedBytes aligned(std::span<const std::byte> bytes);

// Writes; fails the test where that fails.
std::vector<std::byte> written(const artifact::Model& model);

// The error of writing, or "".
std::string write_error(const artifact::Model& model);

}  // namespace rdu::testing
