// Sections spread over devices by shares.
#include "sdk/src/runtime/split.hpp"

#include <algorithm>
#include <chrono>

#include "sdk/artifact/reader.hpp"
#include "tests/sdk/src/support/harness.hpp"

using namespace rdu::test;
using Numbers = std::vector<std::uint32_t>;

namespace {

rdu_program_options with_shares(const Numbers& shares) {
  rdu_program_options options{};
  options.header = RDU_HEADER(rdu_program_options);
  options.shares = {shares.data(), static_cast<std::uint32_t>(shares.size()),
                    sizeof(std::uint32_t)};
  return options;
}

// chain_model, whose four sections have the same work, on devices with shares.
struct Spread {
  Spread(const std::vector<std::string>& uris, const Numbers& shares) {
    for (const std::string& uri : uris) {
      devices.push_back(open_device(context, uri));
      list.push_back(devices.back().get());
    }
    const rdu_program_options options = with_shares(shares);
    rdu_program* loaded = nullptr;
    outcome = code(rdu_program_load(artifact.get(), list.data(),
                                    static_cast<std::uint32_t>(list.size()), &options, &loaded));
    program.reset(loaded);
  }

  Numbers device_of_sections() const {
    Numbers numbers;
    const rdu_placement* placement = rdu_program_get_placement(program.get());
    for (std::uint32_t i = 0; i < rdu_placement_num_sections(placement); ++i) {
      rdu_section_info info{};
      info.header = RDU_HEADER(rdu_section_info);
      RDU_OK_(rdu_placement_get_section(placement, i, &info));
      numbers.push_back(info.device);
    }
    return numbers;
  }

  Context context = make_context();
  ArtifactBytes bytes{chain_model({2})};
  Artifact artifact = open_artifact(context, bytes);
  std::vector<Device> devices;
  std::vector<rdu_device*> list;
  rdu_code outcome = RDU_OK;
  Program program;
};

// Ten runs of chain_model in flight, each checked.
double ten_runs_ms(rdu_program* program) {
  constexpr std::size_t kRuns = 10;
  std::vector<Floats> tensors;
  for (std::size_t i = 0; i < 2 * kRuns; ++i) tensors.emplace_back(10, static_cast<float>(i));
  std::vector<Event> events;
  std::vector<std::vector<rdu_tensor>> outputs(kRuns);
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < kRuns; ++i) {
    const std::vector<rdu_tensor> inputs = {tensors[2 * i].tensor({2, 5})};
    outputs[i] = {tensors[2 * i + 1].tensor({2, 5})};
    const rdu_run_args call = args(inputs, outputs[i]);
    rdu_event* event = nullptr;
    RDU_OK_(rdu_submit(program, &call, &event));
    events.emplace_back(event);
  }
  for (const Event& event : events) {
    rdu_event_state state = RDU_EVENT_PENDING;
    RDU_OK_(rdu_event_wait(event.get(), RDU_FOREVER, &state));
    REQUIRE(state == RDU_EVENT_DONE);
  }
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  for (std::size_t i = 0; i < 10 * kRuns; ++i) {
    const float w = chain_w(static_cast<std::int64_t>(i % 10 % 5));
    REQUIRE(tensors[i / 10 * 2 + 1][i % 10] == chain_y(tensors[i / 10 * 2][i % 10], w));
  }
  return took.count();
}

}  // namespace

TEST_CASE("sections go to devices in order, as much to each as its share") {
  struct Case {
    std::vector<std::string> uris;
    Numbers shares, devices;
  };
  const std::vector<Case> cases = {
      {{"test:", "test:"}, {1, 1}, {0, 0, 1, 1}},
      {{"test:", "test:?memory=device"}, {3, 1}, {0, 0, 0, 1}},
      {{"test:?memory=device", "test:?memory=device&async=1"}, {1, 3}, {0, 1, 1, 1}},
      {{"test:", "test:", "test:", "test:"}, {1, 1, 1, 1}, {0, 1, 2, 3}},
      {{"test:", "test:", "test:"}, {2, 0, 2}, {0, 0, 2, 2}},
      {{"test:", "test:"}, {0, 5}, {1, 1, 1, 1}},
      {{"test:", "test:"}, {}, {0, 0, 0, 0}},
      // What a device declines goes to the first that takes it.
      {{"test:", "test:?refuse=y", "test:"}, {1, 1, 0}, {0, 0, 1, 0}},
      {{"test:?refuse=doubled", "test:?refuse=doubled", "test:"}, {1, 1, 0}, {2, 0, 1, 1}},
  };
  for (const Case& each : cases) {
    const Spread spread(each.uris, each.shares);
    REQUIRE(spread.outcome == RDU_OK);
    CHECK(spread.device_of_sections() == each.devices);
    CHECK(check_chain(spread.program.get(), 2, 1) == "OK");
  }
}

TEST_CASE("shares are one for each device, and not all nothing") {
  CHECK(Spread({"test:", "test:"}, {1}).outcome == RDU_ERR_INVALID_ARGUMENT);
  CHECK(Spread({"test:"}, {1, 1}).outcome == RDU_ERR_INVALID_ARGUMENT);
  CHECK(Spread({"test:", "test:"}, {0, 0}).outcome == RDU_ERR_INVALID_ARGUMENT);
}

TEST_CASE("sections of one payload stay together") {
  rdu::artifact::Model model = chain_model({2});
  rdu::artifact::Cut cut{"chip", "test.payload", 0, {}};
  cut.sections = {{0, 1, {}, {}}, {1, 4, {}, std::vector<std::byte>(8)}};
  model.signatures[0].variants[0].cuts.push_back(cut);
  const ArtifactBytes bytes(model);
  const auto file = rdu::artifact::open_artifact(
      std::span(static_cast<const std::byte*>(bytes.data()), bytes.size()));
  REQUIRE(file);
  rdu::runtime::VariantSpec spec;
  spec.graph = &(*file)->graph(0, 0);
  spec.info = &(*file)->signatures()[0].variants[0];
  const auto homes = [&](const Numbers& shares, const Numbers& cuts) {
    return rdu::runtime::homes_of_sections(spec, shares, cuts);
  };
  CHECK(homes({1, 1}, {0, 0}) == Numbers{0, 0, 1, 1});
  CHECK(homes({1, 1}, {1, 0}) == Numbers{0, 1, 1, 1});
  CHECK(homes({1, 1}, {0, 1}) == Numbers{0, 1, 1, 1});
}

TEST_CASE("runs that are submitted together keep all devices busy") {
  // Two steps of 20 ms each: ten runs one after the other would take 400 ms, in a pipeline 220. A busy machine may need
  // more than one attempt to show it.
  const Spread spread(
      {"test:?async=1&delay_us=20000&concurrency=1", "test:?async=1&delay_us=20000&concurrency=1"},
      {1, 1});
  REQUIRE(spread.outcome == RDU_OK);
  double least_ms = ten_runs_ms(spread.program.get());
  for (int attempt = 1; attempt < 8 && least_ms >= 300; ++attempt) {
    least_ms = std::min(least_ms, ten_runs_ms(spread.program.get()));
  }
  CHECK(least_ms < 300);
}
