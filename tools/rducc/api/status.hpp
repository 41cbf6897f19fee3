// The status object of librducc, and the border that no exception passes.
#pragma once

#include <rducc/rducc.h>

#include <exception>
#include <new>
#include <string>
#include <vector>

#include "sdk/base/result.hpp"
#include "tools/rducc/diagnostic.hpp"

namespace rducc::api {

// Never NULL: without memory it is a static one.
rducc_status* make_status(const rdu::base::Error& error,
                          std::vector<Diagnostic> diagnostics) noexcept;
rducc_status* out_of_memory_status() noexcept;

// What a call was given wrong.
rdu::base::Error wrong_request(const std::string& message);

// Runs `body`, which returns a Result<void>.
template <typename Body>
rducc_status* guarded(Body&& body) noexcept {
  try {
    const rdu::base::Result<void> result = body();
    return result.ok() ? nullptr : make_status(result.error(), {});
  } catch (const std::bad_alloc&) {
    return out_of_memory_status();
  } catch (const std::exception& error) {
    return make_status(rdu::base::fail(rdu::base::Code::kInternal, "%s", error.what()), {});
  } catch (...) {
    return make_status(rdu::base::fail(rdu::base::Code::kInternal, "unknown exception"), {});
  }
}

}  // namespace rducc::api
