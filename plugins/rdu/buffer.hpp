// Device memory that the host holds: values of a run lie in it, and stay there from one executable to the next.
#pragma once

#include <rdu/host.h>

#include <memory>

#include "plugins/rdu/chip.hpp"

namespace rdu::chip_plugin {

// What everything of a device shares.
struct Owner {
  const rdu_host_api* host;
  rdu_hw_chip* chip;
  const char* name;  // of the chip, for tracks of a trace
};

class Buffer {
 public:
  static plugin::Result<std::unique_ptr<Buffer>> make(const Owner& owner, std::uint64_t bytes);
  Buffer(const Owner& owner, Allocation memory) : owner_(owner), memory_(std::move(memory)) {}

  plugin::Status write(std::uint64_t offset, const void* host, std::uint64_t bytes);
  plugin::Status read(std::uint64_t offset, void* host, std::uint64_t bytes);

  std::uint64_t address() const { return memory_.address(); }
  std::uint64_t bytes() const { return memory_.bytes(); }

 private:
  plugin::Status check(std::uint64_t offset, std::uint64_t bytes) const;

  const Owner& owner_;
  Allocation memory_;
};

}  // namespace rdu::chip_plugin
