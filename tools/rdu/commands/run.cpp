// rdu run: feeds files to a program and shows or writes what comes out.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>

#include "tools/rdu/commands/command.hpp"
#include "tools/rdu/data_set.hpp"
#include "tools/rdu/dump_tensors.hpp"
#include "tools/rdu/io/file.hpp"
#include "tools/rdu/io/npy.hpp"
#include "tools/rdu/traced_run.hpp"

namespace rdu::tool {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Of values that --dump holds at once.
constexpr std::uint64_t kDumpMemoryBytes = std::uint64_t{1} << 29;

struct RunOptions {
  SessionOptions session;
  std::string artifact;
  std::vector<std::string> inputs;  // FILE or NAME=FILE
  std::string data;
  std::string output_dir;
  std::string dump;
  std::string trace;
  int top = 0;
  bool show = false;
  bool json = false;
  ImageOptions image;
};

struct NamedFile {
  std::string name;  // empty: the next input that is still unbound
  fs::path path;
};

NamedFile parse_input(const std::string& text) {
  const std::size_t at = text.find('=');
  if (at == std::string::npos || fs::exists(text)) return {{}, text};
  return {text.substr(0, at), text.substr(at + 1)};
}

std::uint32_t find_input(const rdu_artifact* artifact, const std::string& name) {
  const std::uint32_t count = signature_info(artifact, 0).num_inputs;
  std::string known;
  for (std::uint32_t i = 0; i < count; ++i) {
    const rdu_value_info info = input_info(artifact, 0, 0, i);
    if (name == info.name) return i;
    known += std::string(known.empty() ? "" : ", ") + info.name;
  }
  throw ToolError("the model has no input '" + name + "', only: " + known);
}

std::vector<HostTensor> read_inputs(const RunOptions& options, const rdu_artifact* artifact) {
  const std::uint32_t count = signature_info(artifact, 0).num_inputs;
  std::vector<HostTensor> tensors(count);
  std::vector<bool> bound(count, false);
  const auto bind = [&](std::uint32_t i, HostTensor tensor) {
    tensors[i] = std::move(tensor);
    tensors[i].name = input_info(artifact, 0, 0, i).name;
    bound[i] = true;
  };
  if (!options.data.empty()) {
    std::vector<HostTensor> set = read_numbered(find_data_sets(options.data).front(), "input");
    for (std::uint32_t i = 0; i < std::min<std::size_t>(count, set.size()); ++i) {
      bind(i, std::move(set[i]));
    }
  }
  std::uint32_t next = 0;
  for (const std::string& text : options.inputs) {
    const NamedFile file = parse_input(text);
    const std::uint32_t i = file.name.empty() ? next : find_input(artifact, file.name);
    if (i >= count) {
      throw ToolError("the model has " + std::to_string(count) + " inputs, more files were given");
    }
    bind(i, read_input(file.path, input_info(artifact, 0, 0, i), options.image));
    next = i + 1;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    if (bound[i]) continue;
    const rdu_value_info info = input_info(artifact, 0, 0, i);
    throw ToolError(
        std::string("input '") + info.name + "' " + type_text(info.dtype, {info.shape, info.rank}) +
        " has no file: give --input FILE, --input " + info.name + "=FILE or --data DIR");
  }
  return tensors;
}

std::vector<std::size_t> top_positions(const std::vector<double>& values, int count) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order,
                           [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  order.resize(std::min(order.size(), static_cast<std::size_t>(count)));
  return order;
}

json summary(const HostTensor& tensor, int top) {
  const std::vector<double> values = tensor.to_f64();
  json out = {
      {"name", tensor.name}, {"dtype", rdu_dtype_name(tensor.dtype)}, {"shape", tensor.shape}};
  if (!values.empty()) {
    out["min"] = *std::ranges::min_element(values);
    out["max"] = *std::ranges::max_element(values);
    out["mean"] =
        std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  }
  if (top > 0) {
    out["top"] = json::array();
    for (const std::size_t i : top_positions(values, top)) {
      out["top"].push_back({{"index", i}, {"value", values[i]}});
    }
  }
  return out;
}

void print_summary(const json& output, const HostTensor& tensor) {
  std::printf("%-20s %-24s", tensor.name.c_str(), type_text(tensor.dtype, tensor.shape).c_str());
  if (output.contains("min")) {
    std::printf(" min %.6g  max %.6g  mean %.6g", output["min"].get<double>(),
                output["max"].get<double>(), output["mean"].get<double>());
  }
  std::printf("\n");
  if (!output.contains("top")) return;
  for (const auto& entry : output["top"]) {
    std::printf("  %5zu  %.6g\n", entry["index"].get<std::size_t>(), entry["value"].get<double>());
  }
}

void show_pictures(const RunOptions& options) {
  for (const std::string& text : options.inputs) {
    const fs::path path = parse_input(text).path;
    if (is_image_path(path)) std::fputs(image_text(read_image(path), 56).c_str(), stdout);
  }
}

int run(const RunOptions& options) {
  Session session(options.session);
  session.open_devices();
  session.open_artifact(options.artifact);
  session.load_program();
  std::vector<HostTensor> inputs = read_inputs(options, session.artifact());
  StatePtr state;
  if (signature_info(session.artifact(), 0).num_variables > 0) {
    rdu_state* made = nullptr;
    check(rdu_state_create(session.program(), nullptr, 0, &made));
    state.reset(made);
  }
  std::vector<HostTensor> outputs;
  const auto once = [&] { outputs = run_once(session.program(), inputs, state.get()); };
  if (options.trace.empty()) {
    once();
  } else {
    write_text(options.trace, trace_json(traced_run(session.context(), once)));
  }
  if (!options.output_dir.empty()) {
    fs::create_directories(options.output_dir);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      write_npy(fs::path(options.output_dir) / ("output_" + std::to_string(i) + ".npy"),
                outputs[i]);
    }
  }
  const std::string fallback = fallback_text(rdu_program_get_placement(session.program()));
  json report = {{"device", session.uris().front()}, {"outputs", json::array()}};
  for (const HostTensor& tensor : outputs)
    report["outputs"].push_back(summary(tensor, options.top));
  state.reset();
  if (!options.dump.empty()) {
    const DumpCounts counts =
        dump_tensors(session, options.artifact, inputs, options.dump, kDumpMemoryBytes);
    report["dumped"] = counts.written;
    std::fprintf(stderr,
                 "%zu of %zu tensors written to %s; the others are constants or fused away\n",
                 counts.written, counts.all, options.dump.c_str());
  }
  if (options.json) {
    std::printf("%s\n", report.dump().c_str());
    return 0;
  }
  if (options.show) show_pictures(options);
  std::fputs(fallback.c_str(), stdout);
  for (std::size_t i = 0; i < outputs.size(); ++i) print_summary(report["outputs"][i], outputs[i]);
  return 0;
}

}  // namespace

void add_run(CLI::App& app, Action& action) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "Run an artifact once on inputs from files");
  command->add_option("artifact", options->artifact, "The compiled model")->required();
  command
      ->add_option("-i,--input", options->inputs,
                   "FILE or NAME=FILE: .npy, .pb, .pgm, .ppm, else raw bytes; repeat per input")
      ->type_name("FILE");
  command->add_option("--data", options->data, "Folder with input_0.pb, … or with test_data_set_0")
      ->type_name("DIR");
  command->add_option("-o,--output-dir", options->output_dir, "Write output_0.npy, … there")
      ->type_name("DIR");
  command
      ->add_option("--dump", options->dump,
                   "Write every tensor of the model that the run stores there, NAME.npy")
      ->type_name("DIR");
  command->add_option("--trace", options->trace, "Write the run's spans for Perfetto")
      ->type_name("FILE.json");
  command->add_option("--top", options->top, "Show the N largest elements of each output")
      ->type_name("N");
  command->add_option("--image-scale", options->image.scale,
                      "Pixels run from 0 to this (default 1)");
  command
      ->add_option("--image-mean", options->image.mean,
                   "Subtracted from pixels, one or one per channel")
      ->delimiter(',');
  command->add_option("--image-std", options->image.std, "Divides pixels after that")
      ->delimiter(',');
  command->add_flag("--show", options->show, "Draw the input pictures in the terminal");
  command->add_flag("--json", options->json, "One line of JSON");
  add_session_options(*command, options->session);
  add_shares_option(*command, options->session);
  command->footer(
      "Examples:\n"
      "  rdu run digits.rdu --input 7.pgm --top 3 --show\n"
      "  rdu run model.rdu --device reference: --data model/test_data_set_0 --output-dir out");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace rdu::tool
