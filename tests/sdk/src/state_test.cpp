// States: one run at a time, all or nothing, saved and loaded.
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <thread>

#include "tests/sdk/src/support/harness.hpp"

using namespace rdu::test;

namespace {

State make_state(const Fixture& model) {
  rdu_state* state = nullptr;
  RDU_OK_(rdu_state_create(model.program.get(), "step", 0, &state));
  return State(state);
}

std::vector<float> total(const State& state) {
  std::vector<float> values(4);
  RDU_OK_(rdu_state_read(state.get(), "total", 16, values.data()));
  return values;
}

// One step with x = {1, 1, 1, 1}; y and sum go to `results` where it is given.
rdu_status* step(const Fixture& model, const State& state, std::vector<Floats>* results = nullptr) {
  Floats x(4, 1, 0);
  const std::vector<rdu_tensor> inputs = {x.tensor({4})};
  std::vector<rdu_tensor> outputs;
  if (results) outputs = {(*results)[0].tensor({4}), (*results)[1].tensor({4})};
  rdu_run_args call = args(inputs, outputs);
  call.state = state.get();
  return rdu_run(model.program.get(), &call);
}

// A path of its own for each test, removed at the end.
class TemporaryPath {
 public:
  TemporaryPath() : path_("state_test." + std::to_string(::getpid())) {}
  ~TemporaryPath() { std::remove(path_.c_str()); }
  const char* get() const { return path_.c_str(); }

 private:
  std::string path_;
};

}  // namespace

TEST_CASE("a run reads the state as it was and leaves it as it is then") {
  const auto uri = GENERATE("test:", "test:?memory=device", "test:?memory=device&async=1");
  Fixture model(running_sum_model(), {uri});
  const State state = make_state(model);
  CHECK(total(state) == std::vector<float>{10, 20, 30, 40});
  std::vector<Floats> results;
  results.emplace_back(4);
  results.emplace_back(4);
  RDU_OK_(step(model, state, &results));
  CHECK(results[0].values() == std::vector<float>{12, 22, 32, 42});
  CHECK(results[1].values() == std::vector<float>{11, 21, 31, 41});
  RDU_OK_(step(model, state));
  RDU_OK_(step(model, state));
  CHECK(total(state) == std::vector<float>{13, 23, 33, 43});
  RDU_OK_(rdu_state_reset(state.get()));
  CHECK(total(state) == std::vector<float>{10, 20, 30, 40});
}

TEST_CASE("a run that fails leaves the state as it was") {
  Fixture model(running_sum_model(), {"test:?fail_at=2"});
  const State state = make_state(model);
  RDU_OK_(step(model, state));
  RDU_FAILS(RDU_ERR_DEVICE, step(model, state));
  CHECK(total(state) == std::vector<float>{11, 21, 31, 41});
  RDU_OK_(step(model, state));
  CHECK(total(state) == std::vector<float>{12, 22, 32, 42});
}

TEST_CASE("a state serves one run at a time") {
  Fixture model(running_sum_model(), {"test:?async=1&delay_us=100000"});
  const State state = make_state(model);
  const State other = make_state(model);
  Floats x(4, 1, 0);
  const std::vector<rdu_tensor> inputs = {x.tensor({4})};
  std::vector<rdu_tensor> outputs;
  rdu_run_args call = args(inputs, outputs);
  call.state = state.get();
  rdu_event* submitted = nullptr;
  RDU_OK_(rdu_submit(model.program.get(), &call, &submitted));
  const Event event(submitted);
  RDU_FAILS(RDU_ERR_BUSY, step(model, state));
  float value[4];
  RDU_FAILS(RDU_ERR_BUSY, rdu_state_read(state.get(), "total", 16, value));
  RDU_FAILS(RDU_ERR_BUSY, rdu_state_reset(state.get()));
  RDU_OK_(step(model, other));
  rdu_event_state ended = RDU_EVENT_PENDING;
  RDU_OK_(rdu_event_wait(submitted, RDU_FOREVER, &ended));
  CHECK(ended == RDU_EVENT_DONE);
  CHECK(total(state) == std::vector<float>{11, 21, 31, 41});
}

TEST_CASE("states are needed where there are variables, and only there") {
  Fixture model(running_sum_model());
  Fixture other(running_sum_model());
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, step(model, State()));
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, step(model, make_state(other)));
  rdu_state* state = nullptr;
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_state_create(model.program.get(), nullptr, 1, &state));
  RDU_FAILS(RDU_ERR_NOT_FOUND, rdu_state_create(model.program.get(), "infer", 0, &state));
  const State mine = make_state(model);
  float value[5] = {};
  RDU_FAILS(RDU_ERR_SHAPE_MISMATCH, rdu_state_read(mine.get(), "total", 20, value));
  RDU_FAILS(RDU_ERR_NOT_FOUND, rdu_state_write(mine.get(), "sum", 16, value));
  REQUIRE(rdu_state_num_variables(mine.get()) == 1);
  rdu_value_info info{};
  info.header = RDU_HEADER(rdu_value_info);
  RDU_OK_(rdu_state_get_variable(mine.get(), 0, &info));
  CHECK(std::string(info.name) == "total");
  CHECK(info.size_bytes == 16);
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_state_get_variable(mine.get(), 1, &info));
}

TEST_CASE("a clone goes its own way") {
  Fixture model(running_sum_model());
  const State state = make_state(model);
  const float start[4] = {1, 2, 3, 4};
  RDU_OK_(rdu_state_write(state.get(), "total", 16, start));
  rdu_state* copied = nullptr;
  RDU_OK_(rdu_state_clone(state.get(), &copied));
  const State clone(copied);
  RDU_OK_(step(model, state));
  CHECK(total(state) == std::vector<float>{2, 3, 4, 5});
  CHECK(total(clone) == std::vector<float>{1, 2, 3, 4});
}

TEST_CASE("a saved state comes back, and a damaged file changes nothing") {
  Fixture model(running_sum_model());
  const State state = make_state(model);
  RDU_OK_(step(model, state));
  const TemporaryPath path;
  RDU_OK_(rdu_state_save(state.get(), path.get()));
  RDU_OK_(step(model, state));
  RDU_OK_(rdu_state_load(state.get(), path.get()));
  CHECK(total(state) == std::vector<float>{11, 21, 31, 41});
  RDU_OK_(step(model, state));

  std::ifstream in(path.get(), std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(in)), {});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    std::ofstream(path.get(), std::ios::binary) << whole.substr(0, length);
    RDU_FAILS(RDU_ERR_BAD_ARTIFACT, rdu_state_load(state.get(), path.get()));
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    std::ofstream(path.get(), std::ios::binary) << damaged;
    RDU_FAILS(RDU_ERR_BAD_ARTIFACT, rdu_state_load(state.get(), path.get()));
  }
  CHECK(total(state) == std::vector<float>{12, 22, 32, 42});
  RDU_FAILS(RDU_ERR_IO, rdu_state_save(state.get(), "/nowhere/state"));
}
