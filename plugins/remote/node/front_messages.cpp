// From frames to desks: who sent it, is it whole, may they, is there room; only then is a header decoded.
#include <algorithm>
#include <new>

#include "plugins/remote/node/clock.hpp"
#include "plugins/remote/node/endpoint.hpp"
#include "plugins/remote/node/front_end.hpp"
#include "plugins/remote/wire/prefix.hpp"

namespace rdu::remote::node {

namespace {

constexpr std::uint32_t kMostBadMessages = 3;
constexpr std::size_t kMostConnections = 16384;
constexpr const char* kBuild = "rdu-node 0.1";

std::string connection_key(std::size_t router, const Frame& identity) {
  const ByteSpan bytes = identity.bytes();
  std::string key(1, static_cast<char>('0' + router));
  key.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return key;
}

bool is_effect_free_of_roles(MessageType type) {
  return type == MessageType::kPing || type == MessageType::kPong || type == MessageType::kCancel;
}

// One of these is enough. What changes parameters needs more, which only its program tells (ProgramDesk).
std::uint8_t sufficient_roles(MessageType type) {
  switch (type) {
    case MessageType::kOffer:
    case MessageType::kCommit:
      return bits(Role::kRun) | bits(Role::kUpload);
    case MessageType::kChunk:
      return bits(Role::kUpload);
    case MessageType::kStatus:
      return bits(Role::kAdmin);
    default:
      return bits(Role::kRun);
  }
}

bool begins_work(MessageType type) {
  return type != MessageType::kStatus && type != MessageType::kUnload &&
         type != MessageType::kStateDestroy;
}

}  // namespace

// The identity only says where to answer. Who it is comes from the handshake, with every message.
std::optional<Client> FrontEnd::client_of(std::size_t router, const std::string& user) const {
  const bool curve = gate_.has_keys() && !endpoints_[router].starts_with("ipc://");
  return curve ? gate_.client(user) : Client{kLocalUser, kEveryRole};
}

ConnectionPtr FrontEnd::recognise(std::size_t router, const Frame& identity, const Frame& message) {
  const std::string user = message.property("User-Id");
  const std::optional<Client> client = client_of(router, user);
  if (!client) {
    ++counters_.unauthorised;
    return nullptr;
  }
  const std::string key = connection_key(router, identity);
  auto found = connections_.find(key);
  if (found != connections_.end() && found->second->client.name != client->name) {
    forget(found->second);
    found = connections_.end();
  }
  if (found == connections_.end()) {
    if (connections_.size() >= kMostConnections) return nullptr;
    auto connection = std::make_shared<Connection>();
    connection->router = router;
    connection->identity = key.substr(1);
    connection->credit = CreditWindow(options_.credit_bytes);
    found = connections_.emplace(key, std::move(connection)).first;
  }
  found->second->user = user;
  found->second->client = *client;
  return found->second;
}

void FrontEnd::take(std::size_t router, std::vector<Frame>& frames) {
  ++counters_.received;
  for (const Frame& frame : frames) counters_.received_bytes += frame.size();
  if (frames.size() < 2) {
    ++counters_.malformed;
    return;
  }
  const ConnectionPtr from = recognise(router, frames[0], frames[1]);
  if (!from || from->bad_messages >= kMostBadMessages) return;
  from->last_heard_ns = now_ns();
  const std::span<Frame> message = std::span(frames).subspan(1);
  const Result<Incoming> incoming = open_message(message, header_);
  if (incoming.ok()) return handle(from, *incoming, false);
  ++counters_.malformed;
  ++from->bad_messages;
  const std::uint64_t request = request_of(message);
  if (request != 0) outbox_.fail({from, request, 0}, incoming.status());
}

// The road is for runs. It needs no identity; what its sender may do is asked again, for that may change.
void FrontEnd::take_by_road(const ConnectionPtr& from, const Result<Incoming>& incoming) {
  ++counters_.received;
  const std::optional<Client> client = client_of(from->router, from->user);
  const bool expected = incoming.ok() && (incoming->prefix.type == MessageType::kRun ||
                                          incoming->prefix.type == MessageType::kCancel);
  if (!client || !expected) {
    ++(client ? counters_.malformed : counters_.unauthorised);
    return forget(from);
  }
  counters_.received_bytes += kPrefixBytes + incoming->header.size();
  from->client = *client;
  from->last_heard_ns = now_ns();
  handle(from, *incoming, true);
}

void FrontEnd::handle(const ConnectionPtr& from, const Incoming& incoming, bool by_road) {
  try {
    judge(from, incoming, by_road);
  } catch (const std::bad_alloc&) {
    outbox_.fail({from, incoming.prefix.request, 0, by_road},
                 fail(RDU_ERR_OUT_OF_MEMORY, "the peer has no memory for this"));
  }
}

void FrontEnd::judge(const ConnectionPtr& from, const Incoming& incoming, bool by_road) {
  const Prefix& prefix = incoming.prefix;
  if (prefix.type == MessageType::kHello) return hello(from, incoming);
  RequestRef to{from, prefix.request, 0, by_road};
  if (!from->greeted || prefix.version != from->version) {
    return outbox_.fail(to, fail(RDU_ERR_INVALID_ARGUMENT,
                                 "HELLO comes first, and its answer says which version to speak"));
  }
  if (prefix.epoch != identity_.epoch && prefix.epoch != 0) {
    return outbox_.fail(to, fail(RDU_ERR_WORKER_LOST, "the peer has begun anew; say HELLO again"));
  }
  const std::uint64_t bytes = prefix.header_bytes + prefix.payload_bytes;
  std::uint32_t retry_ms = 0;
  if (const Status status = admit(*from, prefix.type, bytes, retry_ms); !status.ok()) {
    return outbox_.fail(to, status, retry_ms);
  }
  if (!is_effect_free_of_roles(prefix.type)) {
    from->credit.try_take(bytes);
    to.bytes = bytes;
  }
  dispatch({to, prefix.type, incoming.header, incoming.payload, prefix.payload_bytes,
            from->last_heard_ns});
}

Status FrontEnd::admit(const Connection& from, MessageType type, std::uint64_t bytes,
                       std::uint32_t& retry_ms) {
  if (is_effect_free_of_roles(type)) return {};
  if ((from.client.roles & sufficient_roles(type)) == 0) {
    return fail(RDU_ERR_PERMISSION, "this client may only ", role_names(from.client.roles));
  }
  if (!begins_work(type)) return {};
  if (drain_until_ns_ != 0) {
    retry_ms = 1000;
    return fail(RDU_ERR_OVERLOADED, "the peer is about to stop");
  }
  const bool too_many = from.jobs.size() >= options_.max_requests;
  const bool no_credit = bytes > from.credit.available();
  const bool full = services_.queued_bytes > options_.queue_bytes;
  if (!too_many && !no_credit && !full) return {};
  ++counters_.overloaded;
  std::uint64_t wait = 0;
  for (const auto& lane : lanes_) wait = std::max(wait, lane->expected_wait_ns());
  retry_ms = static_cast<std::uint32_t>(wait / kMillisecond + 1);
  return fail(RDU_ERR_OVERLOADED, too_many    ? "too many requests of this client are under way"
                                  : no_credit ? "the client has no credit left"
                                              : "the requests of all clients are too many bytes");
}

void FrontEnd::dispatch(const Request& request) {
  switch (request.type) {
    case MessageType::kPing:
      return outbox_.tell_empty(request.to.from, MessageType::kPong, request.to.request);
    case MessageType::kOffer:
      return programs_.offer(request);
    case MessageType::kChunk:
      return programs_.chunk(request);
    case MessageType::kCommit:
      return programs_.commit(request);
    case MessageType::kCheck:
      return programs_.check(request);
    case MessageType::kLoad:
      return programs_.load(request);
    case MessageType::kUnload:
      return programs_.unload(request);
    case MessageType::kRun: {
      Run run;
      if (!read_request(services_, request, run)) return;
      return run.state == 0 ? runs_.run(request, run) : states_.run(request, run);
    }
    case MessageType::kCancel:
      return runs_.cancel(request);
    case MessageType::kStateCreate:
      return states_.create(request);
    case MessageType::kStateDestroy:
    case MessageType::kStateRead:
    case MessageType::kStateWrite:
    case MessageType::kStateReset:
    case MessageType::kStateClone:
      return states_.call(request);
    case MessageType::kShareMemory:
      return memory_.share(request, is_local(endpoints_[request.to.from->router]));
    case MessageType::kStatus:
      return outbox_.reply(request.to, MessageType::kStatusReport, StatusReport{status_json()});
    case MessageType::kPong:
      return;
    default:
      return outbox_.fail(request.to,
                          fail(RDU_ERR_INVALID_ARGUMENT, "a peer does not take messages of type ",
                               static_cast<unsigned>(request.type)));
  }
}

void FrontEnd::hello(const ConnectionPtr& from, const Incoming& incoming) {
  const RequestRef to{from, incoming.prefix.request, 0};
  Hello hello;
  if (const Status status = decode(incoming.header, hello); !status.ok())
    return outbox_.fail(to, status);
  const Welcome answer = welcome(hello);
  if (kProtocolVersion < hello.versions.low || kProtocolVersion > hello.versions.high) {
    return outbox_.fail(to, fail(RDU_ERR_UNSUPPORTED, "this peer speaks version ", kProtocolVersion,
                                 ", not ", hello.versions.low, " to ", hello.versions.high));
  }
  if (const std::uint64_t lacking = hello.required_features & ~answer.features; lacking != 0) {
    return outbox_.fail(to, fail(RDU_ERR_UNSUPPORTED, "this peer lacks the required feature ",
                                 lacking & (~lacking + 1)));
  }
  from->session = hello.session;
  from->features = answer.features;
  from->greeted = true;
  outbox_.reply(to, MessageType::kWelcome, answer);
  from->version = kProtocolVersion;
}

Welcome FrontEnd::welcome(const Hello& hello) const {
  Welcome answer;
  answer.version = kProtocolVersion;
  answer.build = kBuild;
  answer.peer = identity_.peer;
  answer.boot_epoch = identity_.epoch;
  answer.features = (kFeatureSharedMemory | kFeatureState | kFeatureRoad) & hello.features;
  answer.limits = {options_.max_frame_bytes, options_.credit_bytes,
                   options_.store.max_artifact_bytes, options_.max_requests};
  answer.credit_bytes = options_.credit_bytes;
  for (const auto& lane : lanes_) {
    answer.queued_requests += static_cast<std::uint32_t>(lane->queued() + lane->under_way());
    const DeviceFacts& facts = *lane->facts();
    answer.devices.push_back({lane->device(), facts.name, facts.target, facts.target_hash,
                              facts.memory_bytes, facts.max_concurrency});
  }
  return answer;
}

// What it waits for is dropped, pure runs also where they have begun; its states and what happens to them stay, for it may
// come back.
void FrontEnd::forget(const ConnectionPtr& connection) {
  connection->gone = true;
  for (const auto& [request, job] : connection->jobs) {
    if (job->has_effect) {
      job->cancelled = true;
    } else {
      cancel(*job);
    }
  }
  programs_.forget(*connection);
  memory_.drop(*connection);
  connections_.erase(std::string(1, static_cast<char>('0' + connection->router)) +
                     connection->identity);
}

}  // namespace rdu::remote::node
