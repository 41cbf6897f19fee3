// One loaded plugin: its library, the negotiated table and the host table that it was given.
#pragma once

#include <rdu/context.h>
#include <rdu/plugin.h>

#include <memory>
#include <string>

#include "sdk/src/plugin/host_table.hpp"
#include "sdk/src/runtime/status.hpp"

namespace rdu::runtime::plugin {

class Plugin {
 public:
  // Maps the library at `path`, which stays mapped for the life of the process, and asks it for its table.
  static Status load(const HostServices& services, const std::string& name, const std::string& path,
                     std::unique_ptr<Plugin>& out);
  static Status link(const HostServices& services, const std::string& name,
                     rdu_plugin_query_fn query, std::unique_ptr<Plugin>& out);

  // Shuts the plugin down; every device is closed by now.
  ~Plugin();
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  // Functions that the plugin's version does not know are NULL here.
  const rdu_plugin_api& api() const { return api_; }
  std::uint32_t abi() const { return abi_; }
  const std::string& name() const { return host_.plugin(); }
  const std::string& path() const { return path_; }
  const std::string& version() const { return version_; }

 private:
  Plugin(const HostServices& services, const std::string& name, const std::string& path);
  Status handshake(rdu_plugin_query_fn query);

  HostTable host_;
  std::string path_;
  std::string version_;
  rdu_plugin_api api_{};
  std::uint32_t abi_ = 0;
  bool started_ = false;
};

}  // namespace rdu::runtime::plugin
