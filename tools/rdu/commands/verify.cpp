// rdu verify: is what a program computes what was expected? Data sets, streams, and another device as the judge.
#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

#include "tools/rdu/commands/command.hpp"
#include "tools/rdu/data_set.hpp"
#include "tools/rdu/stream.hpp"
#include "tools/rdu/verify_case.hpp"

namespace rdu::tool {

namespace {

using nlohmann::json;

struct VerifyOptions {
  SessionOptions session;
  std::string artifact;
  std::vector<std::string> data;
  std::string sequence;
  std::string exact_with;
  Tolerance tolerance;
  bool json = false;
};

void load(Session& session, const std::string& artifact) {
  session.open_devices();
  session.open_artifact(artifact);
  session.load_program();
}

// Prints each check and keeps the totals.
class Verdict {
 public:
  explicit Verdict(bool as_json) : as_json_(as_json) {}

  void add(const std::string& where, const std::vector<OutputCheck>& checks) {
    for (const OutputCheck& check : checks) add(where, check);
  }

  int finish(const std::string& device) {
    if (num_checked_ == 0) throw ToolError("there is nothing to compare: no expected outputs");
    if (as_json_) {
      std::printf("%s\n",
                  json{{"passed", num_failed_ == 0}, {"device", device}, {"outputs", outputs_}}
                      .dump()
                      .c_str());
    } else {
      std::printf("%s: %d outputs, %d failed on %s\n",
                  num_failed_ == 0 ? "verified" : "NOT VERIFIED", num_checked_, num_failed_,
                  device.c_str());
    }
    return num_failed_ == 0 ? 0 : 1;
  }

 private:
  void add(const std::string& where, const OutputCheck& check) {
    const Comparison& c = check.comparison;
    ++num_checked_;
    if (!c.passed) ++num_failed_;
    if (as_json_) {
      outputs_.push_back({{"where", where},
                          {"output", check.name},
                          {"passed", c.passed},
                          {"max_absolute", c.max_absolute},
                          {"max_relative", c.max_relative},
                          {"cosine", c.cosine},
                          {"reason", c.reason}});
    } else {
      std::printf("%-4s %s %-20s max abs %.3g  max rel %.3g  cosine %.6f%s%s\n",
                  c.passed ? "ok" : "FAIL", where.c_str(), check.name.c_str(), c.max_absolute,
                  c.max_relative, c.cosine, c.reason.empty() ? "" : "  ", c.reason.c_str());
    }
  }

  bool as_json_;
  int num_checked_ = 0;
  int num_failed_ = 0;
  json outputs_ = json::array();
};

struct DataSetRun {
  std::vector<HostTensor> outputs;
  StatePtr state;
};

DataSetRun run_data_set(rdu_program* program, const std::filesystem::path& set) {
  DataSetRun run;
  run.state = make_state(program);
  std::vector<HostTensor> inputs =
      bind_inputs(program, run.state.get(), read_numbered(set, "input"));
  run.outputs = run_once(program, inputs, run.state.get());
  return run;
}

void verify_data(const VerifyOptions& options, Session& session, Session* judge, Verdict& verdict) {
  for (const std::string& dir : options.data) {
    for (const auto& set : find_data_sets(dir)) {
      const DataSetRun run = run_data_set(session.program(), set);
      const std::string where = set.filename().string();
      if (judge == nullptr) {
        verdict.add(where, check_outputs(run.outputs, run.state.get(), read_numbered(set, "output"),
                                         options.tolerance));
        continue;
      }
      Tolerance exact;
      exact.exact = true;
      const DataSetRun other = run_data_set(judge->program(), set);
      verdict.add(where, check_outputs(run.outputs, run.state.get(), other.outputs, exact));
    }
  }
}

int verify(const VerifyOptions& options) {
  if (options.data.empty() && options.sequence.empty()) {
    throw ToolError("give --data DIR or --sequence FILE.npz");
  }
  Session session(options.session);
  load(session, options.artifact);
  std::unique_ptr<Session> judge;
  if (!options.exact_with.empty()) {
    SessionOptions other = options.session;
    other.devices = {options.exact_with};
    judge = std::make_unique<Session>(other);
    load(*judge, options.artifact);
  }
  Verdict verdict(options.json);
  verify_data(options, session, judge.get(), verdict);
  if (!options.sequence.empty()) {
    verdict.add("stream", verify_stream(session.program(), options.sequence, options.data,
                                        options.tolerance));
  }
  if (!options.json) {
    std::fputs(fallback_text(rdu_program_get_placement(session.program())).c_str(), stdout);
  }
  return verdict.finish(session.uris().front());
}

}  // namespace

void add_verify(CLI::App& app, Action& action) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* command =
      app.add_subcommand("verify", "Compare what an artifact computes with expected outputs");
  command->add_option("artifact", options->artifact, "The compiled model")->required();
  command
      ->add_option("--data", options->data,
                   "Folder with input_0.pb and output_0.pb, or with test_data_set_0, …; repeatable")
      ->type_name("DIR");
  command
      ->add_option("--sequence", options->sequence,
                   "A stream: frames, outputs and final_<input> of a recurrent model")
      ->type_name("FILE.npz");
  command
      ->add_option("--exact-with", options->exact_with,
                   "Compare bit for bit with this device instead of the expected outputs")
      ->type_name("URI");
  add_tolerance_options(*command, options->tolerance);
  command->add_flag("--top1", options->tolerance.top1,
                    "The largest element of a row must be at the same position too; a lead within "
                    "the tolerance is a tie");
  command->add_flag("--json", options->json, "One line of JSON");
  add_session_options(*command, options->session);
  add_shares_option(*command, options->session);
  command->footer(
      "An element passes when |a - b| <= atol + rtol * |b|. Exit code: 0 verified, 1 not, 2 "
      "error.\n"
      "Examples:\n"
      "  rdu verify model.rdu --data model/test_data_set_0\n"
      "  rdu verify model.rdu --data model --device reference:\n"
      "  rdu verify model.rdu --data model --exact-with 'cpu:?threads=1'");
  command->callback([options, &action] { action = [options] { return verify(*options); }; });
}

}  // namespace rdu::tool
