// The variables of one stream. On the host each has two buffers: a run reads the current one and writes the other, and
// success makes that one current. A variable that grows has one: a run writes beyond its length, and success moves the
// length. Where a device keeps the variables, the plugin does all this, and the host has none of the bytes.
#pragma once

#include <rdu/state.h>

#include <atomic>
#include <memory>
#include <vector>

#include "sdk/src/runtime/device_state.hpp"
#include "sdk/src/runtime/program.hpp"

namespace rdu::runtime {

class State {
 public:
  static Status create(std::shared_ptr<Program> program, std::uint32_t signature,
                       std::uint32_t variant, std::unique_ptr<State>& out);

  Context& context() const { return program_->context(); }
  const std::vector<TensorSpec>& variables() const { return *specs_; }

  // BUSY where somebody else has it.
  Status acquire();
  void release() { busy_.store(false, std::memory_order_release); }

  // The rest needs the state acquired.
  Status serves(const Program& program, std::uint32_t signature, const VariantSpec& variant) const;

  // The whole of a variable, as a call sees it. May block where a device keeps it.
  Status read(std::uint32_t variable, std::byte* out) const;
  Status write(std::uint32_t variable, const std::byte* data);
  // Of every variable, or of none.
  Status write_all(const std::vector<std::vector<std::byte>>& contents);
  Status reset();
  Status clone(std::unique_ptr<State>& out) const;

  Status find(const char* variable, std::uint64_t size_bytes, std::uint32_t& out) const;
  // How many positions of a variable that grows are in use.
  Status length(std::uint32_t variable, std::int64_t& out) const;

  // The device's state; NULL: the host has the bytes, and only then what follows may be called.
  rdu_plugin_state* on_device() const { return remote_ ? remote_->handle() : nullptr; }
  // Does what a run of `variant` appends fit?
  Status has_room(const VariantSpec& variant) const;
  // Has the run counted what it appended?
  Status has_grown(const VariantSpec& variant) const;
  std::byte* current(std::uint32_t variable) const {
    return buffers_[variable].blocks[buffers_[variable].side].data();
  }
  // The same bytes, where the variable grows.
  std::byte* next(std::uint32_t variable) const {
    const Buffers& buffers = buffers_[variable];
    return buffers.blocks[grows(variable) ? buffers.side : 1 - buffers.side].data();
  }
  void flip() noexcept;

 private:
  struct Buffers {
    Block blocks[2];
    std::uint32_t side = 0;
  };
  explicit State(std::shared_ptr<Program> program) : program_(std::move(program)) {}
  bool grows(std::uint32_t variable) const { return !(*specs_)[variable].growth.none(); }
  const Executable& executable() const;
  Status allocate();
  // May `data` become the variable's content? A length must lie within what counts by it.
  Status accepts(std::uint32_t variable, const std::byte* data) const;

  std::shared_ptr<Program> program_;
  std::uint32_t signature_ = 0;
  std::uint32_t variant_ = 0;
  const std::vector<TensorSpec>* specs_ = nullptr;
  std::unique_ptr<DeviceState> remote_;
  std::vector<Buffers> buffers_;  // none where a device keeps the variables
  std::atomic<bool> busy_{false};
};

// Keeps an acquired state for a scope.
class StateLease {
 public:
  explicit StateLease(State& state) : state_(state) {}
  StateLease(const StateLease&) = delete;
  StateLease& operator=(const StateLease&) = delete;
  ~StateLease() { state_.release(); }

 private:
  State& state_;
};

}  // namespace rdu::runtime
