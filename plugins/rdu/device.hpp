// A chip, opened: what it is, what it takes, and what runs on it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <rdu/plugin.hpp>
#include <span>
#include <string>

#include "plugins/rdu/buffer.hpp"
#include "plugins/rdu/check.hpp"
#include "plugins/rdu/executable.hpp"

namespace rdu::chip_plugin {

class Device {
 public:
  using Buffer = chip_plugin::Buffer;
  using Executable = chip_plugin::Executable;
  static constexpr const char* kName = "rdu";
  static constexpr const char* kVersion = "0.1.0";

  static std::span<const rdu_device_entry> devices();
  static plugin::Result<std::unique_ptr<Device>> open(const rdu_host_api* host,
                                                      const plugin::Uri& uri);
  Device(const rdu_host_api* host, Chip chip, const rdu_hw_chip_info& info);

  const rdu_device_properties& properties() const { return properties_; }
  std::uint32_t check(const rdu_check& request, std::string& detail);
  plugin::Result<std::unique_ptr<Buffer>> allocate(std::uint64_t bytes);
  plugin::Result<std::unique_ptr<Executable>> load(const rdu_load& load);
  static void add_events(rdu_plugin_api& api) { add_event_entries(api); }

 private:
  Chip chip_;
  std::string arch_name_;
  std::string name_;
  Owner owner_;
  rdu_device_properties properties_;
  Turn turn_;
  // A payload is judged once, not once for each section that it covers. Its hash is part of what it is known by.
  std::mutex verdicts_mutex_;
  std::map<std::array<std::uint64_t, 3>, Verdict> verdicts_;
};

}  // namespace rdu::chip_plugin
