// The device `mapper:`: runs sections that are all maps over f32, and says of every other one why it does not.
#include <memory>
#include <rdu/plugin.hpp>
#include <span>
#include <string>

#include "judge.hpp"
#include "map_executable.hpp"

namespace mapper {

namespace plugin = rdu::plugin;

class MapDevice {
 public:
  static constexpr const char* kName = "mapper";
  static constexpr const char* kVersion = "1.0";
  using Executable = MapExecutable;

  static std::span<const rdu_device_entry> devices() {
    static constexpr rdu_device_entry kEntries[] = {{"mapper:", "elementwise maps over f32"}};
    return kEntries;
  }

  static plugin::Result<std::unique_ptr<MapDevice>> open(const rdu_host_api*,
                                                         const plugin::Uri& uri) {
    if (!uri.path.empty()) {
      return plugin::fail(RDU_ERR_INVALID_ARGUMENT,
                          "there is one device, 'mapper:', not 'mapper:", uri.path, "'");
    }
    if (!uri.options.empty()) return plugin::unknown_option(uri, uri.options.front().first);
    return std::make_unique<MapDevice>();
  }

  const rdu_device_properties& properties() const { return properties_; }

  // A section is taken whole or not at all.
  std::uint32_t check(plugin::Graph graph, std::uint32_t section, std::string& detail) const {
    for (const rdu_node& node : graph.nodes(graph.sections()[section])) {
      const std::uint32_t reason = judge(graph, node, detail);
      if (reason != RDU_REASON_TAKEN) return reason;
    }
    return RDU_REASON_TAKEN;
  }

  plugin::Result<std::unique_ptr<MapExecutable>> load(const rdu_load& load) {
    return std::make_unique<MapExecutable>(load);
  }

 private:
  static rdu_device_properties make_properties() {
    rdu_device_properties properties{};
    properties.header = RDU_HEADER(rdu_device_properties);
    properties.name = "mapper, a sample device";
    properties.target = "";  // no cut of its own: works from the portable graph
    properties.features = RDU_DEVICE_HOST_MEMORY;
    properties.alignment = 64;
    return properties;
  }

  rdu_device_properties properties_ = make_properties();
};

}  // namespace mapper

RDU_PLUGIN_EXPORT(mapper::MapDevice)
