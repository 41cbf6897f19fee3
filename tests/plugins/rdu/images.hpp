// Small images by hand: elementwise arithmetic, from memory through one PCU to memory, for a chip with an ideal network.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "drivers/image/package.hpp"
#include "drivers/image/program.hpp"

namespace chip_test {

// What an instruction takes: a region's element, or a scalar argument, by number of the argument; or a word.
struct Operand {
  enum Kind { kRegion, kScalar, kWord } kind;
  std::uint32_t value;
};
inline Operand region(std::uint32_t argument) { return {Operand::kRegion, argument}; }
inline Operand scalar(std::uint32_t argument) { return {Operand::kScalar, argument}; }
inline Operand word(std::uint32_t bits) { return {Operand::kWord, bits}; }

// One section: argument `result` [i] = op(a, b), i below `count`.
struct Step {
  std::uint16_t op;
  Operand a, b;
  std::uint32_t result;
  std::string name = "step";
};

rdu_hw::image::Argument region_argument(std::uint32_t access, std::uint64_t bytes,
                                        std::uint32_t tier = 0);
rdu_hw::image::Argument scalar_argument(std::uint32_t access);

std::vector<std::uint8_t> elementwise_image(std::uint64_t arch_hash, std::uint32_t count,
                                            std::vector<rdu_hw::image::Argument> arguments,
                                            const std::vector<Step>& steps);
// As one step, but a sum of region 0 into scalar argument 1, in int32.
std::vector<std::uint8_t> sum_image(std::uint64_t arch_hash, std::uint32_t count);
// A copy from region 0 to region 1 that takes for ever.
std::vector<std::uint8_t> endless_image(std::uint64_t arch_hash, std::uint32_t count);

std::vector<std::byte> payload(const rdu_hw::image::Package& package);

// Of a preset, or of one with settings.
std::uint64_t hash_of(const std::string& preset, std::vector<const char*> settings = {});

}  // namespace chip_test
