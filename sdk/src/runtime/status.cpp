// A status is one block: the fields, then its strings.
#include "sdk/src/runtime/status.hpp"

#include <cstring>
#include <new>

struct rdu_status {
  rdu_code code;
  std::uint32_t node;
  std::uint32_t section;
  const char* message;
  const char* hint;
  const char* plugin;
};

namespace rdu::runtime {
namespace {

constinit rdu_status static_out_of_memory{RDU_ERR_OUT_OF_MEMORY, RDU_NO_INDEX, RDU_NO_INDEX,
                                          "out of memory",       nullptr,      nullptr};

const char* store(char*& cursor, std::string_view text) {
  if (text.empty()) return nullptr;
  char* start = cursor;
  std::memcpy(start, text.data(), text.size());
  start[text.size()] = '\0';
  cursor += text.size() + 1;
  return start;
}

rdu_code code_of(base::Code code) {
  switch (code) {
    case base::Code::kInvalidArgument:
      return RDU_ERR_INVALID_ARGUMENT;
    case base::Code::kNotFound:
      return RDU_ERR_NOT_FOUND;
    case base::Code::kIo:
      return RDU_ERR_IO;
    case base::Code::kCorrupt:
      return RDU_ERR_BAD_ARTIFACT;
    case base::Code::kUnsupported:
      return RDU_ERR_UNSUPPORTED;
    case base::Code::kLimit:
      return RDU_ERR_LIMIT_EXCEEDED;
    case base::Code::kOutOfMemory:
      return RDU_ERR_OUT_OF_MEMORY;
    case base::Code::kBusy:
      return RDU_ERR_BUSY;
    case base::Code::kCancelled:
      return RDU_ERR_CANCELLED;
    case base::Code::kDeadline:
      return RDU_ERR_DEADLINE_EXCEEDED;
    case base::Code::kInternal:
      break;
  }
  return RDU_ERR_INTERNAL;
}

std::string_view view(const char* text) { return text ? text : std::string_view(); }

}  // namespace

rdu_status* out_of_memory_status() noexcept { return &static_out_of_memory; }

rdu_status* make_status(const StatusParts& parts) noexcept {
  const std::size_t text = parts.message.size() + parts.hint.size() + parts.plugin.size() + 3;
  void* block = ::operator new(sizeof(rdu_status) + text, std::nothrow);
  if (!block) return out_of_memory_status();
  char* cursor = static_cast<char*>(block) + sizeof(rdu_status);
  auto* status = new (block) rdu_status{};
  status->code = parts.code == RDU_OK ? RDU_ERR_INTERNAL : parts.code;
  status->node = parts.node;
  status->section = parts.section;
  status->message = store(cursor, parts.message);
  status->hint = store(cursor, parts.hint);
  status->plugin = store(cursor, parts.plugin);
  return status;
}

// A status names nodes and sections by number; where only a name is known it goes into the sentence.
Status::Status(base::Error error) {
  if (!error.node.empty()) error.message += " (node '" + error.node + "')";
  status_ = make_status({.code = code_of(error.code),
                         .message = error.message,
                         .hint = error.hint,
                         .plugin = error.plugin});
}

Status Status::copy_of(const rdu_status* status) {
  if (!status) return {};
  if (status == &static_out_of_memory) return Status(&static_out_of_memory);
  return Status(make_status({.code = status->code,
                             .message = view(status->message),
                             .hint = view(status->hint),
                             .plugin = view(status->plugin),
                             .node = status->node,
                             .section = status->section}));
}

Status from_plugin(rdu_status* status, std::string_view plugin, std::uint32_t section) {
  Status original(status);
  if (original.ok() ||
      (status->plugin && (status->section != RDU_NO_INDEX || section == RDU_NO_INDEX))) {
    return original;
  }
  return Status(
      make_status({.code = status->code,
                   .message = view(status->message),
                   .hint = view(status->hint),
                   .plugin = status->plugin ? view(status->plugin) : plugin,
                   .node = status->node,
                   .section = status->section == RDU_NO_INDEX ? section : status->section}));
}

}  // namespace rdu::runtime

extern "C" {

rdu_code rdu_status_code(const rdu_status* status) { return status ? status->code : RDU_OK; }

const char* rdu_status_message(const rdu_status* status) {
  return status && status->message ? status->message : "";
}

const char* rdu_status_hint(const rdu_status* status) { return status ? status->hint : nullptr; }

const char* rdu_status_plugin(const rdu_status* status) {
  return status ? status->plugin : nullptr;
}

uint32_t rdu_status_node(const rdu_status* status) { return status ? status->node : RDU_NO_INDEX; }

uint32_t rdu_status_section(const rdu_status* status) {
  return status ? status->section : RDU_NO_INDEX;
}

void rdu_status_destroy(rdu_status* status) {
  if (!status || status == rdu::runtime::out_of_memory_status()) return;
  ::operator delete(status);
}

const char* rdu_code_name(rdu_code code) {
  switch (code) {
#define RDU_CODE_CASE(name) \
  case RDU_ERR_##name:      \
    return #name;
    RDU_CODE_CASE(INVALID_ARGUMENT)
    RDU_CODE_CASE(NOT_FOUND)
    RDU_CODE_CASE(SHAPE_MISMATCH)
    RDU_CODE_CASE(DTYPE_MISMATCH)
    RDU_CODE_CASE(BUSY)
    RDU_CODE_CASE(FORKED)
    RDU_CODE_CASE(OUT_OF_MEMORY)
    RDU_CODE_CASE(IO)
    RDU_CODE_CASE(PERMISSION)
    RDU_CODE_CASE(BAD_ARTIFACT)
    RDU_CODE_CASE(UNSUPPORTED)
    RDU_CODE_CASE(LIMIT_EXCEEDED)
    RDU_CODE_CASE(OUT_OF_RANGE)
    RDU_CODE_CASE(CANCELLED)
    RDU_CODE_CASE(DEADLINE_EXCEEDED)
    RDU_CODE_CASE(OVERLOADED)
    RDU_CODE_CASE(WORKER_LOST)
    RDU_CODE_CASE(PLUGIN)
    RDU_CODE_CASE(ABI_MISMATCH)
    RDU_CODE_CASE(DEVICE)
    RDU_CODE_CASE(INTERNAL)
#undef RDU_CODE_CASE
    case RDU_OK:
      return "OK";
    default:
      return "UNKNOWN";
  }
}

}  // extern "C"
