// The whole of an artifact as indented text.
#include "sdk/artifact/text.hpp"
#include "sdk/artifact/text_description.hpp"
#include "sdk/artifact/text_graph.hpp"
#include "sdk/artifact/view.hpp"

namespace rdu::artifact {
namespace {

using base::format;

class Dump {
 public:
  explicit Dump(const Artifact& artifact) : artifact_(artifact), about_(artifact.description()) {}

  std::string run() {
    line(0, format("artifact \"%s\", precision %s", about_.name.c_str(), about_.precision.c_str()));
    const Provenance& p = about_.provenance;
    line(1, format("made by \"%s\" with \"%s\" from %s, opset %lld", p.producer.c_str(),
                   p.flags.c_str(), p.source_hash.c_str(), static_cast<long long>(p.opset)));
    for (const auto& [key, value] : about_.metadata) {
      line(1, format("metadata \"%s\" = \"%s\"", key.c_str(), value.c_str()));
    }
    for (std::size_t i = 0; i < about_.segments.size(); ++i) {
      const SegmentInfo& segment = about_.segments[i];
      line(1, format("segment %zu: %zu bytes, hash %s", i, segment.bytes.size(),
                     base::to_string(segment.hash).c_str()));
    }
    for (const PackedInfo& packed : about_.packed) line(1, packed_text(packed));
    for (std::uint32_t s = 0; s < about_.signatures.size(); ++s) add_signature(s);
    return std::move(text_);
  }

 private:
  void line(int depth, const std::string& content) {
    text_.append(static_cast<std::size_t>(depth) * 2, ' ');
    text_ += content;
    text_ += '\n';
  }

  void add_signature(std::uint32_t s) {
    const SignatureInfo& signature = about_.signatures[s];
    line(0, format("signature \"%s\"", signature.name.c_str()));
    for (const auto& tensor : signature.inputs) {
      line(1, format("input \"%s\" ", tensor.name.c_str()) + tensor_text(tensor));
    }
    for (const auto& tensor : signature.outputs) {
      line(1, format("output \"%s\" ", tensor.name.c_str()) + tensor_text(tensor));
    }
    for (std::uint32_t v = 0; v < signature.variants.size(); ++v) add_variant(s, v);
  }

  void add_variant(std::uint32_t s, std::uint32_t v) {
    const SignatureInfo& signature = about_.signatures[s];
    const VariantInfo& variant = signature.variants[v];
    const rdu_graph& graph = artifact_.graph(s, v);
    const GraphText text(graph);
    line(1, format("variant %u ", v) + variant_dims_text(variant));
    for (const SpecialisedInput& input : variant.specialised) {
      line(2, format("specialised \"%s\" ", signature.inputs[input.input].name.c_str()) +
                  specialised_text(input));
    }
    line(2, "inputs" + bindings(text, variant.inputs));
    line(2, "outputs" + bindings(text, variant.outputs));
    for (const auto& variable : each<rdu_variable>(graph.variables)) {
      line(2, format("variable \"%s\": ", variable.name) + text.variable(variable));
    }
    for (std::uint32_t id = 0; id < graph.values.count; ++id) add_value(graph, text, id);
    for (std::uint32_t g = 0; g < graph.graphs.count; ++g) add_graph(graph, text, g);
    for (const auto& origin : each<rdu_origin>(graph.origins)) {
      if (origin.fate != RDU_ORIGIN_COMPUTED) line(2, "origin " + text.origin(origin));
    }
    for (const CutInfo& cut : variant.cuts) add_cut(cut);
  }

  static std::string bindings(const GraphText& text, const std::vector<ValueId>& values) {
    std::string line;
    for (const ValueId id : values) line += " " + (id == kNone ? "-" : text.label(id));
    return line;
  }

  void add_value(const rdu_graph& graph, const GraphText& text, std::uint32_t id) {
    const auto& value = at<rdu_value>(graph.values, id);
    std::string content = format("%%%u ", id) + text.label(id) + ": " + text.value(id);
    if (value.segment != RDU_NONE) {
      content += format(" at %u+%llu", value.segment,
                        static_cast<unsigned long long>(value.segment_offset));
    }
    if (value.first_node != RDU_NONE) {
      content += format(", live %u to %u", value.first_node, value.last_node);
    }
    line(2, content);
  }

  void add_graph(const rdu_graph& graph, const GraphText& text, std::uint32_t g) {
    const auto& sub = at<rdu_subgraph>(graph.graphs, g);
    line(2, format("graph %u: (", g) + text.labels(sub.first_input, sub.num_inputs) + ") -> (" +
                text.labels(sub.first_output, sub.num_outputs) + ")");
    std::uint32_t next_section = 0;
    for (std::uint32_t n = sub.first_node; n < sub.first_node + sub.num_nodes; ++n) {
      if (g == 0 && at<rdu_section>(graph.sections, next_section).first_node == n) {
        const auto& section = at<rdu_section>(graph.sections, next_section);
        line(3, format("section %u: (", next_section) +
                    text.labels(section.first_input, section.num_inputs) + ") -> (" +
                    text.labels(section.first_output, section.num_outputs) + ")");
        if (next_section + 1 < graph.sections.count) ++next_section;
      }
      const auto& node = at<rdu_node>(graph.nodes, n);
      const auto lines = text.node(node);
      line(4, format("node %u \"%s\": ", n, node.name) + lines.front());
      for (std::size_t i = 1; i < lines.size(); ++i) line(5, lines[i]);
    }
  }

  void add_cut(const CutInfo& cut) {
    line(2, format("cut \"%s\", format \"%s\", target %016llx", cut.target.c_str(),
                   cut.format.c_str(), static_cast<unsigned long long>(cut.target_hash)));
    for (const SectionInfo& section : cut.sections) line(3, section_text(section));
  }

  const Artifact& artifact_;
  const Description& about_;
  std::string text_;
};

}  // namespace

std::string dump(const Artifact& artifact) { return Dump(artifact).run(); }

}  // namespace rdu::artifact
