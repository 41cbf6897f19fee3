// rdu inspect: what an artifact holds: entry points, variants, patterns, memory, where it came from; --dump shows all.
#include <array>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "sdk/artifact/reader.hpp"
#include "sdk/artifact/text.hpp"
#include "sdk/artifact/view.hpp"
#include "sdk/base/dtype.hpp"
#include "tools/rdu/commands/command.hpp"
#include "tools/rdu/commands/inspect_chip.hpp"
#include "tools/rdu/io/file.hpp"

namespace rdu::tool {

namespace {

using nlohmann::json;

struct InspectOptions {
  std::string artifact;
  bool dump = false;
  bool hashes = false;
  ChipView chip;
};

constexpr std::array kPatternNames = {
#define X(name, number) #name,
    RDU_PATTERNS(X)
#undef X
};

// How much of the variable there is room for, where it grows: the same in every variant.
void describe_growth(const rdu_graph& graph, const std::string& name, json& out) {
  for (const rdu_variable& variable : artifact::each<rdu_variable>(graph.variables)) {
    if (name != variable.name || variable.length == RDU_NONE) continue;
    out["grows_along"] = variable.axis;
    out["room"] = artifact::at<rdu_value>(graph.values, variable.read).dims[variable.axis];
  }
}

json describe_tensor(const artifact::SignatureTensor& tensor, const rdu_graph& graph) {
  json dims = json::array();
  for (const artifact::SignatureDim& dim : tensor.dims) {
    if (dim.extent >= 0) {
      dims.push_back(dim.extent);
    } else {
      dims.push_back(dim.name);
    }
  }
  json out = {{"name", tensor.name}, {"dtype", base::dtype_name(tensor.dtype)}, {"shape", dims}};
  if (tensor.variable.empty()) return out;
  out["variable"] = tensor.variable;
  describe_growth(graph, tensor.variable, out);
  return out;
}

json count_patterns(const rdu_graph& graph) {
  json counts = json::object();
  for (const rdu_node& node : artifact::each<rdu_node>(graph.nodes)) {
    const char* name = kPatternNames[node.pattern];
    counts[name] = counts.value(name, 0) + 1;
  }
  return counts;
}

json describe_variant(const artifact::VariantInfo& variant, const rdu_graph& graph) {
  json dims = json::object();
  for (const auto& [name, extent] : variant.dims) dims[name] = extent;
  json cuts = json::array();
  for (const artifact::CutInfo& cut : variant.cuts) {
    cuts.push_back({{"target", cut.target.empty() ? "portable" : cut.target},
                    {"sections", cut.sections.size()}});
  }
  return {{"dims", dims},
          {"nodes", graph.nodes.count},
          {"values", graph.values.count},
          {"patterns", count_patterns(graph)},
          {"weight_bytes", variant.weight_bytes},
          {"specialised_inputs", variant.specialised.size()},
          {"cuts", cuts}};
}

json describe_artifact(const artifact::Artifact& artifact) {
  const artifact::Description& about = artifact.description();
  json signatures = json::array();
  for (std::uint32_t s = 0; s < about.signatures.size(); ++s) {
    const artifact::SignatureInfo& signature = about.signatures[s];
    json inputs = json::array(), outputs = json::array(), variants = json::array();
    const rdu_graph& first = artifact.graph(s, 0);
    for (const auto& tensor : signature.inputs) inputs.push_back(describe_tensor(tensor, first));
    for (const auto& tensor : signature.outputs) outputs.push_back(describe_tensor(tensor, first));
    for (std::uint32_t v = 0; v < signature.variants.size(); ++v) {
      variants.push_back(describe_variant(signature.variants[v], artifact.graph(s, v)));
    }
    signatures.push_back({{"name", signature.name},
                          {"inputs", inputs},
                          {"outputs", outputs},
                          {"variants", variants}});
  }
  json metadata = json::object();
  for (const auto& [key, value] : about.metadata) metadata[key] = value;
  json packed = json::array();
  for (const artifact::PackedInfo& entry : about.packed) {
    packed.push_back(
        {{"target", entry.target}, {"made_for", entry.made_for}, {"bytes", entry.bytes.size()}});
  }
  std::uint64_t segment_bytes = 0;
  for (const artifact::SegmentInfo& segment : about.segments) segment_bytes += segment.bytes.size();
  return {{"name", about.name},
          {"precision", about.precision},
          {"metadata", metadata},
          {"provenance",
           {{"producer", about.provenance.producer},
            {"flags", about.provenance.flags},
            {"source_hash", about.provenance.source_hash},
            {"opset", about.provenance.opset}}},
          {"segments", about.segments.size()},
          {"segment_bytes", segment_bytes},
          {"packed", packed},
          {"signatures", signatures}};
}

std::string tensor_line(const json& tensor) {
  std::string shape;
  for (const json& extent : tensor["shape"]) {
    if (!shape.empty()) shape += ", ";
    shape += extent.is_string() ? extent.get<std::string>() : extent.dump();
  }
  std::string line = tensor["name"].get<std::string>() + ": " + tensor["dtype"].get<std::string>() +
                     "[" + shape + "]";
  if (!tensor.contains("variable")) return line;
  if (!tensor.contains("room")) return line + "  (state)";
  return line + "  (state, grows along " + tensor["grows_along"].dump() + ", room for " +
         tensor["room"].dump() + ")";
}

std::string pairs_line(const json& object) {
  std::string line;
  for (const auto& [key, value] : object.items())
    line += (line.empty() ? "" : "  ") + key + " " + value.dump();
  return line;
}

void print(const json& about) {
  const json& from = about["provenance"];
  std::printf("%s  (%s, %s, opset %d)\n", about["name"].get<std::string>().c_str(),
              about["precision"].get<std::string>().c_str(),
              from["producer"].get<std::string>().c_str(), from["opset"].get<int>());
  for (const auto& [key, value] : about["metadata"].items()) {
    std::printf("  %s: %s\n", key.c_str(), value.get<std::string>().c_str());
  }
  std::printf("weights   %.2f MB in %zu segments\n", about["segment_bytes"].get<double>() / 1e6,
              about["segments"].get<std::size_t>());
  for (const json& packed : about["packed"]) {
    std::printf("packed    %.2f MB of these, for %s %s\n", packed["bytes"].get<double>() / 1e6,
                packed["target"].get<std::string>().c_str(),
                packed["made_for"].get<std::string>().c_str());
  }
  for (const json& signature : about["signatures"]) {
    std::printf("signature %s\n", signature["name"].get<std::string>().c_str());
    for (const json& tensor : signature["inputs"])
      std::printf("  in      %s\n", tensor_line(tensor).c_str());
    for (const json& tensor : signature["outputs"])
      std::printf("  out     %s\n", tensor_line(tensor).c_str());
    for (const json& variant : signature["variants"]) {
      std::printf("  variant %s%zu nodes, %zu portable sections: %s\n",
                  variant["dims"].empty() ? "" : (pairs_line(variant["dims"]) + ": ").c_str(),
                  variant["nodes"].get<std::size_t>(),
                  variant["cuts"][0]["sections"].get<std::size_t>(),
                  pairs_line(variant["patterns"]).c_str());
    }
  }
}

artifact::ArtifactPtr open(const std::string& path, bool hashes) {
  artifact::OpenOptions options;
  options.verify_hashes = hashes;
  auto opened = artifact::open_artifact(path, options);
  if (!opened.ok()) throw ToolError(opened.error().message);
  return *std::move(opened);
}

// A package or an image without an artifact around it, as rdu-chip-apps and tests write them.
int inspect_chip_file(const InspectOptions& options) {
  ChipWork work = chip_work_of(read_file(options.artifact), options.artifact, options.chip.request);
  if (options.chip.wanted()) {
    show_chip(std::move(work), options.chip);
  } else {
    std::fputs(chip_file_text(work).c_str(), stdout);
  }
  return 0;
}

int inspect(const InspectOptions& options) {
  if (is_chip_file(read_beginning(options.artifact, 8))) return inspect_chip_file(options);
  const artifact::ArtifactPtr artifact = open(options.artifact, options.hashes);
  if (options.chip.wanted()) {
    show_chip(chip_work_of(artifact, options.chip.request), options.chip);
    return 0;
  }
  if (options.dump) {
    std::fputs(artifact::dump(*artifact).c_str(), stdout);
    return 0;
  }
  const json about = describe_artifact(*artifact);
  if (options.chip.json) {
    std::printf("%s\n", about.dump().c_str());
  } else {
    print(about);
  }
  return 0;
}

struct DiffOptions {
  std::string a, b;
};

int diff(const DiffOptions& options) {
  const std::string text = artifact::diff(*open(options.a, false), *open(options.b, false));
  if (text.empty()) {
    std::printf("the same\n");
    return 0;
  }
  std::printf("%s and %s differ:\n%s", options.a.c_str(), options.b.c_str(), text.c_str());
  return 1;
}

}  // namespace

void add_inspect(CLI::App& app, Action& action) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* command = app.add_subcommand("inspect", "Describe an artifact");
  command->add_option("artifact", options->artifact, "The compiled model")->required();
  command->add_flag("--dump", options->dump, "Everything: each node, access and program as text");
  command->add_flag("--hashes", options->hashes, "Check the hash of every weight segment");
  command->add_flag("--json", options->chip.json, "One line of JSON");
  add_chip_options(*command, options->chip);
  command->footer(
      "Examples:\n  rdu inspect model.rdu\n  rdu inspect model.rdu --dump | less\n"
      "  rdu inspect model.rdu --floorplan chip.svg --measure --section 0\n"
      "  rdu inspect model.rdu --trace chip.json");
  command->callback([options, &action] { action = [options] { return inspect(*options); }; });
}

void add_diff(CLI::App& app, Action& action) {
  auto options = std::make_shared<DiffOptions>();
  CLI::App* command =
      app.add_subcommand("diff", "Say what two artifacts have different (exit code 1)");
  command->add_option("a", options->a, "An artifact")->required();
  command->add_option("b", options->b, "Another")->required();
  command->footer("Example:\n  rdu diff before.rdu after.rdu");
  command->callback([options, &action] { action = [options] { return diff(*options); }; });
}

}  // namespace rdu::tool
