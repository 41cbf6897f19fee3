// The border between C callers and C++: no exception passes, and no NULL gets in.
#pragma once

#include <exception>
#include <new>

#include "sdk/src/runtime/status.hpp"

namespace rdu::runtime {

// Runs `body`, which returns a Status, and turns whatever happens into what a C caller receives.
template <typename Body>
rdu_status* guarded(Body&& body) noexcept {
  try {
    return body().release();
  } catch (const std::bad_alloc&) {
    return out_of_memory_status();
  } catch (const std::exception& error) {
    return make_status({.code = RDU_ERR_INTERNAL, .message = error.what()});
  } catch (...) {
    return make_status({.code = RDU_ERR_INTERNAL, .message = "unknown exception"});
  }
}

// The same for code of ours that no exception may leave.
template <typename Body>
Status caught(Body&& body) noexcept {
  return Status(guarded(body));
}

inline Status require(const void* pointer, const char* name) {
  if (pointer) return {};
  return fail(RDU_ERR_INVALID_ARGUMENT, name, " is NULL");
}

}  // namespace rdu::runtime

#define RDU_REQUIRE(pointer) RDU_TRY(::rdu::runtime::require(pointer, #pointer))
