// Flags to a request of librducc.
#include "tools/rducc/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <iostream>
#include <tuple>
#include <utility>

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
  rducc model.onnx -o model.rdu --report -
  rducc gru.onnx -o gru.rdu --state hidden_out=hidden_in
  rducc gpt.onnx -o gpt.rdu --dim batch=1 --dim seq=1,64 --state present_k=past_k:2,1024
  rducc model.onnx -o model.rdu --target cpu,rdu:sn10 --schedule kernel
  rducc model.onnx -o model.rdu --target cpu,rdu:sn10 --precision bf16
  rducc model.onnx -o model.rdu --cpu avx2,avx512
  rducc --completion bash > /etc/bash_completion.d/rducc)";

// Serves every x86 server since 2017 and the newest desktops, those with AMX too where weights are fp32. One layout and not
// several: each is as large as the weights or larger, and who lacks it loses milliseconds at load.
constexpr const char* kPortableCpu = "avx512";

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

const char* keep(Options& options, const std::string& text) {
  return options.texts.emplace_back(text).c_str();
}

void parse_dim(const std::string& text, Options& options) {
  const auto [name, list] = split_pair("--dim", text);
  auto& extents = options.numbers.emplace_back();
  for (const auto& part : CLI::detail::split(list, ',')) {
    extents.push_back(to_extent("--dim", part));
  }
  options.dims.push_back(
      {keep(options, name), extents.data(), static_cast<std::uint32_t>(extents.size()), 0});
}

// "OUT=IN" or "OUT=IN:AXIS,MAX".
void parse_state(const std::string& text, Options& options) {
  const auto [output, rest] = split_pair("--state", text);
  const std::size_t colon = rest.rfind(':');
  const std::size_t comma = colon == rest.npos ? rest.npos : rest.find(',', colon);
  const bool grows = comma != rest.npos;
  rducc_state state{keep(options, output), keep(options, grows ? rest.substr(0, colon) : rest), 0,
                    0};
  if (grows) {
    const std::string axis = rest.substr(colon + 1, comma - colon - 1);
    const bool from_end = axis.starts_with('-');
    state.axis = to_extent("--state", from_end ? axis.substr(1) : axis) * (from_end ? -1 : 1);
    state.capacity = to_extent("--state", rest.substr(comma + 1));
    if (state.capacity == 0) {
      throw CLI::ValidationError("--state", "'" + text + "' has room for nothing");
    }
  }
  options.states.push_back(state);
}

void parse_variant(const std::string& text, Options& options) {
  auto& extents = options.extents.emplace_back();
  for (const auto& part : CLI::detail::split(text, ',')) {
    const auto [name, extent] = split_pair("--variant", part);
    extents.push_back({keep(options, name), to_extent("--variant", extent)});
  }
  options.variants.push_back(
      {RDUCC_ARRAY(extents.data(), static_cast<std::uint32_t>(extents.size()))});
}

void parse_fix(const std::string& text, Options& options) {
  const auto [name, elements] = split_pair("--fix", text);
  options.fixes.push_back({keep(options, name), keep(options, elements)});
}

// What the command line says, before it is understood.
struct Flags {
  std::string model;
  std::vector<std::string> data_dirs, dims, variants, fixes, states, targets, print_after, cpus;
  bool verify_passes = false, list_operators = false;
  std::string precision, schedule, seed, shell;
};

std::vector<std::string> names_of(const char* (*name)(std::uint32_t)) {
  std::vector<std::string> names;
  for (std::uint32_t i = 0; name(i) != nullptr; ++i) names.emplace_back(name(i));
  return names;
}

// Whether a chip exists is for librducc to say.
std::string known_target(const std::string& text) {
  const auto names = names_of(rducc_target_name);
  const bool chip = text.starts_with("rdu:");
  const bool known = text != "rdu" && std::find(names.begin(), names.end(), text) != names.end();
  return chip || known ? "" : "there is no target '" + text + "'";
}

void declare_inputs(CLI::App& app, Options& options, Flags& flags) {
  app.add_option("MODEL", flags.model, "the ONNX model")->type_name("");
  app.add_option("-o,--output", options.output, "the artifact to write")->type_name("FILE");
  app.add_option("--data", flags.data_dirs,
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
  app.add_option("--loop-bound", options.request.loop_bound,
                 "the most iterations of a Loop whose model states no number")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  app.add_option("--target", flags.targets,
                 "devices to prepare for: cpu, reference, or a chip: rdu:PRESET[?key=value&…]")
      ->type_name("NAME")
      ->delimiter(',')
      ->check(known_target);
  app.add_option(
         "--schedule", flags.schedule,
         "how a chip computes: node by node through its memory, the same with values left in "
         "scratchpads, or many nodes at once")
      ->check(CLI::IsMember({"kernel", "kernel-sram", "spatial"}));
  app.add_option("--precision", flags.precision,
                 "fp32, as the model says, or bf16 with sums and statistics in fp32")
      ->check(CLI::IsMember({"fp32", "bf16"}));
  app.add_option(
         "--cpu", flags.cpus,
         "store weights as these processors multiply them, beside the plain ones, so that loading "
         "need not pack them: baseline, avx2, avx512, amx; native: this machine's; none. Others "
         "pack at load. Default: " +
             std::string(kPortableCpu))
      ->type_name("NAME")
      ->delimiter(',')
      ->check(CLI::IsMember({"baseline", "avx2", "avx512", "amx", "native", "none"}));
  app.add_option("--seed", flags.seed, "of a chip's placement")->type_name("N");
}

void declare_diagnostics(CLI::App& app, Options& options, Flags& flags) {
  std::vector<std::string> names = names_of(rducc_pass_name);
  names.insert(names.begin(), "import");
  app.add_option("--report", options.report,
                 "write what became of each node; '-' prints a table instead")
      ->type_name("FILE.json");
  app.add_option("--print-after", flags.print_after, "print the graph after a pass")
      ->type_name("PASS")
      ->check(CLI::IsMember(names));
  app.add_flag("--time-passes", options.time_passes, "print the seconds of each pass");
  app.add_flag("--verify-passes", flags.verify_passes, "check the graph after each pass");
  app.add_flag("--list-operators", flags.list_operators,
               "print domain, name and oldest opset of what can be imported, and exit");
  app.add_option("--completion", flags.shell, "print a completion script and exit")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

void print_operators() {
  const char* domain = nullptr;
  std::int64_t since = 0;
  for (std::uint32_t i = 0;; ++i) {
    const char* name = rducc_operator_name(i, &domain, &since);
    if (name == nullptr) return;
    std::cout << domain << ' ' << name << ' ' << since << '\n';
  }
}

// One value after each flag, so that MODEL may stand anywhere.
void take_one_value_each(CLI::App& app) {
  for (auto* option : app.get_options()) {
    if (option->get_expected_max() > 1) {
      option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
  }
}

void keep_all(Options& options, const std::vector<std::string>& from,
              std::vector<const char*>& to) {
  for (const std::string& text : from) to.push_back(keep(options, text));
}

// Flags that chips alone understand go into their URIs.
std::string with_settings(std::string target, const Flags& flags) {
  if (!target.starts_with("rdu:")) return target;
  const auto append = [&](const char* key, const std::string& value) {
    if (value.empty()) return;
    target += target.find('?') == target.npos ? '?' : '&';
    target += std::string(key) + '=' + value;
  };
  append("schedule", flags.schedule);
  append("seed", flags.seed);
  return target;
}

template <typename Element>
rdu_array array_of(const std::vector<Element>& elements) {
  return RDUCC_ARRAY(elements.data(), static_cast<std::uint32_t>(elements.size()));
}

// Weights are packed for processors where one is asked for, or the artifact is for them in the first place.
void take_cpus(const Flags& flags, Options& options) {
  const auto has = [](const std::vector<std::string>& list, const char* name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  options.names_cpus = !flags.cpus.empty();
  options.cpus = flags.cpus;
  if (has(flags.cpus, "none")) {
    if (flags.cpus.size() > 1) throw CLI::ValidationError("--cpu", "'none' and others");
    options.cpus.clear();
  } else if (flags.cpus.empty() && (flags.targets.empty() || has(flags.targets, "cpu"))) {
    options.cpus = {kPortableCpu};
  }
}

void understand(const Flags& flags, Options& options) {
  if (flags.model.empty()) throw CLI::RequiredError("MODEL");
  if (options.output.empty()) throw CLI::RequiredError("-o FILE");
  for (const auto& text : flags.dims) parse_dim(text, options);
  for (const auto& text : flags.variants) parse_variant(text, options);
  for (const auto& text : flags.fixes) parse_fix(text, options);
  for (const auto& text : flags.states) parse_state(text, options);
  keep_all(options, flags.data_dirs, options.data_dirs);
  for (const std::string& target : flags.targets) {
    options.targets.push_back(keep(options, with_settings(target, flags)));
  }
  keep_all(options, flags.print_after, options.print_after);
  take_cpus(flags, options);
  rducc_request& request = options.request;
  request.model_path = keep(options, flags.model);
  request.dims = array_of(options.dims);
  request.variants = array_of(options.variants);
  request.fixes = array_of(options.fixes);
  request.states = array_of(options.states);
  request.data_dirs = options.data_dirs.data();
  request.num_data_dirs = static_cast<std::uint32_t>(options.data_dirs.size());
  request.targets = options.targets.data();
  request.num_targets = static_cast<std::uint32_t>(options.targets.size());
  request.print_after = options.print_after.data();
  request.num_print_after = static_cast<std::uint32_t>(options.print_after.size());
  if (flags.precision == "bf16") request.precision = RDUCC_PRECISION_BF16;
  if (flags.verify_passes) request.flags |= RDUCC_VERIFY_PASSES;
}

}  // namespace

Parsed parse_options(int argc, char** argv, Options& options) {
  Flags flags;
  CLI::App app{"Compiles an ONNX model to an artifact that librdu runs on any device.", "rducc"};
  app.footer(kExamples);
  app.set_version_flag("--version", std::string("rducc ") + rducc_version());
  declare_inputs(app, options, flags);
  declare_diagnostics(app, options, flags);
  take_one_value_each(app);
  try {
    app.parse(argc, argv);
    if (!flags.shell.empty()) {
      std::cout << completion_script(flags.shell);
      return Parsed::kDone;
    }
    if (flags.list_operators) {
      print_operators();
      return Parsed::kDone;
    }
    understand(flags, options);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, std::cout, std::cerr) == 0 ? Parsed::kDone : Parsed::kWrong;
  }
  return Parsed::kCompile;
}

}  // namespace rducc
