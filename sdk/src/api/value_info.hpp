// A tensor's description as the application sees it.
#pragma once

#include <rdu/artifact.h>

#include "sdk/src/runtime/artifact.hpp"

namespace rdu::api {

// Strings and bytes are the specification's own.
inline rdu_value_info describe(const runtime::TensorSpec& spec) {
  rdu_value_info info{};
  info.header = RDU_HEADER(rdu_value_info);
  info.name = spec.name.c_str();
  info.dtype = spec.dtype;
  info.rank = static_cast<std::uint32_t>(spec.shape.size());
  for (std::uint32_t d = 0; d < info.rank; ++d) {
    info.shape[d] = spec.shape[d];
    info.dim_names[d] = spec.dim_names[d].empty() ? nullptr : spec.dim_names[d].c_str();
    info.dim_is_bounded[d] = spec.bounded[d];
  }
  info.size_bytes = spec.bytes;
  if (spec.specialised) info.required = {spec.required.data(), spec.required.size()};
  return info;
}

}  // namespace rdu::api
