// Deduplicates by hash and then by comparing the bytes: a collision costs time, never correctness.
#include "sdk/artifact/segment_plan.hpp"

#include <algorithm>
#include <array>

#include "sdk/artifact/format.hpp"

namespace rdu::artifact {
namespace {

// A piece of at least this size has a segment of its own: at most a sixteenth of it is padding.
constexpr std::size_t kOwnSegment = 64 * 1024;
// A shared segment is closed once it is this long: a unit of verification and of paging.
constexpr std::uint64_t kPoolBytes = 1024 * 1024;

constexpr std::array<std::byte, kSegmentAlignment> kZeros{};

std::uint64_t align_up(std::uint64_t value, std::uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

base::Result<void> pad(const SegmentPlan::Sink& sink, std::uint64_t bytes) {
  return sink(std::span(kZeros).first(bytes));
}

}  // namespace

std::uint32_t SegmentPlan::segment_for(std::size_t bytes) {
  const bool own = bytes >= kOwnSegment;
  const bool pool_open = pool_ < segments_.size() && segments_[pool_].bytes < kPoolBytes;
  if (!own && pool_open) return pool_;
  segments_.emplace_back();
  pieces_.emplace_back();
  const auto segment = static_cast<std::uint32_t>(segments_.size() - 1);
  if (!own) pool_ = segment;
  return segment;
}

Place SegmentPlan::add(std::span<const std::byte> bytes) {
  if (bytes.empty()) return {};
  const std::pair address(bytes.data(), bytes.size());
  if (const auto known = by_address_.find(address); known != by_address_.end()) {
    return known->second;
  }
  const base::Hash128 hash = base::hash128(bytes);
  const auto [first, last] = by_content_.equal_range(hash);
  const auto same = std::find_if(first, last, [&](const auto& entry) {
    return std::ranges::equal(entry.second.bytes, bytes);
  });
  Place place;
  if (same != last) {
    place = {same->second.segment, same->second.offset};
  } else {
    place.segment = segment_for(bytes.size());
    Segment& segment = segments_[place.segment];
    place.offset = align_up(segment.bytes, kConstantAlignment);
    segment.bytes = place.offset + bytes.size();
    const Piece piece{bytes, place.segment, place.offset};
    pieces_[place.segment].push_back(piece);
    by_content_.emplace(hash, piece);
  }
  by_address_.emplace(address, place);
  return place;
}

const std::vector<SegmentPlan::Segment>& SegmentPlan::finish() {
  total_bytes_ = 0;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    segments_[i].offset = total_bytes_;
    total_bytes_ = align_up(total_bytes_ + segments_[i].bytes, kSegmentAlignment);
    base::Hasher hasher;
    std::uint64_t at = 0;
    for (const Piece& piece : pieces_[i]) {
      hasher.update(std::span(kZeros).first(piece.offset - at));
      hasher.update(piece.bytes);
      at = piece.offset + piece.bytes.size();
    }
    segments_[i].hash = hasher.finish();
  }
  return segments_;
}

base::Result<void> SegmentPlan::write(const Sink& sink) const {
  for (const auto& pieces : pieces_) {
    std::uint64_t at = 0;
    for (const Piece& piece : pieces) {
      RDU_TRY(pad(sink, piece.offset - at));
      RDU_TRY(sink(piece.bytes));
      at = piece.offset + piece.bytes.size();
    }
    RDU_TRY(pad(sink, align_up(at, kSegmentAlignment) - at));
  }
  return {};
}

}  // namespace rdu::artifact
