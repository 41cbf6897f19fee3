// The table that the host lends to one plugin.
#pragma once

#include <rdu/host.h>

#include <string>

namespace rdu::runtime {
class Allocator;
class Logger;
class Tracer;
}  // namespace rdu::runtime

namespace rdu::runtime::plugin {

// What the functions of the table work with; outlives every plugin.
struct HostServices {
  const Allocator& allocator;
  const Logger& logger;
  Tracer& tracer;
  std::uint32_t thread_limit;
};

class HostTable {
 public:
  HostTable(const HostServices& services, std::string plugin);
  HostTable(const HostTable&) = delete;
  HostTable& operator=(const HostTable&) = delete;

  const rdu_host_api* api() const { return &api_; }
  const HostServices& services() const { return services_; }
  const std::string& plugin() const { return plugin_; }

 private:
  HostServices services_;
  std::string plugin_;
  rdu_host_api api_;
};

}  // namespace rdu::runtime::plugin
