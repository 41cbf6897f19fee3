// What another plugin says through the table that it is lent: read here, and freed by the host exactly once.
#include "plugins/remote/client/lent_host.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

struct rdu_status {
  int unused;
};

using rdu::plugin::Status;
using rdu::remote::client::LentHost;

namespace {

// Counts what it lends.
struct Host {
  rdu_host_api api = {};
  std::atomic<int> statuses = 0, limits = 0;

  explicit Host(bool frees = true) {
    api.header = RDU_HEADER(rdu_host_api);
    api.self = this;
    api.make_status = [](const rdu_host_api* host, std::uint32_t, const char*) {
      ++of(host).statuses;
      return new rdu_status();
    };
    api.thread_limit = [](const rdu_host_api* host) {
      ++of(host).limits;
      return 7u;
    };
    if (!frees) return;
    api.free_status = [](const rdu_host_api* host, rdu_status* status) {
      --of(host).statuses;
      delete status;
    };
  }
  static Host& of(const rdu_host_api* host) { return *static_cast<Host*>(host->self); }
};

}  // namespace

TEST_CASE("a failure that was made with the lent table has its code and words") {
  Host host;
  LentHost lent(&host.api);
  rdu_status* status = lent.api()->make_status(lent.api(), RDU_ERR_OUT_OF_RANGE, "node 'n': 7");
  const Status said = lent.take(status);
  CHECK(said.code() == RDU_ERR_OUT_OF_RANGE);
  CHECK(said.message() == "node 'n': 7");
  CHECK(lent.take(nullptr).ok());
  CHECK(host.statuses == 0);
}

TEST_CASE("a failure that the plugin itself frees is forgotten") {
  Host host;
  LentHost lent(&host.api);
  rdu_status* status = lent.api()->make_status(lent.api(), RDU_ERR_DEVICE, "lost");
  lent.api()->free_status(lent.api(), status);
  CHECK(host.statuses == 0);
}

TEST_CASE("a status of the host's own, as of open_graph, is a failure without words") {
  Host host;
  LentHost lent(&host.api);
  const Status said = lent.take(host.api.make_status(&host.api, RDU_ERR_BAD_ARTIFACT, "bad"));
  CHECK(said.code() == RDU_ERR_DEVICE);
  CHECK(host.statuses == 0);
}

TEST_CASE(
    "the other calls reach the host with its own table, and a host that frees nothing is asked "
    "nothing") {
  Host host(false);
  LentHost lent(&host.api);
  CHECK(lent.api()->thread_limit(lent.api()) == 7);
  CHECK(host.limits == 1);
  CHECK(lent.api()->free_status == nullptr);
  rdu_status* status = lent.api()->make_status(lent.api(), RDU_ERR_DEVICE, "words");
  CHECK(lent.take(status).message() == "words");
  CHECK(host.statuses == 1);
  delete status;
}

TEST_CASE("threads that fail at once have their own words") {
  Host host;
  LentHost lent(&host.api);
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, words = std::to_string(t)] {
      for (int i = 0; i < 500; ++i) {
        rdu_status* status = lent.api()->make_status(lent.api(), RDU_ERR_DEVICE, words.c_str());
        if (lent.take(status).message() == words) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right == 2000);
  CHECK(host.statuses == 0);
}
