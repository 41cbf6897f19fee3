// Opening chips, and what their devices answer.
#include "plugins/rdu/device.hpp"

#include <array>
#include <cstring>
#include <deque>

#include "plugins/rdu/uri.hpp"

namespace rdu::chip_plugin {
namespace {

using plugin::concat;
using plugin::Result;
using plugin::Status;

constexpr std::uint32_t kMaxAlignment = 4096;
// Of payloads that are remembered; beyond it, all are judged anew.
constexpr std::size_t kMaxVerdicts = 4096;

struct Preset {
  std::string uri;
  std::string description;
};

std::string describe(const rdu_hw_arch& arch) {
  const std::string dtype =
      (arch.pcu.dtypes & RDU_HW_DTYPE_BF16) != 0 ? ", fp32 and bf16" : ", fp32";
  return concat("emulated RDU: ", rdu_hw_arch_num_pcus(&arch), " PCUs of ", arch.pcu.lanes, " x ",
                arch.pcu.stages, ", ", rdu_hw_arch_num_pmus(&arch), " PMUs of ",
                arch.pmu.bytes / 1024, " KiB, ", arch.dram.channels, " channels of ",
                arch.dram.standard, dtype);
}

const std::deque<Preset>& presets() {
  static const std::deque<Preset> all = [] {
    std::deque<Preset> made;
    for (std::size_t i = 0; rdu_hw_arch_preset_name(i) != nullptr; ++i) {
      rdu_hw_arch arch;
      if (rdu_hw_arch_load(rdu_hw_arch_preset_name(i), &arch, nullptr) != RDU_HW_ARCH_OK) continue;
      made.push_back({concat("rdu:", arch.name), describe(arch)});
    }
    return made;
  }();
  return all;
}

}  // namespace

std::span<const rdu_device_entry> Device::devices() {
  static const std::vector<rdu_device_entry> entries = [] {
    std::vector<rdu_device_entry> made;
    for (const Preset& preset : presets()) {
      made.push_back({preset.uri.c_str(), preset.description.c_str()});
    }
    return made;
  }();
  return entries;
}

Result<std::unique_ptr<Device>> Device::open(const rdu_host_api* host, const plugin::Uri& uri) {
  const Result<Request> request = read_request(uri);
  if (!request.ok()) return request.status();
  rdu_hw_chip_options options = {};
  options.granularity = request->granularity;
  options.timing_only = request->timing_only ? 1 : 0;
  if (!request->memory_file.empty()) options.memory_file = request->memory_file.c_str();
  rdu_hw_chip* opened = nullptr;
  rdu_hw_error error = {};
  rdu_hw_code code = rdu_hw_chip_open(&request->arch, &options, &opened, &error);
  if (code != RDU_HW_OK) return status_of(code, error);
  Chip chip(opened);
  rdu_hw_chip_info info = {};
  code = rdu_hw_chip_get_info(chip.get(), &info, &error);
  if (code != RDU_HW_OK) return status_of(code, error);
  return std::make_unique<Device>(host, std::move(chip), info);
}

Device::Device(const rdu_host_api* host, Chip chip, const rdu_hw_chip_info& info)
    : chip_(std::move(chip)),
      arch_name_(info.arch->name),
      name_(concat(arch_name_, " (", info.description, ")")),
      owner_{host, chip_.get(), arch_name_.c_str()},
      properties_{RDU_HEADER(rdu_device_properties),
                  name_.c_str(),
                  "rdu",
                  rdu_hw_arch_hash(info.arch),
                  RDU_DEVICE_ASYNCHRONOUS,
                  info.capacity_bytes[RDU_HW_TIER_DRAM],
                  std::min(info.alignment, kMaxAlignment),
                  1} {}

std::uint32_t Device::check(const rdu_check& request, std::string& detail) {
  std::array<std::uint64_t, 3> key = {0, 0, 0};
  if (RDU_HAS(&request, payload.data) && request.payload.size >= sizeof(rdu_hw_package_header)) {
    const auto* bytes = static_cast<const std::byte*>(request.payload.data);
    key = {reinterpret_cast<std::uintptr_t>(bytes), request.payload.size, 0};
    std::memcpy(&key[2], bytes + offsetof(rdu_hw_package_header, hash), sizeof key[2]);
  }
  const bool known = key[0] != 0;
  const std::lock_guard lock(verdicts_mutex_);
  auto found = verdicts_.find(key);
  if (!known || found == verdicts_.end()) {
    if (verdicts_.size() >= kMaxVerdicts) verdicts_.clear();
    found = verdicts_.insert_or_assign(key, judge(owner_, properties_.alignment, request)).first;
  }
  detail = found->second.detail;
  return found->second.reason;
}

Result<std::unique_ptr<Buffer>> Device::allocate(std::uint64_t bytes) {
  return Buffer::make(owner_, bytes);
}

Result<std::unique_ptr<Executable>> Device::load(const rdu_load& load) {
  return Executable::load({owner_, properties_.alignment, turn_}, load);
}

}  // namespace rdu::chip_plugin
