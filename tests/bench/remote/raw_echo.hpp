// What ZeroMQ itself takes for the same bytes: a DEALER that waits for a ROUTER in another process to send them back.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "plugins/remote/wire/keys.hpp"

namespace rdu::testing {

// Serves until its standard input ends. The first line of its output is the endpoint.
int serve_echo(const std::string& secret_key, bool paced);

// The server as a child of this process, and a client of it.
class RawEcho {
 public:
  // `program` is this program: started again with `--echo`, or `--plain-echo`. `paced`: sockets as ZeroMQ makes them, which
  // the host's congestion control may pace; else as the peer makes them.
  RawEcho(const std::string& program, const std::optional<remote::KeyPair>& server_keys,
          bool paced = true);
  ~RawEcho();
  RawEcho(const RawEcho&) = delete;
  RawEcho& operator=(const RawEcho&) = delete;

  // There and back, without a copy of ours on either side.
  void round_trip(std::vector<std::byte>& bytes);

 private:
  void* context_ = nullptr;
  void* socket_ = nullptr;
  pid_t child_ = -1;
  int stdin_ = -1;
};

}  // namespace rdu::testing
