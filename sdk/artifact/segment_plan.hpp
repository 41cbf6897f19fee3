// Where the bytes of constants and payloads go: equal content is stored once, small pieces share a segment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "sdk/base/hash.hpp"
#include "sdk/base/result.hpp"

namespace rdu::artifact {

struct Place {
  std::uint32_t segment = 0xffffffffu;  // nowhere: no bytes at all
  std::uint64_t offset = 0;
};

class SegmentPlan {
 public:
  // Borrows the bytes. The order of the first calls is the order in the file.
  Place add(std::span<const std::byte> bytes);

  struct Segment {
    std::uint64_t offset = 0;  // from the first segment
    std::uint64_t bytes = 0;
    base::Hash128 hash;
  };
  // Once everything is added: the table, and the size of the whole area.
  const std::vector<Segment>& finish();
  std::uint64_t total_bytes() const { return total_bytes_; }

  using Sink = std::function<base::Result<void>(std::span<const std::byte>)>;
  // The whole area, padding included, from front to back.
  base::Result<void> write(const Sink& sink) const;

 private:
  struct Piece {
    std::span<const std::byte> bytes;
    std::uint32_t segment;
    std::uint64_t offset;
  };

  std::uint32_t segment_for(std::size_t bytes);

  std::vector<Segment> segments_;
  std::vector<std::vector<Piece>> pieces_;  // per segment, ascending
  std::uint32_t pool_ = 0xffffffffu;
  std::uint64_t total_bytes_ = 0;
  std::map<std::pair<const std::byte*, std::size_t>, Place> by_address_;
  std::multimap<base::Hash128, Piece> by_content_;
};

}  // namespace rdu::artifact
