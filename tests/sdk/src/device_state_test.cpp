// Variables that live on a device: the same answers and the same promises as on the host.
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <functional>
#include <thread>

#include "tests/sdk/src/support/harness.hpp"
#include "tests/support/cached_attention.hpp"

using namespace rdu::test;

namespace {

constexpr std::int64_t kRoom = 6;

State make_state(rdu_program* program, const char* signature = nullptr, std::uint32_t variant = 0) {
  rdu_state* state = nullptr;
  RDU_OK_(rdu_state_create(program, signature, variant, &state));
  return State(state);
}

std::vector<std::byte> content(const State& state, const char* variable, std::uint64_t bytes) {
  std::vector<std::byte> all(bytes);
  RDU_OK_(rdu_state_read(state.get(), variable, bytes, all.data()));
  return all;
}

std::vector<float> total(const State& state) {
  std::vector<float> values(4);
  RDU_OK_(rdu_state_read(state.get(), "total", 16, values.data()));
  return values;
}

// One step of running_sum_model with x = {1, 1, 1, 1}.
struct SumCall {
  Floats x{4, 1, 0}, y{4}, sum{4};
  std::vector<rdu_tensor> inputs{x.tensor({4})}, outputs{y.tensor({4}), sum.tensor({4})};
  rdu_run_args call = args(inputs, outputs);

  explicit SumCall(const State& state) { call.state = state.get(); }
};

// How a step ends that is cancelled 5 ms after it was submitted, and after `meanwhile`.
rdu_event_state cancelled_at_work(const Fixture& model, const SumCall& step,
                                  const std::function<void()>& meanwhile) {
  rdu_event* submitted = nullptr;
  RDU_OK_(rdu_submit(model.program.get(), &step.call, &submitted));
  const Event event(submitted);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  meanwhile();
  rdu_event_cancel(submitted);
  rdu_event_state ended = RDU_EVENT_PENDING;
  RDU_OK_(rdu_event_wait(submitted, RDU_FOREVER, &ended));
  return ended;
}

// Attention over a cache: a step appends so many positions.
std::vector<float> attend(rdu_program* program, const State& state, std::int64_t positions,
                          float seed, rdu_code expected = RDU_OK) {
  const auto count =
      static_cast<std::size_t>(rdu::testing::kHeads * positions * rdu::testing::kHeadWidth);
  std::vector<Floats> rows;
  for (float start : {seed, seed + 1, seed + 2}) {
    Floats& row = rows.emplace_back(count);
    for (std::size_t i = 0; i < count; ++i) {
      row.data()[i] = std::sin(start + 1.7f * static_cast<float>(i));
    }
  }
  Floats y(count);
  const std::vector<std::int64_t> shape{rdu::testing::kHeads, positions, rdu::testing::kHeadWidth};
  std::vector<rdu_tensor> inputs, outputs{y.tensor(shape)};
  for (Floats& row : rows) inputs.push_back(row.tensor(shape));
  rdu_run_args call = args(inputs, outputs);
  call.state = state.get();
  RDU_FAILS(expected, rdu_run(program, &call));
  return y.values();
}

constexpr std::uint64_t kCacheBytes =
    rdu::testing::kHeads * kRoom * rdu::testing::kHeadWidth * sizeof(float);

std::int64_t past(const State& state) {
  std::int64_t length = -1;
  RDU_OK_(rdu_state_read(state.get(), "past", sizeof(length), &length));
  return length;
}

class TemporaryPath {
 public:
  TemporaryPath() : path_("device_state_test." + std::to_string(::getpid())) {}
  ~TemporaryPath() { std::remove(path_.c_str()); }
  const char* get() const { return path_.c_str(); }

 private:
  std::string path_;
};

}  // namespace

TEST_CASE("a device that can keeps the variables, and the host has no memory for them") {
  const auto uri = GENERATE("test:?state=1", "test:?state=1&async=1", "keeper:");
  {
    Fixture model(running_sum_model(), {uri});
    rdu_memory_info memory{};
    memory.header = RDU_HEADER(rdu_memory_info);
    RDU_OK_(rdu_program_get_memory(model.program.get(), &memory));
    CHECK(memory.state_bytes == 0);
    const State state = make_state(model.program.get(), "step");
    CHECK(total(state) == std::vector<float>{10, 20, 30, 40});
    SumCall step(state);
    RDU_OK_(rdu_run(model.program.get(), &step.call));
    CHECK(step.y.values() == std::vector<float>{12, 22, 32, 42});
    CHECK(step.sum.values() == std::vector<float>{11, 21, 31, 41});
    RDU_OK_(rdu_run(model.program.get(), &step.call));
    CHECK(total(state) == std::vector<float>{12, 22, 32, 42});
    const float start[4] = {1, 2, 3, 4};
    RDU_OK_(rdu_state_write(state.get(), "total", 16, start));
    rdu_state* copied = nullptr;
    RDU_OK_(rdu_state_clone(state.get(), &copied));
    const State clone(copied);
    RDU_OK_(rdu_run(model.program.get(), &step.call));
    CHECK(total(state) == std::vector<float>{2, 3, 4, 5});
    CHECK(total(clone) == std::vector<float>{1, 2, 3, 4});
    RDU_OK_(rdu_state_reset(state.get()));
    CHECK(total(state) == std::vector<float>{10, 20, 30, 40});
  }
  CHECK(alive().states == 0);
}

TEST_CASE("a device that fails leaves the variables that it keeps") {
  const auto uri = GENERATE("test:?state=1&fail_at=2", "test:?state=1&async=1&fail_at=2");
  Fixture model(running_sum_model(), {uri});
  const State state = make_state(model.program.get(), "step");
  SumCall step(state);
  RDU_OK_(rdu_run(model.program.get(), &step.call));
  RDU_FAILS(RDU_ERR_DEVICE, rdu_run(model.program.get(), &step.call));
  CHECK(total(state) == std::vector<float>{11, 21, 31, 41});
  RDU_OK_(rdu_run(model.program.get(), &step.call));
  CHECK(total(state) == std::vector<float>{12, 22, 32, 42});
}

TEST_CASE("a run that is cancelled or late leaves the variables that the device keeps") {
  const auto uri = GENERATE("test:?state=1&async=1&hang=1", "test:?state=1&hang=1");
  Fixture model(running_sum_model(), {uri});
  const State state = make_state(model.program.get(), "step");
  SumCall step(state);
  const auto busy = [&] {
    float values[4];
    RDU_FAILS(RDU_ERR_BUSY, rdu_state_read(state.get(), "total", 16, values));
  };
  CHECK(cancelled_at_work(model, step, busy) == RDU_EVENT_CANCELLED);
  CHECK(total(state) == std::vector<float>{10, 20, 30, 40});
  step.call.timeout_us = 3000;
  RDU_FAILS(RDU_ERR_DEADLINE_EXCEEDED, rdu_run(model.program.get(), &step.call));
  CHECK(total(state) == std::vector<float>{10, 20, 30, 40});
}

TEST_CASE("a cancel that comes after the device's part does not undo half of a run") {
  // The device is done after 20 ms and hears nothing of the cancel: the run ends well, and the state says so.
  Fixture model(running_sum_model(), {"test:?state=1&async=1&delay_us=20000"});
  const State state = make_state(model.program.get(), "step");
  SumCall step(state);
  const rdu_event_state ended = cancelled_at_work(model, step, [] {});
  CHECK(total(state)[0] == (ended == RDU_EVENT_DONE ? 11 : 10));
}

TEST_CASE("what grows grows on a device too, and is refused where it is full") {
  const Fixture model(rdu::testing::cached_attention({1, 2}, kRoom), {"keeper:"});
  rdu_program* program = model.program.get();
  const State whole = make_state(program), steps = make_state(program, nullptr, 1);
  std::vector<float> pair = attend(program, whole, 2, 0);
  CHECK(past(whole) == 2);
  CHECK(attend(program, steps, 2, 0) == pair);
  for (float seed : {3.0f, 6.0f, 9.0f, 12.0f}) {
    CHECK(attend(program, whole, 1, seed) == attend(program, steps, 1, seed));
  }
  CHECK(past(whole) == kRoom);
  const auto keys = content(whole, "past_k", kCacheBytes);
  attend(program, whole, 1, 15, RDU_ERR_LIMIT_EXCEEDED);
  attend(program, whole, 2, 15, RDU_ERR_LIMIT_EXCEEDED);
  CHECK(past(whole) == kRoom);
  CHECK(content(whole, "past_k", kCacheBytes) == keys);
  const std::int64_t too_many = kRoom + 1;
  RDU_FAILS(RDU_ERR_OUT_OF_RANGE, rdu_state_write(whole.get(), "past", 8, &too_many));
  RDU_OK_(rdu_state_reset(whole.get()));
  CHECK(past(whole) == 0);
  CHECK(attend(program, whole, 2, 0) == pair);
}

TEST_CASE("a state goes through a file from a device to the host and back") {
  const auto attention = rdu::testing::cached_attention({1, 2}, kRoom);
  const Fixture device(attention, {"keeper:"}), host(attention, {"keeper:?host=1"});
  const State kept = make_state(device.program.get()), held = make_state(host.program.get());
  attend(device.program.get(), kept, 2, 0);
  const TemporaryPath path;
  RDU_OK_(rdu_state_save(kept.get(), path.get()));
  RDU_OK_(rdu_state_load(held.get(), path.get()));
  CHECK(past(held) == 2);
  const std::vector<float> next = attend(host.program.get(), held, 1, 5);
  CHECK(attend(device.program.get(), kept, 1, 5) == next);
  RDU_OK_(rdu_state_load(kept.get(), path.get()));
  CHECK(past(kept) == 2);
  CHECK(attend(device.program.get(), kept, 1, 5) == next);
  RDU_OK_(rdu_state_save(held.get(), path.get()));
  RDU_OK_(rdu_state_load(kept.get(), path.get()));
  CHECK(past(kept) == 3);
}

TEST_CASE("programs whose variables are the same share a state where they keep it in one place") {
  const auto uri = GENERATE("keeper:", "keeper:?host=1");
  const Fixture prompt(rdu::testing::cached_attention({2}, kRoom), {uri});
  const ArtifactBytes bytes(rdu::testing::cached_attention({1}, kRoom));
  const Artifact artifact = open_artifact(prompt.context, bytes);
  rdu_device* device = prompt.devices[0].get();
  rdu_program* loaded = nullptr;
  RDU_OK_(rdu_program_load(artifact.get(), &device, 1, nullptr, &loaded));
  const Program step(loaded);
  const State state = make_state(prompt.program.get());
  attend(prompt.program.get(), state, 2, 0);
  attend(step.get(), state, 1, 3);
  CHECK(past(state) == 3);

  const Fixture both(rdu::testing::cached_attention({1, 2}, kRoom), {uri});
  const State expected = make_state(both.program.get());
  attend(both.program.get(), expected, 2, 0);
  attend(both.program.get(), expected, 1, 3);
  CHECK(content(state, "past_v", kCacheBytes) == content(expected, "past_v", kCacheBytes));

  const Device other = open_device(prompt.context, "keeper:?host=1");
  device = other.get();
  RDU_OK_(rdu_program_load(artifact.get(), &device, 1, nullptr, &loaded));
  const Program elsewhere(loaded);
  const bool on_host = std::string(uri) != "keeper:";
  attend(elsewhere.get(), state, 1, 3, on_host ? RDU_OK : RDU_ERR_INVALID_ARGUMENT);
}

TEST_CASE(
    "the host keeps variables that more than one executable uses, or that one cannot finish") {
  const auto refused = GENERATE("next", "y");
  Fixture model(running_sum_model(), {std::string("test:?state=1&refuse=") + refused, "test:"});
  const State state = make_state(model.program.get(), "step");
  SumCall step(state);
  RDU_OK_(rdu_run(model.program.get(), &step.call));
  CHECK(step.y.values() == std::vector<float>{12, 22, 32, 42});
  CHECK(total(state) == std::vector<float>{11, 21, 31, 41});
  CHECK(alive().states == 0);
}

TEST_CASE("a device that says it keeps variables must have the functions") {
  const Context context = make_context();
  RDU_OK_(rdu_plugin_register(context.get(), "short", short_plugin));
  rdu_device* device = nullptr;
  RDU_FAILS(RDU_ERR_PLUGIN, rdu_device_open(context.get(), "short:?state=1", &device));
}
