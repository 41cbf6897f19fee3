// Hashes against other implementations, Z85 against its RFC, key files that others may not read.
#include "plugins/remote/wire/keys.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "plugins/remote/wire/hash.hpp"
#include "plugins/remote/wire/z85.hpp"

using namespace rdu::remote;
namespace fs = std::filesystem;

namespace {

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/rdu-keys-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  std::string file(const char* name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

}  // namespace

TEST_CASE("BLAKE2b-256 of abc") {
  CHECK(to_hex(hash_of(bytes_of("abc"))) ==
        "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  Hasher hasher;
  hasher.add(bytes_of("a"));
  hasher.add(bytes_of("bc"));
  CHECK(hasher.finish() == hash_of(bytes_of("abc")));
}

TEST_CASE("an artifact is named by sizes and chunks") {
  std::vector<std::byte> first(10);
  for (std::size_t i = 0; i < first.size(); ++i) first[i] = static_cast<std::byte>(i);
  const std::vector<std::byte> second(5, std::byte{7});
  const std::span<const std::byte> parts[] = {first, second};
  const auto offer = make_offer(parts, 4);
  REQUIRE(offer.ok());
  CHECK(offer->chunks.size() == 5);
  CHECK(to_hex(offer->artifact) ==
        "bf321d533a4764c356b6265eb71bfff5c25899645cc6e39b56891a9f0a01aeaa");
  const auto places = check_offer(*offer, 15, 4);
  REQUIRE(places.ok());
  CHECK((*places)[2].bytes == 2);
  CHECK((*places)[3].part == 1);
  CHECK((*places)[4].offset == 4);
}

TEST_CASE("an offer that does not fit itself is refused") {
  const std::vector<std::byte> part(10);
  const std::span<const std::byte> parts[] = {part};
  const Offer offer = *make_offer(parts, 4);
  CHECK(check_offer(offer, 9, 4).status().code() == RDU_ERR_LIMIT_EXCEEDED);
  CHECK(check_offer(offer, 10, 3).status().code() == RDU_ERR_LIMIT_EXCEEDED);
  Offer changed = offer;
  changed.chunks.pop_back();
  CHECK_FALSE(check_offer(changed, 10, 4).ok());
  changed = offer;
  changed.chunks[1][0] ^= 1;
  CHECK_FALSE(check_offer(changed, 10, 4).ok());
  changed = offer;
  changed.chunk_bytes = 0;
  CHECK_FALSE(check_offer(changed, 10, 4).ok());
  changed = offer;
  changed.part_bytes = {~std::uint64_t{0}, ~std::uint64_t{0}};
  CHECK_FALSE(check_offer(changed, ~std::uint64_t{0}, 4).ok());
  changed.part_bytes.clear();
  CHECK_FALSE(check_offer(changed, 10, 4).ok());
}

TEST_CASE("Z85 as its RFC has it") {
  const std::uint8_t bytes[] = {0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b};
  CHECK(z85_encode(bytes) == "HelloWorld");
  CHECK(z85_decode("HelloWorld") == std::vector<std::uint8_t>(std::begin(bytes), std::end(bytes)));
  CHECK_FALSE(z85_decode("Hello World").has_value());
  CHECK_FALSE(z85_decode("Hello\"orld").has_value());
  CHECK_FALSE(z85_decode("#####").has_value());
}

TEST_CASE("keys of RFC 7748 belong together") {
  // Its section 6.1: Alice's private and public key.
  const std::uint8_t secret[] = {0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1,
                                 0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0,
                                 0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a};
  const std::uint8_t expected[] = {0x85, 0x20, 0xf0, 0x09, 0x89, 0x30, 0xa7, 0x54, 0x74, 0x8b, 0x7d,
                                   0xdc, 0xb4, 0x3e, 0xf7, 0x5a, 0x0d, 0xbf, 0x3a, 0x0d, 0x26, 0x38,
                                   0x1a, 0xf4, 0xeb, 0xa4, 0xa9, 0x8e, 0xaa, 0x9b, 0x4e, 0x6a};
  const auto derived = public_key_of(z85_encode(secret));
  REQUIRE(derived.ok());
  CHECK(*derived == z85_encode(expected));
  CHECK_FALSE(public_key_of("short").ok());
}

TEST_CASE("a key file is private and is never replaced") {
  const Folder folder;
  const std::string path = folder.file("key");
  const KeyPair keys = generate_keys();
  CHECK(is_key(keys.public_key));
  CHECK(keys.public_key != generate_keys().public_key);
  REQUIRE(write_key_file(path, keys).ok());
  struct stat info = {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  const auto read = read_key_file(path);
  REQUIRE(read.ok());
  CHECK(read->public_key == keys.public_key);
  CHECK(read->secret_key == keys.secret_key);
  CHECK_FALSE(write_key_file(path, generate_keys()).ok());
  CHECK(read_key_file(path)->secret_key == keys.secret_key);
}

TEST_CASE("a key file that others can read is refused, and so is one that is none") {
  const Folder folder;
  const std::string path = folder.file("key");
  REQUIRE(write_key_file(path, generate_keys()).ok());
  REQUIRE(chmod(path.c_str(), 0640) == 0);
  CHECK(read_key_file(path).status().code() == RDU_ERR_PERMISSION);
  CHECK(read_key_file(folder.file("none")).status().code() == RDU_ERR_IO);
  fs::create_symlink(path, folder.file("link"));
  CHECK_FALSE(read_key_file(folder.file("link")).ok());
  const auto with = [&](const char* name, const std::string& text) {
    std::ofstream(folder.file(name)) << text;
    REQUIRE(chmod(folder.file(name).c_str(), 0600) == 0);
    return read_key_file(folder.file(name)).status();
  };
  CHECK(with("empty", "").code() == RDU_ERR_INVALID_ARGUMENT);
  CHECK(with("huge", std::string(100'000, 'x')).code() == RDU_ERR_INVALID_ARGUMENT);
  const KeyPair one = generate_keys(), other = generate_keys();
  CHECK_FALSE(
      with("mixed", "public_key = " + one.public_key + "\nsecret_key = " + other.secret_key).ok());
  CHECK(with("secret", "# mine\nsecret_key=" + other.secret_key + "\n").ok());
}
