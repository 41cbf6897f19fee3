// Many clients of one peer in one thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/plugins/remote/support/wire_client.hpp"

namespace rdu::remote::drill {

class CrowdOfClients {
 public:
  using Clock = std::chrono::steady_clock;
  // Who heard what.
  using OnHeard = std::function<void(std::size_t client, const testing::Heard& heard)>;

  CrowdOfClients(std::string endpoint, const Hash& artifact, std::string device, OnHeard on_heard);
  ~CrowdOfClients();
  CrowdOfClients(const CrowdOfClients&) = delete;
  CrowdOfClients& operator=(const CrowdOfClients&) = delete;

  // Each says HELLO and loads the model. Throws where a client is not served.
  void add(std::size_t clients);
  // One goes and another comes in its place.
  void replace(std::size_t client);
  // The number of the request; 0: the connection takes nothing more.
  std::uint64_t run(std::size_t client, std::span<const std::byte> input,
                    std::uint32_t remaining_ms = 0);
  std::size_t size() const { return clients_.size(); }

  // Listens to everybody until then.
  void listen(Clock::time_point until);
  void leave() { clients_.clear(); }

 private:
  struct Client {
    std::unique_ptr<testing::WireClient> wire;
    std::uint64_t program = 0;
  };

  Client make(std::size_t number);
  void hear(std::size_t client);

  std::shared_ptr<Context> context_;
  std::string endpoint_, device_;
  Hash artifact_;
  OnHeard on_heard_;
  int epoll_ = -1;
  std::vector<Client> clients_;
  std::vector<std::size_t> spoke_;
};

}  // namespace rdu::remote::drill
