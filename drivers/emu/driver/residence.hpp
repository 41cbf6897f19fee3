// Whose contents the chip's scratchpads hold, and whether they are still what its setup sections would make.
#pragma once

#include <rdu_hw/config.h>

#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "drivers/emu/chip/chip.hpp"

namespace rdu_hw::emu {

// What setup sections make depends on: the module, the arguments that they name, and the bytes of those that are regions.
struct SetupInputs {
  struct Region {
    std::uint32_t tier;
    std::uint64_t begin, bytes;

    bool meets(const Region& other) const {
      return tier == other.tier && begin < other.begin + other.bytes && other.begin < begin + bytes;
    }
    friend bool operator==(const Region&, const Region&) = default;
  };
  std::uint64_t module = 0;
  std::vector<Region> regions;
  std::vector<std::uint32_t> words;
  bool are_stored_to = false;  // the image itself may write some of the regions

  friend bool operator==(const SetupInputs&, const SetupInputs&) = default;
};
SetupInputs setup_inputs(std::uint64_t module, const rdu_hw_image& image,
                         std::span<const Binding> bindings);

// From any thread.
class Residence {
 public:
  // At the begin of a run: takes back of `held` what is another's, or no longer true.
  void begin(SetupInputs inputs, Held& held);
  // Bytes of the device's memory are others now.
  void changed(const SetupInputs::Region& bytes);

 private:
  std::mutex mutex_;
  SetupInputs inputs_;
  bool changed_ = false;
};

}  // namespace rdu_hw::emu
