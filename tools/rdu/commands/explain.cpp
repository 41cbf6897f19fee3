// rdu explain: which device takes which section, why the ones before it do not, and what became of every node of the
// source model.
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "sdk/artifact/reader.hpp"
#include "tools/rdu/commands/command.hpp"
#include "tools/rdu/explanation.hpp"

namespace rdu::tool {

namespace {

using nlohmann::ordered_json;

struct ExplainOptions {
  SessionOptions session;
  std::string artifact;
  std::vector<std::string> require;  // "cpu>=95%"
  NodeFilter filter;
  int variant = -1;  // all
  bool nodes = false;
  bool json = false;
};

struct Share {
  std::map<std::string, unsigned> nodes;
  unsigned total = 0;
};

Share share_of(const std::vector<PlacedSection>& sections) {
  Share share;
  for (const PlacedSection& section : sections) {
    share.nodes[section.device] += section.num_nodes;
    share.total += section.num_nodes;
  }
  return share;
}

// "rdu>=95%": at least that share of the nodes on devices whose URI begins so.
bool fulfilled(const std::string& rule, const Share& share) {
  const std::size_t at = rule.find(">=");
  if (at == std::string::npos)
    throw ToolError("--require " + rule + ": DEVICE>=PERCENT% is expected");
  const std::string device = rule.substr(0, at);
  const double needed = std::strtod(rule.c_str() + at + 2, nullptr);
  unsigned nodes = 0;
  for (const auto& [uri, count] : share.nodes) {
    if (uri.starts_with(device)) nodes += count;
  }
  const double percent = share.total == 0 ? 100 : 100.0 * nodes / share.total;
  if (percent >= needed) return true;
  std::fprintf(stderr, "rdu: %s has %.1f %% of the nodes, %s is required\n", device.c_str(),
               percent, rule.c_str());
  return false;
}

ordered_json section_json(const PlacedSection& section) {
  ordered_json refusals = ordered_json::array();
  for (const Refusal& refusal : section.refusals) {
    refusals.push_back({{"device", refusal.device},
                        {"reason", refusal.reason},
                        {"node", refusal.node},
                        {"detail", refusal.detail}});
  }
  return {{"variant", section.variant},
          {"section", section.section},
          {"cut", section.cut},
          {"first_node", section.first_node},
          {"num_nodes", section.num_nodes},
          {"device", section.device},
          {"refusals", std::move(refusals)}};
}

std::vector<Explanation> explanations(const ExplainOptions& options,
                                      const artifact::Artifact& artifact,
                                      const std::vector<PlacedSection>& sections) {
  std::vector<Explanation> all;
  for (std::uint32_t s = 0; s < artifact.signatures().size(); ++s) {
    const auto count = artifact.signatures()[s].variants.size();
    if (options.variant >= static_cast<int>(count)) {
      throw ToolError("--variant " + std::to_string(options.variant) + ": there are " +
                      std::to_string(count) + ", numbered from 0");
    }
    for (std::uint32_t v = 0; v < count; ++v) {
      if (options.variant >= 0 && v != static_cast<std::uint32_t>(options.variant)) continue;
      all.emplace_back(artifact, s, v, sections);
    }
  }
  return all;
}

std::string text_of(const ExplainOptions& options, const Explanation& explanation) {
  if (!options.filter.name.empty()) return explanation.details(options.filter);
  if (options.nodes || !options.filter.empty()) return explanation.nodes(options.filter);
  return explanation.summary();
}

void print_json(const artifact::Artifact& artifact, const std::vector<PlacedSection>& sections,
                const std::vector<Explanation>& all) {
  ordered_json out = {{"model", artifact.name()},
                      {"nodes", share_of(sections).nodes},
                      {"sections", ordered_json::array()},
                      {"variants", ordered_json::array()}};
  for (const PlacedSection& section : sections) out["sections"].push_back(section_json(section));
  for (const Explanation& explanation : all) out["variants"].push_back(explanation.json());
  std::printf("%s\n", out.dump(-1, ' ', false, ordered_json::error_handler_t::replace).c_str());
}

// Shares are dealt when a program is loaded; without them nothing needs to be.
std::vector<PlacedSection> place(const ExplainOptions& options, Session& session,
                                 const artifact::Artifact& artifact) {
  if (!options.session.shares.empty()) {
    session.load_program();
    return placed_sections(rdu_program_get_placement(session.program()), artifact);
  }
  const std::vector<rdu_device*> devices = session.devices();
  rdu_placement* made = nullptr;
  check(rdu_artifact_check(session.artifact(), devices.data(),
                           static_cast<std::uint32_t>(devices.size()), &made));
  const PlacementPtr placement(made);
  return placed_sections(made, artifact);
}

int explain(const ExplainOptions& options) {
  Session session(options.session);
  session.open_devices();
  session.open_artifact(options.artifact);
  const auto opened = artifact::open_artifact(options.artifact);
  if (!opened) throw ToolError(opened.error().message);
  const artifact::Artifact& artifact = **opened;

  const auto sections = place(options, session, artifact);
  const auto all = explanations(options, artifact, sections);
  if (options.json) {
    print_json(artifact, sections, all);
  } else {
    for (std::size_t i = 0; i < all.size(); ++i) {
      std::printf("%s%s", i == 0 ? "" : "\n", text_of(options, all[i]).c_str());
    }
  }
  const Share share = share_of(sections);
  bool good = true;
  for (const std::string& rule : options.require) good = fulfilled(rule, share) && good;
  return good ? 0 : 1;
}

}  // namespace

void add_explain(CLI::App& app, Action& action) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* command =
      app.add_subcommand("explain", "Show which device takes which part of the model, and why");
  command->add_option("artifact", options->artifact, "The compiled model")->required();
  command->add_flag("--nodes", options->nodes, "A line per node of the source model");
  command
      ->add_option("--node", options->filter.name,
                   "All about the node of this name, or all that have it in their name")
      ->type_name("NAME");
  command->add_option("--op", options->filter.op_type, "Only nodes with this operator")
      ->type_name("TYPE");
  command->add_option("--on", options->filter.device, "Only nodes that this device runs")
      ->type_name("URI");
  command->add_option("--variant", options->variant, "Only this variant (default: all)")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--require", options->require,
                   "Exit with 1 unless DEVICE has this share of the nodes, e.g. 'cpu>=95%'")
      ->type_name("RULE");
  command->add_flag("--json", options->json, "One line of JSON");
  add_session_options(*command, options->session);
  add_shares_option(*command, options->session);
  command->footer(
      "A source node becomes patterns (with others where they are fused), a view, a constant, is\n"
      "expanded into its body, or is unused. Operations are counted from the patterns' domains.\n"
      "Examples:\n"
      "  rdu explain model.rdu --device rdu:sn10 --require 'rdu>=95%'\n"
      "  rdu explain model.rdu --device remote:tcp://a:7070/cpu: --device remote:tcp://b:7070/cpu: "
      "--shares 1,1\n"
      "  rdu explain model.rdu --op Softmax\n"
      "  rdu explain model.rdu --node layer3/attn/MatMul_1");
  command->callback([options, &action] { action = [options] { return explain(*options); }; });
}

}  // namespace rdu::tool
