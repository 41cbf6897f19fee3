// Turns, deadlines and cancelled jobs in the queue; percentiles; addresses.
#include <catch2/catch.hpp>

#include "plugins/remote/node/endpoint.hpp"
#include "plugins/remote/node/fair_queue.hpp"
#include "plugins/remote/node/latency.hpp"

namespace rdu::remote::node {
namespace {

JobPtr job(const std::string& client, std::uint64_t bytes, std::uint64_t deadline = 0) {
  auto made = std::make_shared<Job>();
  made->client = client;
  made->bytes = bytes;
  made->deadline_ns = deadline;
  return made;
}

TEST_CASE("clients take turns, and each keeps its order") {
  FairQueue queue;
  for (const std::uint64_t n : {1, 2, 3, 4}) queue.push(job("a", n));
  queue.push(job("b", 10));
  queue.push(job("c", 20));
  queue.push(job("b", 11));
  CHECK(queue.size() == 7);
  CHECK(queue.bytes() == 51);
  std::vector<JobPtr> dropped;
  std::vector<std::uint64_t> order;
  while (const JobPtr next = queue.pop(0, dropped)) order.push_back(next->bytes);
  CHECK(order == std::vector<std::uint64_t>{1, 10, 20, 2, 11, 3, 4});
  CHECK(dropped.empty());
  CHECK(queue.size() == 0);
  CHECK(queue.bytes() == 0);
}

TEST_CASE("late and cancelled jobs never reach the worker") {
  FairQueue queue;
  const JobPtr late = job("a", 1, 100), cancelled = job("a", 2), good = job("a", 3, 1000);
  for (const JobPtr& each : {late, cancelled, good}) queue.push(each);
  cancelled->cancelled = true;
  std::vector<JobPtr> dropped;
  CHECK(queue.pop(100, dropped) == good);
  CHECK(dropped == std::vector<JobPtr>{late, cancelled});

  queue.push(job("b", 5, 50));
  queue.push(job("c", 6));
  dropped.clear();
  queue.sweep(60, dropped);
  REQUIRE(dropped.size() == 1);
  CHECK(dropped[0]->bytes == 5);
  CHECK(queue.take_all().size() == 1);
  CHECK(queue.bytes() == 0);
}

TEST_CASE("percentiles are right within an eighth") {
  Latency latency;
  CHECK(latency.percentile_ns(0.99) == 0);
  for (std::uint64_t i = 1; i <= 100'000; ++i) latency.add(i * 37);
  for (const double fraction : {0.01, 0.5, 0.9, 0.99, 1.0}) {
    const double exact = fraction * 100'000 * 37;
    const auto told = static_cast<double>(latency.percentile_ns(fraction));
    CHECK(told >= exact * 0.999);
    CHECK(told <= exact * 1.13 + 37);
  }
  Latency extreme;
  extreme.add(0);
  extreme.add(~0ull);
  CHECK(extreme.count() == 2);
}

TEST_CASE("only addresses of this host are local") {
  for (const char* local : {"tcp://127.0.0.1:7070", "tcp://127.9.9.9:1", "tcp://localhost:7070",
                            "tcp://[::1]:5", "ipc:///run/x"}) {
    CHECK(is_local(local));
  }
  for (const char* remote : {"tcp://0.0.0.0:7070", "tcp://*:7070", "tcp://10.0.0.1:7",
                             "tcp://[::]:7", "tcp://eth0:7", ""}) {
    CHECK_FALSE(is_local(remote));
  }
  CHECK(plain_endpoint("tcp://[::ffff:127.0.0.1]:80") == "tcp://127.0.0.1:80");
  CHECK(plain_endpoint("tcp://[::1]:80") == "tcp://[::1]:80");
  CHECK(percent_encode("a<b>&%c") == "a%3Cb%3E%26%25c");
}

}  // namespace
}  // namespace rdu::remote::node
