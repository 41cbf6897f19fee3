// Headers of what opens, keeps and ends a session: HELLO, WELCOME, ERROR, CREDIT, GOAWAY, shared memory, status.
#include "plugins/remote/wire/flat.hpp"

namespace rdu::remote {

using flat::not_a_header;
using plugin::fail;
using plugin::Status;
using Header = std::span<const std::byte>;

Encoder::Encoder() : memory_(std::make_unique<Memory>()) {}
Encoder::~Encoder() = default;
Encoder::Encoder(Encoder&&) noexcept = default;
Encoder& Encoder::operator=(Encoder&&) noexcept = default;

Header Encoder::encode(const Hello& message) {
  auto& builder = memory_->begin();
  const auto build = flat::name(builder, message.build);
  const auto session = flat::id(builder, message.session);
  return memory_->finish(fbs::CreateHello(builder, message.versions.low, message.versions.high,
                                          build, session, message.features,
                                          message.required_features));
}

Status decode(Header header, Hello& out) {
  const auto* from = flat::root<fbs::Hello>(header);
  if (from == nullptr) return not_a_header("HELLO");
  out.versions = {from->low_version(), from->high_version()};
  out.features = from->features();
  out.required_features = from->required_features();
  RDU_WIRE_TRY(flat::text(from->build(), kMaxNameBytes, "build", out.build));
  return flat::id(from->session(), "session", out.session);
}

Header Encoder::encode(const Welcome& message) {
  auto& builder = memory_->begin();
  const auto build = flat::name(builder, message.build);
  const auto peer = flat::id(builder, message.peer);
  const Limits& most = message.limits;
  const auto limits = fbs::CreateLimits(builder, most.max_frame_bytes, most.max_message_bytes,
                                        most.max_artifact_bytes, most.max_requests);
  std::vector<flatbuffers::Offset<fbs::DeviceOffer>> offers;
  for (const DeviceOffer& device : message.devices) {
    const auto uri = flat::name(builder, device.uri);
    const auto name = flat::name(builder, device.name);
    const auto target = flat::name(builder, device.target);
    offers.push_back(fbs::CreateDeviceOffer(builder, uri, name, target, device.target_hash,
                                            device.memory_bytes, device.max_concurrency));
  }
  const auto devices = builder.CreateVector(offers);
  return memory_->finish(fbs::CreateWelcome(
      builder, message.version, build, peer, message.boot_epoch, message.features, limits,
      message.credit_bytes, message.queued_requests, devices));
}

static Status decode_device(const fbs::DeviceOffer& from, DeviceOffer& out) {
  RDU_WIRE_TRY(flat::text(from.uri(), kMaxNameBytes, "device", out.uri));
  RDU_WIRE_TRY(flat::text(from.name(), kMaxNameBytes, "device name", out.name));
  RDU_WIRE_TRY(flat::text(from.target(), kMaxNameBytes, "device target", out.target));
  out.target_hash = from.target_hash();
  out.memory_bytes = from.memory_bytes();
  out.max_concurrency = from.max_concurrency();
  return {};
}

static Status decode_devices(const fbs::Welcome& from, std::vector<DeviceOffer>& out) {
  out.clear();
  if (from.devices() == nullptr) return {};
  if (from.devices()->size() > kMaxDevices) {
    return fail(RDU_ERR_LIMIT_EXCEEDED, from.devices()->size(), " devices, at most ", kMaxDevices);
  }
  out.resize(from.devices()->size());
  for (flatbuffers::uoffset_t i = 0; i < from.devices()->size(); ++i) {
    RDU_WIRE_TRY(decode_device(*from.devices()->Get(i), out[i]));
  }
  return {};
}

Status decode(Header header, Welcome& out) {
  const auto* from = flat::root<fbs::Welcome>(header);
  if (from == nullptr) return not_a_header("WELCOME");
  out.version = from->version();
  out.boot_epoch = from->boot_epoch();
  out.features = from->features();
  out.credit_bytes = from->credit_bytes();
  out.queued_requests = from->queued_requests();
  const fbs::Limits* limits = from->limits();
  if (limits == nullptr) return fail(RDU_ERR_INVALID_ARGUMENT, "WELCOME has no limits");
  out.limits = {limits->max_frame_bytes(), limits->max_message_bytes(),
                limits->max_artifact_bytes(), limits->max_requests()};
  RDU_WIRE_TRY(flat::text(from->build(), kMaxNameBytes, "build", out.build));
  RDU_WIRE_TRY(flat::id(from->peer(), "peer", out.peer));
  return decode_devices(*from, out.devices);
}

Header Encoder::encode(const Error& message) {
  auto& builder = memory_->begin();
  const auto words = flat::text(builder, message.message, kMaxSentenceBytes);
  return memory_->finish(fbs::CreateError(builder, message.code, words, message.retry_after_ms));
}

Status decode(Header header, Error& out) {
  const auto* from = flat::root<fbs::Error>(header);
  if (from == nullptr) return not_a_header("ERROR");
  out.code = from->code();
  out.retry_after_ms = from->retry_after_ms();
  return flat::text(from->message(), kMaxSentenceBytes, "message", out.message);
}

Header Encoder::encode(const Credit& message) {
  return memory_->finish(fbs::CreateCredit(memory_->begin(), message.bytes));
}

Status decode(Header header, Credit& out) {
  const auto* from = flat::root<fbs::Credit>(header);
  if (from == nullptr) return not_a_header("CREDIT");
  out.bytes = from->bytes();
  return {};
}

Header Encoder::encode(const GoAway& message) {
  return memory_->finish(fbs::CreateGoAway(memory_->begin(), message.remaining_ms));
}

Status decode(Header header, GoAway& out) {
  const auto* from = flat::root<fbs::GoAway>(header);
  if (from == nullptr) return not_a_header("GOAWAY");
  out.remaining_ms = from->remaining_ms();
  return {};
}

Header Encoder::encode(const ShareMemory& message) {
  return memory_->finish(fbs::CreateShareMemory(memory_->begin(), message.bytes));
}

Status decode(Header header, ShareMemory& out) {
  const auto* from = flat::root<fbs::ShareMemory>(header);
  if (from == nullptr) return not_a_header("SHARE_MEMORY");
  out.bytes = from->bytes();
  return {};
}

Header Encoder::encode(const SharedMemory& message) {
  auto& builder = memory_->begin();
  const auto name = flat::name(builder, message.name);
  const auto proof = flat::id(builder, message.proof);
  const auto request_bell = flat::name(builder, message.request_bell);
  const auto reply_bell = flat::name(builder, message.reply_bell);
  return memory_->finish(fbs::CreateSharedMemory(builder, name, message.bytes, proof,
                                                 message.rings_at, request_bell, reply_bell));
}

Status decode(Header header, SharedMemory& out) {
  const auto* from = flat::root<fbs::SharedMemory>(header);
  if (from == nullptr) return not_a_header("SHARED_MEMORY");
  out.bytes = from->bytes();
  out.rings_at = from->rings_at();
  RDU_WIRE_TRY(flat::text(from->name(), kMaxNameBytes, "name", out.name));
  RDU_WIRE_TRY(flat::text(from->request_bell(), kMaxNameBytes, "bell", out.request_bell));
  RDU_WIRE_TRY(flat::text(from->reply_bell(), kMaxNameBytes, "bell", out.reply_bell));
  return flat::id(from->proof(), "proof", out.proof);
}

Header Encoder::encode(const StatusReport& message) {
  auto& builder = memory_->begin();
  const auto json = flat::text(builder, message.json, kMaxReportBytes);
  return memory_->finish(fbs::CreateStatusReport(builder, json));
}

Status decode(Header header, StatusReport& out) {
  const auto* from = flat::root<fbs::StatusReport>(header);
  if (from == nullptr) return not_a_header("STATUS_REPORT");
  return flat::text(from->json(), kMaxReportBytes, "report", out.json);
}

}  // namespace rdu::remote
