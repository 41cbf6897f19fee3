// The narrowest host that a plugin can be given: it loads the library, lends a table, and counts what is lent.
#pragma once

#include <rdu/plugin.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace conformance {

// A status that crossed the ABI, read and freed.
struct Outcome {
  rdu_code code = RDU_OK;
  std::string message;
  bool ok() const { return code == RDU_OK; }
};

class Host {
 public:
  Host();
  const rdu_host_api* api() const { return &api_; }
  // Takes the status out of the ABI and frees it.
  Outcome take(rdu_status* status);
  int live_statuses() const { return live_statuses_; }
  std::uint64_t live_bytes() const { return live_bytes_; }

 private:
  rdu_host_api api_{};
  std::atomic<int> live_statuses_ = 0;
  std::atomic<std::uint64_t> live_bytes_ = 0;
};

// A plugin's library and the table it answered with. Throws std::runtime_error where there is none.
class Plugin {
 public:
  // `scheme` names the file: librdu_plugin_<scheme>.so in the folders of RDU_PLUGIN_PATH.
  explicit Plugin(const std::string& scheme);
  ~Plugin();
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  Host& host() { return host_; }
  const rdu_plugin_api& api() const { return *api_; }
  rdu_plugin_query_fn query() const { return query_; }

 private:
  Host host_;
  rdu_plugin_query_fn query_ = nullptr;
  const rdu_plugin_api* api_ = nullptr;
};

// The device that this run of the suite is about, opened once.
class Device {
 public:
  static Device& under_test();
  static void choose(const std::string& uri);
  static const std::string& uri();
  static std::string scheme();

  const Plugin& plugin() const { return plugin_; }
  Host& host() { return plugin_.host(); }
  const rdu_plugin_api& api() const { return plugin_.api(); }
  rdu_plugin_device* handle() const { return handle_; }
  const rdu_device_properties& properties() const { return *api().device_properties(handle_); }

  explicit Device(const std::string& uri);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

 private:
  Plugin plugin_;
  rdu_plugin_device* handle_ = nullptr;
};

}  // namespace conformance
