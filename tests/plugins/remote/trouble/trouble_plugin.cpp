// The device "trouble:": gives back what it is given, after `delay_us`, and takes `load_us` to load; what the first number says, it does to the process
// that it lives in.
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <rdu/plugin.hpp>
#include <thread>

#include "tests/plugins/remote/trouble/trouble.hpp"

namespace rdu::trouble {
namespace {

using plugin::Result;
using plugin::Status;

void make_trouble(float wish) {
  if (wish == kAbort) ::abort();
  if (wish == kCrash) {
    volatile int* volatile nowhere = nullptr;
    *nowhere = 1;
  }
  if (wish == kExit) ::_exit(3);
  while (wish == kHang) ::pause();
}

class Executable {
 public:
  Executable(const rdu_load& load, std::chrono::microseconds delay)
      : graph_(load.graph),
        input_(graph_.inputs(graph_.sections()[load.first_section])[0]),
        output_(graph_.outputs(graph_.sections()[load.end_section - 1])[0]),
        delay_(delay) {}

  rdu_memory memory() const { return {RDU_HEADER(rdu_memory), 0, 0, 0}; }

  Status run(const rdu_submission& submission) const {
    const rdu_binding *from = nullptr, *to = nullptr;
    for (const rdu_binding& binding : plugin::View<rdu_binding>(submission.bindings)) {
      if (binding.value == input_) from = &binding;
      if (binding.value == output_) to = &binding;
    }
    if (from == nullptr || to == nullptr || from->bytes != to->bytes) {
      return plugin::fail(RDU_ERR_INVALID_ARGUMENT, "one input and one output of a size, please");
    }
    float wish = 0;
    std::memcpy(&wish, from->data, sizeof wish);
    make_trouble(wish);
    if (delay_.count() > 0) std::this_thread::sleep_for(delay_);
    std::memcpy(to->data, from->data, from->bytes);
    return {};
  }

 private:
  plugin::Graph graph_;
  std::uint32_t input_, output_;
  std::chrono::microseconds delay_;
};

class Device {
 public:
  using Executable = trouble::Executable;
  static constexpr const char* kName = "trouble";
  static constexpr const char* kVersion = "1.0";

  static std::span<const rdu_device_entry> devices() {
    static constexpr rdu_device_entry kDevices[] = {{"trouble:", "does what no device should"}};
    return kDevices;
  }

  static Result<std::unique_ptr<Device>> open(const rdu_host_api*, const plugin::Uri& uri) {
    auto device = std::make_unique<Device>();
    for (const auto& [key, value] : uri.options) {
      if (key != "delay_us" && key != "load_us") return plugin::unknown_option(uri, key);
      const auto delay = plugin::option_integer(key, value, 0, 10'000'000);
      if (!delay.ok()) return delay.status();
      (key == "delay_us" ? device->delay_ : device->load_time_) = std::chrono::microseconds(*delay);
    }
    return device;
  }

  const rdu_device_properties& properties() const {
    static constexpr rdu_device_properties kProperties{
        RDU_HEADER(rdu_device_properties), "trouble", "", 0, RDU_DEVICE_HOST_MEMORY, 0, 64, 0};
    return kProperties;
  }

  std::uint32_t check(plugin::Graph, std::uint32_t, std::string&) const { return RDU_REASON_TAKEN; }

  Result<std::unique_ptr<Executable>> load(const rdu_load& load) const {
    std::this_thread::sleep_for(load_time_);
    return std::make_unique<Executable>(load, delay_);
  }

 private:
  std::chrono::microseconds delay_{0}, load_time_{0};
};

}  // namespace
}  // namespace rdu::trouble

RDU_PLUGIN_EXPORT(rdu::trouble::Device)
