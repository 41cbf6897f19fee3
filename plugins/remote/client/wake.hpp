// A descriptor that one thread makes readable to end another's poll.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace rdu::remote::client {

class WakeFd {
 public:
  WakeFd() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~WakeFd() {
    if (fd_ >= 0) close(fd_);
  }
  WakeFd(const WakeFd&) = delete;
  WakeFd& operator=(const WakeFd&) = delete;

  int get() const { return fd_; }
  void set() const { eventfd_write(fd_, 1); }
  void clear() const {
    eventfd_t value = 0;
    eventfd_read(fd_, &value);
  }

 private:
  int fd_;
};

}  // namespace rdu::remote::client
