// Cuts the part out of the plain model, gives its constants their old places, and opens what that encodes to.
#include "sdk/artifact/part.hpp"

#include <algorithm>
#include <functional>
#include <new>
#include <stdexcept>

#include "sdk/artifact/encode.hpp"
#include "sdk/artifact/given.hpp"
#include "sdk/artifact/part_borders.hpp"
#include "sdk/artifact/part_cuts.hpp"
#include "sdk/artifact/view.hpp"

namespace rdu::artifact {
namespace {

using base::Code;
using base::fail;
using base::Result;

// Keeps the numbers of values: what the part does not refer to becomes an empty place in the list.
class PartVariant {
 public:
  PartVariant(const rdu_graph& graph, const PartBorders& borders)
      : borders_(borders), from_(unflatten(graph)) {}

  Variant run(std::uint32_t first_node, std::uint32_t end_node) {
    Variant part;
    part.inputs = borders_.inputs;
    part.outputs = borders_.outputs;
    part.encodings = std::move(from_.encodings);
    keep_graphs(part, first_node, end_node);
    keep_variables(part);
    keep_values(part);
    keep_origins(part);
    return part;
  }

 private:
  void keep_graphs(Variant& part, std::uint32_t first_node, std::uint32_t end_node) {
    std::vector<std::uint32_t> number(from_.graphs.size(), RDU_NONE);
    for (const std::uint32_t g : borders_.graphs) {
      number[g] = static_cast<std::uint32_t>(part.graphs.size());
      part.graphs.push_back(std::move(from_.graphs[g]));
    }
    Graph& main = part.graphs.front();
    main.nodes.erase(main.nodes.begin() + end_node, main.nodes.end());
    main.nodes.erase(main.nodes.begin(), main.nodes.begin() + first_node);
    main.inputs = borders_.inputs;
    main.outputs = borders_.outputs;
    for (Graph& graph : part.graphs) {
      for (Node& node : graph.nodes) {
        for (std::uint32_t& used : node.graphs) used = used == RDU_NONE ? used : number[used];
      }
    }
  }

  // What grows needs its length beside it; else it is a variable like any other.
  void keep_variables(Variant& part) {
    const auto& kept = borders_.variables;
    for (const std::uint32_t k : kept) {
      VariableUse& variable = part.variables.emplace_back(std::move(from_.variables[k]));
      if (variable.length == RDU_NONE) continue;
      const auto length = std::ranges::find(kept, variable.length);
      if (length != kept.end()) {
        variable.length = static_cast<std::uint32_t>(length - kept.begin());
      } else {
        variable.length = RDU_NONE;
        variable.axis = 0;
        variable.grows_by = 0;
      }
    }
  }

  void keep_values(Variant& part) {
    std::vector<std::uint32_t> role(from_.values.size(), RDU_NONE);
    for (const VariableUse& variable : from_.variables) {
      role[variable.read] = role[variable.write] = RDU_ROLE_INTERMEDIATE;
    }
    for (const VariableUse& variable : part.variables) role[variable.read] = RDU_ROLE_VARIABLE;
    for (const ValueId id : borders_.inputs) role[id] = RDU_ROLE_INPUT;
    for (ValueId id = 0; id < from_.values.size(); ++id) {
      if (!borders_.used[id]) {
        part.values.emplace_back();
        continue;
      }
      Value& value = part.values.emplace_back(std::move(from_.values[id]));
      if (role[id] != RDU_NONE) value.role = role[id];
      for (ValueId& extent : value.dim_values) {
        if (extent != kNone && !borders_.known[extent]) extent = kNone;
      }
    }
  }

  void keep_origins(Variant& part) {
    part.origins = std::move(from_.origins);
    for (Origin& origin : part.origins) {
      for (OriginTensor& tensor : origin.tensors) {
        if (tensor.value != kNone && !borders_.used[tensor.value]) tensor.value = kNone;
      }
    }
  }

  const PartBorders& borders_;
  Variant from_;
};

std::vector<SignatureTensor> tensors(const std::vector<ValueId>& ids, const Variant& part) {
  std::vector<SignatureTensor> tensors;
  for (const ValueId id : ids) {
    SignatureTensor& tensor = tensors.emplace_back();
    tensor.name = base::format("#%u", id);
    tensor.dtype = part.values[id].dtype;
    for (const std::int64_t extent : part.values[id].dims) tensor.dims.push_back({extent, ""});
  }
  return tensors;
}

Model model_of(const Description& whole, const std::string& signature, Variant variant) {
  Model model;
  model.name = whole.name;
  model.precision = whole.precision;
  model.metadata = whole.metadata;
  model.provenance = whole.provenance;
  Signature& only = model.signatures.emplace_back();
  only.name = signature;
  only.inputs = tensors(variant.inputs, variant);
  only.outputs = tensors(variant.outputs, variant);
  only.variants.push_back(std::move(variant));
  return model;
}

// The segments that a part needs, in their old order and with their old content.
class SegmentChoice {
 public:
  explicit SegmentChoice(const std::vector<SegmentInfo>& whole)
      : whole_(whole), number_(whole.size(), RDU_NONE) {}

  void need(std::uint32_t segment) {
    if (segment != RDU_NONE) number_[segment] = 0;
  }

  void need(std::span<const std::byte> payload) { need(place_of(payload).segment); }

  // Nothing is added after it.
  void choose() {
    for (std::uint32_t i = 0; i < whole_.size(); ++i) {
      if (number_[i] == RDU_NONE) continue;
      number_[i] = static_cast<std::uint32_t>(chosen_.size());
      chosen_.push_back(i);
    }
  }

  const std::vector<std::uint32_t>& chosen() const { return chosen_; }
  std::uint32_t number(std::uint32_t segment) const {
    return segment == RDU_NONE ? RDU_NONE : number_[segment];
  }
  Place place(std::span<const std::byte> payload) const {
    const Place old = place_of(payload);
    return {number(old.segment), old.offset};
  }
  std::vector<SegmentPlan::Segment> table() const {
    std::vector<SegmentPlan::Segment> table;
    for (const std::uint32_t i : chosen_) {
      table.push_back({whole_[i].offset, whole_[i].bytes.size(), whole_[i].hash});
    }
    return table;
  }

 private:
  Place place_of(std::span<const std::byte> payload) const {
    for (std::uint32_t i = 0; i < whole_.size(); ++i) {
      const auto segment = whole_[i].bytes;
      const bool within = !std::less<>()(payload.data(), segment.data()) &&
                          std::less<>()(payload.data(), segment.data() + segment.size());
      if (within) return {i, static_cast<std::uint64_t>(payload.data() - segment.data())};
    }
    return {};
  }

  const std::vector<SegmentInfo>& whole_;
  std::vector<std::uint32_t> number_;
  std::vector<std::uint32_t> chosen_;
};

struct EncodedPart {
  std::vector<std::byte> metadata;
  std::vector<std::uint32_t> segments;  // of the whole: those that the part has
};

Result<EncodedPart> encode_part(const Artifact& whole, const PartRange& range) {
  const rdu_graph& graph = whole.graph(range.signature, range.variant);
  const SignatureInfo& signature = whole.signatures()[range.signature];
  const std::uint32_t first = at<rdu_section>(graph.sections, range.first).first_node;
  const std::uint32_t end = at<rdu_section>(graph.sections, range.end - 1).end_node;
  const PartBorders borders = part_borders(graph, first, end);
  PartCuts cuts = cuts_within(signature.variants[range.variant], first, end);
  Variant variant = PartVariant(graph, borders).run(first, end);
  variant.dims = signature.variants[range.variant].dims;
  variant.cuts = std::move(cuts.cuts);
  const Model model = model_of(whole.description(), signature.name, std::move(variant));
  RDU_ASSIGN(FlatGraph flat, flatten(model.signatures.front().variants.front()));

  SegmentChoice segments(whole.segments());
  const auto values = each<rdu_value>(graph.values);
  for (std::uint32_t id = 0; id < values.size(); ++id) {
    if (borders.used[id]) segments.need(values[id].segment);
  }
  for (const auto payload : cuts.payloads) segments.need(payload);
  segments.choose();
  for (std::uint32_t id = 0; id < values.size(); ++id) {
    if (!borders.used[id]) continue;
    flat.values[id].segment = segments.number(values[id].segment);
    flat.values[id].segment_offset = values[id].segment_offset;
  }
  std::vector<Place> payloads;
  for (const auto payload : cuts.payloads) payloads.push_back(segments.place(payload));
  std::vector<std::vector<FlatGraph>> graphs(1);
  graphs.front().push_back(std::move(flat));
  RDU_ASSIGN(auto metadata, encode_metadata({model, graphs, payloads, {}, segments.table()}));
  return EncodedPart{std::move(metadata), segments.chosen()};
}

Result<void> check_range(const Artifact& whole, const PartRange& range) {
  const auto& signatures = whole.signatures();
  if (range.signature >= signatures.size() ||
      range.variant >= signatures[range.signature].variants.size()) {
    return fail(Code::kInvalidArgument, "there is no variant %u of signature %u", range.variant,
                range.signature);
  }
  const std::uint32_t count = whole.graph(range.signature, range.variant).sections.count;
  if (range.first < range.end && range.end <= count) return {};
  return fail(Code::kInvalidArgument, "there are no sections [%u, %u); the variant has %u",
              range.first, range.end, count);
}

Result<ArtifactPtr> open_range(std::span<const std::byte> metadata,
                               std::span<const std::span<const std::byte>> segments,
                               const PartRange& range, const OpenOptions& options) {
  RDU_ASSIGN(GivenSegments given, take_segments(segments, options));
  given.may_be_absent = true;
  OpenOptions form = options;
  form.verify_hashes = false;
  RDU_ASSIGN(const ArtifactPtr whole, open_given(metadata, given, form));
  RDU_TRY(check_range(*whole, range));
  RDU_ASSIGN(const EncodedPart part, encode_part(*whole, range));
  GivenSegments needed;
  needed.owner = given.owner;
  for (const std::uint32_t i : part.segments) {
    if (given.bytes[i].data() == nullptr && !whole->segments()[i].bytes.empty()) {
      return fail(Code::kInvalidArgument, "segment %u, which sections [%u, %u) need, is not given",
                  i, range.first, range.end);
    }
    needed.bytes.push_back(given.bytes[i]);
  }
  return open_given(part.metadata, needed, options);
}

}  // namespace

Result<ArtifactPtr> open_part(std::span<const std::byte> metadata,
                              std::span<const std::span<const std::byte>> segments,
                              const PartRange& range, const OpenOptions& options) {
  try {
    return open_range(metadata, segments, range, options);
  } catch (const std::bad_alloc&) {
    return base::out_of_memory();
  } catch (const std::length_error&) {
    return fail(Code::kLimit, "an array would be longer than memory can hold");
  }
}

}  // namespace rdu::artifact
