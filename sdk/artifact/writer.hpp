// Stores a model. The same model gives the same bytes, always and everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "sdk/artifact/model.hpp"
#include "sdk/base/result.hpp"

namespace rdu::artifact {

// The file appears whole or not at all. Weights are written from where the model has them, never copied together.
// A model that the reader would refuse is refused here, by the same validator.
base::Result<void> write_artifact(const Model& model, const std::string& path);

base::Result<std::vector<std::byte>> write_artifact(const Model& model);

// To wherever the caller likes: `begin` is told the size of the file before `write` gets its bytes, front to back.
struct ArtifactSink {
  std::function<base::Result<void>(std::uint64_t file_bytes)> begin;
  std::function<base::Result<void>(std::span<const std::byte>)> write;
};
base::Result<void> write_artifact(const Model& model, const ArtifactSink& sink);

}  // namespace rdu::artifact
