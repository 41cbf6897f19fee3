// Keeps what lies within the range, and fills up with portable sections.
#include "sdk/artifact/part_cuts.hpp"

namespace rdu::artifact {
namespace {

class CutRange {
 public:
  CutRange(const CutInfo& portable, std::uint32_t first, std::uint32_t end)
      : portable_(portable), first_(first), end_(end) {}

  // Without sections where none of the target's own is left.
  Cut of(const CutInfo& from, std::vector<std::span<const std::byte>>& payloads) const {
    Cut cut{from.target, from.format, from.target_hash, {}};
    bool own = false;
    for (const SectionInfo& section : from.sections) {
      if (section.end_node <= first_ || section.first_node >= end_) continue;
      if (section.first_node >= first_ && section.end_node <= end_) {
        own = true;
        if (!section.payload.empty()) payloads.push_back(section.payload);
        cut.sections.push_back(moved(section));
      } else {
        add_portable(section, cut);
      }
    }
    if (!own) cut.sections.clear();
    return cut;
  }

 private:
  Section moved(const SectionInfo& section) const {
    return {section.first_node - first_,
            section.end_node - first_,
            section.block_loops,
            {section.payload.begin(), section.payload.end()}};
  }

  void add_portable(const SectionInfo& instead_of, Cut& cut) const {
    for (const SectionInfo& section : portable_.sections) {
      const bool covered =
          section.first_node >= instead_of.first_node && section.end_node <= instead_of.end_node;
      const bool within = section.first_node >= first_ && section.end_node <= end_;
      if (covered && within) cut.sections.push_back(moved(section));
    }
  }

  const CutInfo& portable_;
  const std::uint32_t first_, end_;
};

}  // namespace

PartCuts cuts_within(const VariantInfo& variant, std::uint32_t first_node, std::uint32_t end_node) {
  const CutRange range(variant.cuts.front(), first_node, end_node);
  PartCuts part;
  for (const CutInfo& from : variant.cuts) {
    Cut cut = range.of(from, part.payloads);
    if (!cut.sections.empty()) part.cuts.push_back(std::move(cut));
  }
  return part;
}

}  // namespace rdu::artifact
