// Asks the plugin that made all executables of the programs for what it would rather not make again.
#include "sdk/src/runtime/pack.hpp"

#include "sdk/src/runtime/program.hpp"

namespace rdu::runtime {
namespace {

void append(void* to, const void* data, std::uint64_t size) {
  const std::span bytes(static_cast<const std::byte*>(data), size);
  auto& all = *static_cast<std::vector<std::byte>*>(to);
  all.insert(all.end(), bytes.begin(), bytes.end());
}

// The executables of one plugin.
struct Packing {
  const Device* device = nullptr;  // the first
  std::vector<rdu_plugin_executable*> executables;

  Status add(const Executable& executable) {
    if (device == nullptr) device = &executable.device();
    if (&device->api() != &executable.device().api()) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "the programs are on devices of several plugins: '",
                  device->uri(), "' and '", executable.device().uri(), "'");
    }
    executables.push_back(executable.handle());
    return {};
  }
};

}  // namespace

rdu_bytes packed_for(const artifact::Artifact& file, const Device& device) {
  for (const artifact::PackedInfo& packed : file.description().packed) {
    if (device.target().empty() || packed.target != device.target()) continue;
    return {packed.bytes.data(), packed.bytes.size()};
  }
  return {};
}

Status pack_programs(std::span<Program* const> programs, std::vector<std::byte>& out) {
  Packing packing;
  for (Program* program : programs) {
    const auto& signatures = program->artifact()->signatures();
    for (std::uint32_t s = 0; s < signatures.size(); ++s) {
      for (std::uint32_t v = 0; v < signatures[s].variants.size(); ++v) {
        for (const Executable& executable : program->variant(s, v).executables) {
          RDU_TRY(packing.add(executable));
        }
      }
    }
  }
  out.clear();
  if (packing.device == nullptr) return {};
  const rdu_plugin_api& api = packing.device->api();
  if (api.pack == nullptr) {
    return fail(RDU_ERR_UNSUPPORTED, "plugin '", packing.device->plugin_name(),
                "' packs nothing ahead of time");
  }
  const rdu_array executables{packing.executables.data(),
                              static_cast<std::uint32_t>(packing.executables.size()),
                              sizeof(rdu_plugin_executable*)};
  return from_plugin(api.pack(api.self, executables, append, &out), packing.device->plugin_name());
}

}  // namespace rdu::runtime
