// Access to the parts of an opened artifact.
#include "sdk/artifact/artifact.hpp"

#include "sdk/artifact/contents.hpp"

namespace rdu::artifact {

Artifact::Artifact(std::unique_ptr<Contents> contents) : contents_(std::move(contents)) {}
Artifact::~Artifact() = default;

const Description& Artifact::description() const { return contents_->description; }

const rdu_graph& Artifact::graph(std::uint32_t signature, std::uint32_t variant) const {
  return contents_->views[signature][variant];
}

std::span<const std::byte> Artifact::metadata_bytes() const {
  return std::as_const(contents_->metadata).bytes();
}

base::Result<void> Artifact::verify_segments() const {
  for (std::size_t i = 0; i < segments().size(); ++i) {
    const SegmentInfo& segment = segments()[i];
    if (!segment.present()) continue;
    const base::Hash128 actual = base::hash128(segment.bytes);
    if (actual != segment.hash) {
      return base::fail(base::Code::kCorrupt,
                        "segment %zu (%zu bytes at offset %llu) has hash %s and not %s", i,
                        segment.bytes.size(), static_cast<unsigned long long>(segment.offset),
                        to_string(actual).c_str(), to_string(segment.hash).c_str());
    }
  }
  return {};
}

}  // namespace rdu::artifact
