// Finds packages in an artifact or a file, decodes them, and finds the chip that they are for.
#include "tools/rdu/chip/chip_work.hpp"

#include <algorithm>
#include <cstring>

#include "sdk/artifact/view.hpp"
#include "tools/rdu/error.hpp"

namespace rdu::tool {

namespace {

constexpr const char* kFormat = "rdu.chip";

bool begins_with(std::span<const std::byte> bytes, const char (&magic)[9]) {
  return bytes.size() >= 8 && std::memcmp(bytes.data(), magic, 8) == 0;
}

ChipProgram decode_package(std::span<const std::byte> bytes, const std::string& where) {
  rdu_hw_package* package = nullptr;
  rdu_hw_image_error error = {};
  if (rdu_hw_package_decode(bytes.data(), bytes.size(), &package, &error) != RDU_HW_IMAGE_OK) {
    throw ToolError(where + ": " + error.text);
  }
  const std::shared_ptr<const rdu_hw_package> owner(
      package, [package](const rdu_hw_package*) { rdu_hw_package_free(package); });
  return {.image = {owner, package->image},
          .package = owner,
          .image_bytes = {static_cast<const std::byte*>(package->image_bytes), package->image_size},
          .estimated_cycles = package->estimated_cycles,
          .counters = {},
          .needed_values = false};
}

ChipProgram decode_image(std::span<const std::byte> bytes, const std::string& where) {
  rdu_hw_image* image = nullptr;
  rdu_hw_image_error error = {};
  if (rdu_hw_image_decode(bytes.data(), bytes.size(), &image, &error) != RDU_HW_IMAGE_OK) {
    throw ToolError(where + ": " + error.text);
  }
  return {.image = {image, [image](const rdu_hw_image*) { rdu_hw_image_free(image); }},
          .package = nullptr,
          .image_bytes = bytes,
          .estimated_cycles = 0,
          .counters = {},
          .needed_values = false};
}

// What the compiler was told is a hint; the hash decides.
std::optional<rdu_hw_arch> find_in_flags(const std::string& flags, std::uint64_t hash) {
  constexpr std::string_view kFlag = "--target rdu:";
  for (std::size_t at = 0; (at = flags.find(kFlag, at)) != flags.npos;) {
    at += kFlag.size();
    try {
      const rdu_hw_arch arch = load_chip(flags.substr(at, flags.find(' ', at) - at));
      if (rdu_hw_arch_hash(&arch) == hash) return arch;
    } catch (const ToolError&) {
    }
  }
  return std::nullopt;
}

rdu_hw_arch find_preset(std::uint64_t hash) {
  std::string names;
  for (std::size_t i = 0; const char* name = rdu_hw_arch_preset_name(i); ++i) {
    for (const char* network : {"", "?network.kind=ideal", "?network.kind=routed"}) {
      const rdu_hw_arch arch = load_chip(std::string(name) + network);
      if (rdu_hw_arch_hash(&arch) == hash) return arch;
    }
    names += (i == 0 ? "" : ", ") + std::string(name);
  }
  throw ToolError("the program is for a chip that is none of " + names +
                  ": name it with --chip, as it was compiled for");
}

// Everything that draws or runs programs trusts that they are valid for the chip.
void settle_chip(ChipWork& work, const ChipRequest& request, const std::string& flags = "") {
  const std::uint64_t hash = work.programs.front().image->arch_hash;
  if (!request.chip.empty()) {
    work.arch = load_chip(request.chip);
  } else if (const auto found = find_in_flags(flags, hash)) {
    work.arch = *found;
  } else {
    work.arch = find_preset(hash);
  }
  for (const ChipProgram& program : work.programs) {
    rdu_hw_image_error error = {};
    if (rdu_hw_image_validate(program.image.get(), &work.arch, &error) != RDU_HW_IMAGE_OK) {
      throw ToolError("chip " + std::string(work.arch.name) + ": " + error.text);
    }
  }
}

const artifact::VariantInfo& find_variant(const artifact::Artifact& artifact,
                                          const ChipRequest& request) {
  const auto& signatures = artifact.signatures();
  if (request.signature >= signatures.size()) {
    throw ToolError("signature " + std::to_string(request.signature) + ": there are " +
                    std::to_string(signatures.size()) + ", numbered from 0");
  }
  const auto& variants = signatures[request.signature].variants;
  if (request.variant >= variants.size()) {
    throw ToolError("variant " + std::to_string(request.variant) + ": there are " +
                    std::to_string(variants.size()) + ", numbered from 0");
  }
  return variants[request.variant];
}

void read_cut(const artifact::CutInfo& cut, ChipWork& work) {
  double nodes = 0, taken = 0;
  for (std::size_t i = 0; i < cut.sections.size(); ++i) {
    const artifact::SectionInfo& section = cut.sections[i];
    nodes += section.end_node - section.first_node;
    if (section.payload.empty()) continue;  // another device's
    taken += section.end_node - section.first_node;
    work.programs.push_back(decode_package(section.payload, "section " + std::to_string(i)));
  }
  if (nodes > 0) work.on_chip = taken / nodes;
}

// As the source model calls it, where it does.
std::string node_name(const rdu_node& node) {
  const bool has_origin = node.origin != nullptr && node.origin[0] != 0;
  return has_origin ? node.origin : node.name;
}

}  // namespace

rdu_hw_arch load_chip(const std::string& text) {
  const std::size_t question = std::min(text.find('?'), text.size());
  std::vector<std::string> parts;
  for (std::size_t begin = question + 1; begin <= text.size();) {
    const std::size_t end = std::min(text.find('&', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  std::erase_if(parts, [](const std::string& part) {
    return part.starts_with("schedule=") || part.starts_with("seed=");
  });
  std::vector<const char*> settings;
  for (const std::string& part : parts) settings.push_back(part.c_str());
  rdu_hw_arch arch = {};
  rdu_hw_arch_error error = {};
  if (rdu_hw_arch_load(text.substr(0, question).c_str(), &arch, &error) != RDU_HW_ARCH_OK ||
      rdu_hw_arch_override(&arch, settings.data(), settings.size(), &error) != RDU_HW_ARCH_OK) {
    throw ToolError(error.text);
  }
  return arch;
}

bool is_chip_file(std::span<const std::byte> bytes) {
  return begins_with(bytes, RDU_HW_PACKAGE_MAGIC) || begins_with(bytes, RDU_HW_IMAGE_MAGIC);
}

ChipWork chip_work_of(artifact::ArtifactPtr artifact, const ChipRequest& request) {
  const artifact::VariantInfo& variant = find_variant(*artifact, request);
  ChipWork work;
  work.name = artifact->name();
  for (const artifact::CutInfo& cut : variant.cuts) {
    if (cut.format == kFormat && work.programs.empty()) read_cut(cut, work);
  }
  if (work.programs.empty()) {
    throw ToolError(work.name + " was not compiled for a chip: use rducc --target rdu:PRESET");
  }
  work.graph = &artifact->graph(request.signature, request.variant);
  for (const rdu_node& node : artifact::each<rdu_node>(work.graph->nodes)) {
    work.nodes.push_back(node_name(node));
  }
  const std::string flags = artifact->description().provenance.flags;
  work.bytes = std::move(artifact);
  settle_chip(work, request, flags);
  return work;
}

ChipWork chip_work_of(std::span<const std::byte> bytes, const std::string& name,
                      const ChipRequest& request) {
  auto owned = std::make_shared<std::vector<std::byte>>(bytes.begin(), bytes.end());
  ChipWork work;
  work.name = name;
  work.programs.push_back(begins_with(*owned, RDU_HW_PACKAGE_MAGIC) ? decode_package(*owned, name)
                                                                    : decode_image(*owned, name));
  work.bytes = std::move(owned);
  settle_chip(work, request);
  return work;
}

}  // namespace rdu::tool
