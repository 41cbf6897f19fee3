// Memory of the device, arguments, the run, the comparison.
#include "tests/bench/chip_apps/run.hpp"

#include <rdu_hw/config.h>

#include <array>
#include <chrono>
#include <memory>
#include <utility>

#include "tests/bench/chip_apps/device.hpp"

namespace chip_apps {
namespace {

using base::Code;
using base::fail;
using rdu_hw::emu::Binding;

struct FreeImage {
  void operator()(rdu_hw_image* image) const { rdu_hw_image_free(image); }
};
using Image = std::unique_ptr<rdu_hw_image, FreeImage>;

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
  return static_cast<std::uint64_t>(memory.reads + memory.writes) * burst_bytes;
}

base::Result<Outcome> run(const Program& program, const Machine& machine) {
  base::Result<Image> image = decode(program.built.image);
  if (!image) return image.error();
  Device device = load_device(*program.kernel, machine.arch.dram);
  std::vector<Binding> bindings;
  for (const std::uint64_t address : device.addresses) bindings.push_back({address, 0});
  std::array<rdu_hw::emu::Memory, rdu_hw::emu::kNumTiers> memory = {};
  memory[RDU_HW_TIER_DRAM] = {device.memory.data(), device.memory.size()};

  const auto begin = std::chrono::steady_clock::now();
  rdu_hw::emu::Options options;
  options.granularity = machine.granularity;
  options.trace = machine.stages;
  options.most_spans = std::size_t{1} << 22;
  rdu_hw::emu::Result result = rdu_hw::emu::run(**image, machine.arch, bindings, memory, options);
  const auto end = std::chrono::steady_clock::now();
  if (!result.ok()) return fail(Code::kInternal, "%s", result.error.c_str());
  for (std::size_t i = 0; i < bindings.size(); ++i) device.words[i] = bindings[i].word;
  return Outcome{std::move(result.report), find_wrong(device, *program.kernel),
                 std::chrono::duration<double>(end - begin).count()};
}

}  // namespace chip_apps
