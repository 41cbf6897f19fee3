// The short way of one host: what goes in at one end comes out at the other, and a side that writes what it likes into the
// shared memory gets nothing but a refusal.
#include "plugins/remote/wire/road.hpp"

#include <poll.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "tests/plugins/remote/wire/damage.hpp"

namespace {

using namespace rdu::remote;
using Bytes = std::vector<std::byte>;

constexpr std::uint64_t kTensorBytes = 4096;

// Both ends in one process, each with a mapping of its own.
struct Pair {
  Pair() {
    auto made = SharedRegion::create(kTensorBytes + Road::size());
    REQUIRE(made.ok());
    region = std::make_shared<const SharedRegion>(std::move(*made));
    auto created = Road::create(region, answer);
    REQUIRE(created.ok());
    peer = std::move(*created);
    auto attached = Road::attach(mapped(), answer);
    REQUIRE(attached.ok());
    client = std::move(*attached);
  }
  std::shared_ptr<const SharedRegion> mapped() const {
    auto again = SharedRegion::attach(answer);
    REQUIRE(again.ok());
    return std::make_shared<const SharedRegion>(std::move(*again));
  }
  std::span<std::byte> rings() const { return region->bytes().subspan(answer.rings_at); }

  std::shared_ptr<const SharedRegion> region;
  SharedMemory answer;
  std::unique_ptr<Road> peer, client;
};

bool send(Road& road, std::uint64_t request, const Bytes& header) {
  Prefix prefix;
  prefix.version = 1;
  prefix.type = MessageType::kRun;
  prefix.request = request;
  return road.send(encode_prefix(prefix, header), header);
}

bool rings(const Road& road) {
  pollfd polled = {road.bell(), POLLIN, 0};
  return ::poll(&polled, 1, 0) == 1 && (polled.revents & POLLIN) != 0;
}

// The requests that come out, until none is left or the ring is refused.
std::vector<std::uint64_t> drain(Road& road, bool& refused) {
  std::vector<std::uint64_t> requests;
  AlignedHeader header;
  for (;;) {
    Incoming message;
    const auto got = road.receive(header, message);
    refused = !got.ok();
    if (!got.ok() || !*got) return requests;
    requests.push_back(message.prefix.request);
  }
}

}  // namespace

TEST_CASE("a road keeps messages in order and whole") {
  Pair pair;
  AlignedHeader scratch;
  for (std::uint64_t request = 1; request < 500; ++request) {
    const Bytes header(request % 300, std::byte{static_cast<unsigned char>(request)});
    REQUIRE(send(*pair.client, request, header));
    Incoming message;
    const auto got = pair.peer->receive(scratch, message);
    REQUIRE((got.ok() && *got));
    CHECK(message.prefix.request == request);
    CHECK(std::equal(message.header.begin(), message.header.end(), header.begin(), header.end()));
    REQUIRE(send(*pair.peer, request, header));
    bool refused = false;
    CHECK(drain(*pair.client, refused) == std::vector{request});
  }
}

TEST_CASE("what does not fit a road is sent another way") {
  Pair pair;
  CHECK_FALSE(send(*pair.client, 1, Bytes(RingMemory::kMostBytes)));
  for (std::uint64_t i = 1; i <= RingMemory::kSlots; ++i) REQUIRE(send(*pair.client, i, {}));
  CHECK_FALSE(send(*pair.client, 1000, {}));
  bool refused = false;
  CHECK(drain(*pair.peer, refused).size() == RingMemory::kSlots);
  CHECK_FALSE(refused);
  CHECK(send(*pair.client, 1001, {}));
}

TEST_CASE("a bell rings once for whoever sleeps, and not for whoever is awake") {
  Pair pair;
  pair.peer->hush();  // the client has come
  REQUIRE(send(*pair.client, 1, {}));
  CHECK(rings(*pair.peer));
  pair.peer->hush();
  REQUIRE(send(*pair.client, 2, {}));
  CHECK_FALSE(rings(*pair.peer));
  CHECK_FALSE(pair.peer->before_sleep());  // there is something
  bool refused = false;
  CHECK(drain(*pair.peer, refused).size() == 2);
  CHECK(pair.peer->before_sleep());
  REQUIRE(send(*pair.client, 3, {}));
  CHECK(rings(*pair.peer));
}

TEST_CASE("a peer hears that its client has gone, and not before it has come") {
  Pair pair;
  const auto hung_up = [&] {
    pollfd polled = {pair.peer->bell(), POLLIN, 0};
    return ::poll(&polled, 1, 0) == 1 && (polled.revents & POLLHUP) != 0;
  };
  CHECK_FALSE(hung_up());
  CHECK(rings(*pair.peer));  // it has come
  pair.peer->hush();
  CHECK_FALSE(hung_up());
  CHECK(send(*pair.client, 1, {}));
  pair.client.reset();
  CHECK(hung_up());
  pair.peer->hush();
  CHECK(send(*pair.peer, 2, {}));  // to nobody, and without a signal
}

TEST_CASE("a client takes no rings outside the memory and no bell that is no pipe") {
  Pair pair;
  const std::uint64_t at = pair.answer.rings_at;
  for (const std::uint64_t wrong :
       {std::uint64_t{0}, std::uint64_t{1}, at + 64, ~std::uint64_t{63}}) {
    SharedMemory answer = pair.answer;
    answer.rings_at = wrong;
    CHECK_FALSE(Road::attach(pair.mapped(), answer).ok());
  }
  for (const std::string& wrong : {std::string("/etc/passwd"), std::string(), pair.answer.name}) {
    SharedMemory answer = pair.answer;
    answer.reply_bell = wrong;
    CHECK_FALSE(Road::attach(pair.mapped(), answer).ok());
  }
}

TEST_CASE("spoilt rings give messages or a refusal, and end") {
  rdu::testing::Random random(7);
  std::size_t refusals = 0, messages = 0;
  for (int round = 0; round < 400; ++round) {
    Pair pair;
    for (std::uint64_t i = 1; i <= 8; ++i) REQUIRE(send(*pair.client, i, Bytes(i * 10)));
    // Counts and the first message are where damage tells.
    Bytes bytes(pair.rings().begin(), pair.rings().begin() + 320);
    rdu::testing::damage(bytes, random);
    std::memcpy(pair.rings().data(), bytes.data(), bytes.size());
    bool refused = false;
    const auto requests = drain(*pair.peer, refused);
    CHECK(requests.size() <= RingMemory::kSlots);
    refusals += refused ? 1 : 0;
    messages += requests.size();
    // A writer that is lied to by its reader stays within the ring, too.
    for (std::uint64_t i = 0; i < 2 * RingMemory::kSlots; ++i) send(*pair.peer, i + 1, {});
  }
  CHECK(refusals > 10);
  CHECK(messages > 400);
}
