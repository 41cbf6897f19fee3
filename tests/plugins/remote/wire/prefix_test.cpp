// F0: golden bytes (made by a script of its own, not by the encoder), and what is refused.
#include "plugins/remote/wire/prefix.hpp"

#include <catch2/catch.hpp>
#include <cstring>
#include <string_view>

#include "plugins/remote/wire/crc32c.hpp"
#include "tests/plugins/remote/wire/samples.hpp"

using namespace rdu::remote;
using rdu::testing::from_hex;

namespace {

constexpr const char* kGolden =
    "5244555701001e0000000000080000000300000000000000887766554433221105000000000000000d100000000000"
    "00"
    "0000000000000000000000007455ac86";

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

Prefix golden_prefix() {
  return {1, MessageType::kRun, 8, 3, 0x1122334455667788, 5, 4109, 0x86ac5574};
}

}  // namespace

TEST_CASE("CRC-32C has the check value of its definition") {
  CHECK(crc32c(bytes_of("123456789")) == 0xe3069283);
  CHECK(crc32c(bytes_of("6789"), crc32c(bytes_of("12345"))) == 0xe3069283);
  CHECK(crc32c({}) == 0);
}

TEST_CASE("a prefix has the bytes of the format") {
  const PrefixBytes bytes = encode_prefix(golden_prefix(), bytes_of("header!!"));
  CHECK(std::vector<std::byte>(bytes.begin(), bytes.end()) == from_hex(kGolden));
}

TEST_CASE("a prefix is read as it was written") {
  const auto bytes = from_hex(kGolden);
  const auto prefix = decode_prefix(bytes);
  REQUIRE(prefix.ok());
  const Prefix expected = golden_prefix();
  CHECK(prefix->version == expected.version);
  CHECK(prefix->type == expected.type);
  CHECK(prefix->header_bytes == expected.header_bytes);
  CHECK(prefix->num_frames == expected.num_frames);
  CHECK(prefix->request == expected.request);
  CHECK(prefix->epoch == expected.epoch);
  CHECK(prefix->payload_bytes == expected.payload_bytes);
  CHECK(check_against_prefix(*prefix, bytes, bytes_of("header!!"), 3, 4109).ok());
}

TEST_CASE("a prefix that is not one is refused") {
  const auto golden = from_hex(kGolden);
  CHECK(decode_prefix({}).status().code() == RDU_ERR_INVALID_ARGUMENT);
  CHECK_FALSE(decode_prefix(std::span(golden).first(63)).ok());
  const auto with = [&](std::size_t at, std::uint8_t value) {
    auto changed = golden;
    changed[at] = std::byte{value};
    return decode_prefix(changed).status();
  };
  CHECK(with(0, 'X').code() == RDU_ERR_INVALID_ARGUMENT);
  CHECK(with(6, 0).code() == RDU_ERR_INVALID_ARGUMENT);
  CHECK(with(6, 99).code() == RDU_ERR_INVALID_ARGUMENT);
  for (const std::size_t reserved : {8, 11, 20, 23, 48, 59}) CHECK_FALSE(with(reserved, 1).ok());
  CHECK(with(15, 1).code() == RDU_ERR_LIMIT_EXCEEDED);
  CHECK(with(19, 1).code() == RDU_ERR_LIMIT_EXCEEDED);
}

TEST_CASE("only lists may have a long header") {
  Prefix prefix = golden_prefix();
  const std::vector<std::byte> header(kMaxHeaderBytes + 1);
  const PrefixBytes run = encode_prefix(prefix, header);
  CHECK(decode_prefix(run).status().code() == RDU_ERR_LIMIT_EXCEEDED);
  prefix.type = MessageType::kOffer;
  const PrefixBytes offer = encode_prefix(prefix, header);
  CHECK(decode_prefix(offer).ok());
}

TEST_CASE("every count and every bit is compared with the prefix") {
  auto bytes = from_hex(kGolden);
  const auto prefix = decode_prefix(bytes);
  REQUIRE(prefix.ok());
  CHECK_FALSE(check_against_prefix(*prefix, bytes, bytes_of("header!"), 3, 4109).ok());
  CHECK_FALSE(check_against_prefix(*prefix, bytes, bytes_of("header!!"), 2, 4109).ok());
  CHECK_FALSE(check_against_prefix(*prefix, bytes, bytes_of("header!!"), 3, 4108).ok());
  CHECK_FALSE(check_against_prefix(*prefix, bytes, bytes_of("header!?"), 3, 4109).ok());
  bytes[32] ^= std::byte{1};
  const auto changed = decode_prefix(bytes);
  REQUIRE(changed.ok());
  CHECK_FALSE(check_against_prefix(*changed, bytes, bytes_of("header!!"), 3, 4109).ok());
}
