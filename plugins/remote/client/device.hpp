// The device that an application opens: the fleet behind it, what it takes, and what is loaded.
#pragma once

#include <memory>
#include <rdu/plugin.hpp>
#include <span>
#include <string>

#include "plugins/remote/client/artifact_cache.hpp"
#include "plugins/remote/client/fallback.hpp"
#include "plugins/remote/client/fleet.hpp"
#include "plugins/remote/client/state.hpp"

namespace rdu::remote::client {

// Sections of an artifact at every peer of the device.
class Executable {
 public:
  static plugin::Result<std::unique_ptr<Executable>> load(Fleet& fleet, ArtifactCache& cache,
                                                          const rdu_load& load);
  Executable(Fleet& fleet, Program program) : fleet_(fleet), program_(std::move(program)) {}
  ~Executable();

  rdu_memory memory() const;
  std::shared_ptr<Run> start(const rdu_submission& submission);
  plugin::Result<std::unique_ptr<State>> make_state() { return State::make(fleet_, program_); }

 private:
  plugin::Status load_somewhere(const rdu_load& load);

  Fleet& fleet_;
  Program program_;
};

class Device {
 public:
  using Executable = client::Executable;
  using State = client::State;
  static constexpr const char* kName = "remote";
  static constexpr const char* kVersion = "0.1.0";

  static std::span<const rdu_device_entry> devices();
  static plugin::Result<std::unique_ptr<Device>> open(const rdu_host_api* host,
                                                      const plugin::Uri& uri);
  explicit Device(std::unique_ptr<Fleet> fleet) : fleet_(std::move(fleet)) {}
  ~Device();

  const rdu_device_properties& properties() const { return properties_; }
  std::uint32_t check(const rdu_check& request, std::string& detail);
  plugin::Result<std::unique_ptr<Executable>> load(const rdu_load& load);
  static void add_events(rdu_plugin_api& api);

 private:
  plugin::Status describe();
  Clock::time_point check_patience() const;

  std::unique_ptr<Fleet> fleet_;
  std::atomic<Clock::rep> nobody_at_ = 0;  // when a check last waited in vain for a peer
  ArtifactCache cache_;
  std::string name_, target_;
  rdu_device_properties properties_ = {};
};

}  // namespace rdu::remote::client
