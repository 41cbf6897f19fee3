// Reads, builds, runs, prints.
#include "tests/bench/chip_apps/report.hpp"

#include <nlohmann/json.hpp>
#include <utility>

namespace chip_apps {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const LoopTimes& loop) {
  Json stages;
  for (const StageTime& stage : loop.stages) stages[stage.name] = stage.cycles;
  return {{"loop", loop.name},
          {"trips", loop.trips},
          {"cycles", loop.cycles},
          {"stages", stages},
          {"predicted", loop.predicted}};
}

}  // namespace

base::Result<Case> read_case(const std::string& name, const std::vector<std::string>& words) {
  const App* app = find_app(name);
  if (app == nullptr) {
    std::string names;
    for (const App& other : apps()) names += std::string(names.empty() ? "" : ", ") + other.name;
    return base::fail(base::Code::kNotFound, "expected one of %s, got \"%s\"", names.c_str(),
                      name.c_str());
  }
  base::Result<std::vector<Setting>> settings = read_settings(words);
  if (!settings) return base::in_context(name, settings.error());
  base::Result<Values> values = take_values(app->parameters, *settings);
  if (!values) return base::in_context(name, values.error());
  base::Result<Machine> machine = take_machine(*settings);
  if (!machine) return base::in_context(name, machine.error());
  if (!settings->empty()) {
    std::string known;
    for (const Parameter& parameter : app->parameters) known += std::string(parameter.name) + ", ";
    return base::fail(base::Code::kInvalidArgument,
                      "%s: expected %schip, network, metapipe, granularity, seed, stages or speed, "
                      "got \"%s\"",
                      app->name, known.c_str(), settings->front().key.c_str());
  }
  return Case{app, std::move(*values), std::move(*machine)};
}

base::Result<Measured> measure(const Case& chosen) {
  base::Result<Program> program = build(*chosen.app, chosen.values, chosen.machine);
  if (!program) return program.error();
  base::Result<Outcome> outcome = run(*program, chosen.machine);
  if (!outcome) return base::in_context(chosen.app->name, outcome.error());
  Measured measured = {program->built.sections.front(), std::move(*outcome), {}};
  if (!chosen.machine.stages) return measured;
  std::vector<Chain> chains;
  for (const rducc::rdu::Context& context : program->kernel->nest().section().parts().contexts) {
    chains.push_back(context.counters);
  }
  for (const Loop& loop : program->kernel->nest().loops()) {
    const Overlap overlap = loop.is_sequential ? Overlap::kNone : chosen.machine.overlap;
    measured.loops.push_back(measure_stages(loop, overlap, measured.outcome.report, chains));
  }
  return measured;
}

std::string json_of(const Case& chosen, const Measured& measured) {
  const Machine& machine = chosen.machine;
  const Outcome& outcome = measured.outcome;
  const std::uint64_t bytes = outcome.dram_bytes(rdu_hw_dram_burst_bytes(&machine.arch.dram));
  Json json = {
      {"app", chosen.app->name},
      {"cycles", outcome.cycles()},
      {"pcu", measured.section.pcus},
      {"pmu", measured.section.pmus},
      {"agcu", measured.section.agcus},
      {"right", outcome.wrong.empty()},
      {"dram_bytes", bytes},
      {"dram_bytes_per_cycle", static_cast<double>(bytes) / static_cast<double>(outcome.cycles())},
      {"chip", machine.arch.name},
      {"network", machine.arch.network.kind == RDU_HW_NETWORK_IDEAL ? "ideal" : "routed"},
      {"longest_route", measured.section.longest_route},
      {"metapipe", machine.overlap == Overlap::kMetapipe ? "on" : "off"}};
  for (const auto& [name, value] : chosen.values.all()) json["parameters"][name] = value;
  for (const LoopTimes& loop : measured.loops) json["loops"].push_back(json_of(loop));
  if (machine.speed) {
    json["seconds"] = outcome.seconds;
    json["cycles_per_second"] = static_cast<double>(outcome.cycles()) / outcome.seconds;
  }
  return json.dump();
}

}  // namespace chip_apps
