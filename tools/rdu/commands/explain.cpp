// rdu explain: which device takes which section, and why the ones before it do not.
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "tools/rdu/commands/command.hpp"

namespace rdu::tool {

namespace {

using nlohmann::json;

struct ExplainOptions {
  SessionOptions session;
  std::string artifact;
  std::vector<std::string> require;  // "cpu>=95%"
  bool json = false;
};

json refusals_of(const rdu_section_info& section, const rdu_placement* placement) {
  json list = json::array();
  for (std::uint32_t i = 0; i < section.refusals.count; ++i) {
    const auto* refusal = RDU_AT(rdu_refusal, section.refusals, i);
    list.push_back({{"device", rdu_placement_device_uri(placement, refusal->device)},
                    {"reason", rdu_reason_name(refusal->reason)},
                    {"detail", refusal->detail == nullptr ? "" : refusal->detail}});
  }
  return list;
}

json describe_placement(const rdu_placement* placement) {
  json sections = json::array();
  for (std::uint32_t i = 0; i < rdu_placement_num_sections(placement); ++i) {
    rdu_section_info section = {};
    section.header = RDU_HEADER(rdu_section_info);
    check(rdu_placement_get_section(placement, i, &section));
    sections.push_back({{"variant", section.variant},
                        {"section", section.section},
                        {"cut", section.cut},
                        {"first_node", section.first_node},
                        {"num_nodes", section.num_nodes},
                        {"device", section.device == RDU_NO_INDEX
                                       ? ""
                                       : rdu_placement_device_uri(placement, section.device)},
                        {"refusals", refusals_of(section, placement)}});
  }
  return sections;
}

// Consecutive sections with the same answer are one line.
void print_sections(const json& sections) {
  for (std::size_t i = 0; i < sections.size();) {
    std::size_t end = i + 1;
    const auto same = [&](const json& a, const json& b) {
      return a["device"] == b["device"] && a["refusals"] == b["refusals"] &&
             a["variant"] == b["variant"];
    };
    while (end < sections.size() && same(sections[i], sections[end])) ++end;
    const json& first = sections[i];
    const json& last = sections[end - 1];
    const std::string device = first["device"];
    std::printf("variant %u  nodes %4u-%-4u  %s\n", first["variant"].get<unsigned>(),
                first["first_node"].get<unsigned>(),
                last["first_node"].get<unsigned>() + last["num_nodes"].get<unsigned>() - 1,
                device.empty() ? "NOBODY TAKES IT" : device.c_str());
    for (const json& refusal : first["refusals"]) {
      std::printf("    %s declines: %s: %s\n", refusal["device"].get<std::string>().c_str(),
                  refusal["reason"].get<std::string>().c_str(),
                  refusal["detail"].get<std::string>().c_str());
    }
    i = end;
  }
}

struct Share {
  std::map<std::string, unsigned> nodes;
  unsigned total = 0;
};

Share share_of(const json& sections) {
  Share share;
  for (const json& section : sections) {
    share.nodes[section["device"]] += section["num_nodes"].get<unsigned>();
    share.total += section["num_nodes"].get<unsigned>();
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

int explain(const ExplainOptions& options) {
  Session session(options.session);
  session.open_devices();
  session.open_artifact(options.artifact);
  const std::vector<rdu_device*> devices = session.devices();
  rdu_placement* made = nullptr;
  check(rdu_artifact_check(session.artifact(), devices.data(),
                           static_cast<std::uint32_t>(devices.size()), &made));
  const PlacementPtr placement(made);
  const json sections = describe_placement(placement.get());
  const Share share = share_of(sections);
  if (options.json) {
    std::printf("%s\n", json{{"sections", sections}, {"nodes", share.nodes}}.dump().c_str());
  } else {
    print_sections(sections);
    for (const auto& [uri, nodes] : share.nodes) {
      std::printf("%s: %u of %u nodes\n", uri.empty() ? "nobody" : uri.c_str(), nodes, share.total);
    }
  }
  bool good = true;
  for (const std::string& rule : options.require) good = fulfilled(rule, share) && good;
  return good ? 0 : 1;
}

}  // namespace

void add_explain(CLI::App& app, Action& action) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* command =
      app.add_subcommand("explain", "Show which device takes which section, and why");
  command->add_option("artifact", options->artifact, "The compiled model")->required();
  command
      ->add_option("--require", options->require,
                   "Exit with 1 unless DEVICE has this share of the nodes, e.g. 'cpu>=95%'")
      ->type_name("RULE");
  command->add_flag("--json", options->json, "One line of JSON");
  add_session_options(*command, options->session);
  command->footer("Example:\n  rdu explain model.rdu --device rdu:sn10 --require 'rdu>=95%'");
  command->callback([options, &action] { action = [options] { return explain(*options); }; });
}

}  // namespace rdu::tool
