// Which device takes what, how it is reported, and what it costs.
#include "tests/sdk/src/support/harness.hpp"

using namespace rdu::test;

namespace {

std::vector<rdu_section_info> sections(const rdu_placement* placement) {
  std::vector<rdu_section_info> list;
  for (std::uint32_t i = 0; i < rdu_placement_num_sections(placement); ++i) {
    rdu_section_info info{};
    info.header = RDU_HEADER(rdu_section_info);
    RDU_OK_(rdu_placement_get_section(placement, i, &info));
    list.push_back(info);
  }
  return list;
}

}  // namespace

TEST_CASE("a declined section goes to the next device, with the reason kept") {
  Fixture model(chain_model({2}), {"test:?refuse=z", "test:?memory=device"});
  const rdu_placement* placement = rdu_program_get_placement(model.program.get());
  REQUIRE(rdu_placement_num_devices(placement) == 2);
  CHECK(std::string(rdu_placement_device_uri(placement, 1)) == "test:?memory=device");
  CHECK(rdu_placement_device_uri(placement, 2) == nullptr);
  const auto list = sections(placement);
  REQUIRE(list.size() == 4);  // doubled, z, plus, y
  const std::uint32_t devices[] = {0, 1, 0, 0}, steps[] = {0, 1, 2, 2};
  for (std::uint32_t i = 0; i < 4; ++i) {
    CHECK(list[i].device == devices[i]);
    CHECK(list[i].step == steps[i]);
    CHECK(list[i].section == i);
    CHECK(std::string(list[i].cut) == "portable");
  }
  REQUIRE(list[1].refusals.count == 1);
  const rdu_refusal& refusal = *RDU_AT(rdu_refusal, list[1].refusals, 0);
  CHECK(refusal.device == 0);
  CHECK(std::string(rdu_reason_name(refusal.reason)) == "OPTION");
  CHECK(std::string(rdu_reason_words(refusal.reason)) == "switched off by an option");
  CHECK(std::string(refusal.detail) == "node 'z' was refused by option");
}

TEST_CASE("a section that nobody takes fails the load and is shown by the check") {
  const Context context = make_context();
  const ArtifactBytes bytes(chain_model({2}));
  const Artifact artifact = open_artifact(context, bytes);
  const Device one = open_device(context, "test:?refuse=plus");
  const Device two = open_device(context, "test:?refuse=plus&memory=device");
  rdu_device* list[] = {one.get(), two.get()};
  rdu_program* program = nullptr;
  const StatusOwner status(rdu_program_load(artifact.get(), list, 2, nullptr, &program));
  CHECK(rdu_status_code(status.get()) == RDU_ERR_UNSUPPORTED);
  CHECK(rdu_status_section(status.get()) == 2);
  CHECK_THAT(rdu_status_message(status.get()),
             Catch::Contains("node 'plus'") && Catch::Contains("test:?refuse=plus switched off"));
  CHECK(alive().executables == 0);

  rdu_placement* placement = nullptr;
  RDU_OK_(rdu_artifact_check(artifact.get(), list, 2, &placement));
  const Owner<rdu_placement, rdu_placement_destroy> owner(placement);
  const auto report = sections(placement);
  CHECK(report[2].device == RDU_NO_INDEX);
  CHECK(report[2].refusals.count == 2);
  CHECK(report[3].device == 0);
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_program_load(artifact.get(), list, 0, nullptr, &program));
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_program_load(nullptr, list, 1, nullptr, &program));
}

TEST_CASE("memory is known before the first run and bounded on request") {
  Fixture model(chain_model({1, 64}));
  rdu_memory_info info{};
  info.header = RDU_HEADER(rdu_memory_info);
  RDU_OK_(rdu_program_get_memory(model.program.get(), &info));
  CHECK(info.resident_bytes == 2 * 1000);
  CHECK(info.per_worker_bytes == 2 * 10);
  // Of the largest variant: doubled, and plus where doubled was; y and z are the caller's.
  CHECK(info.arena_bytes == 64 * 5 * sizeof(float));
  CHECK(info.per_run_bytes == info.arena_bytes + 128);
  CHECK(check_chain(model.program.get(), 64, 0) == "OK");
  rdu_program_stats stats{};
  stats.header = RDU_HEADER(rdu_program_stats);
  RDU_OK_(rdu_program_get_stats(model.program.get(), &stats));
  CHECK(stats.num_executables == 2);
  CHECK(stats.num_contexts == 1);

  rdu_program_options options{};
  options.header = RDU_HEADER(rdu_program_options);
  options.max_memory_bytes = 2000;
  rdu_device* list[] = {model.devices[0].get()};
  rdu_program* program = nullptr;
  RDU_FAILS(RDU_ERR_LIMIT_EXCEEDED,
            rdu_program_load(model.artifact.get(), list, 1, &options, &program));
}

TEST_CASE("an artifact describes itself") {
  Fixture model(chain_model({1, 4}));
  const rdu_artifact* artifact = model.artifact.get();
  REQUIRE(rdu_artifact_num_signatures(artifact) == 1);
  rdu_signature_info signature{};
  signature.header = RDU_HEADER(rdu_signature_info);
  RDU_OK_(rdu_artifact_get_signature(artifact, 0, &signature));
  CHECK(std::string(signature.name) == "infer");
  CHECK(signature.num_inputs == 1);
  CHECK(signature.num_outputs == 2);
  CHECK(signature.num_variants == 2);
  rdu_variant_info variant{};
  variant.header = RDU_HEADER(rdu_variant_info);
  RDU_OK_(rdu_artifact_get_variant(artifact, 0, 1, &variant));
  CHECK(std::string(variant.name) == "batch=4");
  CHECK(variant.num_nodes == 4);
  CHECK(variant.num_sections == 4);
  rdu_value_info value{};
  value.header = RDU_HEADER(rdu_value_info);
  RDU_OK_(rdu_artifact_get_input(artifact, 0, 1, 0, &value));
  CHECK(std::string(value.name) == "x");
  CHECK(value.shape[0] == 4);
  CHECK(std::string(value.dim_names[0]) == "batch");
  CHECK(value.dim_names[1] == nullptr);
  CHECK(value.size_bytes == 80);
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_artifact_get_output(artifact, 0, 2, 0, &value));
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_artifact_get_input(artifact, 0, 0, 1, &value));
  const char *key = nullptr, *text = nullptr;
  RDU_OK_(rdu_artifact_get_metadata(artifact, 0, &key, &text));
  CHECK(std::string(key) == "author");
  RDU_FAILS(RDU_ERR_NOT_FOUND, rdu_artifact_get_metadata(artifact, 1, &key, &text));
  RDU_OK_(rdu_artifact_get_provenance(artifact, 0, &key, &text));
  CHECK(std::string(text) == "chain");
}

TEST_CASE("what went to another device is in the log") {
  std::vector<std::string> lines;
  rdu_context_options options{};
  options.header = RDU_HEADER(rdu_context_options);
  options.flags = RDU_CONTEXT_ONLY_GIVEN_PLUGINS;
  options.log_level = RDU_LOG_INFO;
  options.log_user = &lines;
  options.log = [](void* user, rdu_log_level, const char* line) {
    static_cast<std::vector<std::string>*>(user)->push_back(line);
  };
  rdu_context* raw = nullptr;
  RDU_OK_(rdu_context_create(&options, &raw));
  const Context context(raw);
  RDU_OK_(rdu_plugin_register(raw, "test", test_plugin));
  const ArtifactBytes bytes(chain_model({2}));
  const Artifact artifact = open_artifact(context, bytes);
  const Device one = open_device(context, "test:?refuse=z"), two = open_device(context, "test:");
  rdu_device* list[] = {one.get(), two.get()};
  rdu_program* program = nullptr;
  RDU_OK_(rdu_program_load(artifact.get(), list, 2, nullptr, &program));
  const Program owner(program);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] ==
        "variant 0: section 1 goes to test:, not test:?refuse=z: switched off by an option: "
        "node 'z' was refused by option");
}
