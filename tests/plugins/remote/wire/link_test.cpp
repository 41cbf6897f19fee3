// Sockets on loopback: messages both ways, borrowed memory, closed doors, and what a monitor says.
#include "plugins/remote/wire/link.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstring>

#include "plugins/remote/wire/message.hpp"
#include "plugins/remote/wire/zap.hpp"

using namespace rdu::remote;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

struct Ends {
  std::shared_ptr<Context> context;
  Router router;
  Dealer dealer;
  std::string endpoint;
};

std::shared_ptr<Context> new_context() {
  auto context = Context::create();
  REQUIRE(context.ok());
  return *context;
}

Ends make_ends(const LinkOptions& options = {}, const std::optional<CurveServer>& server = {},
               const std::optional<CurveClient>& client = {}) {
  Ends ends{new_context(), {}, {}, {}};
  auto router = Router::create(ends.context, options, server);
  REQUIRE(router.ok());
  ends.router = std::move(*router);
  const auto endpoint = ends.router.bind("tcp://127.0.0.1:*");
  REQUIRE(endpoint.ok());
  ends.endpoint = *endpoint;
  auto dealer = Dealer::connect(ends.context, ends.endpoint, options, client);
  REQUIRE(dealer.ok());
  ends.dealer = std::move(*dealer);
  return ends;
}

bool wait_readable(const Socket& socket, std::chrono::milliseconds most = 5s) {
  PollItem item{&socket};
  return *poll({&item, 1}, most.count()) == 1;
}

std::vector<Frame> receive(Socket& socket) {
  std::vector<Frame> frames;
  REQUIRE(wait_readable(socket));
  REQUIRE(*socket.receive(frames));
  return frames;
}

std::optional<LinkEvent> wait_event(Dealer& dealer) {
  const auto end = Clock::now() + 5s;
  while (Clock::now() < end) {
    if (const auto event = dealer.next_event()) return event;
    wait_readable(dealer.monitor(), 50ms);
  }
  return std::nullopt;
}

void count_release(void*, void* owner) { ++*static_cast<std::atomic<int>*>(owner); }

std::vector<Frame> hello_frames() {
  std::vector<Frame> frames(2);
  seal_message(frames, 0, {.type = MessageType::kPing, .request = 7}, {});
  return frames;
}

}  // namespace

TEST_CASE("a message goes there and back whole") {
  Ends ends = make_ends();
  std::vector<std::byte> tensor(100'000);
  for (std::size_t i = 0; i < tensor.size(); ++i) tensor[i] = static_cast<std::byte>(i * 7);
  std::atomic<int> released = 0;

  std::vector<Frame> frames(2);
  const std::size_t borrowed = append_tensor(frames, tensor, 30'000, count_release, &released);
  CHECK(borrowed == 4);
  seal_message(frames, 0, {1, MessageType::kRun, 0, 0, 9, 2, 0, 0},
               tensor.size() > 0 ? std::span(tensor).first(24) : std::span(tensor));
  REQUIRE(ends.dealer.send(frames).ok());

  std::vector<Frame> got = receive(ends.router);
  AlignedHeader header;
  const auto incoming = open_message(std::span(got).subspan(1), header);
  REQUIRE(incoming.ok());
  CHECK(incoming->prefix.request == 9);
  CHECK(incoming->header.size() == 24);
  std::vector<std::byte> copy(tensor.size());
  TensorReader reader(incoming->payload);
  REQUIRE(reader.read(copy).ok());
  CHECK(reader.finish().ok());
  CHECK(copy == tensor);

  REQUIRE(ends.router.send(got).ok());
  CHECK(receive(ends.dealer).size() == 6);
  for (int i = 0; i < 500 && released != 4; ++i) wait_readable(ends.dealer, 10ms);
  CHECK(released == 4);
}

TEST_CASE("what was borrowed is given back when a connection never comes") {
  std::atomic<int> released = 0;
  {
    const auto context = new_context();
    auto dealer = Dealer::connect(context, "tcp://127.0.0.1:1", {}, {});
    REQUIRE(dealer.ok());
    const std::vector<std::byte> tensor(50'000);
    std::vector<Frame> frames(2);
    append_tensor(frames, tensor, 1u << 20, count_release, &released);
    seal_message(frames, 0, {.type = MessageType::kRun}, {});
    REQUIRE(dealer->send(frames).ok());
    CHECK(wait_event(*dealer) == LinkEvent::kUnreachable);
  }
  CHECK(released == 1);
}

TEST_CASE("a tensor takes exactly its frames") {
  std::vector<Frame> frames;
  frames.push_back(Frame::sized(10));
  frames.push_back(Frame::sized(4));
  std::vector<std::byte> ten(10), three(3), six(6);
  CHECK(TensorReader(frames).finish().code() == RDU_ERR_INVALID_ARGUMENT);
  TensorReader reader(frames);
  REQUIRE(reader.read(ten).ok());
  CHECK_FALSE(reader.read(three).ok());
  CHECK_FALSE(reader.read(six).ok());
}

TEST_CASE("a message that lacks frames or bytes does not open") {
  AlignedHeader header;
  std::vector<Frame> frames = hello_frames();
  REQUIRE(open_message(frames, header).ok());
  CHECK(request_of(frames) == 7);
  frames.emplace_back();
  CHECK_FALSE(open_message(frames, header).ok());
  CHECK(request_of(frames) == 7);
  CHECK_FALSE(open_message(std::span(frames).first(1), header).ok());
  CHECK(request_of({}) == 0);
  frames[0].writable()[0] = std::byte{0};
  CHECK(request_of(frames) == 0);
}

TEST_CASE("a router says that a connection is gone") {
  Ends ends = make_ends();
  std::vector<Frame> frames = hello_frames();
  frames.insert(frames.begin(), Frame::copy_of(std::as_bytes(std::span("nobody"))));
  CHECK(ends.router.send(frames).code() == RDU_ERR_NOT_FOUND);
}

TEST_CASE("a frame beyond the limit cuts the connection") {
  LinkOptions options;
  options.max_frame_bytes = 1000;
  Ends ends = make_ends(options);
  CHECK(wait_event(ends.dealer) == LinkEvent::kReady);
  std::vector<Frame> frames;
  frames.push_back(Frame::sized(2000));
  REQUIRE(ends.dealer.send(frames).ok());
  CHECK(wait_event(ends.dealer) == LinkEvent::kDisconnected);
  CHECK_FALSE(wait_readable(ends.router, 0ms));
}

TEST_CASE("a monitor sees a router go") {
  Ends ends = make_ends();
  CHECK(wait_event(ends.dealer) == LinkEvent::kReady);
  ends.router.close();
  CHECK(wait_event(ends.dealer) == LinkEvent::kDisconnected);
}

TEST_CASE("CURVE lets in whom the handler names, and says who sent a message") {
  const KeyPair server = generate_keys(), friendly = generate_keys(), stranger = generate_keys();
  const auto context = new_context();
  auto zap = ZapServer::bind(context);
  REQUIRE(zap.ok());
  auto router = Router::create(context, {}, CurveServer{server.secret_key, "rdu"});
  REQUIRE(router.ok());
  const auto endpoint = router->bind("tcp://127.0.0.1:*");
  REQUIRE(endpoint.ok());
  const auto decide = [&](const ZapRequest& request) -> std::optional<std::string> {
    CHECK(request.domain == "rdu");
    CHECK(request.mechanism == "CURVE");
    if (request.public_key == friendly.public_key) return "friend";
    return std::nullopt;
  };
  const auto attempt = [&](const CurveClient& curve) {
    auto dealer = Dealer::connect(context, *endpoint, {}, curve);
    REQUIRE(dealer.ok());
    std::vector<Frame> frames = hello_frames();
    REQUIRE(dealer->send(frames).ok());
    const auto end = Clock::now() + 5s;
    while (Clock::now() < end) {
      PollItem items[] = {{&*zap}, {&*router}, {&dealer->monitor()}};
      REQUIRE(poll(items, 100).ok());
      if (items[0].readable) REQUIRE(zap->serve(decide).ok());
      if (items[1].readable) return receive(*router).at(1).property("User-Id");
      if (dealer->next_event() == LinkEvent::kRefused) return std::string("refused");
    }
    return std::string("nothing");
  };
  CHECK(attempt({server.public_key, friendly}) == "friend");
  CHECK(attempt({server.public_key, stranger}) == "refused");
  CHECK(attempt({stranger.public_key, friendly}) != "friend");
}
