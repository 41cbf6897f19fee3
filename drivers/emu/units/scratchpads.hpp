// The bytes of the PMUs, zeros at first.
#pragma once

#include <rdu_hw/arch.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

namespace rdu_hw::emu {

class Scratchpads {
 public:
  explicit Scratchpads(const rdu_hw_arch& arch)
      : columns_(rdu_hw_arch_mesh_columns(&arch)),
        bytes_(arch.pmu.bytes),
        pads_(rdu_hw_arch_num_units(&arch)) {}

  // Of the PMU at this place. Pages that nobody touches cost nothing.
  std::byte* at(std::uint32_t row, std::uint32_t column) {
    Pad& pad = pads_[std::size_t{row} * columns_ + column];
    if (pad == nullptr) {
      pad.reset(static_cast<std::byte*>(std::calloc(bytes_, 1)));
      if (pad == nullptr) throw std::bad_alloc();
    }
    return pad.get();
  }

 private:
  struct Free {
    void operator()(std::byte* bytes) const { std::free(bytes); }
  };
  using Pad = std::unique_ptr<std::byte, Free>;

  std::uint32_t columns_;
  std::uint64_t bytes_;
  std::vector<Pad> pads_;
};

}  // namespace rdu_hw::emu
