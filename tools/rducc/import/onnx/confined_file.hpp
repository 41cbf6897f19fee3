// The one function that opens files which a model names: never outside the model's folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace rducc::import_onnx {

struct MappedRange {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;  // unmaps
};

// Maps [offset, offset + length) of a regular file beneath `folder`. Absolute paths, "..", symbolic
// links, devices, files with other names elsewhere and ranges beyond the end are refused with a
// CompileError. Length 0 means to the end.
MappedRange map_confined(const std::string& folder, const std::string& relative,
                         std::uint64_t offset, std::uint64_t length);

}  // namespace rducc::import_onnx
