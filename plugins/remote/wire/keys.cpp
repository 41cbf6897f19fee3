// Keys from libsodium, files through plain descriptors: what was checked is what is read.
#include "plugins/remote/wire/keys.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "plugins/remote/wire/sodium.hpp"
#include "plugins/remote/wire/z85.hpp"

namespace rdu::remote {
namespace {

using plugin::fail;
using plugin::Result;
using plugin::Status;

using Key = std::array<std::uint8_t, 32>;
constexpr std::size_t kMaxFileBytes = 4096;

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Status io_error(const std::string& path, const char* what) {
  return fail(errno == EACCES ? RDU_ERR_PERMISSION : RDU_ERR_IO, "key file ", path, ": ", what,
              ": ", std::strerror(errno));
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

Status check_private(const std::string& path, int fd) {
  struct stat info = {};
  if (fstat(fd, &info) != 0) return io_error(path, "stat");
  if (!S_ISREG(info.st_mode)) {
    return fail(RDU_ERR_PERMISSION, "key file ", path, " is not a regular file");
  }
  if (info.st_uid != geteuid() && info.st_uid != 0) {
    return fail(RDU_ERR_PERMISSION, "key file ", path, " belongs to user ", info.st_uid);
  }
  if ((info.st_mode & 077) != 0) {
    return fail(RDU_ERR_PERMISSION, "key file ", path,
                " can be opened by others: its mode must be 0600");
  }
  return {};
}

Result<std::string> read_text(const std::string& path, int fd) {
  std::string text(kMaxFileBytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(fd, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_error(path, "read");
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kMaxFileBytes) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "key file ", path, " has more than ", kMaxFileBytes,
                " bytes");
  }
  text.resize(size);
  return text;
}

KeyPair parse(std::string_view text) {
  KeyPair keys;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    // Keys themselves may have '=' and '#' in them: the first '=' splits, and only a line's first character comments.
    const std::size_t equals = line.find('=');
    if (trim(line).starts_with('#') || equals == std::string_view::npos) continue;
    const std::string_view name = trim(line.substr(0, equals));
    const std::string_view value = trim(line.substr(equals + 1));
    if (name == "public_key") keys.public_key = value;
    if (name == "secret_key") keys.secret_key = value;
  }
  return keys;
}

Status write_all(const std::string& path, int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return io_error(path, "write");
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return fsync(fd) == 0 ? Status() : io_error(path, "fsync");
}

}  // namespace

KeyPair generate_keys() {
  prepare_sodium();
  Key public_key, secret_key;
  crypto_box_keypair(public_key.data(), secret_key.data());
  KeyPair keys{z85_encode(public_key), z85_encode(secret_key)};
  sodium_memzero(secret_key.data(), secret_key.size());
  return keys;
}

bool is_key(std::string_view text) {
  return text.size() == kKeyTextBytes && z85_decode(text).has_value();
}

Result<std::string> read_key(std::string_view text) {
  if (is_key(text)) return std::string(text);
  Key key;
  if (text.size() == 2 * key.size()) {
    std::size_t digits = 0;
    for (std::size_t i = 0; i < key.size(); ++i) {
      const char* at = text.data() + 2 * i;
      digits += static_cast<std::size_t>(std::from_chars(at, at + 2, key[i], 16).ptr - at);
    }
    if (digits == text.size()) return z85_encode(key);
  }
  return fail(RDU_ERR_INVALID_ARGUMENT,
              "a key is 40 characters of Z85 or 64 hexadecimal digits, not ", text.size(),
              " characters");
}

Result<std::string> public_key_of(std::string_view secret_key) {
  const auto secret = is_key(secret_key) ? z85_decode(secret_key) : std::nullopt;
  Key public_key;
  if (!secret || crypto_scalarmult_base(public_key.data(), secret->data()) != 0) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "a secret key is not 40 characters of Z85");
  }
  return z85_encode(public_key);
}

Status write_key_file(const std::string& path, const KeyPair& keys) {
  const File file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.get() < 0) return io_error(path, "create");
  return write_all(
      path, file.get(),
      plugin::concat("public_key = ", keys.public_key, "\nsecret_key = ", keys.secret_key, "\n"));
}

Result<KeyPair> read_key_file(const std::string& path) {
  const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.get() < 0) return io_error(path, "open");
  if (Status status = check_private(path, file.get()); !status.ok()) return status;
  Result<std::string> text = read_text(path, file.get());
  if (!text.ok()) return text.status();
  KeyPair keys = parse(*text);
  sodium_memzero(text->data(), text->size());
  const Result<std::string> expected = public_key_of(keys.secret_key);
  if (!expected.ok())
    return fail(RDU_ERR_INVALID_ARGUMENT, "key file ", path, " has no secret_key");
  if (keys.public_key.empty()) keys.public_key = *expected;
  if (keys.public_key != *expected) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "key file ", path,
                ": public_key does not belong to secret_key");
  }
  return keys;
}

void fill_random(std::span<std::byte> bytes) {
  prepare_sodium();
  randombytes_buf(bytes.data(), bytes.size());
}

void fill_random(std::span<std::uint8_t> bytes) { fill_random(std::as_writable_bytes(bytes)); }

}  // namespace rdu::remote
