// The memory of one run: arenas, scratch, aligned copies of what could not be used in place. Reused by later runs.
#pragma once

#include <rdu/plugin.h>

#include <memory>
#include <span>
#include <vector>

#include "sdk/src/runtime/call.hpp"
#include "sdk/src/runtime/output_block.hpp"
#include "sdk/src/runtime/program.hpp"
#include "sdk/src/runtime/state.hpp"

namespace rdu::runtime {

class RunMemory {
 public:
  static Status make(Program& program, std::unique_ptr<RunMemory>& out);
  explicit RunMemory(Program& program) : program_(program) {}
  ~RunMemory();
  RunMemory(const RunMemory&) = delete;
  RunMemory& operator=(const RunMemory&) = delete;

  Call& call() { return call_; }

  // Finds an address for everything the call brings and wants; `state` may be NULL.
  Status bind(const State* state);
  std::span<const rdu_binding> bindings(std::uint32_t step) const { return bindings_[step]; }
  void* scratch() const;
  Status copy(const Action& action) const;

  // After the last step: hands the outputs over with their actual shapes. Nothing of it is visible if it fails.
  Status deliver();

  // After a failure, or when everything is delivered: nothing of the call is kept.
  void clear() noexcept;

 private:
  const LoadedVariant& loaded() { return program_.variant(call_.signature, call_.variant); }
  const VariantSpec& spec() const { return program_.spec(call_.signature, call_.variant); }
  bool usable_in_place(const void* data) const;
  Status bind_input(std::uint32_t i);
  Status bind_output(std::uint32_t j);
  Status bind_variables(const State* state);
  Status stage(Block& block, std::uint64_t bytes, const char* what);
  bool usable_on_device(const rdu_tensor& tensor, Space space) const;
  const rdu_tensor* on_device(const Place& place) const;
  rdu_binding bound(const Binding& binding, Space space) const;
  void fill_bindings();
  std::byte* address(const Place& place) const;
  Status actual_shape(std::uint32_t output, rdu_tensor& tensor) const;
  Status hand_over(std::uint32_t j);

  Program& program_;
  Call call_;
  Block host_;                        // the arena, then the scratch
  std::vector<DeviceBuffer> arenas_;  // by space; none for the host
  std::vector<std::byte*> inputs_, outputs_, reads_, writes_;
  // Tensors in buffers that the one device which uses them reads and writes directly.
  std::vector<std::uint8_t> inputs_on_device_, outputs_on_device_;
  std::vector<Block> input_copies_, output_copies_;
  std::vector<OutputBlock*> made_;                  // outputs that this run allocated
  std::vector<std::vector<rdu_binding>> bindings_;  // by step
  std::uint64_t counted_bytes_ = 0;                 // what the program's counters have of this
};

}  // namespace rdu::runtime
