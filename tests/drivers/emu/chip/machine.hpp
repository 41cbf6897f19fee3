// A chip with a program on it: memory for its regions, and runs of it.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "drivers/emu/chip/chip.hpp"
#include "drivers/image/program.hpp"
#include "tests/drivers/image/support.hpp"

namespace chip_test {

using rdu_hw::emu::Failure;
using rdu_hw::emu::Options;
using rdu_hw::emu::Result;
using rdu_hw::emu::Time;

class Machine {
 public:
  // Regions lie one behind the other in their tiers, `gap` bytes apart at least.
  Machine(const rdu_hw_arch& arch, const rdu_hw::image::Program& program, std::uint64_t gap = 64);

  Result run(const Options& options = {});
  // Of a run that must end well.
  rdu_hw::emu::Report report(const Options& options = {});

  template <typename Element>
  void put(std::uint32_t argument, const std::vector<Element>& elements) {
    std::memcpy(bytes(argument), elements.data(), elements.size() * sizeof(Element));
  }
  template <typename Element>
  std::vector<Element> get(std::uint32_t argument, std::size_t count) {
    std::vector<Element> elements(count);
    std::memcpy(elements.data(), bytes(argument), count * sizeof(Element));
    return elements;
  }
  std::uint32_t& word(std::uint32_t argument) { return bindings_[argument].word; }
  std::byte* bytes(std::uint32_t argument);
  std::vector<rdu_hw::emu::Binding>& bindings() { return bindings_; }
  const rdu_hw_image& image() const { return *image_; }
  // Everything that a run can change: both tiers, and the words.
  std::vector<std::byte> contents() const;
  // As the second engine's tests bind a program: random places, bytes and extents.
  void bind_random(std::uint64_t seed);

 private:
  rdu_hw_arch arch_;
  image_test::Image image_;
  std::vector<rdu_hw::emu::Binding> bindings_;
  std::vector<std::byte> tiers_[rdu_hw::emu::kNumTiers];
};

}  // namespace chip_test
