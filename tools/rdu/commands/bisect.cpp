// rdu bisect: which node is the first whose values differ?
#include "tools/rdu/bisect.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>

#include "sdk/artifact/ops.hpp"
#include "sdk/artifact/reader.hpp"
#include "sdk/artifact/text_graph.hpp"
#include "sdk/artifact/view.hpp"
#include "tools/rdu/chip/compiler.hpp"
#include "tools/rdu/commands/command.hpp"

namespace rdu::tool {

namespace {

using artifact::at;
using base::format;
using nlohmann::ordered_json;

struct CommandOptions {
  BisectOptions search;
  std::string a = "cpu:";
  std::uint64_t memory_mib = 1024;
  bool json = false;
};

std::string sides(const CommandOptions& options) {
  const BisectOptions& search = options.search;
  return options.a + " against " +
         (search.against.empty() ? search.other : "the tensors in " + search.against);
}

// A line per node of the source model whose work the node does.
void print_sources(const rdu_graph& graph, const rdu_node& node) {
  const char* title = "source";
  for (const std::uint32_t number :
       artifact::slice<std::uint32_t>(graph.origin_lists, node.first_origin, node.num_origins)) {
    const auto& origin = at<rdu_origin>(graph.origins, number);
    std::printf("  %-8s %s %s\n", title, origin.op_type, origin.name);
    title = "";
  }
  if (node.num_origins == 0) std::printf("  source   none: made by the compiler\n");
}

void print_difference(const CommandOptions& options, const rdu_graph& graph,
                      const BisectResult& result) {
  const Difference& d = *result.difference;
  const Comparison& c = d.comparison;
  std::printf("DIFFERS first at\n");
  if (d.node != RDU_NONE) {
    const auto& node = at<rdu_node>(graph.nodes, d.node);
    print_sources(graph, node);
    std::printf("  node     %u, %s %s\n", d.node, artifact::pattern_name(node.pattern), node.name);
    if (node.num_ports > 0) std::printf("           its body is not looked into\n");
  } else {
    std::printf("  node     none: the value was known when the model was compiled\n");
  }
  const std::string type = type_text(at<rdu_value>(graph.values, d.value).dtype, d.shape);
  std::printf("  value    %s %s\n", d.tensor.empty() ? "within its source," : d.tensor.c_str(),
              type.c_str());
  if (result.num_steps > 1) std::printf("  step     %lld\n", static_cast<long long>(d.step));
  if (c.worst >= 0) {
    const std::string position = position_text(position_of(c.worst, d.shape));
    std::printf(
        "  worst    at %s: %.9g on %s, %.9g %s%s\n", position.c_str(), c.worst_actual,
        options.a.c_str(), c.worst_expected,
        options.search.against.empty() ? ("on " + options.search.other).c_str() : "stored",
        std::isfinite(c.max_absolute) ? format(", off by %.3g", c.max_absolute).c_str() : "");
  }
  const std::int64_t count =
      std::accumulate(d.shape.begin(), d.shape.end(), std::int64_t{1}, std::multiplies<>());
  std::printf("  in all   %s; max rel %.3g, cosine %.6f\n",
              c.num_wrong == 0
                  ? c.reason.c_str()
                  : format("%lld of %lld elements are beyond tolerance",
                           static_cast<long long>(c.num_wrong), static_cast<long long>(count))
                        .c_str(),
              c.max_relative, c.cosine);
}

void print_stored(const BisectResult& result) {
  const auto list = [](const std::vector<std::string>& names, const char* what) {
    if (names.empty()) return;
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 3); ++i) {
      text += (i == 0 ? "" : ", ") + names[i];
    }
    std::printf("%zu %s: %s%s\n", names.size(), what, text.c_str(),
                names.size() > 3 ? ", ..." : "");
  };
  list(result.unstored, "tensors have no value of their own here (constant, fused or in a body)");
  list(result.strangers, "files are called after no tensor of the model");
}

ordered_json to_json(const rdu_graph& graph, const BisectResult& result) {
  ordered_json out = {{"agree", !result.difference.has_value()},
                      {"values", result.num_values},
                      {"nodes", result.num_nodes},
                      {"variant", result.variant},
                      {"max_relative", result.max_relative},
                      {"not_stored", result.unstored},
                      {"no_tensors", result.strangers}};
  if (!result.difference) return out;
  const Difference& d = *result.difference;
  ordered_json sources = ordered_json::array();
  ordered_json node = nullptr;
  if (d.node != RDU_NONE) {
    const auto& described = at<rdu_node>(graph.nodes, d.node);
    for (const std::uint32_t number : artifact::slice<std::uint32_t>(
             graph.origin_lists, described.first_origin, described.num_origins)) {
      const auto& origin = at<rdu_origin>(graph.origins, number);
      sources.push_back({{"name", origin.name}, {"op_type", origin.op_type}});
    }
    node = described.name;
  }
  out["difference"] = {
      {"sources", sources},
      {"node", node},
      {"tensor", d.tensor},
      {"value", artifact::GraphText(graph).label(d.value)},
      {"shape", d.shape},
      {"step", d.step},
      {"position", position_of(std::max<std::int64_t>(d.comparison.worst, 0), d.shape)},
      {"a", d.comparison.worst_actual},
      {"b", d.comparison.worst_expected},
      {"max_absolute", d.comparison.max_absolute},
      {"max_relative", d.comparison.max_relative},
      {"reason", d.comparison.reason}};
  return out;
}

// What a chip's URI says of the chip, without what it says of the emulator.
std::string target_of(const std::string& device) {
  const std::size_t mark = device.find('?');
  std::string target = device.substr(0, mark), rest;
  if (mark != std::string::npos) rest = device.substr(mark + 1);
  char before = '?';
  for (std::size_t begin = 0; begin < rest.size();) {
    const std::size_t end = std::min(rest.find('&', begin), rest.size());
    const std::string setting = rest.substr(begin, end - begin);
    const std::string key = setting.substr(0, setting.find('='));
    if (key != "granularity" && key != "timing_only" && key != "memory") {
      target += before + setting;
      before = '&';
    }
    begin = end + 1;
  }
  return target;
}

AlignedBytes compile_for(const AlignedBytes& artifact, const std::string& device) {
  return Compiler().retarget(artifact, target_of(device));
}

int run_bisect(CommandOptions& options) {
  BisectOptions& search = options.search;
  if (search.data.empty() && search.sequence.empty()) {
    throw ToolError("give --data DIR or --sequence FILE.npz");
  }
  if (!search.sequence.empty() && !search.against.empty()) {
    throw ToolError("--against holds the tensors of one run: give --data, not --sequence");
  }
  search.session.devices = {options.a};
  search.retarget = compile_for;
  search.memory_bytes = options.memory_mib << 20;
  const auto opened = artifact::open_artifact(search.artifact);
  if (!opened) throw ToolError(opened.error().message);
  const BisectResult result = bisect(search, **opened);
  const rdu_graph& graph = (*opened)->graph(0, result.variant);
  if (options.json) {
    std::printf("%s\n", to_json(graph, result)
                            .dump(-1, ' ', false, ordered_json::error_handler_t::replace)
                            .c_str());
    return result.difference ? 1 : 0;
  }
  std::printf("%s on %s: %zu values of %zu nodes\n", sides(options).c_str(), result.where.c_str(),
              result.num_values, result.num_nodes);
  print_stored(result);
  if (result.difference) {
    print_difference(options, graph, result);
    return 1;
  }
  std::printf("all agree, max rel %.3g\n", result.max_relative);
  return 0;
}

}  // namespace

void add_bisect(CLI::App& app, Action& action) {
  auto options = std::make_shared<CommandOptions>();
  BisectOptions& search = options->search;
  CLI::App* command =
      app.add_subcommand("bisect", "Find the first node whose values differ between two devices");
  command->add_option("artifact", search.artifact, "The compiled model")->required();
  command->add_option("-a,--a", options->a, "The device in doubt (default cpu:)")->type_name("URI");
  auto* other = command->add_option("-b,--b", search.other, "The judge (default reference:)");
  other->type_name("URI");
  command
      ->add_option("--against", search.against,
                   "Judge by tensors in files instead, NAME.npy or NAME.pb after the model's own "
                   "names ('/' may be '_')")
      ->type_name("DIR")
      ->excludes(other);
  command
      ->add_option("--data", search.data,
                   "Folder with input_0.pb, or with test_data_set_0, of which the first is taken")
      ->type_name("DIR");
  command->add_option("--sequence", search.sequence, "A stream, as in 'rdu verify'")
      ->type_name("FILE.npz");
  command->add_option("--variant", search.variant, "Default: the first that the data fits")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--memory", options->memory_mib,
                   "For the values that are compared at once; more need more runs (default 1024)")
      ->type_name("MIB")
      ->check(CLI::PositiveNumber);
  add_tolerance_options(*command, search.tolerance);
  command->add_flag("--json", options->json, "One line of JSON");
  add_runtime_options(*command, search.session);
  command->footer(
      "Values are compared as they are after fusion, in the order of the nodes; what lies inside "
      "a\n"
      "fused node or in the body of a loop shows in its result. To show them, the artifact is run\n"
      "with all of them as outputs, so a device may fuse less across them than it does without, "
      "and\n"
      "one that runs only what was compiled for it, such as a chip, cannot be searched.\n"
      "Exit code: 0 all agree, 1 a value differs, 2 error.\n"
      "Examples:\n"
      "  rdu bisect model.rdu --data model/test_data_set_0\n"
      "  rdu bisect model.rdu --a cpu:?isa=baseline --b cpu: --data model --rtol 1e-2\n"
      "  rdu bisect model.rdu --data model --against intermediates/");
  command->callback([options, &action] { action = [options] { return run_bisect(*options); }; });
}

}  // namespace rdu::tool
