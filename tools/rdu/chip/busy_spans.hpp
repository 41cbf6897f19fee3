// When contexts were busy, in no more spans than a viewer likes, and which of them share a track.
#pragma once

#include <cstdint>
#include <vector>

namespace rdu::tool {

struct BusySpan {
  std::uint64_t begin = 0, end = 0;
  bool operator==(const BusySpan&) const = default;
};

// In order of time and apart: what overlaps or touches becomes one.
std::vector<BusySpan> unite(std::vector<BusySpan> spans);

// At most `most` spans (1 or more), in order: the shortest gaps are bridged, of equal ones the later first.
std::vector<BusySpan> bridge_gaps(const std::vector<BusySpan>& spans, std::size_t most);

// A track for each list: lists that never overlap share one, as early a track as possible.
std::vector<std::uint32_t> share_tracks(const std::vector<std::vector<BusySpan>>& lists);

// How many spans are open on average, in `windows` windows of equal length from 0 to `end`.
std::vector<double> average_open(const std::vector<BusySpan>& spans, std::uint64_t end,
                                 std::size_t windows);

}  // namespace rdu::tool
