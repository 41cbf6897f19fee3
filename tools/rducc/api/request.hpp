// A C request as the compiler's own.
#pragma once

#include <rducc/rducc.h>

#include "sdk/base/result.hpp"
#include "tools/rducc/pipeline.hpp"

namespace rducc::api {

struct Request {
  CompileRequest compile;
  std::uint64_t artifact_bytes = 0;  // at most; 0: no bound
};

// Strings are copied; the model's bytes are borrowed. Everything is checked that can be checked
// without the model.
rdu::base::Result<Request> read_request(const rducc_request& request);

}  // namespace rducc::api
