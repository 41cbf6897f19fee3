// epoll over the sockets' descriptors: they tell of what is new only, so each is read until it is empty after every use.
// Nothing is heard but in `listen`, so that who speaks can note it down first.
#include "tests/e2e/remote/crowd_of_clients.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <stdexcept>

namespace rdu::remote::drill {

namespace {

using namespace std::chrono_literals;
using testing::WireClient;

constexpr auto kPatience = 20s;

}  // namespace

CrowdOfClients::CrowdOfClients(std::string endpoint, const Hash& artifact, std::string device,
                               OnHeard on_heard)
    : endpoint_(std::move(endpoint)),
      device_(std::move(device)),
      artifact_(artifact),
      on_heard_(std::move(on_heard)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  plugin::Result<std::shared_ptr<Context>> context = Context::create(1, 16384);
  if (!context.ok() || epoll_ < 0) throw std::runtime_error("no sockets for a crowd");
  context_ = std::move(*context);
}

CrowdOfClients::~CrowdOfClients() {
  clients_.clear();
  ::close(epoll_);
}

CrowdOfClients::Client CrowdOfClients::make(std::size_t number) {
  Client client{std::make_unique<WireClient>(context_, endpoint_), 0};
  if (!client.wire->greet(kPatience)) throw std::runtime_error("a client was not greeted");
  client.program = client.wire->load(artifact_, device_, kPatience);
  epoll_event event = {.events = EPOLLIN | EPOLLET, .data = {.u64 = number}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.wire->dealer().fd(), &event);
  return client;
}

void CrowdOfClients::add(std::size_t clients) {
  for (std::size_t i = 0; i < clients; ++i) clients_.push_back(make(clients_.size()));
}

void CrowdOfClients::replace(std::size_t client) {
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, clients_[client].wire->dealer().fd(), nullptr);
  clients_[client].wire.reset();
  clients_[client] = make(client);
}

std::uint64_t CrowdOfClients::run(std::size_t client, std::span<const std::byte> input,
                                  std::uint32_t remaining_ms) {
  spoke_.push_back(client);
  return clients_[client].wire->run(clients_[client].program, input, remaining_ms);
}

void CrowdOfClients::hear(std::size_t client) {
  while (const auto heard = clients_[client].wire->next()) on_heard_(client, *heard);
}

void CrowdOfClients::listen(Clock::time_point until) {
  epoll_event events[64];
  for (const std::size_t client : spoke_) hear(client);
  spoke_.clear();
  do {
    const auto left = std::max<Clock::duration>(until - Clock::now(), 0ns);
    const timespec wait = {std::chrono::duration_cast<std::chrono::seconds>(left).count(),
                           std::chrono::duration_cast<std::chrono::nanoseconds>(left % 1s).count()};
    const int ready = ::epoll_pwait2(epoll_, events, std::size(events), &wait, nullptr);
    for (int i = 0; i < ready; ++i) hear(events[i].data.u64);
  } while (Clock::now() < until);
}

}  // namespace rdu::remote::drill
