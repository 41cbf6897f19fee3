// rename() within one folder replaces the old file in one step, so readers see the old or the new one.
#include "sdk/base/atomic_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace rdu::base {
namespace {

Error system_error(const char* what, const std::string& path) {
  return fail(Code::kIo, "cannot %s %s: %s", what, path.c_str(), std::strerror(errno));
}

std::string temporary_name(const std::string& path, int attempt) {
  const std::size_t slash = path.rfind('/');
  const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
  return format("%s.%s.%ld.%d", path.substr(0, name).c_str(), path.substr(name).c_str(),
                static_cast<long>(::getpid()), attempt);
}

}  // namespace

AtomicFile::AtomicFile(std::string path, std::string temporary, int descriptor)
    : path_(std::move(path)), temporary_(std::move(temporary)), descriptor_(descriptor) {}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<AtomicFile> AtomicFile::create(const std::string& path) {
  constexpr int kAttempts = 100;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string temporary = temporary_name(path, attempt);
    const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0) return AtomicFile(path, std::move(temporary), descriptor);
    if (errno != EEXIST) return system_error("create", path);
  }
  return fail(Code::kIo, "cannot create %s: %d temporary files of this name are in the way",
              path.c_str(), kAttempts);
}

Result<void> AtomicFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("write", path_);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> AtomicFile::commit(Durability durability) {
  if (durability == Durability::kMachine && ::fsync(descriptor_) != 0) {
    return system_error("synchronise", path_);
  }
  if (::close(std::exchange(descriptor_, -1)) != 0) return system_error("close", path_);
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return system_error("replace", path_);
  temporary_.clear();
  return {};
}

}  // namespace rdu::base
