// A status is its code, its sentence, and the diagnostics that the sentence was made from.
#include "tools/rducc/api/status.hpp"

#include <rdu/status.h>

#include <memory>
#include <utility>

struct rducc_status {
  rducc_code code = RDUCC_ERR_INTERNAL;
  std::string message;
  std::vector<rducc::Diagnostic> diagnostics;
  std::vector<rducc_diagnostic> views;  // borrow from `diagnostics`
};

namespace rducc::api {
namespace {

using rdu::base::Code;

static_assert(RDUCC_ERR_INVALID_ARGUMENT == RDU_ERR_INVALID_ARGUMENT &&
              RDUCC_ERR_NOT_FOUND == RDU_ERR_NOT_FOUND &&
              RDUCC_ERR_OUT_OF_MEMORY == RDU_ERR_OUT_OF_MEMORY && RDUCC_ERR_IO == RDU_ERR_IO &&
              RDUCC_ERR_UNSUPPORTED == RDU_ERR_UNSUPPORTED &&
              RDUCC_ERR_LIMIT_EXCEEDED == RDU_ERR_LIMIT_EXCEEDED &&
              RDUCC_ERR_CANCELLED == RDU_ERR_CANCELLED &&
              RDUCC_ERR_ABI_MISMATCH == RDU_ERR_ABI_MISMATCH &&
              RDUCC_ERR_INTERNAL == RDU_ERR_INTERNAL);

rducc_code code_of(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return RDUCC_ERR_INVALID_ARGUMENT;
    case Code::kNotFound:
      return RDUCC_ERR_NOT_FOUND;
    case Code::kIo:
      return RDUCC_ERR_IO;
    case Code::kCorrupt:
      return RDUCC_ERR_BAD_MODEL;
    case Code::kUnsupported:
      return RDUCC_ERR_UNSUPPORTED;
    case Code::kLimit:
      return RDUCC_ERR_LIMIT_EXCEEDED;
    case Code::kOutOfMemory:
      return RDUCC_ERR_OUT_OF_MEMORY;
    case Code::kCancelled:
      return RDUCC_ERR_CANCELLED;
    default:
      return RDUCC_ERR_INTERNAL;
  }
}

rducc_diagnostic_kind kind_of(DiagnosticKind kind) {
  switch (kind) {
    case DiagnosticKind::kRequest:
      return RDUCC_DIAGNOSTIC_REQUEST;
    case DiagnosticKind::kInvalid:
      return RDUCC_DIAGNOSTIC_INVALID;
    case DiagnosticKind::kUnsupported:
      return RDUCC_DIAGNOSTIC_UNSUPPORTED;
    case DiagnosticKind::kFailed:
      break;
  }
  return RDUCC_DIAGNOSTIC_FAILED;
}

rducc_diagnostic view(const Diagnostic& diagnostic) {
  return {RDU_HEADER(rducc_diagnostic),
          kind_of(diagnostic.kind),
          0,
          diagnostic.node.c_str(),
          diagnostic.op_type.c_str(),
          diagnostic.domain.c_str(),
          diagnostic.opset,
          diagnostic.message.c_str()};
}

rducc_diagnostic out_of_memory_diagnostic{
    RDU_HEADER(rducc_diagnostic), RDUCC_DIAGNOSTIC_FAILED, 0, "", "", "", 0, "out of memory"};

}  // namespace

// Told from others by its address: it has no content, for that could not be made without memory.
rducc_status* out_of_memory_status() noexcept {
  static constinit char mark = 0;
  return reinterpret_cast<rducc_status*>(&mark);
}

rducc_status* make_status(const rdu::base::Error& error,
                          std::vector<Diagnostic> diagnostics) noexcept {
  try {
    auto status = std::make_unique<rducc_status>();
    status->code = code_of(error.code);
    status->message = error.message;
    status->diagnostics = std::move(diagnostics);
    if (status->diagnostics.empty()) {
      const bool request = error.code == Code::kInvalidArgument;
      status->diagnostics.push_back({request ? DiagnosticKind::kRequest : DiagnosticKind::kFailed,
                                     {},
                                     {},
                                     {},
                                     0,
                                     error.message});
    }
    for (const Diagnostic& diagnostic : status->diagnostics) {
      status->views.push_back(view(diagnostic));
    }
    return status.release();
  } catch (const std::exception&) {
    return out_of_memory_status();
  }
}

rdu::base::Error wrong_request(const std::string& message) {
  return rdu::base::fail(Code::kInvalidArgument, "%s", message.c_str());
}

}  // namespace rducc::api

using rducc::api::out_of_memory_status;

extern "C" {

rducc_code rducc_status_code(const rducc_status* status) {
  if (!status) return RDUCC_OK;
  return status == out_of_memory_status() ? RDUCC_ERR_OUT_OF_MEMORY : status->code;
}

const char* rducc_status_message(const rducc_status* status) {
  if (!status) return "";
  return status == out_of_memory_status() ? "out of memory" : status->message.c_str();
}

uint32_t rducc_status_num_diagnostics(const rducc_status* status) {
  if (!status) return 0;
  return status == out_of_memory_status() ? 1 : static_cast<uint32_t>(status->views.size());
}

const rducc_diagnostic* rducc_status_diagnostic(const rducc_status* status, uint32_t index) {
  if (index >= rducc_status_num_diagnostics(status)) return nullptr;
  if (status == out_of_memory_status()) return &rducc::api::out_of_memory_diagnostic;
  return &status->views[index];
}

void rducc_status_destroy(rducc_status* status) {
  if (status != out_of_memory_status()) delete status;
}

const char* rducc_code_name(rducc_code code) {
  switch (code) {
#define RDUCC_CODE_CASE(name) \
  case RDUCC_ERR_##name:      \
    return #name;
    RDUCC_CODE_CASE(INVALID_ARGUMENT)
    RDUCC_CODE_CASE(NOT_FOUND)
    RDUCC_CODE_CASE(OUT_OF_MEMORY)
    RDUCC_CODE_CASE(IO)
    RDUCC_CODE_CASE(BAD_MODEL)
    RDUCC_CODE_CASE(UNSUPPORTED)
    RDUCC_CODE_CASE(LIMIT_EXCEEDED)
    RDUCC_CODE_CASE(CANCELLED)
    RDUCC_CODE_CASE(ABI_MISMATCH)
    RDUCC_CODE_CASE(INTERNAL)
#undef RDUCC_CODE_CASE
    case RDUCC_OK:
      return "OK";
    default:
      return "UNKNOWN";
  }
}

}  // extern "C"
