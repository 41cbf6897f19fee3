// Lays out, validates, encodes, and streams prefix, metadata and segments to their place.
#include "sdk/artifact/writer.hpp"

#include <array>
#include <new>
#include <stdexcept>

#include "sdk/artifact/describe.hpp"
#include "sdk/artifact/encode.hpp"
#include "sdk/artifact/format.hpp"
#include "sdk/artifact/validate.hpp"
#include "sdk/base/atomic_file.hpp"

namespace rdu::artifact {
namespace {

using base::Result;

struct Layout {
  std::vector<std::vector<FlatGraph>> graphs;
  std::vector<Place> payloads, packed;
  SegmentPlan segments;
};

void place_constants(FlatGraph& graph, SegmentPlan& segments) {
  for (rdu_value& value : graph.values) {
    if (value.data == nullptr) continue;
    const Place place = segments.add({static_cast<const std::byte*>(value.data), value.bytes});
    value.segment = place.segment;
    value.segment_offset = place.offset;
  }
}

Result<FlatGraph> lay_out_variant(const SignatureInfo& signature, const VariantInfo& info,
                                  const Variant& variant) {
  RDU_ASSIGN(FlatGraph graph, flatten(variant));
  const rdu_graph view = graph.view();
  RDU_TRY(validate_graph(view));
  RDU_TRY(validate_variant(signature, info, view));
  return graph;
}

Result<Layout> lay_out(const Model& model) {
  const Description description = describe(model);
  RDU_TRY(validate_description(description));
  Layout layout;
  for (std::size_t s = 0; s < model.signatures.size(); ++s) {
    layout.graphs.emplace_back();
    for (std::size_t v = 0; v < model.signatures[s].variants.size(); ++v) {
      const Variant& variant = model.signatures[s].variants[v];
      auto graph = lay_out_variant(description.signatures[s], description.signatures[s].variants[v],
                                   variant);
      if (!graph) return in_context(variant_place(description, s, v), std::move(graph.error()));
      place_constants(*graph, layout.segments);
      layout.graphs.back().push_back(*std::move(graph));
      for (const Cut& cut : variant.cuts) {
        for (const Section& section : cut.sections) {
          if (!section.payload.empty()) {
            layout.payloads.push_back(layout.segments.add(section.payload));
          }
        }
      }
    }
  }
  for (const Packed& packed : model.packed) {
    layout.packed.push_back(layout.segments.add(packed.data.bytes));
  }
  return layout;
}

Result<void> stream(const Model& model, const ArtifactSink& sink) {
  RDU_ASSIGN(Layout layout, lay_out(model));
  const auto& segments = layout.segments.finish();
  RDU_ASSIGN(const std::vector<std::byte> metadata,
             encode_metadata({model, layout.graphs, layout.payloads, layout.packed, segments}));

  Prefix prefix;
  prefix.metadata_bytes = metadata.size();
  const std::uint64_t metadata_end = kPrefixBytes + metadata.size();
  prefix.segments_offset =
      (metadata_end + kSegmentAlignment - 1) / kSegmentAlignment * kSegmentAlignment;
  prefix.file_bytes = prefix.segments_offset + layout.segments.total_bytes();
  prefix.metadata_hash = base::hash128(metadata);

  constexpr std::array<std::byte, kSegmentAlignment> kZeros{};
  RDU_TRY(sink.begin(prefix.file_bytes));
  RDU_TRY(sink.write(encode_prefix(prefix)));
  RDU_TRY(sink.write(metadata));
  RDU_TRY(sink.write(std::span(kZeros).first(prefix.segments_offset - metadata_end)));
  return layout.segments.write(sink.write);
}

template <class F>
auto without_exceptions(F&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return base::out_of_memory();
  } catch (const std::length_error&) {
    return base::fail(base::Code::kLimit, "an array would be longer than memory can hold");
  }
}

}  // namespace

Result<void> write_artifact(const Model& model, const ArtifactSink& sink) {
  return without_exceptions([&] { return stream(model, sink); });
}

Result<void> write_artifact(const Model& model, const std::string& path) {
  return without_exceptions([&]() -> Result<void> {
    RDU_ASSIGN(base::AtomicFile file, base::AtomicFile::create(path));
    const auto any_size = [](std::uint64_t) { return Result<void>(); };
    const auto write = [&](std::span<const std::byte> bytes) { return file.write(bytes); };
    RDU_TRY(stream(model, {any_size, write}));
    return file.commit(base::AtomicFile::Durability::kProcess);
  });
}

Result<std::vector<std::byte>> write_artifact(const Model& model) {
  return without_exceptions([&]() -> Result<std::vector<std::byte>> {
    std::vector<std::byte> bytes;
    const auto reserve = [&](std::uint64_t file_bytes) {
      bytes.reserve(file_bytes);
      return Result<void>();
    };
    const auto write = [&](std::span<const std::byte> more) {
      bytes.insert(bytes.end(), more.begin(), more.end());
      return Result<void>();
    };
    RDU_TRY(stream(model, {reserve, write}));
    return bytes;
  });
}

}  // namespace rdu::artifact
