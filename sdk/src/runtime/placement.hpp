// Asks devices in the caller's order, or in that of their shares, which sections they take, and keeps every refusal.
#pragma once

#include <rdu/plugin.h>
#include <rdu/program.h>

#include <memory>
#include <string>
#include <vector>

#include "sdk/src/runtime/artifact.hpp"
#include "sdk/src/runtime/device.hpp"

namespace rdu::runtime {

struct Refusal {
  std::uint32_t device = 0;
  std::uint32_t reason = 0;
  std::string detail;
};

struct SectionPlacement {
  std::uint32_t device = RDU_NO_INDEX;
  std::vector<Refusal> refusals;
};

// One executable to be: sections [first_section, end_section) of the portable cut on one device, worked from the graph
// or, where `cut` is not 0, from the payload of that cut's section.
struct StepPlacement {
  std::uint32_t device = 0;
  std::uint32_t first_section = 0;
  std::uint32_t end_section = 0;
  std::uint32_t cut = 0;
  std::uint32_t cut_section = 0;
};

struct VariantPlacement {
  std::vector<SectionPlacement> sections;  // of the portable cut
  std::vector<StepPlacement> steps;        // without the sections that nobody took
};

using Devices = std::vector<std::shared_ptr<Device>>;

// Of the work, one per device; empty: the first device that takes a section gets it.
using Shares = std::vector<std::uint32_t>;

class Placement {
 public:
  Placement() = default;
  Placement(Placement&&) = default;
  Placement& operator=(Placement&&) = default;

  static Placement make(std::shared_ptr<const Artifact> artifact, const Devices& devices,
                        const Shares& shares = {});

  const VariantPlacement& variant(std::uint32_t signature, std::uint32_t variant) const {
    return variants_[signature][variant];
  }
  const std::vector<std::string>& device_uris() const { return device_uris_; }

  // UNSUPPORTED with everybody's reasons for the first section that nobody took.
  Status complete() const;

  // One line for each section that did not go to the first device.
  void log(const Logger& logger) const;

  // Sections of all variants in order, described as the application sees them.
  std::uint32_t num_sections() const { return static_cast<std::uint32_t>(sections_.size()); }
  const rdu_section_info& section(std::uint32_t index) const { return sections_[index].info; }

 private:
  // `info` points into `refusals`, and these into the strings of `variants_`.
  struct Described {
    rdu_section_info info{};
    std::vector<rdu_refusal> refusals;
  };
  void describe();
  void describe_variant(const VariantSpec& spec, std::uint32_t signature, std::uint32_t variant);

  std::shared_ptr<const Artifact> artifact_;
  std::vector<std::vector<VariantPlacement>> variants_;
  std::vector<std::string> device_uris_;
  std::vector<Described> sections_;
};

const char* reason_words(std::uint32_t reason);

}  // namespace rdu::runtime
