// CURVE keys (Curve25519) as text of 40 characters (Z85), the files they lie in, and random bytes.
#pragma once

#include <cstddef>
#include <rdu/plugin/status.hpp>
#include <span>
#include <string>
#include <string_view>

namespace rdu::remote {

inline constexpr std::size_t kKeyTextBytes = 40;

struct KeyPair {
  std::string public_key;
  std::string secret_key;
};

KeyPair generate_keys();

// 40 characters of Z85 that stand for 32 bytes?
bool is_key(std::string_view text);

// A public key as a user types it: Z85, or 64 hexadecimal digits, which need no escapes in a URI. As Z85.
plugin::Result<std::string> read_key(std::string_view text);

// The public key that belongs to a secret one.
plugin::Result<std::string> public_key_of(std::string_view secret_key);

// Two lines, "public_key = …" and "secret_key = …", mode 0600. An existing file is never replaced.
plugin::Status write_key_file(const std::string& path, const KeyPair& keys);

// Refuses what is not a regular file, belongs to another user, or can be read by others; and pairs that do not belong
// together.
plugin::Result<KeyPair> read_key_file(const std::string& path);

void fill_random(std::span<std::byte> bytes);
void fill_random(std::span<std::uint8_t> bytes);

}  // namespace rdu::remote
