// Lists each artifact as entries with a key, then compares the entries of equal keys.
#include <map>
#include <utility>
#include <vector>

#include "sdk/artifact/text.hpp"
#include "sdk/artifact/text_description.hpp"
#include "sdk/artifact/text_graph.hpp"
#include "sdk/artifact/view.hpp"

namespace rdu::artifact {
namespace {

using base::format;

struct Entry {
  std::string key;
  std::string content;
};

class Listing {
 public:
  explicit Listing(const Artifact& artifact) : artifact_(artifact) {}

  std::vector<Entry> run() {
    const Description& about = artifact_.description();
    add("name", about.name);
    add("precision", about.precision);
    add("producer", about.provenance.producer);
    add("flags", about.provenance.flags);
    add("source hash", about.provenance.source_hash);
    add("opset", format("%lld", static_cast<long long>(about.provenance.opset)));
    for (const auto& [key, value] : about.metadata) add("metadata \"" + key + "\"", value);
    for (const PackedInfo& packed : about.packed) add("packed", packed_text(packed));
    for (std::uint32_t s = 0; s < about.signatures.size(); ++s) add_signature(s);
    return std::move(entries_);
  }

 private:
  void add(std::string key, std::string content) {
    entries_.push_back({place_ + std::move(key), std::move(content)});
  }

  void add_signature(std::uint32_t s) {
    const SignatureInfo& signature = artifact_.signatures()[s];
    const std::string place = format("signature \"%s\": ", signature.name.c_str());
    for (std::uint32_t v = 0; v < signature.variants.size(); ++v) {
      place_ = place;
      add_variant(s, v);
    }
    place_ = place;
    for (const auto& tensor : signature.inputs) {
      add("input \"" + tensor.name + "\"", tensor_text(tensor));
    }
    for (const auto& tensor : signature.outputs) {
      add("output \"" + tensor.name + "\"", tensor_text(tensor));
    }
    place_.clear();
  }

  // A variant is known by what a call is matched on.
  void add_variant(std::uint32_t s, std::uint32_t v) {
    const SignatureInfo& signature = artifact_.signatures()[s];
    const VariantInfo& variant = signature.variants[v];
    std::string name = variant_dims_text(variant);
    for (const SpecialisedInput& input : variant.specialised) {
      name += (name.empty() ? "" : ",") + signature.inputs[input.input].name + "=" +
              specialised_text(input);
    }
    add("variant (" + name + ")", "");
    place_ += "variant (" + name + "): ";
    const rdu_graph& graph = artifact_.graph(s, v);
    const GraphText text(graph);
    std::string order;
    for (const auto& node : each<rdu_node>(graph.nodes)) {
      std::string content;
      for (const std::string& line : text.node(node))
        content += (content.empty() ? "" : "; ") + line;
      add(format("node \"%s\"", node.name), content);
      order += node.name;
      order += '\0';
    }
    add("order of nodes",
        "hash " + base::to_string(base::hash128(std::as_bytes(std::span(order)))));
    for (const auto& variable : each<rdu_variable>(graph.variables)) {
      add(format("variable \"%s\"", variable.name), text.variable(variable));
    }
    for (std::uint32_t id = 0; id < graph.values.count; ++id) {
      add("value " + text.label(id), text.value(id));
    }
    for (const CutInfo& cut : variant.cuts) {
      std::string content =
          cut.format + format(" %016llx", static_cast<unsigned long long>(cut.target_hash));
      for (const SectionInfo& section : cut.sections) content += "; " + section_text(section);
      add("cut \"" + cut.target + "\"", content);
    }
  }

  const Artifact& artifact_;
  std::string place_;
  std::vector<Entry> entries_;
};

// The lines of a difference. What belongs to an entry that one side lacks goes without saying.
class Lines {
 public:
  void add(char sign, const Entry& entry) {
    if (!lacking_.empty() && entry.key.starts_with(lacking_)) return;
    text_ += sign;
    text_ += " " + entry.key;
    if (!entry.content.empty()) text_ += " " + entry.content;
    text_ += '\n';
  }
  void add_lacking(char sign, const Entry& entry) {
    add(sign, entry);
    if (entry.content.empty()) lacking_ = entry.key + ": ";
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::string lacking_;
};

}  // namespace

std::string diff(const Artifact& a, const Artifact& b) {
  const std::vector<Entry> before = Listing(a).run();
  const std::vector<Entry> after = Listing(b).run();
  std::multimap<std::string, const Entry*> unmatched;
  for (const Entry& entry : after) unmatched.emplace(entry.key, &entry);
  Lines lines;
  for (const Entry& entry : before) {
    const auto match = unmatched.lower_bound(entry.key);
    if (match == unmatched.end() || match->first != entry.key) {
      lines.add_lacking('-', entry);
      continue;
    }
    if (match->second->content != entry.content) {
      lines.add('-', entry);
      lines.add('+', *match->second);
    }
    unmatched.erase(match);
  }
  for (const Entry& entry : after) {
    const auto [first, last] = unmatched.equal_range(entry.key);
    for (auto it = first; it != last; ++it) {
      if (it->second == &entry) lines.add_lacking('+', entry);
    }
  }
  return lines.take();
}

}  // namespace rdu::artifact
