// Prefix, metadata to the heap, Verifier, meaning, views: in this order, and all of it or an error.
#include "sdk/artifact/reader.hpp"

#include <algorithm>
#include <new>
#include <stdexcept>

#include "sdk/artifact/contents.hpp"
#include "sdk/artifact/decode.hpp"
#include "sdk/artifact/describe.hpp"
#include "sdk/artifact/format.hpp"
#include "sdk/artifact/given.hpp"
#include "sdk/artifact/liveness.hpp"
#include "sdk/artifact/validate.hpp"

namespace rdu::artifact {
namespace {

using base::Code;
using base::fail;
using base::Result;

using ContentsPtr = std::unique_ptr<Artifact::Contents>;

Result<base::AlignedBytes> copy_of(std::span<const std::byte> bytes) {
  RDU_ASSIGN(base::AlignedBytes copy, base::AlignedBytes::allocate(bytes.size()));
  std::ranges::copy(bytes, copy.bytes().begin());
  return copy;
}

// Decodes and validates contents->metadata.
Result<ArtifactPtr> finish(ContentsPtr contents, const SegmentSource& source,
                           const OpenOptions& options) {
  RDU_ASSIGN(Decoded decoded, decode_metadata(contents->metadata.bytes(), source, options.limits));
  contents->description = std::move(decoded.description);
  contents->graphs = std::move(decoded.graphs);
  contents->absent = std::move(decoded.absent);
  Description& description = contents->description;
  RDU_TRY(validate_description(description));
  for (std::size_t s = 0; s < contents->graphs.size(); ++s) {
    contents->views.emplace_back();
    for (std::size_t v = 0; v < contents->graphs[s].size(); ++v) {
      FlatGraph& graph = contents->graphs[s][v];
      VariantInfo& info = description.signatures[s].variants[v];
      auto valid = validate_graph(graph.view(), options.limits);
      if (valid) valid = validate_variant(description.signatures[s], info, graph.view());
      if (!valid) return in_context(variant_place(description, s, v), std::move(valid.error()));
      complete_view(graph);
      info.weight_bytes = weight_bytes(graph);
      contents->views.back().push_back(graph.view());
    }
  }
  auto artifact = std::make_shared<const Artifact>(std::move(contents));
  if (options.verify_hashes) RDU_TRY(artifact->verify_segments());
  return artifact;
}

Result<ArtifactPtr> open_file_bytes(ContentsPtr contents, std::span<const std::byte> file,
                                    const OpenOptions& options) {
  RDU_ASSIGN(const Prefix prefix, decode_prefix(file));
  if (prefix.metadata_bytes > options.limits.max_metadata_bytes) {
    return fail(Code::kLimit, "%llu bytes of metadata, the limit is %llu",
                static_cast<unsigned long long>(prefix.metadata_bytes),
                static_cast<unsigned long long>(options.limits.max_metadata_bytes));
  }
  RDU_ASSIGN(contents->metadata, copy_of(file.subspan(prefix.prefix_bytes, prefix.metadata_bytes)));
  if (base::hash128(contents->metadata.bytes()) != prefix.metadata_hash) {
    return fail(Code::kCorrupt, "the metadata does not match its hash");
  }
  SegmentSource source;
  source.area = file.subspan(prefix.segments_offset);
  source.area_offset = prefix.segments_offset;
  return finish(std::move(contents), source, options);
}

template <class F>
Result<ArtifactPtr> without_exceptions(F&& body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return base::out_of_memory();
  } catch (const std::length_error&) {
    return fail(Code::kLimit, "an array would be longer than memory can hold");
  }
}

}  // namespace

Result<ArtifactPtr> open_artifact(const std::string& path, const OpenOptions& options) {
  return without_exceptions([&]() -> Result<ArtifactPtr> {
    auto contents = std::make_unique<Artifact::Contents>();
    std::span<const std::byte> file;
    if (options.copy) {
      RDU_ASSIGN(contents->copy, base::read_file(path, options.limits.max_file_bytes));
      file = std::as_const(contents->copy).bytes();
    } else {
      RDU_ASSIGN(contents->map, base::FileMap::open(path));
      file = contents->map.bytes();
    }
    auto artifact = open_file_bytes(std::move(contents), file, options);
    if (!artifact) return in_context(path, std::move(artifact.error()));
    return artifact;
  });
}

Result<ArtifactPtr> open_artifact(std::span<const std::byte> file, const OpenOptions& options) {
  return without_exceptions([&]() -> Result<ArtifactPtr> {
    auto contents = std::make_unique<Artifact::Contents>();
    if (options.copy) {
      if (file.size() > options.limits.max_file_bytes) {
        return fail(Code::kLimit, "%zu bytes, the limit is %llu", file.size(),
                    static_cast<unsigned long long>(options.limits.max_file_bytes));
      }
      RDU_ASSIGN(contents->copy, copy_of(file));
      file = std::as_const(contents->copy).bytes();
    }
    return open_file_bytes(std::move(contents), file, options);
  });
}

Result<ArtifactPtr> open_artifact(std::span<const std::byte> metadata,
                                  std::span<const std::span<const std::byte>> segments,
                                  const OpenOptions& options) {
  return without_exceptions([&]() -> Result<ArtifactPtr> {
    RDU_ASSIGN(const GivenSegments given, take_segments(segments, options));
    return open_given(metadata, given, options);
  });
}

Result<GivenSegments> take_segments(std::span<const std::span<const std::byte>> segments,
                                    const OpenOptions& options) {
  GivenSegments given;
  given.bytes.assign(segments.begin(), segments.end());
  if (!options.copy) return given;
  std::uint64_t left = options.limits.max_file_bytes;
  auto copies = std::make_shared<std::vector<base::AlignedBytes>>();
  for (std::span<const std::byte>& bytes : given.bytes) {
    if (bytes.data() == nullptr) continue;
    if (bytes.size() > left) {
      return fail(Code::kLimit, "the segments have more than %llu bytes, the limit",
                  static_cast<unsigned long long>(options.limits.max_file_bytes));
    }
    left -= bytes.size();
    RDU_ASSIGN(base::AlignedBytes copy, copy_of(bytes));
    bytes = std::as_const(copy).bytes();
    copies->push_back(std::move(copy));
  }
  given.owner = std::move(copies);
  return given;
}

Result<ArtifactPtr> open_given(std::span<const std::byte> metadata, const GivenSegments& given,
                               const OpenOptions& options) {
  if (metadata.size() > options.limits.max_metadata_bytes) {
    return fail(Code::kLimit, "%zu bytes of metadata, the limit is %llu", metadata.size(),
                static_cast<unsigned long long>(options.limits.max_metadata_bytes));
  }
  auto contents = std::make_unique<Artifact::Contents>();
  RDU_ASSIGN(contents->metadata, copy_of(metadata));
  contents->segments = given.owner;
  SegmentSource source;
  source.given = given.bytes;
  source.may_be_absent = given.may_be_absent;
  return finish(std::move(contents), source, options);
}

}  // namespace rdu::artifact
