// Bytes that a plugin received, as a verified graph view.
#include "sdk/src/plugin/host_graph.hpp"

#include <span>
#include <vector>

#include "sdk/artifact/reader.hpp"
#include "sdk/src/runtime/guard.hpp"
#include "sdk/src/runtime/sized.hpp"

struct rdu_host_graph {
  rdu::artifact::ArtifactPtr artifact;
};

namespace rdu::runtime::plugin {
namespace {

std::span<const std::byte> span_of(const rdu_bytes& bytes) {
  return {static_cast<const std::byte*>(bytes.data), bytes.size};
}

Status open_source(const rdu_graph_source& source, artifact::ArtifactPtr& out) {
  std::vector<std::span<const std::byte>> segments;
  for (std::uint32_t i = 0; i < source.segments.count; ++i) {
    segments.push_back(span_of(*RDU_AT(rdu_bytes, source.segments, i)));
  }
  RDU_ASSIGN(out, artifact::open_artifact(span_of(source.bytes), segments));
  const auto& signatures = out->signatures();
  if (source.signature < signatures.size() &&
      source.variant < signatures[source.signature].variants.size()) {
    return {};
  }
  return fail(RDU_ERR_INVALID_ARGUMENT, "the graph source asks for variant ", source.variant,
              " of signature ", source.signature, ", which does not exist");
}

}  // namespace

rdu_status* open_graph(const rdu_host_api*, const rdu_graph_source* given,
                       rdu_host_graph** out_handle, const rdu_graph** out_graph) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(given);
    RDU_REQUIRE(out_handle);
    RDU_REQUIRE(out_graph);
    rdu_graph_source source;
    RDU_TRY(read_sized(given, "rdu_graph_source", source));
    auto handle = std::make_unique<rdu_host_graph>();
    RDU_TRY(open_source(source, handle->artifact));
    *out_graph = &handle->artifact->graph(source.signature, source.variant);
    *out_handle = handle.release();
    return {};
  });
}

void close_graph(const rdu_host_api*, rdu_host_graph* handle) { delete handle; }

}  // namespace rdu::runtime::plugin
