// A reply that cannot be delivered is the end of its connection: the client asks again on the next one.
#include "plugins/remote/node/outbox.hpp"

#include "plugins/remote/node/shared_mapping.hpp"

namespace rdu::remote::node {

void Outbox::fail(const RequestRef& to, const Status& status, std::uint32_t retry_after_ms) {
  ++stats_.errors;
  reply(to, MessageType::kError, Error{status.code(), status.message(), retry_after_ms});
}

void Outbox::send(const RequestRef& to, MessageType type, std::span<const std::byte> header,
                  std::vector<Frame> payload) {
  to.from->credit.give_back(to.bytes);
  to.from->jobs.erase(to.request);
  const bool short_way = to.by_road && payload.empty() && !to.from->gone;
  if (short_way && deliver_by_road(*to.from, prefix_of(*to.from, type, to.request), header)) return;
  deliver(*to.from, type, to.request, header, std::move(payload));
}

Prefix Outbox::prefix_of(const Connection& to, MessageType type, std::uint64_t request) const {
  Prefix prefix;
  prefix.version = to.version;
  prefix.type = type;
  prefix.request = request;
  prefix.epoch = epoch_;
  return prefix;
}

bool Outbox::deliver_by_road(Connection& to, const Prefix& prefix,
                             std::span<const std::byte> header) {
  if (!to.shared || !to.shared->road) return false;
  if (!to.shared->road->send(encode_prefix(prefix, header), header)) return false;
  stats_.bytes += kPrefixBytes + header.size();
  ++stats_.messages;
  return true;
}

void Outbox::deliver(Connection& to, MessageType type, std::uint64_t request,
                     std::span<const std::byte> header, std::vector<Frame> payload) {
  if (to.gone) {
    ++stats_.undelivered;
    return;
  }
  frames_.clear();
  frames_.push_back(Frame::copy_of(std::as_bytes(std::span(to.identity))));
  frames_.resize(3);
  for (Frame& frame : payload) frames_.push_back(std::move(frame));
  seal_message(frames_, 1, prefix_of(to, type, request), header);
  for (const Frame& frame : frames_) stats_.bytes += frame.size();
  ++stats_.messages;
  const Status sent = routers_[to.router].send(frames_);
  if (!sent.ok()) {
    ++stats_.undelivered;
    to.gone = true;
  }
  frames_.clear();
}

}  // namespace rdu::remote::node
