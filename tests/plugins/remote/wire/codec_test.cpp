// Headers there and back, and headers that flatc made from JSON: an encoder that is not ours.
#include "plugins/remote/wire/codec.hpp"

#include <catch2/catch.hpp>

#include "plugins/remote/wire/message.hpp"
#include "tests/plugins/remote/wire/samples.hpp"

using namespace rdu::remote;
using rdu::testing::counted;
using rdu::testing::from_hex;

namespace {

constexpr const char* kRunByFlatc =
    "18000000000012002c001800200008000c00070010001400120000000000000180000000dc0500003c0000001800"
    "00000700000000000000090000000000000000000000010000002800000000000000400000000000000001000000"
    "0100000000000000020000000010000000000000000000000000000000000000000000000c000000000000000020"
    "0000000000000200000001000000080014000400080008000000100000002c010000000000000000000010000000"
    "0102030405060708090a0b0c0d0e0f10";
constexpr const char* kWelcomeByFlatc =
    "1c000000000016003400060008000c001c00240010002c00140018001600000000000100e8000000c00000009c00"
    "0000020000001c0000000c000000000000000300000000000000000000020000000002000000340000000c000000"
    "00000600080004000600000004000000080000007264753a736e3130000000000c001800040008000c0010000c00"
    "000024000000180000000c000000ffffffffffffffff03000000637075000300000078383600040000006370753a"
    "000000000c00200008001000180004000c0000004000000000001000000000000000000400000000000000400000"
    "000020000000000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f05000000302e312e"
    "30000000";

template <class M>
rdu::plugin::Status read(std::span<const std::byte> bytes, M& out) {
  AlignedHeader aligned;
  return decode(aligned.assign(bytes), out);
}

void check_spans(const std::vector<TensorSpan>& got, const std::vector<TensorSpan>& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CHECK(got[i].port == expected[i].port);
    CHECK(got[i].bytes == expected[i].bytes);
    CHECK(got[i].shared_offset == expected[i].shared_offset);
    CHECK(got[i].shared == expected[i].shared);
  }
}

void check_run(const Run& run) {
  const Run expected = rdu::testing::sample_run();
  CHECK(run.program == expected.program);
  CHECK(run.state == expected.state);
  CHECK(run.key.session == expected.key.session);
  CHECK(run.key.sequence == expected.key.sequence);
  CHECK(run.remaining_ms == expected.remaining_ms);
  CHECK(run.traced == expected.traced);
  check_spans(run.inputs, expected.inputs);
  check_spans(run.outputs, expected.outputs);
}

void check_welcome(const Welcome& welcome) {
  const Welcome expected = rdu::testing::sample_welcome();
  CHECK(welcome.version == expected.version);
  CHECK(welcome.build == expected.build);
  CHECK(welcome.peer == expected.peer);
  CHECK(welcome.boot_epoch == expected.boot_epoch);
  CHECK(welcome.features == expected.features);
  CHECK(welcome.limits.max_frame_bytes == expected.limits.max_frame_bytes);
  CHECK(welcome.limits.max_message_bytes == expected.limits.max_message_bytes);
  CHECK(welcome.limits.max_artifact_bytes == expected.limits.max_artifact_bytes);
  CHECK(welcome.limits.max_requests == expected.limits.max_requests);
  CHECK(welcome.credit_bytes == expected.credit_bytes);
  CHECK(welcome.queued_requests == expected.queued_requests);
  REQUIRE(welcome.devices.size() == 2);
  CHECK(welcome.devices[0].uri == "cpu:");
  CHECK(welcome.devices[0].name == "x86");
  CHECK(welcome.devices[0].target == "cpu");
  CHECK(welcome.devices[0].target_hash == ~std::uint64_t{0});
  CHECK(welcome.devices[1].uri == "rdu:sn10");
}

}  // namespace

TEST_CASE("headers that flatc made are understood") {
  Run run;
  REQUIRE(read(from_hex(kRunByFlatc), run).ok());
  check_run(run);
  Welcome welcome;
  REQUIRE(read(from_hex(kWelcomeByFlatc), welcome).ok());
  check_welcome(welcome);
}

TEST_CASE("headers come back as they were") {
  Encoder encoder;
  Run run;
  REQUIRE(read(encoder.encode(rdu::testing::sample_run()), run).ok());
  check_run(run);
  Welcome welcome;
  REQUIRE(read(encoder.encode(rdu::testing::sample_welcome()), welcome).ok());
  check_welcome(welcome);

  Offer offer;
  REQUIRE(read(encoder.encode(rdu::testing::sample_offer()), offer).ok());
  CHECK(offer.artifact == counted<32>(1));
  CHECK(offer.chunk_bytes == 4);
  CHECK(offer.part_bytes == std::vector<std::uint64_t>{10, 5});
  CHECK(offer.chunks == rdu::testing::sample_offer().chunks);

  Loaded loaded;
  REQUIRE(read(encoder.encode(rdu::testing::sample_loaded()), loaded).ok());
  CHECK(loaded.program == 5);
  REQUIRE(loaded.inputs.size() == 2);
  CHECK(loaded.inputs[1].name == "mask");
  CHECK(loaded.inputs[1].value == 3);
  CHECK(loaded.inputs[1].dtype == 15);
  CHECK(loaded.inputs[1].bytes == 10);
  CHECK(loaded.outputs.at(0).name == "y");
  CHECK(loaded.variables.at(0).bytes == 1u << 20);
  CHECK(loaded.state_bytes == 8);

  Checked checked;
  REQUIRE(read(encoder.encode(Checked{{{0, ""}, {4, "node 3"}}}), checked).ok());
  REQUIRE(checked.sections.size() == 2);
  CHECK(checked.sections[1].reason == 4);
  CHECK(checked.sections[1].detail == "node 3");
}

TEST_CASE("a run without an effect has no key") {
  Encoder encoder;
  Run run = rdu::testing::sample_run();
  run.key = {};
  Run back;
  back.key.sequence = 5;
  REQUIRE(read(encoder.encode(run), back).ok());
  CHECK(back.key.sequence == 0);
}

TEST_CASE("a decoder forgets what it held before") {
  Encoder encoder;
  Run run = rdu::testing::sample_run();
  REQUIRE(read(encoder.encode(Run{}), run).ok());
  CHECK(run.inputs.empty());
  CHECK(run.program == 0);
  CHECK_FALSE(run.traced);
}

TEST_CASE("what is not a header is refused") {
  Run run;
  CHECK_FALSE(read({}, run).ok());
  const std::vector<std::byte> zeros(64);
  CHECK_FALSE(read(zeros, run).ok());
  auto cut = from_hex(kRunByFlatc);
  for (std::size_t size = 0; size < cut.size(); ++size) {
    CHECK_FALSE(read(std::span(cut).first(size), run).ok());
  }
}

TEST_CASE("text is bounded on the way out and on the way in") {
  Encoder encoder;
  Error back;
  REQUIRE(read(encoder.encode(Error{1, std::string(100'000, 'x'), 0}), back).ok());
  CHECK(back.message.size() == kMaxSentenceBytes);
  Check check;
  REQUIRE(
      read(encoder.encode(Check{counted<32>(1), std::string("cpu:\0x", 6), 0, 0}), check).code() ==
      RDU_ERR_INVALID_ARGUMENT);
}

TEST_CASE("ids have the length of ids") {
  Encoder encoder;
  // COMMIT and CHUNK share the field `artifact`; a WELCOME has text where they have it.
  Commit commit;
  CHECK(read(encoder.encode(rdu::testing::sample_welcome()), commit).code() ==
        RDU_ERR_INVALID_ARGUMENT);
}

TEST_CASE("every message decodes as itself") {
  for (const auto& header : rdu::testing::sample_headers()) {
    INFO(header.name);
    CHECK(rdu::testing::decode_as_everything(header.bytes) >= 1);
  }
}
