// The device "cpu:" and the plugin's export.
#include <rdu/plugin.hpp>

#include "plugins/cpu/check.hpp"
#include "plugins/cpu/executable.hpp"
#include "plugins/cpu/packed/write.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kMostThreads = 1024;

class Device {
 public:
  using Executable = cpu::Executable;
  static constexpr const char* kName = "cpu";
  static constexpr const char* kVersion = "0.1.0";

  static std::span<const rdu_device_entry> devices() {
    static constexpr rdu_device_entry kDevices[] = {{"cpu:", "all cores, vector instructions"}};
    return kDevices;
  }

  // Options: threads=N, at most the context's limit; isa=baseline|avx2|avx512|amx, at most what the machine has.
  static plugin::Result<std::unique_ptr<Device>> open(const rdu_host_api* host,
                                                      const plugin::Uri& uri) {
    if (!uri.path.empty()) {
      return plugin::fail(RDU_ERR_INVALID_ARGUMENT, "device 'cpu' takes no path, got '", uri.path,
                          "'");
    }
    std::uint32_t threads = host->thread_limit(host);
    const Kernels* kernels = select_kernels();
    for (const auto& [key, value] : uri.options) {
      if (key == "threads") {
        const auto wanted = plugin::option_integer(key, value, 1, kMostThreads);
        if (!wanted.ok()) return wanted.status();
        threads = std::min(threads, static_cast<std::uint32_t>(*wanted));
      } else if (key == "isa") {
        kernels = select_kernels(value.c_str());
        if (kernels == nullptr) {
          return plugin::fail(RDU_ERR_INVALID_ARGUMENT, "option isa=", value,
                              ": not an instruction set of this machine");
        }
      } else {
        return plugin::unknown_option(uri, key);
      }
    }
    return std::make_unique<Device>(host, threads, *kernels);
  }

  Device(const rdu_host_api* host, std::uint32_t threads, const Kernels& kernels)
      : host_(host), flow_(std::make_shared<const Flow>(threads)), kernels_(kernels) {}

  const rdu_device_properties& properties() const {
    static constexpr rdu_device_properties kProperties{
        RDU_HEADER(rdu_device_properties), "cpu", "cpu", 0, RDU_DEVICE_HOST_MEMORY, 0, 64, 0};
    return kProperties;
  }

  std::uint32_t check(plugin::Graph graph, std::uint32_t section, std::string& detail) const {
    return check_section(kernels_, graph, section, detail);
  }

  static plugin::Status pack(std::span<Executable* const> executables,
                             const plugin::Writer& write) {
    std::vector<const PackedStore*> stores;
    for (const Executable* executable : executables) stores.push_back(&executable->packed());
    write_packed(stores, [&](std::span<const std::byte> bytes) { write(bytes); });
    return {};
  }

  plugin::Result<std::unique_ptr<Executable>> load(const rdu_load& load) const {
    return Executable::load(host_, flow_, kernels_, load);
  }

 private:
  const rdu_host_api* host_;
  std::shared_ptr<const Flow> flow_;
  const Kernels& kernels_;
};

}  // namespace
}  // namespace rdu::cpu

RDU_PLUGIN_EXPORT(rdu::cpu::Device)
