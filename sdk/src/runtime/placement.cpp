// Sections go to the first device that takes them; consecutive ones on one device become one executable.
#include "sdk/src/runtime/placement.hpp"

#include <algorithm>
#include <array>

#include "sdk/artifact/view.hpp"
#include "sdk/src/runtime/offer.hpp"
#include "sdk/src/runtime/split.hpp"

namespace rdu::runtime {
namespace {

// A variant's graph, as arrays and as bytes.
struct Subject {
  const rdu_graph& graph;
  const rdu_graph_source& source;
};

std::uint32_t ask(const Device& device, const Subject& subject, std::uint32_t section,
                  const Offer& offer, std::string& detail) {
  std::array<char, 256> words{};
  const rdu_check check{.header = RDU_HEADER(rdu_check),
                        .graph = &subject.graph,
                        .section = section,
                        .detail_bytes = static_cast<std::uint32_t>(words.size()),
                        .detail = words.data(),
                        .format = offer.format,
                        .payload = offer.payload,
                        .payload_hash = offer.hash,
                        .source = &subject.source};
  const std::uint32_t reason = device.api().device_check(device.handle(), &check);
  words.back() = '\0';
  detail = words.data();
  return reason;
}

// What each device is offered, by device and section; of a device that works from the graph there is nothing.
using OffersByDevice = std::vector<std::vector<Offer>>;

SectionPlacement place_section(const Devices& devices, const Subject& subject,
                               std::uint32_t section, std::uint32_t home,
                               const OffersByDevice& offers) {
  SectionPlacement placed;
  for (std::uint32_t i = 0; i < devices.size(); ++i) {
    // The home comes first, the others in the caller's order.
    const std::uint32_t d = i == 0 ? home : i <= home ? i - 1 : i;
    const Offer offer = offers[d].empty() ? Offer() : offers[d][section];
    Refusal refusal{d, RDU_REASON_TAKEN, {}};
    refusal.reason = ask(*devices[d], subject, section, offer, refusal.detail);
    if (refusal.reason == RDU_REASON_TAKEN) {
      placed.device = d;
      break;
    }
    placed.refusals.push_back(std::move(refusal));
  }
  return placed;
}

// Fills the sections between payload steps with the longest runs of sections on one device.
std::vector<StepPlacement> make_steps(const std::vector<SectionPlacement>& sections,
                                      const std::vector<StepPlacement>& payloads) {
  std::vector<StepPlacement> steps;
  auto payload = payloads.begin();
  bool extends = false;
  for (std::uint32_t i = 0; i < sections.size(); ++i) {
    if (payload != payloads.end() && payload->first_section == i) {
      steps.push_back(*payload);
      i = payload->end_section - 1;
      ++payload;
      extends = false;
      continue;
    }
    if (sections[i].device == RDU_NO_INDEX) {
      extends = false;
      continue;
    }
    if (!extends || steps.back().device != sections[i].device) {
      steps.push_back({.device = sections[i].device, .first_section = i});
    }
    steps.back().end_section = i + 1;
    extends = true;
  }
  return steps;
}

// Devices that are first in line for some sections get their payloads.
VariantPlacement place_variant(const VariantSpec& spec, const rdu_graph_source& source,
                               const Devices& devices, const Shares& shares) {
  VariantPlacement placed;
  if (devices.empty()) {
    placed.sections.resize(spec.graph->sections.count);
    return placed;
  }
  std::vector<std::uint32_t> cuts(devices.size());
  OffersByDevice offered(devices.size());
  for (std::uint32_t d = 0; d < devices.size(); ++d) {
    if (shares.empty() ? d > 0 : shares[d] == 0) continue;
    cuts[d] = cut_for(*devices[d], *spec.info);
    offered[d] = offers(spec, *devices[d], cuts[d]);
  }
  const std::vector<std::uint32_t> homes = homes_of_sections(spec, shares, cuts);
  for (std::uint32_t i = 0; i < spec.graph->sections.count; ++i) {
    placed.sections.push_back(place_section(devices, {*spec.graph, source}, i, homes[i], offered));
  }
  std::vector<StepPlacement> payloads;
  for (std::uint32_t d = 0; d < devices.size(); ++d) {
    if (cuts[d] != 0) add_payload_steps(spec, cuts[d], d, placed.sections, payloads);
  }
  std::ranges::sort(payloads, {}, &StepPlacement::first_section);
  placed.steps = make_steps(placed.sections, payloads);
  return placed;
}

std::uint32_t step_of(const VariantPlacement& placed, std::uint32_t section) {
  for (std::uint32_t s = 0; s < placed.steps.size(); ++s) {
    const StepPlacement& step = placed.steps[s];
    if (section >= step.first_section && section < step.end_section) return s;
  }
  return RDU_NO_INDEX;
}

}  // namespace

const char* reason_words(std::uint32_t reason) {
  switch (reason) {
#define X(name, number, words) \
  case number:                 \
    return words;
    RDU_REASONS(X)
#undef X
    default:
      return "a reason that this library does not know";
  }
}

Placement Placement::make(std::shared_ptr<const Artifact> artifact, const Devices& devices,
                          const Shares& shares) {
  Placement placement;
  placement.artifact_ = std::move(artifact);
  for (const auto& device : devices) placement.device_uris_.push_back(device->uri());
  const artifact::Artifact& file = placement.artifact_->file();
  const std::vector<rdu_bytes> segments = placement.artifact_->segments();
  rdu_graph_source source = {
      .header = RDU_HEADER(rdu_graph_source),
      .bytes = {file.metadata_bytes().data(), file.metadata_bytes().size()},
      .segments = {segments.data(), static_cast<std::uint32_t>(segments.size()), sizeof(rdu_bytes)},
      .signature = 0,
      .variant = 0};
  for (const SignatureSpec& signature : placement.artifact_->signatures()) {
    auto& variants = placement.variants_.emplace_back();
    source.variant = 0;
    for (const VariantSpec& spec : signature.variants) {
      variants.push_back(place_variant(spec, source, devices, shares));
      ++source.variant;
    }
    ++source.signature;
  }
  placement.describe();
  return placement;
}

void Placement::describe() {
  const auto& signatures = artifact_->signatures();
  for (std::uint32_t s = 0; s < signatures.size(); ++s) {
    for (std::uint32_t v = 0; v < signatures[s].variants.size(); ++v) {
      describe_variant(signatures[s].variants[v], s, v);
    }
  }
  for (Described& section : sections_) {
    section.info.refusals = {section.refusals.data(),
                             static_cast<std::uint32_t>(section.refusals.size()),
                             sizeof(rdu_refusal)};
  }
}

void Placement::describe_variant(const VariantSpec& spec, std::uint32_t signature,
                                 std::uint32_t variant) {
  const VariantPlacement& placed = variants_[signature][variant];
  for (std::uint32_t i = 0; i < placed.sections.size(); ++i) {
    const auto& section = artifact::at<rdu_section>(spec.graph->sections, i);
    const std::uint32_t step = step_of(placed, i);
    const std::uint32_t cut = step == RDU_NO_INDEX ? 0 : placed.steps[step].cut;
    Described& described = sections_.emplace_back();
    rdu_section_info& info = described.info;
    info.header = RDU_HEADER(rdu_section_info);
    info.cut = cut == 0 ? "portable" : spec.info->cuts[cut].target.c_str();
    info.signature = signature;
    info.variant = variant;
    info.section = i;
    info.first_node = section.first_node;
    info.num_nodes = section.end_node - section.first_node;
    info.device = placed.sections[i].device;
    info.step = step;
    for (const Refusal& refusal : placed.sections[i].refusals) {
      described.refusals.push_back({.device = refusal.device,
                                    .reason = refusal.reason,
                                    .node = section.first_node,
                                    .reserved = 0,
                                    .detail = refusal.detail.c_str()});
    }
  }
}

Status Placement::complete() const {
  for (const Described& section : sections_) {
    if (section.info.device != RDU_NO_INDEX) continue;
    const rdu_section_info& info = section.info;
    const VariantSpec& spec = artifact_->signatures()[info.signature].variants[info.variant];
    const auto& node = artifact::at<rdu_node>(spec.graph->nodes, info.first_node);
    std::string reasons;
    for (const rdu_refusal& refusal : section.refusals) {
      reasons += cat("; ", device_uris_[refusal.device], " ", reason_words(refusal.reason),
                     *refusal.detail ? ": " : "", refusal.detail);
    }
    return Status(make_status(
        {.code = RDU_ERR_UNSUPPORTED,
         .message = cat("no device takes section ", info.section, " (node '", node.name, "')",
                        device_uris_.empty() ? "; the list of devices is empty" : reasons),
         .hint = "rdu explain shows every section; a device list that ends with cpu: falls back",
         .node = info.first_node,
         .section = info.section}));
  }
  return {};
}

void Placement::log(const Logger& logger) const {
  if (!logger.wants(RDU_LOG_INFO)) return;
  for (const Described& section : sections_) {
    if (section.refusals.empty()) continue;
    const rdu_refusal& first = section.refusals.front();
    logger.write(RDU_LOG_INFO, "variant ", section.info.variant, ": section ", section.info.section,
                 " goes to ", device_uris_[section.info.device], ", not ",
                 device_uris_[first.device], ": ", reason_words(first.reason),
                 *first.detail ? ": " : "", first.detail);
  }
}

}  // namespace rdu::runtime
