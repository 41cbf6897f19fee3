// What comes is seen, awake or asleep, and a thread that waits in vain sleeps.
#include "plugins/remote/client/alert_poll.hpp"

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <thread>

#include "plugins/remote/client/wake.hpp"

namespace rdu::remote::client {

namespace {

using namespace std::chrono_literals;

std::chrono::microseconds processor_time_of_this_thread() {
  rusage usage = {};
  getrusage(RUSAGE_THREAD, &usage);
  return std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

}  // namespace

TEST_CASE("a wait in vain halves how often waits begin awake") {
  Alertness alertness;
  const auto looks_of = [&](int waits, bool it_came) {
    int looks = 0;
    for (int i = 0; i < waits; ++i) {
      if (!alertness.wants_to_look()) continue;
      ++looks;
      alertness.looked(it_came);
    }
    return looks;
  };
  CHECK(looks_of(1000, true) == 1000);
  // The 1st, and then one behind 1, 3, 7, … 63 others.
  CHECK(looks_of(127, false) == 7);
  CHECK(looks_of(64'000, false) == 1000);
  CHECK(looks_of(1000, true) == 1000 - 63);
}

TEST_CASE("what is there, what comes soon and what comes late is seen") {
  const WakeFd wake;
  AlertPoll poll(200us);
  for (const auto delay : {0us, 50us, 5000us}) {
    std::thread other([&] {
      std::this_thread::sleep_for(delay);
      wake.set();
    });
    pollfd polled[] = {{wake.get(), POLLIN, 0}};
    CHECK(poll.wait(polled, 10'000) == 1);
    CHECK(polled[0].revents == POLLIN);
    other.join();
    wake.clear();
  }
}

TEST_CASE("nothing comes, and the time passes asleep") {
  const WakeFd wake;
  AlertPoll poll(10ms);
  pollfd polled[] = {{wake.get(), POLLIN, 0}};
  const auto before = processor_time_of_this_thread();
  for (int i = 0; i < 60; ++i) CHECK(poll.wait(polled, 1) == 0);
  // Looking each time would take 600 ms; 6 looks take 60 at most.
  CHECK(processor_time_of_this_thread() - before < 200ms);
  CHECK(poll.wait(polled, 0) == 0);
}

}  // namespace rdu::remote::client
