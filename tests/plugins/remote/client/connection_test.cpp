// A connection against a peer that is right, wrong, slow, silent or gone: each request ends once, with the reason.
#include "plugins/remote/client/connection.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/plugins/remote/client/fake_peer.hpp"

using namespace rdu::remote;
using namespace std::chrono_literals;
using rdu::plugin::Status;
using rdu::remote::client::Call;
using rdu::remote::client::Clock;
using rdu::remote::client::Connection;
using rdu::remote::client::Reply;
using rdu::testing::FakePeer;

namespace {

std::shared_ptr<Connection> open(const FakePeer& peer, std::chrono::milliseconds liveness = 10s) {
  Connection::Config config = peer.config();
  config.liveness = liveness;
  auto connection = Connection::open(config, Clock::now() + 5s);
  INFO(connection.status().message());
  REQUIRE(connection.ok());
  return *connection;
}

// Counts how often it ends, and keeps how.
struct Probe : Call {
  void ended(const Status& lost, Reply* reply) override {
    status = reply == nullptr ? lost : client::status_of(*reply, MessageType::kDone);
    ++times;
  }
  std::atomic<int> times = 0;
  Status status;
};

std::shared_ptr<Probe> ask(Connection& connection, std::size_t bytes = 0) {
  auto probe = std::make_shared<Probe>();
  std::vector<Frame> frames(2);
  if (bytes > 0) frames.push_back(Frame::sized(bytes));
  Encoder encoder;
  connection.start(probe, MessageType::kUnload, encoder.encode(Unload{1}), std::move(frames));
  return probe;
}

bool wait(Connection& connection, const Probe& probe, std::chrono::milliseconds most = 5s) {
  return connection.drive([&] { return probe.times > 0; }, Clock::now() + most);
}

bool becomes(const std::function<bool()>& condition) {
  for (int i = 0; i < 500 && !condition(); ++i) std::this_thread::sleep_for(10ms);
  return condition();
}

void done(FakePeer& peer, const FakePeer::Question& question) {
  peer.say(MessageType::kDone, question.prefix.request, {});
}

}  // namespace

TEST_CASE("a request has its reply") {
  FakePeer peer;
  peer.on(MessageType::kUnload, done);
  peer.start();
  const auto connection = open(peer);
  CHECK(connection->welcome().boot_epoch == 7);
  const auto probe = ask(*connection);
  REQUIRE(wait(*connection, *probe));
  CHECK(probe->status.ok());
  CHECK(probe->times == 1);
}

TEST_CASE("an error of the peer is a status with its code and words") {
  FakePeer peer;
  peer.on(MessageType::kUnload, [](FakePeer& self, const FakePeer::Question& question) {
    self.say(MessageType::kError, question.prefix.request,
             self.encoder().encode(Error{RDU_ERR_NOT_FOUND, "no program 1", 0}));
  });
  peer.start();
  const auto connection = open(peer);
  const auto probe = ask(*connection);
  REQUIRE(wait(*connection, *probe));
  CHECK(probe->status.code() == RDU_ERR_NOT_FOUND);
  CHECK(probe->status.message() == "no program 1");
}

// An address that is ours, and behind which nobody ever speaks.
struct Mute {
  explicit Mute(bool takes_connections) : socket(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0);
    if (takes_connections) REQUIRE(listen(socket, 4) == 0);
    REQUIRE(getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    config.context = *Context::create();
    config.peer = {"tcp://127.0.0.1:" + std::to_string(ntohs(address.sin_port)), "cpu:", {}};
  }
  ~Mute() { close(socket); }
  int socket;
  Connection::Config config;
};

TEST_CASE("nobody at the address is a status at once") {
  const Mute mute(false);
  const auto begin = Clock::now();
  const auto connection = Connection::open(mute.config, begin + 5s);
  CHECK(connection.status().code() == RDU_ERR_WORKER_LOST);
  CHECK(Clock::now() - begin < 3s);
}

TEST_CASE("an address that takes connections and says nothing costs no more than the time given") {
  const Mute mute(true);
  const auto begin = Clock::now();
  const auto connection = Connection::open(mute.config, begin + 300ms);
  CHECK(connection.status().code() == RDU_ERR_WORKER_LOST);
  CHECK(Clock::now() - begin < 3s);
}

TEST_CASE("a peer that goes ends what is under way") {
  FakePeer peer;
  peer.start();
  const auto connection = open(peer);
  const auto probe = ask(*connection);
  REQUIRE(becomes([&] { return peer.num_heard(MessageType::kUnload) == 1; }));
  peer.stop();
  REQUIRE(wait(*connection, *probe));
  CHECK(probe->status.code() == RDU_ERR_WORKER_LOST);
  CHECK(connection->is_lost());
  const auto late = ask(*connection);
  CHECK(late->times == 1);
  CHECK(late->status.code() == RDU_ERR_WORKER_LOST);
}

TEST_CASE("silence ends a connection with work under way, and pings go out before") {
  FakePeer peer;
  peer.start();
  const auto connection = open(peer, 400ms);
  const auto probe = ask(*connection);
  const auto begin = Clock::now();
  while (!connection->is_lost() && Clock::now() - begin < 5s) connection->lead_background(20ms);
  CHECK(connection->is_lost());
  CHECK(probe->times == 1);
  CHECK(probe->status.code() == RDU_ERR_WORKER_LOST);
  CHECK(peer.num_heard(MessageType::kPing) >= 1);
}

TEST_CASE("a peer that answers pings may take its time") {
  FakePeer peer;
  peer.on(MessageType::kPing, [](FakePeer& self, const FakePeer::Question& question) {
    self.say(MessageType::kPong, question.prefix.request, {});
  });
  peer.start();
  const auto connection = open(peer, 200ms);
  const auto probe = ask(*connection);
  const auto begin = Clock::now();
  while (!connection->is_lost() && Clock::now() - begin < 800ms) connection->lead_background(20ms);
  CHECK_FALSE(connection->is_lost());
  CHECK(probe->times == 0);
}

TEST_CASE("answers of another epoch are not believed, and the third ends the connection") {
  FakePeer peer;
  peer.on(MessageType::kUnload, [](FakePeer& self, const FakePeer::Question& question) {
    self.say(MessageType::kDone, question.prefix.request, {}, {}, 6);
  });
  peer.start();
  const auto connection = open(peer);
  const auto first = ask(*connection), second = ask(*connection), third = ask(*connection);
  REQUIRE(wait(*connection, *third));
  CHECK(connection->is_lost());
  for (const auto& probe : {first, second, third}) {
    REQUIRE(wait(*connection, *probe));
    CHECK(probe->status.code() == RDU_ERR_WORKER_LOST);
    CHECK(probe->times == 1);
  }
}

TEST_CASE("nonsense is dropped, and the third time ends the connection") {
  FakePeer peer;
  peer.on(MessageType::kUnload, [](FakePeer& self, const FakePeer::Question&) {
    std::vector<Frame> frames;
    frames.push_back(Frame::sized(64));
    frames.push_back(Frame::sized(1000));
    self.say_frames(std::move(frames));
  });
  peer.start();
  const auto connection = open(peer);
  const auto first = ask(*connection);
  CHECK_FALSE(wait(*connection, *first, 100ms));
  CHECK_FALSE(connection->is_lost());
  const auto second = ask(*connection), third = ask(*connection);
  REQUIRE(wait(*connection, *first));
  CHECK(connection->is_lost());
  CHECK(third->status.code() == RDU_ERR_WORKER_LOST);
}

TEST_CASE("a reply of the wrong kind fails its request alone") {
  FakePeer peer;
  peer.on(MessageType::kUnload, [](FakePeer& self, const FakePeer::Question& question) {
    self.say(MessageType::kStateCreated, question.prefix.request,
             self.encoder().encode(StateCreated{1}));
  });
  peer.start();
  const auto connection = open(peer);
  const auto probe = ask(*connection);
  REQUIRE(wait(*connection, *probe));
  CHECK(probe->status.code() == RDU_ERR_PLUGIN);
  CHECK_FALSE(connection->is_lost());
}

TEST_CASE("requests wait for credit, and go out in order when replies give it back") {
  Welcome welcome = FakePeer::default_welcome();
  welcome.credit_bytes = 256u << 10;
  std::vector<std::uint64_t> kept;  // the peer's thread has it
  FakePeer peer(welcome);
  peer.on(MessageType::kUnload, [&](FakePeer&, const FakePeer::Question& question) {
    kept.push_back(question.prefix.request);
  });
  peer.on(MessageType::kPing, [&](FakePeer& self, const FakePeer::Question&) {
    for (const std::uint64_t request : std::exchange(kept, {}))
      self.say(MessageType::kDone, request, {});
  });
  peer.start();
  const auto connection = open(peer, 400ms);
  std::vector<std::shared_ptr<Probe>> probes;
  for (int i = 0; i < 4; ++i) probes.push_back(ask(*connection, 100'000));
  REQUIRE(becomes([&] { return peer.num_heard(MessageType::kUnload) == 2; }));
  std::this_thread::sleep_for(50ms);
  CHECK(peer.num_heard(MessageType::kUnload) == 2);
  // Pings, which the fake takes as the sign to answer, go out once the peer has been silent for a while.
  const auto begin = Clock::now();
  while (probes.back()->times == 0 && Clock::now() - begin < 5s) connection->lead_background(20ms);
  for (const auto& probe : probes) {
    CHECK(probe->times == 1);
    CHECK(probe->status.ok());
  }
}

TEST_CASE("cancel names the request, and a request that waits for credit ends here") {
  Welcome welcome = FakePeer::default_welcome();
  welcome.credit_bytes = 256u << 10;
  std::uint64_t asked = 0;
  FakePeer peer(welcome);
  peer.on(MessageType::kUnload,
          [&](FakePeer&, const FakePeer::Question& question) { asked = question.prefix.request; });
  peer.on(MessageType::kCancel, [&](FakePeer& self, const FakePeer::Question& question) {
    Cancel cancel;
    const bool right = decode(question.header, cancel).ok() && cancel.request == asked;
    self.say(MessageType::kError, asked,
             self.encoder().encode(Error{right ? RDU_ERR_CANCELLED : RDU_ERR_INTERNAL, "", 0}));
  });
  peer.start();
  const auto connection = open(peer);
  const auto under_way = ask(*connection, 200'000);
  const auto waiting = ask(*connection, 200'000);
  REQUIRE(becomes([&] { return peer.num_heard(MessageType::kUnload) == 1; }));
  connection->cancel(*waiting);
  CHECK(waiting->times == 1);
  CHECK(waiting->status.code() == RDU_ERR_CANCELLED);
  connection->cancel(*under_way);
  connection->cancel(*under_way);
  REQUIRE(wait(*connection, *under_way));
  CHECK(under_way->status.code() == RDU_ERR_CANCELLED);
  CHECK(under_way->times == 1);
}

TEST_CASE(
    "an abandoned request ends at once, and keeps its credit until the peer is done with it") {
  Welcome welcome = FakePeer::default_welcome();
  welcome.credit_bytes = 256u << 10;
  std::vector<std::uint64_t> asked;
  FakePeer peer(welcome);
  peer.on(MessageType::kUnload, [&](FakePeer& self, const FakePeer::Question& question) {
    asked.push_back(question.prefix.request);
    if (asked.size() > 1) done(self, question);
  });
  // The sign to be done with the first.
  peer.on(MessageType::kPing, [&](FakePeer& self, const FakePeer::Question&) {
    self.say(MessageType::kError, asked.front(),
             self.encoder().encode(Error{RDU_ERR_CANCELLED, "", 0}));
  });
  peer.start();
  const auto connection = open(peer, 400ms);
  const auto first = ask(*connection, 200'000);
  REQUIRE(becomes([&] { return peer.num_heard(MessageType::kUnload) == 1; }));
  CHECK(connection->abandon(*first, Status(RDU_ERR_CANCELLED, "nobody waits")));
  CHECK_FALSE(connection->abandon(*first, Status(RDU_ERR_CANCELLED, "nobody waits")));
  CHECK(first->times == 1);
  CHECK(first->status.code() == RDU_ERR_CANCELLED);
  REQUIRE(becomes([&] { return peer.num_heard(MessageType::kCancel) == 1; }));
  const auto second = ask(*connection, 200'000);
  std::this_thread::sleep_for(50ms);
  CHECK(peer.num_heard(MessageType::kUnload) == 1);
  const auto begin = Clock::now();
  while (second->times == 0 && Clock::now() - begin < 5s) connection->lead_background(20ms);
  CHECK(second->status.ok());
  CHECK(first->times == 1);
}

TEST_CASE("a request is given up when its time is over, and its late reply is dropped") {
  FakePeer peer;
  peer.on(MessageType::kUnload, [](FakePeer& self, const FakePeer::Question& question) {
    std::this_thread::sleep_for(200ms);
    done(self, question);
  });
  peer.start();
  const auto connection = open(peer);
  Encoder encoder;
  const auto reply =
      connection->request(MessageType::kUnload, encoder.encode(Unload{1}), {}, Clock::now() + 50ms);
  CHECK(reply.status().code() == RDU_ERR_DEADLINE_EXCEEDED);
  const auto next =
      connection->request(MessageType::kUnload, encoder.encode(Unload{1}), {}, Clock::now() + 5s);
  CHECK(next.ok());
  CHECK_FALSE(connection->is_lost());
}

TEST_CASE("a peer that drains says so") {
  FakePeer peer;
  peer.on(MessageType::kUnload, [](FakePeer& self, const FakePeer::Question& question) {
    self.say(MessageType::kGoAway, 0, self.encoder().encode(GoAway{1000}));
    done(self, question);
  });
  peer.start();
  const auto connection = open(peer);
  const auto probe = ask(*connection);
  REQUIRE(wait(*connection, *probe));
  CHECK(probe->status.ok());
  CHECK(connection->is_draining());
}

TEST_CASE("many threads wait on one connection, and each has its own reply") {
  FakePeer peer;
  peer.on(MessageType::kUnload, done);
  peer.start();
  const auto connection = open(peer);
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const auto probe = ask(*connection, 100);
        if (wait(*connection, *probe) && probe->status.ok() && probe->times == 1) ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 1600);
}

TEST_CASE("calls that nobody waits for are looked after in the background") {
  FakePeer peer;
  peer.on(MessageType::kUnload, done);
  peer.start();
  const auto connection = open(peer);
  std::atomic<bool> stop = false;
  std::thread background([&] {
    while (!stop) connection->lead_background(1s);
  });
  for (int i = 0; i < 100; ++i) {
    const auto probe = ask(*connection);
    probe->set_background();
    connection->leave_to_background(*probe);
    for (int k = 0; k < 5000 && probe->times == 0; ++k) std::this_thread::sleep_for(100us);
    REQUIRE(probe->times == 1);
  }
  stop = true;
  connection->wake();
  background.join();
}

TEST_CASE("who is no longer wanted does not wait for a peer that never greets") {
  FakePeer peer;
  peer.on(MessageType::kHello, [](FakePeer&, const FakePeer::Question&) {});
  peer.start();
  Connection::Config config = peer.config();
  const auto give_up = std::make_shared<std::atomic<bool>>(false);
  config.give_up = give_up;
  std::thread stop([&] {
    std::this_thread::sleep_for(100ms);
    *give_up = true;
  });
  const auto begin = Clock::now();
  CHECK_FALSE(Connection::open(config, begin + 30s).ok());
  CHECK(Clock::now() - begin < 5s);
  stop.join();
}
