// One epoll descriptor for all bells: the loop waits for one thing, however many clients there are.
#include "plugins/remote/node/roads.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>

namespace rdu::remote::node {

namespace {

constexpr int kMessagesATurn = 64;

}  // namespace

Status Roads::open() {
  bells_ = Descriptor(::epoll_create1(EPOLL_CLOEXEC));
  return bells_ ? Status() : system_error("cannot watch", "bells");
}

Status Roads::add(const ConnectionPtr& connection) {
  const int bell = connection->shared->road->bell();
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.fd = bell;
  if (::epoll_ctl(bells_.get(), EPOLL_CTL_ADD, bell, &event) != 0)
    return system_error("cannot watch", "a bell");
  connections_[bell] = connection;
  return {};
}

void Roads::remove(const Connection& connection) {
  const int bell = connection.shared->road->bell();
  ::epoll_ctl(bells_.get(), EPOLL_CTL_DEL, bell, nullptr);
  std::erase_if(awake_, [&](const ConnectionPtr& each) { return each.get() == &connection; });
  connections_.erase(bell);
}

void Roads::listen() {
  std::array<epoll_event, 16> rung = {};
  const int count = ::epoll_wait(bells_.get(), rung.data(), static_cast<int>(rung.size()), 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = rung[static_cast<std::size_t>(i)];
    const auto found = connections_.find(event.data.fd);
    if (found == connections_.end()) continue;
    if ((event.events & (EPOLLIN | EPOLLHUP)) == EPOLLHUP) {
      ended_.push_back({found->second, found->second->shared});
      ::epoll_ctl(bells_.get(), EPOLL_CTL_DEL, event.data.fd, nullptr);
      continue;
    }
    Road& road = *found->second->shared->road;
    road.hush();
    road.after_sleep();
    if (std::ranges::find(awake_, found->second) == awake_.end()) awake_.push_back(found->second);
  }
}

bool Roads::take(AlignedHeader& header, const Take& take) {
  bool any = false;
  // What is taken may end a connection.
  const std::vector<ConnectionPtr> awake = awake_;
  for (const ConnectionPtr& connection : awake) {
    const std::shared_ptr<SharedMapping> shared = connection->shared;
    for (int n = 0; n < kMessagesATurn && shared && shared == connection->shared; ++n) {
      Incoming incoming;
      const Result<bool> got = shared->road->receive(header, incoming);
      if (got.ok() && !*got) break;
      any = true;
      take(connection, got.ok() ? Result<Incoming>(incoming) : Result<Incoming>(got.status()));
    }
  }
  return any;
}

bool Roads::before_sleep() {
  const bool sleep = std::ranges::all_of(awake_, [](const ConnectionPtr& connection) {
    return connection->shared->road->before_sleep();
  });
  if (sleep) awake_.clear();
  return sleep;
}

}  // namespace rdu::remote::node
