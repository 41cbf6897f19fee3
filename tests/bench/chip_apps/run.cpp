// Memory of the device, arguments, the run, the comparison.
#include "tests/bench/chip_apps/run.hpp"

#include <rdu_hw/config.h>

#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstring>
#include <memory>
#include <utility>

namespace chip_apps {
namespace {

using base::Code;
using base::fail;
using base::format;
using rdu_hw::emu::Binding;

struct FreeImage {
  void operator()(rdu_hw_image* image) const { rdu_hw_image_free(image); }
};
using Image = std::unique_ptr<rdu_hw_image, FreeImage>;

struct Device {
  std::vector<std::byte> memory;
  std::vector<Binding> bindings;
};

// Each region begins in another bank than the one before, so that streams that run together do not close each other's rows.
Device load_device(const Kernel& kernel, const rdu_hw_dram& dram) {
  const std::uint64_t row = std::uint64_t{dram.row_bytes} * dram.channels * dram.bank_groups;
  const std::uint64_t round = row * dram.banks;
  Device device;
  std::uint64_t end = 0;
  std::uint64_t number = 0;
  for (const Given& given : kernel.given()) {
    const std::uint64_t begin = (end + round - 1) / round * round + number++ % dram.banks * row;
    device.bindings.push_back({given.words.empty() ? 0 : begin, 0});
    if (given.words.empty()) continue;
    end = begin + given.words.size() * 4;
    device.memory.resize(end);
    std::memcpy(&device.memory[begin], given.words.data(), given.words.size() * 4);
  }
  return device;
}

std::uint32_t word_of(const Device& device, std::uint32_t argument, bool is_region,
                      std::size_t index) {
  if (!is_region) return device.bindings[argument].word;
  std::uint32_t word = 0;
  std::memcpy(&word, &device.memory[device.bindings[argument].address + index * 4], 4);
  return word;
}

std::string compare_integers(const Device& device, const Expected& expected, bool is_region) {
  for (std::size_t i = 0; i < expected.integers.size(); ++i) {
    const auto seen = static_cast<std::int32_t>(word_of(device, expected.argument, is_region, i));
    if (seen == expected.integers[i]) continue;
    return format("argument %u, word %zu: expected %lld, got %d", expected.argument, i,
                  static_cast<long long>(expected.integers[i]), seen);
  }
  return {};
}

std::string compare_reals(const Device& device, const Expected& expected, bool is_region) {
  double largest = 0;
  for (const double value : expected.reals) largest = std::max(largest, std::fabs(value));
  for (std::size_t i = 0; i < expected.reals.size(); ++i) {
    const float seen = std::bit_cast<float>(word_of(device, expected.argument, is_region, i));
    if (std::fabs(seen - expected.reals[i]) <= expected.bound * largest) continue;
    return format("argument %u, word %zu: expected %.9g within %.3g, got %.9g", expected.argument,
                  i, expected.reals[i], expected.bound * largest, double{seen});
  }
  return {};
}

std::string compare(const Device& device, const Kernel& kernel) {
  for (const Expected& expected : kernel.expected()) {
    const bool is_region = !kernel.given()[expected.argument].words.empty();
    std::string wrong = compare_integers(device, expected, is_region);
    if (wrong.empty()) wrong = compare_reals(device, expected, is_region);
    if (!wrong.empty()) return wrong;
  }
  return {};
}

base::Result<Image> decode(const std::vector<std::uint8_t>& bytes) {
  rdu_hw_image* image = nullptr;
  rdu_hw_image_error error = {};
  if (rdu_hw_image_decode(bytes.data(), bytes.size(), &image, &error) != RDU_HW_IMAGE_OK) {
    return fail(Code::kInternal, "%s", error.text);
  }
  return Image(image);
}

}  // namespace

std::int64_t Outcome::cycles() const {
  const rdu_hw::emu::SectionReport& section = report.sections.front();
  return section.execution + section.quiesce;
}

std::uint64_t Outcome::dram_bytes(std::uint32_t burst_bytes) const {
  const rdu_hw::dram::Statistics& memory = report.sections.front().memory[RDU_HW_TIER_DRAM];
  return static_cast<std::uint64_t>(memory.total.reads + memory.total.writes) * burst_bytes;
}

base::Result<Outcome> run(const Program& program, const Machine& machine) {
  base::Result<Image> image = decode(program.built.image);
  if (!image) return image.error();
  Device device = load_device(*program.kernel, machine.arch.dram);
  std::array<rdu_hw::emu::Memory, rdu_hw::emu::kNumTiers> memory = {};
  memory[RDU_HW_TIER_DRAM] = {device.memory.data(), device.memory.size()};

  const auto begin = std::chrono::steady_clock::now();
  rdu_hw::emu::Result result =
      rdu_hw::emu::run(**image, machine.arch, device.bindings, memory,
                       {.granularity = machine.granularity, .trace = machine.stages});
  const auto end = std::chrono::steady_clock::now();
  if (!result.ok()) return fail(Code::kInternal, "%s", result.error.c_str());
  return Outcome{std::move(result.report), compare(device, *program.kernel),
                 std::chrono::duration<double>(end - begin).count()};
}

}  // namespace chip_apps
