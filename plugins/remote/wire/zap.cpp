// ZeroMQ RFC 27: version, request id, domain, address, identity, mechanism, credentials in; a verdict out.
#include "plugins/remote/wire/zap.hpp"

#include <zmq.h>

#include <cerrno>

#include "plugins/remote/wire/z85.hpp"

namespace rdu::remote {
namespace {

using plugin::fail;
using plugin::Result;
using plugin::Status;

constexpr const char* kDoor = "inproc://zeromq.zap.01";
constexpr std::size_t kReplyTo = 2;  // a ROUTER sees the asker's identity and an empty frame first
constexpr std::size_t kFixedFrames = 6;

std::string_view text_of(const Frame& frame) {
  return {reinterpret_cast<const char*>(frame.bytes().data()), frame.size()};
}

Frame frame_of(std::string_view text) {
  return Frame::copy_of(std::as_bytes(std::span(text.data(), text.size())));
}

std::optional<ZapRequest> read_request(const std::vector<Frame>& frames) {
  if (frames.size() < kReplyTo + kFixedFrames || text_of(frames[kReplyTo]) != "1.0") {
    return std::nullopt;
  }
  ZapRequest request{std::string(text_of(frames[kReplyTo + 2])),
                     std::string(text_of(frames[kReplyTo + 3])),
                     std::string(text_of(frames[kReplyTo + 5])),
                     {}};
  const bool has_key = frames.size() == kReplyTo + kFixedFrames + 1 && frames.back().size() == 32;
  if (request.mechanism == "CURVE") {
    if (!has_key) return std::nullopt;
    const std::span<const std::byte> key = frames.back().bytes();
    request.public_key =
        z85_encode({reinterpret_cast<const std::uint8_t*>(key.data()), key.size()});
  }
  return request;
}

}  // namespace

Result<ZapServer> ZapServer::bind(std::shared_ptr<Context> context) {
  ZapServer server(context, zmq_socket(context->raw(), ZMQ_ROUTER));
  const int no_linger = 0;
  if (!server.is_open() ||
      zmq_setsockopt(server.raw(), ZMQ_LINGER, &no_linger, sizeof no_linger) != 0 ||
      zmq_bind(server.raw(), kDoor) != 0) {
    return fail(RDU_ERR_IO, "ZAP handler: ", zmq_strerror(errno));
  }
  return server;
}

Status ZapServer::serve(const ZapDecision& decide) {
  std::vector<Frame> asked;
  for (;;) {
    const Result<bool> got = receive(asked);
    if (!got.ok()) return got.status();
    if (!*got) return {};
    if (asked.size() < kReplyTo + 2) continue;
    const std::optional<ZapRequest> request = read_request(asked);
    const std::optional<std::string> user = request ? decide(*request) : std::nullopt;
    std::vector<Frame> answer;
    answer.push_back(std::move(asked[0]));
    answer.emplace_back();
    answer.push_back(frame_of("1.0"));
    answer.push_back(std::move(asked[kReplyTo + 1]));
    answer.push_back(frame_of(user ? "200" : "400"));
    answer.push_back(frame_of(user ? "OK" : "refused"));
    answer.push_back(frame_of(user.value_or("")));
    answer.emplace_back();
    // An asker that is gone takes no answer.
    if (Status status = send(answer); !status.ok() && status.code() == RDU_ERR_IO) return status;
  }
}

}  // namespace rdu::remote
