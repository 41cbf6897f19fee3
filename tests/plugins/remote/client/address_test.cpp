// URIs of the remote device: what they mean, and what is refused in which words.
#include "plugins/remote/client/address.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "plugins/remote/client/shared_pool.hpp"

using namespace rdu::remote;
using rdu::remote::client::Address;
using rdu::remote::client::read_address;

namespace {

rdu::plugin::Result<Address> read(const std::string& text) {
  const auto uri = rdu::plugin::parse_uri(text);
  REQUIRE(uri.ok());
  return read_address(*uri);
}

rdu::plugin::Status refusal(const std::string& text) { return read(text).status(); }

}  // namespace

TEST_CASE("a peer and its device") {
  const auto address = read("remote:tcp://127.0.0.1:7070/cpu:");
  REQUIRE(address.ok());
  REQUIRE(address->peers.size() == 1);
  CHECK(address->peers[0].endpoint == "tcp://127.0.0.1:7070");
  CHECK(address->peers[0].device == "cpu:");
  CHECK(address->fallback.empty());
  CHECK(address->timeout_ms == 10'000);
  CHECK(read("remote:tcp://localhost:1/rdu:sn10")->peers[0].device == "rdu:sn10");
  CHECK(read("remote:tcp://localhost:1/cpu")->peers[0].device == "cpu:");
  CHECK(read("remote:tcp://localhost:1/cpu:%3Fthreads=2")->peers[0].device == "cpu:?threads=2");
  CHECK(read("remote:ipc:///run/rdu/node/cpu:")->peers[0].endpoint == "ipc:///run/rdu/node");
}

TEST_CASE("options behind the last question mark are ours") {
  const auto address = read(
      "remote:tcp://localhost:1/cpu:?fallback=cpu:&timeout_ms=250&liveness_ms=99&shared_memory=0"
      "&spin_us=0");
  REQUIRE(address.ok());
  CHECK(address->fallback == "cpu:");
  CHECK(address->timeout_ms == 250);
  CHECK(address->liveness_ms == 99);
  CHECK_FALSE(address->shared_memory);
  CHECK(address->spin_us == 0);
  CHECK(refusal("remote:tcp://localhost:1/cpu:?threads=2").code() == RDU_ERR_INVALID_ARGUMENT);
  CHECK_FALSE(refusal("remote:tcp://localhost:1/cpu:?timeout_ms=0").ok());
  CHECK_FALSE(refusal("remote:tcp://localhost:1/cpu:?shared_memory=2").ok());
  CHECK_FALSE(refusal("remote:tcp://localhost:1/cpu:?spin_us=10001").ok());
}

TEST_CASE("a list is one device over several peers") {
  const auto address =
      read("remote:tcp://localhost:1/cpu:,tcp://localhost:2/cpu:,remote:tcp://localhost:3/cpu:");
  REQUIRE(address.ok());
  REQUIRE(address->peers.size() == 3);
  CHECK(address->peers[2].endpoint == "tcp://localhost:3");
}

TEST_CASE("what is no peer is refused with an example") {
  for (const char* text : {"remote:", "remote:localhost:7070/cpu:", "remote:tcp://localhost:7070",
                           "remote:tcp://localhost:7070/",
                           "remote:udp://localhost:7070/cpu:", "remote:tcp://localhost:1/cpu:,"}) {
    INFO(text);
    const auto status = refusal(text);
    CHECK(status.code() == RDU_ERR_INVALID_ARGUMENT);
    CHECK(status.message().find("remote:tcp://localhost:7070/cpu:") != std::string::npos);
  }
}

TEST_CASE("another machine without keys takes a flag that says what it means") {
  CHECK(refusal("remote:tcp://10.0.0.1:7070/cpu:").code() == RDU_ERR_PERMISSION);
  CHECK(read("remote:tcp://10.0.0.1:7070/cpu:?unencrypted_and_unauthenticated=1").ok());
  CHECK(refusal("remote:tcp://localhost:1/cpu:,tcp://10.0.0.1:2/cpu:").code() ==
        RDU_ERR_PERMISSION);
  CHECK(refusal("remote:tcp://127.evil.example:1/cpu:").code() == RDU_ERR_PERMISSION);
}

TEST_CASE("keys come from options or from the environment") {
  const KeyPair keys = generate_keys();
  setenv("RDU_REMOTE_SERVER_KEY", keys.public_key.c_str(), 1);
  const auto address = read("remote:tcp://10.0.0.1:7070/cpu:");
  REQUIRE(address.ok());
  CHECK(address->peers[0].server_key == keys.public_key);
  setenv("RDU_REMOTE_SERVER_KEY", "short", 1);
  CHECK(refusal("remote:tcp://10.0.0.1:7070/cpu:").code() == RDU_ERR_INVALID_ARGUMENT);
  unsetenv("RDU_REMOTE_SERVER_KEY");
  CHECK(refusal("remote:tcp://localhost:1/cpu:?key_file=/nonexistent").code() == RDU_ERR_IO);
  const std::string hex(64, 'a');
  const auto from_hex = read("remote:tcp://10.0.0.1:7070/cpu:?server_key=" + hex);
  REQUIRE(from_hex.ok());
  CHECK(is_key(from_hex->peers[0].server_key));
  CHECK(refusal("remote:tcp://10.0.0.1:7070/cpu:?server_key=" + hex + "," + hex).code() ==
        RDU_ERR_INVALID_ARGUMENT);
}

TEST_CASE("pieces of shared memory do not overlap and are used again") {
  auto made = SharedRegion::create(64 + 1000);
  REQUIRE(made.ok());
  client::SharedPool pool(std::make_shared<const SharedRegion>(std::move(*made)), 64 + 1000);
  CHECK(pool.take(2000) == 0);
  const std::uint64_t a = pool.take(300), b = pool.take(300), c = pool.take(300);
  CHECK(a == 64);
  CHECK(b == a + 320);
  CHECK(c == b + 320);
  CHECK(pool.take(64) == 0);
  pool.give_back(a);
  pool.give_back(c);
  CHECK(pool.take(400) == 0);
  pool.give_back(b);
  CHECK(pool.take(960) == a);
  pool.give_back(12345);
}
