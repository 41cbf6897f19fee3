// Structs of callers that were compiled against another minor version: only what their header covers is touched.
#pragma once

#include <rdu/types.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "sdk/src/runtime/status.hpp"

namespace rdu::runtime {

inline Status check_header(const rdu_header& header, std::string_view type) {
  if (header.struct_size < sizeof(rdu_header)) {
    return fail_with_hint(RDU_ERR_INVALID_ARGUMENT, "initialise it with RDU_HEADER(type)", type,
                          ".header.struct_size is ", header.struct_size);
  }
  if (header.major != RDU_ABI_MAJOR) {
    return fail(RDU_ERR_ABI_MISMATCH, type, " was compiled for ABI ", header.major, ".",
                header.minor, "; this library speaks ", RDU_ABI_MAJOR, ".", RDU_ABI_MINOR);
  }
  return {};
}

// NULL gives defaults. What the caller's header does not know stays zero.
template <typename Struct>
Status read_sized(const Struct* given, std::string_view type, Struct& out) {
  static_assert(std::is_trivially_copyable_v<Struct>);
  std::memset(&out, 0, sizeof(out));
  if (given) {
    RDU_TRY(check_header(given->header, type));
    std::memcpy(&out, given, std::min<std::size_t>(given->header.struct_size, sizeof(out)));
  }
  out.header = RDU_HEADER(Struct);
  return {};
}

// Leaves the caller's header as it is.
template <typename Struct>
Status write_sized(const Struct& value, std::string_view type, Struct* out) {
  static_assert(std::is_trivially_copyable_v<Struct>);
  if (!out) return fail(RDU_ERR_INVALID_ARGUMENT, "out parameter of type ", type, " is NULL");
  RDU_TRY(check_header(out->header, type));
  const std::size_t size = std::min<std::size_t>(out->header.struct_size, sizeof(value));
  std::memcpy(reinterpret_cast<char*>(out) + sizeof(rdu_header),
              reinterpret_cast<const char*>(&value) + sizeof(rdu_header),
              size - sizeof(rdu_header));
  return {};
}

}  // namespace rdu::runtime
