// Submitted runs: waiting, callbacks, cancelling, deadlines, and many at once.
#include <atomic>
#include <chrono>
#include <thread>

#include "tests/sdk/src/support/harness.hpp"

using namespace rdu::test;

namespace {

// A run of chain_model's batch of 2 with its tensors.
struct Submission {
  explicit Submission(float start = 0) : x(10, start), y(10) {
    inputs = {x.tensor({2, 5})};
    outputs = {y.tensor({2, 5})};
    call = args(inputs, outputs);
  }
  Event submit(const Fixture& model) {
    rdu_event* event = nullptr;
    RDU_OK_(rdu_submit(model.program.get(), &call, &event));
    return Event(event);
  }
  bool correct() const {
    for (std::size_t i = 0; i < y.size(); ++i) {
      if (y[i] != chain_y(x[i], chain_w(static_cast<std::int64_t>(i % 5)))) return false;
    }
    return true;
  }

  Floats x, y;
  std::vector<rdu_tensor> inputs, outputs;
  rdu_run_args call{};
};

rdu_event_state wait(const Event& event, std::uint64_t timeout_us = RDU_FOREVER) {
  rdu_event_state state = RDU_EVENT_PENDING;
  RDU_OK_(rdu_event_wait(event.get(), timeout_us, &state));
  return state;
}

struct Calls {
  std::atomic<int> count{0};
  std::atomic<rdu_event_state> state{RDU_EVENT_PENDING};
  static void on_complete(void* user, rdu_event*, rdu_event_state state) {
    auto* calls = static_cast<Calls*>(user);
    calls->state = state;
    ++calls->count;
  }
};

}  // namespace

TEST_CASE("a submitted run ends as done, with its results") {
  const auto uri = GENERATE("test:?delay_us=2000", "test:?async=1&delay_us=2000",
                            "test:?async=1&blind=1&delay_us=2000", "test:?memory=device&async=1");
  Fixture model(chain_model({2}), {uri});
  Submission run(3);
  const Event event = run.submit(model);
  CHECK(wait(event) == RDU_EVENT_DONE);
  CHECK(rdu_event_poll(event.get()) == RDU_EVENT_DONE);
  RDU_OK_(rdu_event_get_result(event.get()));
  RDU_OK_(rdu_event_get_result(event.get()));
  CHECK(run.correct());
}

TEST_CASE("waiting gives up in time and may be repeated") {
  Fixture model(chain_model({2}), {"test:?async=1&delay_us=100000"});
  Submission run;
  const Event event = run.submit(model);
  CHECK(wait(event, 0) == RDU_EVENT_PENDING);
  CHECK(wait(event, 1000) == RDU_EVENT_PENDING);
  RDU_FAILS(RDU_ERR_BUSY, rdu_event_get_result(event.get()));
  CHECK(wait(event, 60'000'000) == RDU_EVENT_DONE);
}

TEST_CASE("a callback comes exactly once, before or after the end") {
  Fixture model(chain_model({2}), {"test:?async=1&delay_us=20000"});
  Submission early, late;
  Calls first, second;
  const Event one = early.submit(model);
  RDU_OK_(rdu_event_on_complete(one.get(), Calls::on_complete, &first));
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT,
            rdu_event_on_complete(one.get(), Calls::on_complete, &second));
  const Event two = late.submit(model);
  CHECK(wait(two) == RDU_EVENT_DONE);
  RDU_OK_(rdu_event_on_complete(two.get(), Calls::on_complete, &second));
  CHECK(second.count == 1);
  CHECK(wait(one) == RDU_EVENT_DONE);
  while (first.count == 0) std::this_thread::yield();
  CHECK(first.state == RDU_EVENT_DONE);
  CHECK(first.count == 1);
}

TEST_CASE("a callback may destroy its event, even as the last user of everything") {
  std::atomic<bool> called{false};
  {
    Fixture model(chain_model({2}), {"test:?delay_us=20000"});
    Submission run;
    Event event = run.submit(model);
    const auto destroy = [](void* user, rdu_event* handle, rdu_event_state) {
      rdu_event_destroy(handle);
      *static_cast<std::atomic<bool>*>(user) = true;
    };
    RDU_OK_(rdu_event_on_complete(event.release(), destroy, &called));
    model.program.reset();
    model.artifact.reset();
    model.devices.clear();
    model.context.reset();
    while (!called) std::this_thread::yield();
  }
  while (alive().plugins > 0) std::this_thread::yield();
  CHECK(alive().executables == 0);
}

TEST_CASE("cancel reaches a device at work") {
  const auto uri = GENERATE("test:?async=1&hang=1", "test:?async=1&hang=1&memory=device",
                            "test:?hang=1", "test:?hang=1&memory=device");
  Fixture model(chain_model({2}), {uri});
  Submission run;
  const Event event = run.submit(model);
  CHECK(wait(event, 20'000) == RDU_EVENT_PENDING);
  rdu_event_cancel(event.get());
  rdu_event_cancel(event.get());
  CHECK(wait(event) == RDU_EVENT_CANCELLED);
  RDU_FAILS(RDU_ERR_CANCELLED, rdu_event_get_result(event.get()));
}

TEST_CASE("cancel stops between steps, and what is queued at once") {
  Fixture model(chain_model({2}), {"test:?refuse=z&delay_us=200000", "test:?delay_us=200000"});
  Submission runs[12];
  std::vector<Event> events;
  for (Submission& run : runs) events.push_back(run.submit(model));
  const auto start = std::chrono::steady_clock::now();
  rdu_event_cancel(events.back().get());
  CHECK(rdu_event_poll(events.back().get()) == RDU_EVENT_CANCELLED);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(100));
  for (const Event& event : events) rdu_event_cancel(event.get());
  for (const Event& event : events) CHECK(wait(event) == RDU_EVENT_CANCELLED);
}

TEST_CASE("a deadline ends a run, waiting or working") {
  const auto uri = GENERATE("test:?async=1&hang=1", "test:?async=1&hang=1&blind=1",
                            "test:?refuse=z&delay_us=60000");
  std::vector<std::string> uris = {uri};
  if (uris[0].find("refuse") != std::string::npos) uris.push_back("test:?delay_us=60000");
  Fixture model(chain_model({2}), uris);
  Submission run;
  run.call.timeout_us = 30'000;
  SECTION("submitted") {
    const Event event = run.submit(model);
    CHECK(wait(event) == RDU_EVENT_ERROR);
    RDU_FAILS(RDU_ERR_DEADLINE_EXCEEDED, rdu_event_get_result(event.get()));
  }
  SECTION("synchronous") {
    RDU_FAILS(RDU_ERR_DEADLINE_EXCEEDED, rdu_run(model.program.get(), &run.call));
  }
}

TEST_CASE("a run that never got its turn ends at its deadline") {
  Fixture model(chain_model({2}), {"test:?delay_us=300000"});
  Submission busy[4], late;
  std::vector<Event> events;
  for (Submission& run : busy) events.push_back(run.submit(model));
  late.call.timeout_us = 20'000;
  const Event event = late.submit(model);
  const auto start = std::chrono::steady_clock::now();
  CHECK(wait(event) == RDU_EVENT_ERROR);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(200));
  RDU_FAILS(RDU_ERR_DEADLINE_EXCEEDED, rdu_event_get_result(event.get()));
}

TEST_CASE("destroying a pending event waits for it") {
  Fixture model(chain_model({2}), {"test:?async=1&delay_us=50000"});
  Submission run(2);
  run.submit(model).reset();
  CHECK(run.correct());
}

TEST_CASE("a device that runs only so many at once is never asked for more") {
  const auto uri =
      GENERATE("test:?concurrency=2&delay_us=1000", "test:?concurrency=1&async=1&delay_us=1000");
  Fixture model(chain_model({2}), {uri});
  std::vector<Submission> runs(12);
  std::vector<Event> events;
  for (Submission& run : runs) events.push_back(run.submit(model));
  for (const Event& event : events) CHECK(wait(event) == RDU_EVENT_DONE);
  for (const Submission& run : runs) CHECK(run.correct());
}

TEST_CASE("a run that waits for its turn hears a cancel and its deadline") {
  Fixture model(chain_model({2}), {"test:?concurrency=1&async=1&hang=1"});
  std::vector<Submission> runs(4);
  runs[2].call.timeout_us = 5000;
  std::vector<Event> events;
  for (Submission& run : runs) {
    events.push_back(run.submit(model));
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  rdu_event_cancel(events[1].get());
  CHECK(wait(events[1]) == RDU_EVENT_CANCELLED);
  CHECK(wait(events[2]) == RDU_EVENT_ERROR);
  RDU_FAILS(RDU_ERR_DEADLINE_EXCEEDED, rdu_event_get_result(events[2].get()));
  CHECK(rdu_event_poll(events[0].get()) == RDU_EVENT_PENDING);
  CHECK(rdu_event_poll(events[3].get()) == RDU_EVENT_PENDING);
  // The turn goes to the one that is still there.
  rdu_event_cancel(events[0].get());
  CHECK(wait(events[0]) == RDU_EVENT_CANCELLED);
  rdu_event_cancel(events[3].get());
  CHECK(wait(events[3]) == RDU_EVENT_CANCELLED);
}

TEST_CASE("threads, submitted runs and cancels take turns on one device") {
  const auto uri = GENERATE("test:?concurrency=1", "test:?concurrency=2&async=1");
  Fixture model(chain_model({2}), {uri});
  std::atomic<int> wrong{0};
  const auto submit_pair = [&](int i) {
    Submission one(static_cast<float>(i)), two(static_cast<float>(-i));
    if (i % 3 == 1) one.call.timeout_us = 200;
    rdu_event *first = nullptr, *second = nullptr;
    rdu_event_state state = RDU_EVENT_PENDING;
    if (rdu_submit(model.program.get(), &one.call, &first)) ++wrong;
    if (rdu_submit(model.program.get(), &two.call, &second)) ++wrong;
    if (i % 3 == 0) rdu_event_cancel(first);
    rdu_event_wait(first, RDU_FOREVER, &state);
    const bool done = state == RDU_EVENT_DONE;
    if (done ? !one.correct() : i % 3 == 2) ++wrong;
    rdu_event_wait(second, RDU_FOREVER, &state);
    if (state != RDU_EVENT_DONE || !two.correct()) ++wrong;
    rdu_event_destroy(first);
    rdu_event_destroy(second);
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 60; ++i) {
        if (t >= 2) {
          submit_pair(i);
        } else if (check_chain(model.program.get(), 2, static_cast<float>(i)) != "OK") {
          ++wrong;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("eight threads make a thousand runs each on one program") {
  const auto uri = GENERATE("test:", "test:?memory=device");
  Fixture model(chain_model({1, 2}), {uri});
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 1000; ++i) {
        if (check_chain(model.program.get(), 1 + (i + t) % 2, static_cast<float>(i)) != "OK")
          ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  rdu_program_stats stats{};
  stats.header = RDU_HEADER(rdu_program_stats);
  RDU_OK_(rdu_program_get_stats(model.program.get(), &stats));
  CHECK(stats.num_runs == 8000);
  CHECK(stats.num_contexts <= 8);
}
