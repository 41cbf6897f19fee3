// What a plugin may ask of the host: log, memory, statuses, threads, traces, graphs.
#include "sdk/src/plugin/host_table.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "sdk/src/plugin/host_graph.hpp"
#include "sdk/src/runtime/logger.hpp"
#include "sdk/src/runtime/memory.hpp"
#include "sdk/src/runtime/status.hpp"
#include "sdk/src/runtime/tracer.hpp"

namespace rdu::runtime::plugin {
namespace {

const HostTable& table_of(const rdu_host_api* api) {
  return *static_cast<const HostTable*>(api->self);
}

void log(const rdu_host_api* api, std::uint32_t level, const char* message) {
  const HostTable& table = table_of(api);
  const Logger& logger = table.services().logger;
  if (!message || !logger.wants(level)) return;
  try {
    logger.write(level, table.plugin(), ": ", message);
  } catch (const std::bad_alloc&) {
    logger.line(level, message);
  }
}

void* allocate(const rdu_host_api* api, std::uint64_t bytes, std::uint64_t alignment) {
  return table_of(api).services().allocator.allocate(std::max<std::uint64_t>(bytes, 1), alignment);
}

void deallocate(const rdu_host_api* api, void* data, std::uint64_t bytes, std::uint64_t) {
  table_of(api).services().allocator.release(data, std::max<std::uint64_t>(bytes, 1));
}

rdu_status* make_plugin_status(const rdu_host_api* api, std::uint32_t code, const char* message) {
  return make_status(
      {.code = code, .message = message ? message : "", .plugin = table_of(api).plugin()});
}

std::uint32_t thread_limit(const rdu_host_api* api) {
  return table_of(api).services().thread_limit;
}

std::uint32_t tracing(const rdu_host_api* api) { return table_of(api).services().tracer.on(); }

void trace(const rdu_host_api* api, const rdu_trace_span* span) {
  const HostTable& table = table_of(api);
  Tracer& tracer = table.services().tracer;
  if (!tracer.on() || !span) return;
  rdu_trace_span known{};
  std::memcpy(&known, span, std::min<std::size_t>(span->header.struct_size, sizeof(known)));
  tracer.emit({.header = RDU_HEADER(rdu_trace_record),
               .track = known.track ? known.track : "",
               .name = known.name ? known.name : "",
               .category = table.plugin().c_str(),
               .begin_ns = known.begin_ns,
               .end_ns = known.end_ns,
               .run_id = 0,
               .user_tag = 0,
               .section = RDU_NO_INDEX,
               .reserved = 0,
               .details = known.details ? known.details : ""});
}

}  // namespace

HostTable::HostTable(const HostServices& services, std::string plugin)
    : services_(services),
      plugin_(std::move(plugin)),
      api_{.header = RDU_HEADER(rdu_host_api),
           .self = this,
           .log = log,
           .allocate = allocate,
           .deallocate = deallocate,
           .make_status = make_plugin_status,
           .thread_limit = thread_limit,
           .tracing = tracing,
           .trace = trace,
           .open_graph = open_graph,
           .close_graph = close_graph,
           .free_status = [](const rdu_host_api*, rdu_status* status) {
             rdu_status_destroy(status);
           }} {}

}  // namespace rdu::runtime::plugin
