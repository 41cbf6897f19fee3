// Flags to a compile request.
#include "tools/rducc/options.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <iostream>
#include <tuple>

#include "tools/rducc/completion.hpp"

namespace rducc {
namespace {

constexpr const char* kExamples = R"(
Examples:
  rducc mnist.onnx -o mnist.rdu
  rducc bert.onnx -o bert.rdu --dim batch=1,8 --dim seq=128
  rducc bert.onnx -o bert.rdu --variant batch=1,seq=16 --variant batch=8,seq=128
  rducc model.onnx -o model.rdu --data samples/test_data_set_0
  rducc reshape.onnx -o reshape.rdu --fix shape=1,3,224
  rducc gru.onnx -o gru.rdu --state hidden_out=hidden_in
  rducc gpt.onnx -o gpt.rdu --dim batch=1 --dim seq=1,64 --state present_k=past_k:2,1024
  rducc --completion bash > /etc/bash_completion.d/rducc)";

// "a=b" → ("a", "b"); the last '=' decides, for names may hold one.
std::pair<std::string, std::string> split_pair(const std::string& flag, const std::string& text) {
  const std::size_t equals = text.rfind('=');
  if (equals == text.npos || equals == 0 || equals + 1 == text.size()) {
    throw CLI::ValidationError(flag, "'" + text + "' is not NAME=VALUE");
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::int64_t to_extent(const std::string& flag, const std::string& text) {
  std::int64_t extent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), extent);
  if (error != std::errc() || end != text.data() + text.size() || extent < 0) {
    throw CLI::ValidationError(flag, "'" + text + "' is not an extent");
  }
  return extent;
}

void parse_dims(const std::vector<std::string>& texts, CompileRequest& request) {
  for (const std::string& text : texts) {
    const auto [name, list] = split_pair("--dim", text);
    std::vector<std::int64_t> extents;
    for (const auto& part : CLI::detail::split(list, ',')) {
      extents.push_back(to_extent("--dim", part));
    }
    request.dims.emplace_back(name, std::move(extents));
  }
}

// "OUT=IN" or "OUT=IN:AXIS,MAX".
StateChoice parse_state(const std::string& text) {
  StateChoice state;
  std::string input;
  std::tie(state.output, input) = split_pair("--state", text);
  const std::size_t colon = input.rfind(':');
  const std::size_t comma = colon == input.npos ? input.npos : input.find(',', colon);
  state.input = comma == input.npos ? input : input.substr(0, colon);
  if (comma == input.npos) return state;
  state.axis = to_extent("--state", input.substr(colon + 1, comma - colon - 1));
  state.capacity = to_extent("--state", input.substr(comma + 1));
  if (state.capacity == 0)
    throw CLI::ValidationError("--state", "'" + text + "' has room for nothing");
  return state;
}

void parse_variants(const std::vector<std::string>& texts, CompileRequest& request) {
  for (const std::string& text : texts) {
    auto& choices = request.variants.emplace_back();
    for (const auto& part : CLI::detail::split(text, ',')) {
      const auto [name, extent] = split_pair("--variant", part);
      choices.emplace_back(name, to_extent("--variant", extent));
    }
  }
}

// What the command line says, before it is understood.
struct Flags {
  std::vector<std::string> dims, variants, fixes, states;
  std::string shell;
};

// The flags that decide the content, without file names: equal artifacts come from equal flags.
std::string provenance(const Flags& flags, std::size_t num_data) {
  std::string text;
  const auto add = [&](const char* flag, const std::vector<std::string>& values) {
    for (const std::string& value : values) {
      text += (text.empty() ? "" : " ") + std::string(flag) + " " + value;
    }
  };
  add("--dim", flags.dims);
  add("--variant", flags.variants);
  add("--fix", flags.fixes);
  add("--state", flags.states);
  add("--data", std::vector<std::string>(num_data, "DIR"));
  return text;
}

void declare_inputs(CLI::App& app, Options& options, Flags& flags) {
  CompileRequest& request = options.request;
  app.add_option("MODEL", request.model_path, "the ONNX model")->type_name("");
  app.add_option("-o,--output", options.output, "the artifact to write")->type_name("FILE");
  app.add_option("--data", request.data_dirs,
                 "add the variant of the sample inputs in DIR (input_0.pb, …)")
      ->type_name("DIR");
  app.add_option("--dim", flags.dims, "extents of a symbolic dimension; several --dim multiply")
      ->type_name("NAME=V[,V…]");
  app.add_option("--variant", flags.variants, "add exactly one variant")->type_name("NAME=V,…");
  app.add_option("--fix", flags.fixes, "the value of an input that decides a shape")
      ->type_name("NAME=V,…");
  app.add_option("--state", flags.states,
                 "keep an output as the input of the next run; with AXIS,MAX a cache that grows")
      ->type_name("OUT=IN[:AXIS,MAX]");
  app.add_option("--target", request.targets, "devices to prepare for")
      ->type_name("NAME")
      ->delimiter(',')
      ->check(CLI::IsMember({"cpu", "reference"}));
}

void declare_diagnostics(CLI::App& app, Options& options, Flags& flags) {
  PassOptions& passes = options.request.passes;
  std::vector<std::string> names{"import"};
  for (const Pass& pass : all_passes()) names.emplace_back(pass.name);
  app.add_option("--report", options.report, "write what became of each node")
      ->type_name("FILE.json");
  app.add_option("--print-after", passes.print_after, "print the graph after a pass")
      ->type_name("PASS")
      ->check(CLI::IsMember(names));
  app.add_flag("--time-passes", options.time_passes, "print the seconds of each pass");
  app.add_flag("--verify-passes", passes.verify, "check the graph after each pass");
  app.add_option("--completion", flags.shell, "print a completion script and exit")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

// One value after each flag, so that MODEL may stand anywhere.
void take_one_value_each(CLI::App& app) {
  for (auto* option : app.get_options()) {
    if (option->get_expected_max() > 1) {
      option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
  }
}

void understand(const Flags& flags, Options& options) {
  CompileRequest& request = options.request;
  if (request.model_path.empty()) throw CLI::RequiredError("MODEL");
  if (options.output.empty()) throw CLI::RequiredError("-o FILE");
  parse_dims(flags.dims, request);
  parse_variants(flags.variants, request);
  for (const auto& text : flags.fixes) request.fixes.insert(split_pair("--fix", text));
  for (const auto& text : flags.states) request.states.push_back(parse_state(text));
  request.flags = provenance(flags, request.data_dirs.size());
}

}  // namespace

Parsed parse_options(int argc, char** argv, Options& options) {
  Flags flags;
  CLI::App app{"Compiles an ONNX model to an artifact that librdu runs on any device.", "rducc"};
  app.footer(kExamples);
  app.set_version_flag("--version", producer());
  declare_inputs(app, options, flags);
  declare_diagnostics(app, options, flags);
  take_one_value_each(app);
  try {
    app.parse(argc, argv);
    if (!flags.shell.empty()) {
      std::cout << completion_script(flags.shell);
      return Parsed::kDone;
    }
    understand(flags, options);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, std::cout, std::cerr) == 0 ? Parsed::kDone : Parsed::kWrong;
  }
  return Parsed::kCompile;
}

}  // namespace rducc
