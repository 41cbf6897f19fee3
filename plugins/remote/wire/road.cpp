// Bells are pipes, because a pipe of another process can be opened by the name of its descriptor; nothing that is written
// into one means anything.
#include "plugins/remote/wire/road.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace rdu::remote {

using plugin::fail;
using plugin::Result;
using plugin::Status;

namespace {

struct RoadMemory {
  RingMemory requests;
  RingMemory replies;
};

RoadMemory& memory_at(const SharedRegion& region, std::uint64_t at) {
  return *reinterpret_cast<RoadMemory*>(region.bytes().data() + at);
}

// Both ends in one descriptor: who rings at nobody gets no signal.
int make_bell() {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return -1;
  const std::string name = plugin::concat("/proc/self/fd/", ends[0]);
  const int bell = ::open(name.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  ::close(ends[0]);
  ::close(ends[1]);
  return bell;
}

int open_bell(const std::string& name, int flags) {
  const int bell = open_descriptor(name, flags | O_NONBLOCK);
  struct stat info = {};
  if (bell < 0 || (::fstat(bell, &info) == 0 && S_ISFIFO(info.st_mode))) return bell;
  ::close(bell);
  return -1;
}

}  // namespace

std::uint64_t Road::size() { return sizeof(RoadMemory); }

Result<std::unique_ptr<Road>> Road::create(std::shared_ptr<const SharedRegion> region,
                                           SharedMemory& answer) {
  answer = region->describe();
  answer.rings_at = (answer.bytes - size()) / alignof(RoadMemory) * alignof(RoadMemory);
  RoadMemory& memory = memory_at(*region, answer.rings_at);
  std::unique_ptr<Road> road(new Road(std::move(region), memory.requests, memory.replies));
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0) {
    road->in_bell_ = ends[0];
    road->held_ = ends[1];
  }
  road->out_bell_ = make_bell();
  if (road->in_bell_ < 0 || road->out_bell_ < 0) return fail(RDU_ERR_IO, "no more descriptors");
  answer.request_bell = descriptor_name(road->in_bell_);
  answer.reply_bell = descriptor_name(road->out_bell_);
  return road;
}

Result<std::unique_ptr<Road>> Road::attach(std::shared_ptr<const SharedRegion> region,
                                           const SharedMemory& answer) {
  const std::uint64_t bytes = region->bytes().size(), at = answer.rings_at;
  if (at < SharedRegion::kFirstOffset || at % alignof(RoadMemory) != 0 || bytes < size() ||
      at > bytes - size()) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "rings at ", at, " of ", bytes, " bytes");
  }
  RoadMemory& memory = memory_at(*region, at);
  std::unique_ptr<Road> road(new Road(std::move(region), memory.replies, memory.requests));
  road->in_bell_ = open_bell(answer.reply_bell, O_RDONLY);
  // For reading too: who rings at a dead peer gets no signal that way. The other one tells of its death.
  road->out_bell_ = open_bell(answer.request_bell, O_RDWR);
  if (road->in_bell_ < 0 || road->out_bell_ < 0) {
    return fail(RDU_ERR_NOT_FOUND, "the bells of a peer cannot be opened");
  }
  // The peer learns that its bell has another end now, and from then on that it is gone when we are.
  road->ring();
  return road;
}

Road::~Road() {
  for (const int bell : {in_bell_, out_bell_, held_}) {
    if (bell >= 0) ::close(bell);
  }
}

bool Road::send(std::span<const std::byte> prefix, std::span<const std::byte> header) {
  if (!out_.push(prefix, header)) return false;
  if (out_.must_wake_reader()) ring();
  return true;
}

void Road::ring() const {
  const char byte = 0;
  // Where the pipe is full it has been rung often enough.
  while (::write(out_bell_, &byte, sizeof byte) < 0 && errno == EINTR) {
  }
}

Result<bool> Road::receive(AlignedHeader& header, Incoming& message) {
  Result<bool> got = in_.pop(message_);
  if (!got.ok() || !*got) return got;
  const std::span<const std::byte> bytes(message_);
  const auto prefix_bytes = bytes.first(std::min(bytes.size(), kPrefixBytes));
  const Result<Prefix> prefix = decode_prefix(prefix_bytes);
  if (!prefix.ok()) return prefix.status();
  const auto header_bytes = bytes.subspan(kPrefixBytes);
  if (Status status = check_against_prefix(*prefix, prefix_bytes, header_bytes, 0, 0);
      !status.ok()) {
    return status;
  }
  message = {*prefix, header.assign(header_bytes), {}};
  return true;
}

void Road::hush() {
  char rings[64];
  // What is left over rings again.
  if (::read(in_bell_, rings, sizeof rings) <= 0 || held_ < 0) return;
  ::close(held_);
  held_ = -1;
}

}  // namespace rdu::remote
