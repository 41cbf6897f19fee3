// Every system call on a file, with the path in its error.
#include "plugins/remote/node/file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace rdu::remote::node {

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Status system_error(std::string_view what, const std::string& path) {
  const int error = errno;
  const rdu_code code = error == EACCES || error == EPERM ? RDU_ERR_PERMISSION
                        : error == ENOMEM                 ? RDU_ERR_OUT_OF_MEMORY
                                                          : RDU_ERR_IO;
  return fail(code, what, " ", path, ": ", std::strerror(error));
}

Result<Descriptor> open_file(const std::string& path, int flags) {
  Descriptor file(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return system_error("cannot open", path);
  return file;
}

Status write_at(int file, std::uint64_t offset, ByteSpan bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return system_error("cannot write", concat(bytes.size(), " bytes"));
    offset += static_cast<std::uint64_t>(done);
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  return {};
}

Status read_at(int file, std::uint64_t offset, std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t done = ::pread(file, out.data(), out.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return system_error("cannot read", concat(out.size(), " bytes"));
    if (done == 0) return fail(RDU_ERR_IO, "the file ends ", out.size(), " bytes early");
    offset += static_cast<std::uint64_t>(done);
    out = out.subspan(static_cast<std::size_t>(done));
  }
  return {};
}

Result<std::uint64_t> file_size(int file) {
  struct stat info = {};
  if (::fstat(file, &info) != 0) return system_error("cannot ask the size of", "a file");
  return static_cast<std::uint64_t>(info.st_size);
}

Result<Bytes> read_file(const std::string& path, std::uint64_t max_bytes) {
  Result<Descriptor> file = open_file(path, O_RDONLY);
  if (!file.ok()) return file.status();
  const Result<std::uint64_t> size = file_size(file->get());
  if (!size.ok()) return size.status();
  if (*size > max_bytes) {
    return fail(RDU_ERR_LIMIT_EXCEEDED, path, " has ", *size, " bytes, more than ", max_bytes);
  }
  Bytes bytes(*size);
  RDU_NODE_TRY(read_at(file->get(), 0, bytes));
  return bytes;
}

Status replace_file(const std::string& path, ByteSpan bytes, Durability durability) {
  const std::string temporary = path + ".new";
  Result<Descriptor> file = open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.ok()) return file.status();
  RDU_NODE_TRY(write_at(file->get(), 0, bytes));
  if (durability == Durability::kMachine && ::fsync(file->get()) != 0) {
    return system_error("cannot sync", temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0)
    return system_error("cannot rename", temporary);
  if (durability == Durability::kMachine) return sync_folder(path.substr(0, path.rfind('/')));
  return {};
}

Status sync_folder(const std::string& path) {
  Result<Descriptor> folder = open_file(path, O_RDONLY | O_DIRECTORY);
  if (!folder.ok()) return folder.status();
  if (::fsync(folder->get()) != 0) return system_error("cannot sync", path);
  return {};
}

Status make_private_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return system_error("cannot make the folder", path);
  }
  struct stat info = {};
  if (::lstat(path.c_str(), &info) != 0) return system_error("cannot look at", path);
  if (!S_ISDIR(info.st_mode)) return fail(RDU_ERR_IO, path, " is not a folder");
  if (info.st_uid != ::geteuid() || (info.st_mode & 077) != 0) {
    return fail(RDU_ERR_PERMISSION, path,
                " must belong to this user and be closed to others (mode 0700)");
  }
  return {};
}

Result<Descriptor> lock_file(const std::string& path) {
  Result<Descriptor> file = open_file(path, O_RDWR | O_CREAT);
  if (!file.ok()) return file;
  if (::flock(file->get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return fail(RDU_ERR_BUSY, path, " is held by another process");
    return system_error("cannot lock", path);
  }
  return file;
}

}  // namespace rdu::remote::node
