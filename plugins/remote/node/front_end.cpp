// The loop: wait, take what came, do what can be done, and now and then keep house.
#include "plugins/remote/node/front_end.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <span>

#include "plugins/remote/node/clock.hpp"
#include "plugins/remote/node/endpoint.hpp"

namespace rdu::remote::node {

namespace {

constexpr std::uint64_t kHouse = 50 * kMillisecond;
constexpr std::uint64_t kSong = 2 * kSecond;
constexpr std::uint64_t kExpiry = 60 * kSecond;
constexpr std::uint64_t kPingAfter = 15 * kSecond;
constexpr std::uint64_t kGoneAfter = 60 * kSecond;
constexpr std::uint64_t kLongestLook = kMillisecond;  // then signals and new clients have a turn
constexpr int kMessagesATurn = 64;

std::vector<std::unique_ptr<Lane>> make_lanes(const NodeOptions& options,
                                              const WorkerCommand& worker) {
  std::vector<std::unique_ptr<Lane>> lanes;
  const Patience patience = {options.hang_seconds * kSecond, options.longest_run_seconds * kSecond};
  for (const std::string& device : options.devices) {
    WorkerCommand command = worker;
    command.arguments.push_back(device);
    lanes.push_back(
        std::make_unique<Lane>(device, std::move(command), options.runs_at_once, patience));
  }
  return lanes;
}

}  // namespace

FrontEnd::FrontEnd(const NodeOptions& options, const PeerIdentity& identity,
                   const WorkerCommand& worker, Store store)
    : options_(options),
      identity_(identity),
      store_(std::move(store)),
      lanes_(make_lanes(options, worker)),
      outbox_(routers_, identity.epoch),
      services_{options_, outbox_, lanes_, background_, store_},
      programs_(services_),
      runs_(services_, programs_),
      states_(services_, programs_, options.data + "/states"),
      memory_(services_, roads_),
      canary_ns_(lanes_.size()),
      started_ns_(now_ns()) {
  link_options_.max_frame_bytes = options.max_frame_bytes + (64u << 10);
}

Status FrontEnd::open() {
  Result<std::shared_ptr<Context>> context = Context::create();
  if (!context.ok()) return context.status();
  context_ = std::move(*context);
  RDU_NODE_TRY(states_.open());
  RDU_NODE_TRY(roads_.open());
  Result<Gate> gate = Gate::open(context_, options_.key_file, options_.allow_file);
  if (!gate.ok()) return gate.status();
  gate_ = std::move(*gate);
  if (gate_.has_keys()) RDU_NODE_TRY(gate_.prove(link_options_));
  if (options_.http) {
    Result<HttpServer> http = HttpServer::listen(
        options_.http_port, [this](const std::string& path) { return page(path); });
    if (!http.ok()) return http.status();
    http_ = std::move(*http);
  }
  sigset_t wanted;
  ::sigemptyset(&wanted);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&wanted, signal);
  signals_ = Descriptor(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  for (const auto& lane : lanes_) lane->tend(now_ns());
  return {};
}

Status FrontEnd::bind_all() {
  for (const std::string& bind : options_.binds) {
    const bool local = bind.starts_with("ipc://");
    if (local) {
      Result<Descriptor> lock = claim_ipc(bind);
      if (!lock.ok()) return lock.status();
      locks_.push_back(std::move(*lock));
    }
    Result<Router> router = Router::create(context_, link_options_,
                                           local ? std::optional<CurveServer>() : gate_.curve());
    if (!router.ok()) return router.status();
    Result<std::string> endpoint = router->bind(bind);
    if (!endpoint.ok()) return endpoint.status();
    routers_.push_back(std::move(*router));
    endpoints_.push_back(plain_endpoint(std::move(*endpoint)));
  }
  return {};
}

void FrontEnd::announce() const {
  for (const std::string& endpoint : endpoints_) {
    std::printf("listening  %s\n", endpoint.c_str());
    for (const auto& lane : lanes_) {
      const bool curve = gate_.has_keys() && !endpoint.starts_with("ipc://");
      std::printf("device     remote:%s/%s%s%s\n", connectable(endpoint).c_str(),
                  lane->device().c_str(), curve ? "?server_key=" : "",
                  curve ? percent_encode(gate_.public_key()).c_str() : "");
    }
  }
  if (options_.http)
    std::printf("health     http://127.0.0.1:%u/\n", static_cast<unsigned>(http_.port()));
  std::fflush(stdout);
}

Status FrontEnd::run() {
  RDU_NODE_TRY(open());
  // The door opens when every device can be described.
  while (!std::ranges::all_of(
      lanes_, [](const auto& lane) { return lane->facts() || !lane->trouble().ok(); })) {
    RDU_NODE_TRY(turn());
  }
  for (const auto& lane : lanes_) {
    if (!lane->facts())
      return fail(lane->trouble().code(), lane->device(), ": ", lane->trouble().message());
  }
  RDU_NODE_TRY(bind_all());
  RDU_NODE_TRY(write_endpoints(options_.data, endpoints_, options_.http ? http_.port() : 0));
  sing();
  announce();
  while (!drained()) RDU_NODE_TRY(turn());
  return {};
}

void FrontEnd::collect_items() {
  items_.clear();
  for (const Router& router : routers_) items_.push_back({.socket = &router});
  if (gate_.has_keys()) items_.push_back({.socket = &gate_.socket()});
  items_.push_back({.fd = background_.bell()});
  items_.push_back({.fd = signals_.get()});
  items_.push_back({.fd = roads_.bell()});
  for (const auto& lane : lanes_) {
    if (WorkerProcess* worker = lane->worker()) {
      items_.push_back({.fd = worker->channel().bell()});
      items_.push_back({.fd = worker->channel().socket()});
    }
  }
  first_http_item_ = items_.size();
  http_.add_to(items_);
}

Status FrontEnd::turn() {
  collect_items();
  bool sleep = roads_.before_sleep();
  for (const auto& lane : lanes_) {
    if (WorkerProcess* worker = lane->worker()) sleep = worker->channel().before_sleep() && sleep;
  }
  const std::uint64_t before = now_ns();
  const std::uint64_t due = last_house_ns_ + kHouse;
  const long timeout =
      sleep && due > before ? static_cast<long>((due - before) / kMillisecond + 1) : 0;
  const Result<int> ready = poll(items_, timeout);
  if (!ready.ok()) return ready.status();
  for (const auto& lane : lanes_) {
    if (WorkerProcess* worker = lane->worker()) {
      worker->channel().after_sleep(readable(worker->channel().bell()));
    }
  }
  if (readable(roads_.bell())) roads_.listen();
  if (gate_.has_keys()) RDU_NODE_TRY(gate_.serve());
  if (work()) look();
  const std::uint64_t now = now_ns();
  const bool dead = std::ranges::any_of(lanes_, [this](const auto& lane) {
    return lane->worker() && readable(lane->worker()->channel().socket());
  });
  const bool house = dead || now - last_house_ns_ >= kHouse;
  if (house) keep_house(now);
  if (readable(signals_.get())) heed_signals();
  const bool visitors =
      std::ranges::any_of(std::span(items_).subspan(first_http_item_),
                          [](const PollItem& item) { return item.readable || item.writable; });
  if (house || visitors) http_.serve(now);
  return {};
}

// At the last poll: what has nothing to say is not asked, for each question is a system call.
bool FrontEnd::readable(int fd) const {
  return std::ranges::any_of(items_,
                             [fd](const PollItem& item) { return item.fd == fd && item.readable; });
}

bool FrontEnd::work() {
  bool any = false;
  for (bool happened = true; happened; any = any || happened) {
    happened = take_messages();
    happened = take_roads() || happened;
    happened = background_.finish() || happened;
    for (const auto& lane : lanes_) happened = lane->pump() || happened;
    if (now_ns() - last_house_ns_ >= 2 * kHouse) break;
  }
  return any;
}

// A short run is over before this thread would have fallen asleep and been woken again, and so its client asks for the next.
void FrontEnd::look() {
  const bool brisk = std::ranges::any_of(lanes_, [](const auto& lane) { return lane->brisk(); }) &&
                     std::ranges::all_of(lanes_, [](const auto& lane) {
                       return lane->brisk() || lane->under_way() == 0;
                     });
  if (options_.spin_us == 0 || !brisk || !alertness_.wants_to_look()) return;
  bool came = false;
  const std::uint64_t latest = now_ns() + kLongestLook;
  for (std::uint64_t now = now_ns(), end = now + options_.spin_us * 1000;
       now < std::min(end, latest); now = now_ns()) {
    if (work()) {
      came = true;
      end = now_ns() + options_.spin_us * 1000;
    } else {
      ::sched_yield();
      roads_.listen();
    }
  }
  alertness_.looked(came);
}

bool FrontEnd::take_messages() {
  bool any = false;
  for (std::size_t i = 0; i < routers_.size(); ++i) {
    for (int n = 0; n < kMessagesATurn; ++n) {
      const Result<bool> got = routers_[i].receive(frames_);
      if (!got.ok() || !*got) break;
      any = true;
      take(i, frames_);
    }
  }
  return any;
}

bool FrontEnd::take_roads() {
  const bool any =
      roads_.take(header_, [this](const ConnectionPtr& from, const Result<Incoming>& incoming) {
        take_by_road(from, incoming);
      });
  // Only the memory goes: what came over the socket before that may still wait there.
  for (const Roads::Ended& ended : roads_.take_ended()) {
    if (ended.connection->shared == ended.shared) memory_.drop(*ended.connection);
  }
  return any;
}

void FrontEnd::heed_signals() {
  signalfd_siginfo info = {};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGHUP) {
      if (const Status status = gate_.reload(); !status.ok()) {
        std::fprintf(stderr, "rdu-node: the old allow-list stays: %s\n", status.message().c_str());
      }
      continue;
    }
    const std::uint64_t now = now_ns();
    if (drain_until_ns_ != 0) {
      drain_until_ns_ = now;
      continue;
    }
    drain_until_ns_ = now + options_.drain_seconds * kSecond;
    for (const auto& [key, connection] : connections_) {
      if (connection->greeted)
        outbox_.tell(connection, MessageType::kGoAway, GoAway{options_.drain_seconds * 1000});
    }
  }
}

bool FrontEnd::drained() const {
  if (drain_until_ns_ == 0) return false;
  const bool idle = background_.pending() == 0 &&
                    std::ranges::all_of(lanes_, [](const auto& lane) { return lane->idle(); });
  return idle || now_ns() >= drain_until_ns_;
}

void FrontEnd::keep_house(std::uint64_t now) {
  last_house_ns_ = now;
  for (const auto& lane : lanes_) lane->tend(now);
  memory_.release();
  work();
  // Nothing that was heard meanwhile may lie in the future.
  now = now_ns();
  if (now - last_song_ns_ >= kSong) sing();
  if (now - last_expiry_ns_ >= kExpiry) {
    last_expiry_ns_ = now;
    states_.expire(now);
  }
  std::vector<ConnectionPtr> gone;
  for (const auto& [key, connection] : connections_) {
    const std::uint64_t quiet = now - connection->last_heard_ns;
    if (quiet > kPingAfter && now - connection->last_ping_ns > kPingAfter) {
      connection->last_ping_ns = now;
      outbox_.tell_empty(connection, MessageType::kPing, 1);
    }
    if (connection->gone || quiet > kGoneAfter) gone.push_back(connection);
  }
  for (const ConnectionPtr& connection : gone) forget(connection);
}

}  // namespace rdu::remote::node
