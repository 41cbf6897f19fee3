// rdu_context_*, rdu_plugin_* and the version of the library.
#include "sdk/src/runtime/context.hpp"

#include <rdu/context.h>
#include <rdu/plugin.h>

#include "sdk/src/api/handles.hpp"
#include "sdk/src/runtime/guard.hpp"

using rdu::runtime::Context;
using rdu::runtime::guarded;
using rdu::runtime::Status;
using Entry = rdu::runtime::plugin::Registry::Entry;

namespace {

rdu_plugin_info describe(const Entry& entry) {
  rdu_plugin_info info{};
  info.header = RDU_HEADER(rdu_plugin_info);
  info.name = entry.name.c_str();
  info.path = entry.path.c_str();
  info.version = entry.plugin ? entry.plugin->version().c_str() : "";
  info.abi_major = entry.plugin ? static_cast<uint16_t>(entry.plugin->abi() >> 16) : 0;
  info.abi_minor = entry.plugin ? static_cast<uint16_t>(entry.plugin->abi()) : 0;
  info.refused = entry.refusal.code();
  info.message = rdu_status_message(entry.refusal.get());
  return info;
}

}  // namespace

extern "C" {

rdu_status* rdu_context_create(const rdu_context_options* options, rdu_context** out_context) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(out_context);
    auto handle = std::make_unique<rdu_context>();
    RDU_TRY(Context::create(options, handle->context));
    *out_context = handle.release();
    return {};
  });
}

void rdu_context_destroy(rdu_context* context) {
  // A child process has none of the parent's threads: there is nobody to join, and the memory goes with the process.
  if (!context || context->context->forked()) return;
  delete context;
}

rdu_status* rdu_plugin_register(rdu_context* context, const char* name, rdu_plugin_query_fn query) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(context);
    RDU_REQUIRE(name);
    RDU_REQUIRE(reinterpret_cast<const void*>(query));
    RDU_TRY(context->context->check_process());
    return context->context->plugins().link(name, query);
  });
}

rdu_status* rdu_plugin_enumerate(rdu_context* context, rdu_plugin_visit_fn visit, void* user) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(context);
    RDU_REQUIRE(reinterpret_cast<const void*>(visit));
    RDU_TRY(context->context->check_process());
    for (const Entry& entry : context->context->plugins().all()) {
      const rdu_plugin_info info = describe(entry);
      visit(user, &info);
    }
    return {};
  });
}

const char* rdu_version(void) { return RDU_VERSION; }

uint32_t rdu_abi_version(void) { return RDU_ABI_VERSION; }

rdu_status* rdu_context_set_trace(rdu_context* context, rdu_trace_fn fn, void* user) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(context);
    RDU_TRY(context->context->check_process());
    context->context->tracer().set(fn, user);
    return {};
  });
}

}  // extern "C"
