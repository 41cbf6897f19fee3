// Loads a step and keeps what its device says of it.
#include "sdk/src/runtime/executable.hpp"

#include <utility>

namespace rdu::runtime {

Status Executable::load(std::shared_ptr<Device> device, const rdu_load& load, Executable& out) {
  Executable loaded;
  loaded.device_ = std::move(device);
  Device& owner = *loaded.device_;
  const rdu_plugin_api& api = owner.api();
  const auto serial = owner.serialise();
  RDU_TRY(from_plugin(api.executable_load(owner.handle(), &load, &loaded.handle_),
                      owner.plugin_name(), load.first_section));
  loaded.memory_.header = RDU_HEADER(rdu_memory);
  Status status =
      from_plugin(api.executable_memory(loaded.handle_, &loaded.memory_), owner.plugin_name());
  if (!status.ok()) {
    api.executable_unload(std::exchange(loaded.handle_, nullptr));
    return status;
  }
  if (const std::uint32_t bound = owner.properties().max_concurrency) {
    loaded.turns_ = std::make_unique<Turns>(bound);
  }
  out = std::move(loaded);
  return {};
}

Executable::Executable(Executable&& other) noexcept
    : device_(std::move(other.device_)),
      handle_(std::exchange(other.handle_, nullptr)),
      memory_(other.memory_),
      turns_(std::move(other.turns_)) {}

Executable& Executable::operator=(Executable&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(handle_, other.handle_);
  std::swap(memory_, other.memory_);
  std::swap(turns_, other.turns_);
  return *this;
}

Executable::~Executable() {
  if (!handle_) return;
  const auto serial = device_->serialise();
  device_->api().executable_unload(handle_);
}

}  // namespace rdu::runtime
