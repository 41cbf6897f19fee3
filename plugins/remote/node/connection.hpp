// A client as the front end knows it: where replies go, who it is, what it has under way.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "plugins/remote/node/allow_list.hpp"
#include "plugins/remote/wire/credit.hpp"
#include "plugins/remote/wire/messages.hpp"

namespace rdu::remote::node {

struct Job;
struct SharedMapping;

struct Connection {
  std::size_t router = 0;  // through which it came
  std::string identity;    // the router's; says nothing about who it is
  std::string user;        // the User-Id that ZAP gave, which does
  Client client;           // by that
  SessionId session{};
  bool greeted = false;
  bool gone = false;
  std::uint16_t version = 0;
  std::uint64_t features = 0;  // that both have
  CreditWindow credit;
  std::uint32_t bad_messages = 0;
  std::uint64_t last_heard_ns = 0;
  std::uint64_t last_ping_ns = 0;
  std::unordered_map<std::uint64_t, std::shared_ptr<Job>> jobs;  // by request
  std::map<std::uint64_t, std::uint32_t> programs;               // loads of each
  std::shared_ptr<SharedMapping> shared;
};

using ConnectionPtr = std::shared_ptr<Connection>;

}  // namespace rdu::remote::node
