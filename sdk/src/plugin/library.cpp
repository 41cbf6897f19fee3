// Loads a plugin and shakes hands: version, sanitizer, the functions that nobody can do without.
#include "sdk/src/plugin/library.hpp"

#include <dlfcn.h>

#include <boost/dll/shared_library.hpp>
#include <cstring>
#include <string_view>
#include <system_error>

namespace rdu::runtime::plugin {
namespace {

// RTLD_NODELETE: threads that a plugin's own libraries started, and their thread-local destructors, may outlive it.
constexpr auto kLoadMode =
    static_cast<boost::dll::load_mode::type>(RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

// Every released table reaches at least to `submit`'s predecessors; older than this there is nothing to talk to.
constexpr std::size_t kSmallestTable = offsetof(rdu_plugin_api, self) + sizeof(rdu_plugin*);

const char* sanitizer_name(std::uint32_t sanitizer) {
  switch (sanitizer) {
    case RDU_SANITIZER_NONE:
      return "no sanitizer";
    case RDU_SANITIZER_ADDRESS:
      return "AddressSanitizer";
    case RDU_SANITIZER_THREAD:
      return "ThreadSanitizer";
    case RDU_SANITIZER_MEMORY:
      return "MemorySanitizer";
    default:
      return "an unknown sanitizer";
  }
}

const char* missing_function(const rdu_plugin_api& api) {
  if (!api.device_open) return "device_open";
  if (!api.device_close) return "device_close";
  if (!api.device_properties) return "device_properties";
  if (!api.device_check) return "device_check";
  if (!api.executable_load) return "executable_load";
  if (!api.executable_unload) return "executable_unload";
  if (!api.executable_memory) return "executable_memory";
  if (!api.submit) return "submit";
  return nullptr;
}

template <typename... Parts>
Status refuse(rdu_code code, const std::string& name, const Parts&... parts) {
  return Status(make_status({.code = code, .message = cat(parts...), .plugin = name}));
}

}  // namespace

Plugin::Plugin(const HostServices& services, const std::string& name, const std::string& path)
    : host_(services, name), path_(path) {}

Plugin::~Plugin() {
  if (started_ && api_.shutdown) api_.shutdown(api_.self);
}

Status Plugin::load(const HostServices& services, const std::string& name, const std::string& path,
                    std::unique_ptr<Plugin>& out) {
  boost::dll::fs::error_code error;
  boost::dll::shared_library library;
  library.load(path, error, kLoadMode);
  if (error) {
    const char* reason = ::dlerror();
    return refuse(RDU_ERR_PLUGIN, name, "cannot load '", path,
                  "': ", reason ? std::string(reason) : error.message());
  }
  if (!library.has("rdu_plugin_query")) {
    return refuse(RDU_ERR_PLUGIN, name, "'", path,
                  "' is no plugin: it does not export rdu_plugin_query");
  }
  auto* query = &library.get<std::remove_pointer_t<rdu_plugin_query_fn>>("rdu_plugin_query");
  std::unique_ptr<Plugin> plugin(new Plugin(services, name, path));
  RDU_TRY(plugin->handshake(query));
  out = std::move(plugin);
  return {};
}

Status Plugin::link(const HostServices& services, const std::string& name,
                    rdu_plugin_query_fn query, std::unique_ptr<Plugin>& out) {
  std::unique_ptr<Plugin> plugin(new Plugin(services, name, ""));
  RDU_TRY(plugin->handshake(query));
  out = std::move(plugin);
  return {};
}

Status Plugin::handshake(rdu_plugin_query_fn query) {
  const std::string& name = host_.plugin();
  const rdu_plugin_api* table = query(host_.api(), RDU_ABI_VERSION);
  if (!table) {
    return refuse(RDU_ERR_ABI_MISMATCH, name, "plugin '", name,
                  "' refuses this host; its reason is in the log");
  }
  if (table->header.major != RDU_ABI_MAJOR || table->header.struct_size < kSmallestTable) {
    return refuse(RDU_ERR_ABI_MISMATCH, name, "plugin '", name, "' speaks ABI ",
                  table->header.major, ".", table->header.minor, " with a table of ",
                  table->header.struct_size, " bytes; this host speaks ", RDU_ABI_MAJOR, ".",
                  RDU_ABI_MINOR);
  }
  std::memcpy(&api_, table, std::min<std::size_t>(table->header.struct_size, sizeof(api_)));
  started_ = true;
  abi_ = rdu_abi_negotiate(RDU_ABI_VERSION, api_.abi);
  if (abi_ == 0) {
    return refuse(RDU_ERR_ABI_MISMATCH, name, "plugin '", name, "' was compiled for ABI ",
                  api_.abi >> 16, ".", api_.abi & 0xffff, "; this host speaks ", RDU_ABI_MAJOR, ".",
                  RDU_ABI_MINOR);
  }
  if (api_.sanitizer != RDU_SANITIZER) {
    return refuse(RDU_ERR_ABI_MISMATCH, name, "plugin '", name, "' was compiled with ",
                  sanitizer_name(api_.sanitizer), ", this host with ",
                  sanitizer_name(RDU_SANITIZER));
  }
  if (const char* missing = missing_function(api_)) {
    return refuse(RDU_ERR_ABI_MISMATCH, name, "the table of plugin '", name, "' has no ", missing);
  }
  if (!api_.name || api_.name != name) {
    return refuse(RDU_ERR_PLUGIN, name, "'", path_.empty() ? name : path_, "' calls itself '",
                  api_.name ? api_.name : "", "', expected '", name, "'");
  }
  version_ = api_.version ? api_.version : "";
  return {};
}

}  // namespace rdu::runtime::plugin
