// The test host's table, the search for the plugin's file, and the device under test.
#include "tests/conformance/host.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>

struct rdu_status {
  rdu_code code;
  std::string message;
};

namespace conformance {
namespace {

namespace fs = std::filesystem;

Host& self(const rdu_host_api* host) { return *static_cast<Host*>(host->self); }

std::string find_library(const std::string& scheme) {
  const char* path = std::getenv("RDU_PLUGIN_PATH");
  if (path == nullptr)
    throw std::runtime_error("RDU_PLUGIN_PATH is not set: where are the plugins?");
  std::istringstream folders(path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path file = fs::path(folder) / ("librdu_plugin_" + scheme + ".so");
    if (fs::exists(file)) return file.string();
  }
  throw std::runtime_error("no librdu_plugin_" + scheme + ".so in " + path);
}

std::string& chosen_uri() {
  static std::string uri = "reference:";
  return uri;
}

}  // namespace

Host::Host() {
  api_.header = RDU_HEADER(rdu_host_api);
  api_.self = this;
  api_.log = [](const rdu_host_api*, std::uint32_t, const char*) {};
  api_.allocate = [](const rdu_host_api* host, std::uint64_t bytes,
                     std::uint64_t alignment) -> void* {
    self(host).live_bytes_ += bytes;
    return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  };
  api_.deallocate = [](const rdu_host_api* host, void* data, std::uint64_t bytes, std::uint64_t) {
    self(host).live_bytes_ -= bytes;
    std::free(data);
  };
  api_.make_status = [](const rdu_host_api* host, std::uint32_t code, const char* message) {
    ++self(host).live_statuses_;
    return new rdu_status{code, message};
  };
  api_.thread_limit = [](const rdu_host_api*) { return 2u; };
  api_.tracing = [](const rdu_host_api*) { return 0u; };
  api_.trace = [](const rdu_host_api*, const rdu_trace_span*) {};
  api_.open_graph = [](const rdu_host_api* host, const rdu_graph_source*, rdu_host_graph**,
                       const rdu_graph**) {
    return host->make_status(host, RDU_ERR_UNSUPPORTED, "the test host opens no graphs");
  };
  api_.close_graph = [](const rdu_host_api*, rdu_host_graph*) {};
}

Outcome Host::take(rdu_status* status) {
  if (status == nullptr) return {};
  Outcome outcome{status->code, std::move(status->message)};
  delete status;
  --live_statuses_;
  return outcome;
}

Plugin::Plugin(const std::string& scheme) {
  const std::string file = find_library(scheme);
  // Never closed, as in the runtime: a plugin may have threads that are still leaving.
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(dlerror());
  query_ = reinterpret_cast<rdu_plugin_query_fn>(dlsym(library, "rdu_plugin_query"));
  if (query_ == nullptr) throw std::runtime_error(file + " does not export rdu_plugin_query");
  api_ = query_(host_.api(), RDU_ABI_VERSION);
  if (api_ == nullptr) throw std::runtime_error(file + " refused this host");
}

Plugin::~Plugin() {
  if (api_ != nullptr) api_->shutdown(api_->self);
}

Device::Device(const std::string& uri) : plugin_(uri.substr(0, uri.find(':'))) {
  const Outcome outcome = host().take(api().device_open(api().self, uri.c_str(), &handle_));
  if (!outcome.ok()) throw std::runtime_error(uri + ": " + outcome.message);
}

Device::~Device() {
  if (handle_ != nullptr) api().device_close(handle_);
}

void Device::choose(const std::string& uri) { chosen_uri() = uri; }
const std::string& Device::uri() { return chosen_uri(); }
std::string Device::scheme() { return uri().substr(0, uri().find(':')); }

Device& Device::under_test() {
  static Device device(chosen_uri());
  return device;
}

}  // namespace conformance
