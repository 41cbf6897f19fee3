// Opens an artifact and works out, per variant, the tensors that cross the application's border.
#include "sdk/src/runtime/artifact.hpp"

#include <algorithm>

#include "sdk/artifact/part.hpp"
#include "sdk/artifact/reader.hpp"
#include "sdk/artifact/view.hpp"
#include "sdk/base/dtype.hpp"
#include "sdk/src/runtime/sized.hpp"

namespace rdu::runtime {
namespace {

Status read_options(const rdu_artifact_options* given, artifact::OpenOptions& out) {
  rdu_artifact_options options;
  RDU_TRY(read_sized(given, "rdu_artifact_options", options));
  if (options.flags & ~(RDU_LOAD_COPY | RDU_LOAD_HASHES)) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "unknown artifact flags ", options.flags);
  }
  out.copy = options.flags & RDU_LOAD_COPY;
  out.verify_hashes = options.flags & RDU_LOAD_HASHES;
  if (options.max_metadata_bytes) {
    out.limits.max_metadata_bytes =
        std::min(out.limits.max_metadata_bytes, options.max_metadata_bytes);
  }
  if (options.max_file_bytes) out.limits.max_file_bytes = options.max_file_bytes;
  if (options.max_value_bytes) out.limits.max_value_bytes = options.max_value_bytes;
  return {};
}

std::string variant_name(const artifact::VariantInfo& info) {
  std::string name;
  for (const auto& [dim, extent] : info.dims) {
    name += cat(name.empty() ? "" : ",", dim, "=", extent);
  }
  return name;
}

Status set_bytes(TensorSpec& spec) {
  const auto bytes = base::storage_bytes(spec.dtype, spec.shape);
  if (!bytes) {
    return fail(RDU_ERR_BAD_ARTIFACT, "'", spec.name, "' has the impossible shape ",
                std::span<const std::int64_t>(spec.shape));
  }
  spec.bytes = *bytes;
  return {};
}

void set_shape(const rdu_value& value, TensorSpec& spec) {
  spec.shape.assign(value.dims, value.dims + value.rank);
  spec.bounded.assign(value.rank, 0);
  for (std::uint32_t d = 0; d < value.rank; ++d) spec.bounded[d] = value.dim_values[d] != RDU_NONE;
}

// An input that the graph does not read still has the shape that its signature and the variant's dimensions say.
void resolve_shape(const artifact::SignatureTensor& tensor, const artifact::VariantInfo& variant,
                   TensorSpec& spec) {
  for (const artifact::SignatureDim& dim : tensor.dims) {
    const auto fixed = std::find_if(variant.dims.begin(), variant.dims.end(),
                                    [&](const auto& entry) { return entry.first == dim.name; });
    spec.shape.push_back(dim.extent < 0 && fixed != variant.dims.end() ? fixed->second
                                                                       : dim.extent);
  }
  spec.bounded.assign(spec.shape.size(), 0);
}

Status describe_tensor(const artifact::SignatureTensor& tensor,
                       const artifact::VariantInfo& variant, const rdu_graph& graph,
                       std::uint32_t value, TensorSpec& spec) {
  spec.name = tensor.name;
  spec.dtype = tensor.dtype;
  spec.value = value;
  if (value != RDU_NONE) {
    set_shape(artifact::at<rdu_value>(graph.values, value), spec);
  } else {
    resolve_shape(tensor, variant, spec);
  }
  spec.dim_names.resize(spec.shape.size());
  for (std::size_t d = 0; d < spec.dim_names.size() && d < tensor.dims.size(); ++d) {
    spec.dim_names[d] = tensor.dims[d].name;
  }
  return {};
}

Status describe_input(const artifact::SignatureInfo& signature, std::uint32_t number,
                      const artifact::VariantInfo& variant, const rdu_graph& graph,
                      TensorSpec& spec) {
  RDU_TRY(describe_tensor(signature.inputs[number], variant, graph, variant.inputs[number], spec));
  for (const artifact::SpecialisedInput& fixed : variant.specialised) {
    if (fixed.input != number) continue;
    spec.specialised = true;
    spec.required = fixed.bytes;
    spec.shape = fixed.dims;
    spec.bounded.assign(spec.shape.size(), 0);
    spec.dim_names.assign(spec.shape.size(), "");
  }
  // An input that nobody reads may keep a dimension that the variant does not fix.
  const bool known =
      std::ranges::all_of(spec.shape, [](std::int64_t extent) { return extent >= 0; });
  return known ? set_bytes(spec) : Status();
}

Status describe_variable(const rdu_graph& graph, const rdu_variable& variable, TensorSpec& spec) {
  const auto& value = artifact::at<rdu_value>(graph.values, variable.read);
  spec.name = variable.name;
  spec.dtype = value.dtype;
  spec.value = variable.read;
  spec.initial = variable.initial;
  set_shape(value, spec);
  spec.dim_names.assign(spec.shape.size(), "");
  spec.growth = {variable.length, variable.axis, variable.grows_by};
  if (!spec.growth.none()) {
    spec.dim_names[spec.growth.axis] =
        artifact::at<rdu_variable>(graph.variables, spec.growth.length).name;
  }
  return set_bytes(spec);
}

Status describe_variant(const artifact::SignatureInfo& signature, const artifact::VariantInfo& info,
                        const rdu_graph& graph, VariantSpec& out) {
  out.name = variant_name(info);
  out.graph = &graph;
  out.info = &info;
  for (std::uint32_t i = 0; i < signature.inputs.size(); ++i) {
    if (!signature.inputs[i].variable.empty()) continue;
    RDU_TRY(describe_input(signature, i, info, graph, out.inputs.emplace_back()));
  }
  for (std::uint32_t i = 0; i < signature.outputs.size(); ++i) {
    if (!signature.outputs[i].variable.empty()) continue;
    TensorSpec& spec = out.outputs.emplace_back();
    RDU_TRY(describe_tensor(signature.outputs[i], info, graph, info.outputs[i], spec));
    RDU_TRY(set_bytes(spec));
  }
  for (const auto& variable : artifact::each<rdu_variable>(graph.variables)) {
    RDU_TRY(describe_variable(graph, variable, out.variables.emplace_back()));
  }
  return {};
}

Status read_part(const rdu_artifact_part* given, rdu_artifact_part& out,
                 std::vector<std::span<const std::byte>>& segments) {
  RDU_TRY(read_sized(given, "rdu_artifact_part", out));
  const bool array = out.segments.count == 0 || (out.segments.data != nullptr &&
                                                 out.segments.stride_bytes >= sizeof(rdu_bytes));
  if (out.flags & ~RDU_PART_STATELESS) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "unknown flags of a part ", out.flags);
  }
  if (!out.metadata.data || !array) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "the part has no metadata, or ", out.segments.count,
                " segments of ", out.segments.stride_bytes, " bytes");
  }
  for (std::uint32_t i = 0; i < out.segments.count; ++i) {
    const rdu_bytes& segment = *RDU_AT(rdu_bytes, out.segments, i);
    if (!segment.data && segment.size > 0) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "segment ", i, " has ", segment.size,
                  " bytes and no data");
    }
    segments.push_back({static_cast<const std::byte*>(segment.data), segment.size});
  }
  return {};
}

}  // namespace

Status Artifact::open(std::shared_ptr<Context> context, const char* path,
                      const rdu_artifact_options* given, std::shared_ptr<Artifact>& out) {
  artifact::OpenOptions options;
  RDU_TRY(read_options(given, options));
  RDU_ASSIGN(auto file, artifact::open_artifact(std::string(path), options));
  return take(std::move(context), std::move(file), out);
}

Status Artifact::open(std::shared_ptr<Context> context, std::span<const std::byte> bytes,
                      const rdu_artifact_options* given, std::shared_ptr<Artifact>& out) {
  artifact::OpenOptions options;
  RDU_TRY(read_options(given, options));
  RDU_ASSIGN(auto file, artifact::open_artifact(bytes, options));
  return take(std::move(context), std::move(file), out);
}

Status Artifact::open(std::shared_ptr<Context> context, const rdu_artifact_part* given,
                      const rdu_artifact_options* given_options, std::shared_ptr<Artifact>& out) {
  artifact::OpenOptions options;
  RDU_TRY(read_options(given_options, options));
  rdu_artifact_part part;
  std::vector<std::span<const std::byte>> segments;
  RDU_TRY(read_part(given, part, segments));
  const std::span metadata(static_cast<const std::byte*>(part.metadata.data), part.metadata.size);
  if (part.first_section == 0 && part.end_section == 0) {
    if (part.flags) return fail(RDU_ERR_INVALID_ARGUMENT, "only sections can be without a state");
    RDU_ASSIGN(auto file, artifact::open_artifact(metadata, segments, options));
    return take(std::move(context), std::move(file), out);
  }
  RDU_ASSIGN(auto file,
             artifact::open_part(
                 metadata, segments,
                 {part.signature, part.variant, part.first_section, part.end_section}, options));
  RDU_TRY(take(std::move(context), std::move(file), out));
  out->show_storage();
  if (part.flags & RDU_PART_STATELESS) out->show_variables();
  return {};
}

Status Artifact::take(std::shared_ptr<Context> context, artifact::ArtifactPtr file,
                      std::shared_ptr<Artifact>& out) {
  auto opened = std::make_shared<Artifact>(std::move(context), std::move(file));
  RDU_TRY(opened->describe());
  out = std::move(opened);
  return {};
}

namespace {

TensorSpec numbered(const TensorSpec& variable, std::uint32_t value) {
  TensorSpec spec = variable;
  spec.name = cat("#", value);
  spec.value = value;
  spec.initial = RDU_NONE;
  spec.growth = {};
  return spec;
}

bool reads(const rdu_graph& graph, std::uint32_t value) {
  for (const auto& section : artifact::each<rdu_section>(graph.sections)) {
    for (const std::uint32_t id : artifact::list(graph, section.first_input, section.num_inputs)) {
      if (id == value) return true;
    }
  }
  return false;
}

void insert_by_value(std::vector<TensorSpec>& specs, TensorSpec spec) {
  const auto at = std::ranges::lower_bound(specs, spec.value, {}, &TensorSpec::value);
  if (at == specs.end() || at->value != spec.value) specs.insert(at, std::move(spec));
}

}  // namespace

void Artifact::show_variables() {
  for (SignatureSpec& signature : signatures_) {
    for (VariantSpec& variant : signature.variants) {
      for (std::uint32_t k = 0; k < variant.variables.size(); ++k) {
        const auto& use = artifact::at<rdu_variable>(variant.graph->variables, k);
        TensorSpec read = numbered(variant.variables[k], use.read);
        read.in_place = use.read == use.write;
        if (read.in_place || reads(*variant.graph, use.read)) {
          insert_by_value(variant.inputs, std::move(read));
        }
        insert_by_value(variant.outputs, numbered(variant.variables[k], use.write));
      }
      variant.variables.clear();
    }
  }
  show_storage();
}

// Outputs are handed over by their bound: what continues the model elsewhere reads them as they are stored.
void Artifact::show_storage() {
  for (SignatureSpec& signature : signatures_) {
    for (VariantSpec& variant : signature.variants) {
      for (auto* specs : {&variant.inputs, &variant.outputs}) {
        for (TensorSpec& spec : *specs) spec.bounded.assign(spec.bounded.size(), 0);
      }
    }
  }
}

Status Artifact::describe() {
  const auto& infos = file_->signatures();
  for (std::uint32_t s = 0; s < infos.size(); ++s) {
    SignatureSpec& signature = signatures_.emplace_back();
    signature.name = infos[s].name;
    for (std::uint32_t v = 0; v < infos[s].variants.size(); ++v) {
      RDU_TRY(describe_variant(infos[s], infos[s].variants[v], file_->graph(s, v),
                               signature.variants.emplace_back()));
    }
  }
  const artifact::Description& file = file_->description();
  provenance_ = {{"name", file.name},
                 {"precision", file.precision},
                 {"producer", file.provenance.producer},
                 {"flags", file.provenance.flags},
                 {"source_hash", file.provenance.source_hash},
                 {"opset", cat(file.provenance.opset)}};
  return {};
}

std::vector<rdu_bytes> Artifact::segments() const {
  std::vector<rdu_bytes> segments;
  for (const artifact::SegmentInfo& segment : file_->segments()) {
    segments.push_back({segment.bytes.data(), segment.bytes.size()});
  }
  for (const artifact::PackedInfo& packed : file_->description().packed) {
    rdu_bytes& segment = segments[packed.segment];
    const bool whole = segment.data == packed.bytes.data() && segment.size == packed.bytes.size();
    if (whole) segment = {};
  }
  return segments;
}

Status Artifact::find(const char* name, std::uint32_t& out) const {
  for (out = 0; out < signatures_.size(); ++out) {
    if (!name || signatures_[out].name == name) return {};
  }
  std::string known;
  for (const SignatureSpec& signature : signatures_) {
    known += cat(known.empty() ? "" : ", ", signature.name);
  }
  return fail(RDU_ERR_NOT_FOUND, "there is no signature '", name ? name : "",
              "'; the artifact has ", known.empty() ? "none" : known);
}

}  // namespace rdu::runtime
