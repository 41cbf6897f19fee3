// The C API on the real plugins.
#include "tests/plugins/rdu/session.hpp"

namespace chip_test {

using rdu::test::words;

Context plugins_context() {
  rdu_context_options options{};
  options.header = RDU_HEADER(rdu_context_options);
  options.max_threads = 4;
  rdu_context* context = nullptr;
  RDU_OK_(rdu_context_create(&options, &context));
  return Context(context);
}

Session::Session(const rdu::artifact::Model& model, const std::vector<std::string>& uris)
    : context(plugins_context()), bytes(model) {
  for (const std::string& uri : uris) {
    devices.push_back(rdu::test::open_device(context, uri));
    list.push_back(devices.back().get());
  }
  artifact = rdu::test::open_artifact(context, bytes);
}

std::string Session::load() {
  rdu_program* loaded = nullptr;
  const std::string outcome = words(rdu_program_load(
      artifact.get(), list.data(), static_cast<std::uint32_t>(list.size()), nullptr, &loaded));
  program.reset(loaded);
  return outcome;
}

std::vector<std::string> Session::placed() const {
  rdu_placement* raw = nullptr;
  RDU_OK_(rdu_artifact_check(artifact.get(), list.data(), static_cast<std::uint32_t>(list.size()),
                             &raw));
  const rdu::test::Owner<rdu_placement, rdu_placement_destroy> placement(raw);
  std::vector<std::string> lines;
  for (std::uint32_t i = 0; i < rdu_placement_num_sections(raw); ++i) {
    rdu_section_info info{};
    info.header = RDU_HEADER(rdu_section_info);
    RDU_OK_(rdu_placement_get_section(raw, i, &info));
    std::string line =
        info.device == RDU_NO_INDEX ? "nobody" : rdu_placement_device_uri(raw, info.device);
    if (info.refusals.count != 0) {
      const rdu_refusal& refusal = *RDU_AT(rdu_refusal, info.refusals, 0);
      line += std::string(" not ") + rdu_reason_name(refusal.reason) + ": " + refusal.detail;
    }
    lines.push_back(line);
  }
  return lines;
}

std::vector<std::vector<float>> run_floats(const Session& session, std::vector<float> x,
                                           std::vector<std::int64_t> shape,
                                           std::size_t num_outputs) {
  std::vector<std::vector<float>> results(num_outputs, std::vector<float>(x.size()));
  const std::vector<rdu_tensor> inputs = {rdu::test::f32(x, shape)};
  std::vector<rdu_tensor> outputs;
  for (auto& result : results) outputs.push_back(rdu::test::f32(result, shape));
  const rdu_run_args call = rdu::test::args(inputs, outputs);
  RDU_OK_(rdu_run(session.program.get(), &call));
  return results;
}

}  // namespace chip_test
