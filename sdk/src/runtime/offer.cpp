// Finds a device's cut, and which of its payloads stand for the portable sections that the device took.
#include "sdk/src/runtime/offer.hpp"

#include "sdk/artifact/view.hpp"

namespace rdu::runtime {

std::uint32_t cut_for(const Device& device, const artifact::VariantInfo& variant) {
  for (std::uint32_t c = 1; c < variant.cuts.size(); ++c) {
    const artifact::CutInfo& cut = variant.cuts[c];
    const std::uint64_t hash = device.properties().target_hash;
    if (!device.target().empty() && cut.target == device.target() && !cut.format.empty() &&
        (hash == 0 || cut.target_hash == 0 || cut.target_hash == hash)) {
      return c;
    }
  }
  return 0;
}

std::vector<Offer> offers(const VariantSpec& spec, const Device& device, std::uint32_t cut) {
  const auto portable = artifact::each<rdu_section>(spec.graph->sections);
  std::vector<Offer> offers(portable.size());
  const auto& cuts = spec.info->cuts;
  if (cut == 0) {
    for (std::size_t c = cuts.size(); c-- > 1;) {
      if (device.target().empty() || cuts[c].target != device.target()) continue;
      for (Offer& offer : offers) offer.hash = cuts[c].target_hash;
    }
    return offers;
  }
  for (std::uint32_t i = 0; i < portable.size(); ++i) {
    for (const auto& section : cuts[cut].sections) {
      const bool covers =
          section.first_node <= portable[i].first_node && portable[i].end_node <= section.end_node;
      if (!covers || section.payload.empty()) continue;
      offers[i] = {cuts[cut].format.c_str(),
                   {section.payload.data(), section.payload.size()},
                   cuts[cut].target_hash};
    }
  }
  return offers;
}

void add_payload_steps(const VariantSpec& spec, std::uint32_t cut, std::uint32_t device,
                       const std::vector<SectionPlacement>& sections,
                       std::vector<StepPlacement>& steps) {
  const auto portable = artifact::each<rdu_section>(spec.graph->sections);
  const auto& targets = spec.info->cuts[cut].sections;
  std::uint32_t next = 0;
  for (std::uint32_t t = 0; t < targets.size(); ++t) {
    StepPlacement step{.device = device, .cut = cut, .cut_section = t};
    while (next < portable.size() && portable[next].first_node < targets[t].first_node) ++next;
    step.first_section = next;
    bool taken = true;
    for (; next < portable.size() && portable[next].end_node <= targets[t].end_node; ++next) {
      taken = taken && sections[next].device == device;
    }
    step.end_section = next;
    if (taken && step.end_section > step.first_section && !targets[t].payload.empty()) {
      steps.push_back(step);
    }
  }
}

}  // namespace rdu::runtime
