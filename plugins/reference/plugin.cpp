// The device "reference:" and the plugin's export.
#include <rdu/plugin.hpp>

#include "plugins/reference/check.hpp"
#include "plugins/reference/executable.hpp"

namespace rdu::reference {
namespace {

class Device {
 public:
  using Executable = reference::Executable;
  static constexpr const char* kName = "reference";
  static constexpr const char* kVersion = "0.1.0";

  static std::span<const rdu_device_entry> devices() {
    static constexpr rdu_device_entry kDevices[] = {
        {"reference:", "the definition of every pattern: scalar, one thread"}};
    return kDevices;
  }

  static plugin::Result<std::unique_ptr<Device>> open(const rdu_host_api* host,
                                                      const plugin::Uri& uri) {
    if (!uri.path.empty()) {
      return plugin::fail(RDU_ERR_INVALID_ARGUMENT, "device 'reference' takes no path, got '",
                          uri.path, "'");
    }
    if (!uri.options.empty()) return plugin::unknown_option(uri, uri.options.front().first);
    return std::make_unique<Device>(host);
  }

  explicit Device(const rdu_host_api* host) : host_(host) {}

  const rdu_device_properties& properties() const {
    static constexpr rdu_device_properties kProperties{
        RDU_HEADER(rdu_device_properties), "reference", "", 0, RDU_DEVICE_HOST_MEMORY, 0, 64, 0};
    return kProperties;
  }

  std::uint32_t check(plugin::Graph graph, std::uint32_t section, std::string& detail) const {
    return check_section(graph, section, detail);
  }

  plugin::Result<std::unique_ptr<Executable>> load(const rdu_load& load) const {
    return Executable::load(host_, load);
  }

 private:
  const rdu_host_api* host_;
};

}  // namespace
}  // namespace rdu::reference

RDU_PLUGIN_EXPORT(rdu::reference::Device)
