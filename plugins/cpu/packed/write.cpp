// Sorts the pieces by their keys, finds equal ones by content, and gives each a place.
#include "plugins/cpu/packed/write.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <string_view>

#include "plugins/cpu/access/integer.hpp"

namespace rdu::cpu {
namespace {

// Pieces of many pages begin with one.
constexpr std::uint64_t kPage = 4096, kLargePiece = 16 * kPage;

std::string_view content_of(const PackedPiece& piece) {
  return {reinterpret_cast<const char*>(piece.data), piece.bytes};
}

struct Plan {
  std::vector<PackedEntry> entries;
  std::vector<std::pair<std::uint64_t, std::string_view>> contents;  // by ascending offset
  std::uint64_t bytes = 0;
};

Plan plan_file(std::span<const PackedStore* const> stores) {
  std::map<PackedKey, std::string_view> pieces;  // the first of several: they are alike
  for (const PackedStore* store : stores) {
    for (const PackedPiece& piece : store->pieces()) pieces.emplace(piece.key, content_of(piece));
  }
  Plan plan;
  plan.bytes = sizeof(PackedHeader) + pieces.size() * sizeof(PackedEntry);
  std::map<std::string_view, std::uint64_t> places;
  for (const auto& [key, content] : pieces) {
    const std::uint64_t alignment = content.size() < kLargePiece ? kPackedAlignment : kPage;
    const auto [place, fresh] = places.emplace(content, align_up(plan.bytes, alignment));
    if (fresh) {
      plan.contents.emplace_back(place->second, content);
      plan.bytes = place->second + content.size();
    }
    plan.entries.push_back({key, place->second, content.size()});
  }
  return plan;
}

}  // namespace

void write_packed(std::span<const PackedStore* const> stores,
                  FunctionRef<void(std::span<const std::byte>)> write) {
  const Plan plan = plan_file(stores);
  if (plan.entries.empty()) return;
  const PackedHeader header{kPackedMagic,
                            plan.bytes,
                            kPackedVersion,
                            static_cast<std::uint32_t>(plan.entries.size()),
                            {}};
  write(std::as_bytes(std::span(&header, 1)));
  write(std::as_bytes(std::span(plan.entries)));
  std::uint64_t at = sizeof header + plan.entries.size() * sizeof(PackedEntry);
  constexpr std::byte kZeros[kPage] = {};
  for (const auto& [offset, content] : plan.contents) {
    write(std::span(kZeros).first(offset - at));
    write(std::as_bytes(std::span(content)));
    at = offset + content.size();
  }
}

}  // namespace rdu::cpu
