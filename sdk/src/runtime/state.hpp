// The variables of one stream. Each has two buffers: a run reads the current one and writes the other, and success
// makes that one current. A variable that grows has one: a run writes beyond its length, and success moves the length.
#pragma once

#include <rdu/state.h>

#include <atomic>
#include <memory>
#include <vector>

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
  void reset() noexcept;
  Status find(const char* variable, std::uint64_t size_bytes, std::uint32_t& out) const;
  // May `data` become the variable's content? A length must lie within what counts by it.
  Status accepts(std::uint32_t variable, const std::byte* data) const;
  // How many positions of a variable that grows are in use.
  std::int64_t length(std::uint32_t variable) const;
  Status clone(std::unique_ptr<State>& out) const;

 private:
  struct Buffers {
    Block blocks[2];
    std::uint32_t side = 0;
  };
  explicit State(std::shared_ptr<Program> program) : program_(std::move(program)) {}
  bool grows(std::uint32_t variable) const { return !(*specs_)[variable].growth.none(); }

  std::shared_ptr<Program> program_;
  std::uint32_t signature_ = 0;
  std::uint32_t variant_ = 0;
  const std::vector<TensorSpec>* specs_ = nullptr;
  std::vector<Buffers> buffers_;
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
