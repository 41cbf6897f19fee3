// When contexts were busy, in no more spans than a viewer likes, and which of them share a track.
#include "tools/rdu/chip/busy_spans.hpp"

#include <algorithm>
#include <numeric>

namespace rdu::tool {

namespace {

bool overlap(const std::vector<BusySpan>& a, const std::vector<BusySpan>& b) {
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i].begin < b[j].end && b[j].begin < a[i].end) return true;
    ++(a[i].end <= b[j].end ? i : j);
  }
  return false;
}

std::vector<BusySpan> merge(const std::vector<BusySpan>& a, const std::vector<BusySpan>& b) {
  std::vector<BusySpan> both;
  std::ranges::merge(a, b, std::back_inserter(both), {}, &BusySpan::begin, &BusySpan::begin);
  return both;
}

}  // namespace

std::vector<BusySpan> unite(std::vector<BusySpan> spans) {
  std::ranges::sort(spans, {}, &BusySpan::begin);
  std::vector<BusySpan> united;
  for (const BusySpan& span : spans) {
    if (span.begin == span.end) continue;
    if (united.empty() || span.begin > united.back().end) {
      united.push_back(span);
    } else {
      united.back().end = std::max(united.back().end, span.end);
    }
  }
  return united;
}

std::vector<BusySpan> bridge_gaps(const std::vector<BusySpan>& spans, std::size_t most) {
  if (spans.size() <= most) return spans;
  std::vector<std::size_t> gaps(spans.size() - 1);  // by the span before
  std::iota(gaps.begin(), gaps.end(), 0);
  const auto length = [&](std::size_t i) { return spans[i + 1].begin - spans[i].end; };
  const auto kept_end = gaps.begin() + static_cast<std::ptrdiff_t>(most - 1);
  std::ranges::nth_element(gaps, kept_end, [&](std::size_t a, std::size_t b) {
    return length(a) != length(b) ? length(a) > length(b) : a < b;
  });
  std::sort(gaps.begin(), kept_end);
  std::vector<BusySpan> bridged = {spans.front()};
  for (auto gap = gaps.begin(); gap != kept_end; ++gap) {
    bridged.back().end = spans[*gap].end;
    bridged.push_back(spans[*gap + 1]);
  }
  bridged.back().end = spans.back().end;
  return bridged;
}

std::vector<std::uint32_t> share_tracks(const std::vector<std::vector<BusySpan>>& lists) {
  std::vector<std::vector<BusySpan>> tracks;
  std::vector<std::uint32_t> track_of;
  for (const std::vector<BusySpan>& list : lists) {
    const auto free = std::ranges::find_if(
        tracks, [&](const std::vector<BusySpan>& track) { return !overlap(track, list); });
    track_of.push_back(static_cast<std::uint32_t>(free - tracks.begin()));
    if (free == tracks.end()) {
      tracks.push_back(list);
    } else {
      *free = merge(*free, list);
    }
  }
  return track_of;
}

std::vector<double> average_open(const std::vector<BusySpan>& spans, std::uint64_t end,
                                 std::size_t windows) {
  std::vector<double> open(windows, 0);
  const double length = static_cast<double>(end) / static_cast<double>(windows);
  for (const BusySpan& span : spans) {
    const double from = static_cast<double>(span.begin) / length;
    const double to =
        std::min(static_cast<double>(span.end) / length, static_cast<double>(windows));
    for (auto at = static_cast<std::size_t>(from); static_cast<double>(at) < to; ++at) {
      const auto window = static_cast<double>(at);
      open[at] += std::min(to, window + 1) - std::max(from, window);
    }
  }
  return open;
}

}  // namespace rdu::tool
