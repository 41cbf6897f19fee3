// Takes the part of the host: binds a package's arguments, runs its image on the second engine, fetches the outputs.
#include "tests/tools/rducc/target/rdu/lower/chip_run.hpp"

#include <rdu_hw/package.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>

#include "tests/drivers/emu/naive/machine.hpp"
#include "tests/tools/rducc/graphs.hpp"
#include "tools/rducc/analysis/evaluate.hpp"
#include "tools/rducc/ir/tensor.hpp"
#include "tools/rducc/target/rdu/lower/target_uri.hpp"

namespace rdu_test {
namespace {

using rdu::artifact::ValueId;
using rdu::artifact::Variant;
using rducc::analysis::Memory;

using Package = std::unique_ptr<rdu_hw_package, decltype(&rdu_hw_package_free)>;

Package decode(const std::vector<std::byte>& payload) {
  rdu_hw_package* package = nullptr;
  rdu_hw_image_error error{};
  const auto code = rdu_hw_package_decode(payload.data(), payload.size(), &package, &error);
  INFO(error.text);
  REQUIRE(code == RDU_HW_IMAGE_OK);
  return {package, rdu_hw_package_free};
}

// Values of the host: what was computed so far.
class Host {
 public:
  explicit Host(Memory& memory) : memory_(memory) {}

  std::int64_t run(const rdu_hw_package& package, const rdu_hw_arch& arch) {
    place(package);
    move_in(package);
    naive::Before before;
    auto outcome = naive::run(*package.image, arch, arguments_, tiers_, before);
    REQUIRE(outcome.end == naive::End::kFinished);
    if (package.image->num_setups != 0) {
      // What counts is a run that finds everything in place.
      place(package);
      move_in(package);
      outcome = naive::run(*package.image, arch, arguments_, tiers_, before);
      REQUIRE(outcome.end == naive::End::kFinished);
    }
    move_out(package);
    return outcome.cycles;
  }

  // Words of checks that are not 0.
  std::vector<std::int32_t> outside(const rdu_hw_package& package) const {
    std::vector<std::int32_t> words;
    for (std::uint32_t i = 0; i < package.image->num_arguments; ++i) {
      const bool seen = package.bindings[i].source == RDU_HW_SOURCE_CHECK && arguments_[i] != 0;
      if (seen) words.push_back(static_cast<std::int32_t>(arguments_[i]));
    }
    return words;
  }

 private:
  void place(const rdu_hw_package& package) {
    std::uint64_t end = package.scratch_bytes[RDU_HW_TIER_DRAM];
    addresses_.clear();
    for (std::uint32_t i = 0; i < package.image->num_arguments; ++i) {
      const rdu_hw_binding& binding = package.bindings[i];
      if (binding.source == RDU_HW_SOURCE_SCRATCH) {
        addresses_.push_back(binding.offset);
        continue;
      }
      end = (end + 63) / 64 * 64;
      addresses_.push_back(end);
      end += package.image->arguments[i].bytes;
    }
    tiers_[0].assign(end + 64, 0xcd);
    arguments_.assign(addresses_.begin(), addresses_.end());
    for (std::uint32_t i = 0; i < package.image->num_arguments; ++i) {
      if (package.bindings[i].source == RDU_HW_SOURCE_CHECK) arguments_[i] = 0;
    }
  }

  void move_in(const rdu_hw_package& package) {
    for (std::uint32_t i = 0; i < package.image->num_arguments; ++i) {
      const rdu_hw_binding& binding = package.bindings[i];
      if (binding.source == RDU_HW_SOURCE_DATA) {
        std::memcpy(tiers_[0].data() + addresses_[i],
                    static_cast<const std::uint8_t*>(package.data) + binding.offset,
                    binding.elements);
      }
      if ((binding.moves & RDU_HW_MOVE_IN) == 0) continue;
      const auto bytes = memory_.bytes(binding.value);
      REQUIRE(rdu_hw_convert_in(binding.conversion, bytes.data() + binding.offset,
                                tiers_[0].data() + addresses_[i],
                                binding.elements) == binding.elements);
    }
  }

  void move_out(const rdu_hw_package& package) {
    for (std::uint32_t i = 0; i < package.image->num_arguments; ++i) {
      const rdu_hw_binding& binding = package.bindings[i];
      if ((binding.moves & RDU_HW_MOVE_OUT) == 0) continue;
      const auto bytes = memory_.writable(binding.value);
      REQUIRE(rdu_hw_convert_out(binding.conversion, tiers_[0].data() + addresses_[i],
                                 bytes.data() + binding.offset,
                                 binding.elements) == binding.elements);
    }
  }

  Memory& memory_;
  naive::Arguments arguments_;
  naive::Tiers tiers_;
  std::vector<std::uint64_t> addresses_;
};

bool transfers(const rdu_hw_context& context) {
  return context.program == RDU_HW_PROGRAM_LOAD || context.program == RDU_HW_PROGRAM_STORE;
}

void set_inputs(const Variant& variant, Memory& memory, std::uint32_t seed) {
  for (std::size_t i = 0; i < variant.inputs.size(); ++i) {
    const auto& value = variant.values[variant.inputs[i]];
    memory.set(
        variant.inputs[i],
        rducc::test::sample(value.dims, seed * 100 + static_cast<std::uint32_t>(i), value.dtype));
  }
}

}  // namespace

void add_portable_cut(Variant& variant) {
  rdu::artifact::Cut& cut = variant.cuts.emplace_back();
  for (std::uint32_t n = 0; n < variant.graphs[0].nodes.size(); ++n) {
    cut.sections.push_back({n, n + 1, {}, {}});
  }
}

ChipRun run_on_chip(Variant variant, const std::string& chip, std::uint32_t seed) {
  if (variant.cuts.empty()) add_portable_cut(variant);
  const auto target = rducc::chip::parse_target("rdu:" + chip);
  REQUIRE(target.ok());
  auto report = rducc::chip::add_cut(variant, *target);
  INFO((report.ok() ? "" : report.error().message));
  REQUIRE(report.ok());
  for (const auto& node : report->nodes) {
    INFO(node.name << ": " << node.detail);
    REQUIRE(node.reason == 0);
  }
  Memory memory(variant);
  set_inputs(variant, memory, seed);
  ChipRun run;
  run.report = std::move(*report);
  for (const auto& section : variant.cuts.back().sections) {
    const Package package = decode(section.payload);
    rdu_hw_image_error error{};
    const auto fits = rdu_hw_image_validate(package->image, &target->arch, &error);
    INFO(error.text);
    REQUIRE(fits == RDU_HW_IMAGE_OK);
    const std::uint32_t first = rdu_hw_image_num_setup_sections(package->image);
    run.setup_sections += first;
    const std::uint32_t context = package->image->sections[first].contexts.first;
    run.transfers += static_cast<std::uint32_t>(
        std::count_if(package->image->contexts + context,
                      package->image->contexts + package->image->num_contexts, transfers));
    run.stores += static_cast<std::uint32_t>(std::count_if(
        package->image->contexts, package->image->contexts + package->image->num_contexts,
        [](const rdu_hw_context& context) { return context.program == RDU_HW_PROGRAM_STORE; }));
    Host host(memory);
    run.cycles += host.run(*package, target->arch);
    for (const std::int32_t word : host.outside(*package)) run.outside.push_back(word);
  }
  for (const ValueId output : variant.outputs) {
    run.outputs.push_back(memory.tensor(output).to_f64());
  }
  return run;
}

void require_same_on_chips(const Variant& variant, double tolerance,
                           const std::vector<std::string>& chips) {
  const auto expected = rducc::test::run(variant);
  for (const std::string& chip : chips) {
    INFO(chip);
    const ChipRun run = run_on_chip(variant, chip);
    REQUIRE(run.outside.empty());
    REQUIRE(run.outputs.size() == expected.size());
    for (std::size_t o = 0; o < expected.size(); ++o) {
      REQUIRE(run.outputs[o].size() == expected[o].size());
      double largest = 0;
      for (const double x : expected[o]) largest = std::max(largest, std::abs(x));
      for (std::size_t i = 0; i < expected[o].size(); ++i) {
        INFO("output " << o << " element " << i << ": got " << run.outputs[o][i] << ", expected "
                       << expected[o][i]);
        REQUIRE(std::abs(run.outputs[o][i] - expected[o][i]) <= tolerance * (largest + 1e-30));
      }
    }
  }
}

}  // namespace rdu_test
