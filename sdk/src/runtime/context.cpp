// Reads the options of a context and puts its parts together.
#include "sdk/src/runtime/context.hpp"

#include <unistd.h>

#include <algorithm>
#include <thread>

#include "sdk/src/runtime/sized.hpp"

namespace rdu::runtime {
namespace {

// Workers wait for devices most of the time; more of them than this only queue inside the devices.
constexpr std::uint32_t kMaxWorkers = 8;

std::uint32_t thread_limit(std::uint32_t wanted) {
  return wanted > 0 ? wanted : std::max(1u, std::thread::hardware_concurrency());
}

Status search_path(const rdu_context_options& options, plugin::SearchPath& out) {
  if (options.num_plugin_paths > 0 && !options.plugin_paths) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "plugin_paths is NULL but num_plugin_paths is ",
                options.num_plugin_paths);
  }
  for (std::uint32_t i = 0; i < options.num_plugin_paths; ++i) {
    if (!options.plugin_paths[i]) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "plugin_paths[", i, "] is NULL");
    }
    out.add(options.plugin_paths[i]);
  }
  if (!(options.flags & RDU_CONTEXT_ONLY_GIVEN_PLUGINS)) out.add_defaults();
  return {};
}

}  // namespace

Status Context::create(const rdu_context_options* given, std::shared_ptr<Context>& out) {
  rdu_context_options options;
  RDU_TRY(read_sized(given, "rdu_context_options", options));
  if (options.flags & ~RDU_CONTEXT_ONLY_GIVEN_PLUGINS) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "unknown context flags ", options.flags);
  }
  Allocator allocator;
  RDU_TRY(allocator.init(options.allocator));
  plugin::SearchPath path;
  RDU_TRY(search_path(options, path));
  out =
      std::make_shared<Context>(allocator, Logger(options.log, options.log_user, options.log_level),
                                thread_limit(options.max_threads), std::move(path));
  return {};
}

Context::Context(const Allocator& allocator, const Logger& logger, std::uint32_t thread_limit,
                 plugin::SearchPath path)
    : process_(::getpid()),
      allocator_(allocator),
      logger_(logger),
      plugins_({allocator_, logger_, tracer_, thread_limit}, std::move(path)),
      workers_(std::clamp(thread_limit, 2u, kMaxWorkers)) {}

bool Context::forked() const { return ::getpid() != process_; }

Status Context::check_process() const {
  if (!forked()) return {};
  return fail_with_hint(RDU_ERR_FORKED, "create a context in the child instead",
                        "the context belongs to process ", process_, ", this is its child ",
                        ::getpid());
}

}  // namespace rdu::runtime
