// rdu top: load, queue, clients and latencies of a peer, read from its health pages.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "tools/rdu/commands/command.hpp"

namespace rdu::tool {

namespace {

using nlohmann::json;

struct TopOptions {
  std::string node;
  double seconds = 1;
  bool once = false, json = false;
};

class Connection {
 public:
  explicit Connection(std::uint16_t port)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience = {5, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    connected_ =
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // All that comes back, empty where nothing does.
  std::string ask(const std::string& request) const {
    std::string answer;
    if (!connected_ || ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) < 0)
      return answer;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::recv(socket_, buffer, sizeof buffer, 0)) > 0;) {
      answer.append(buffer, static_cast<std::size_t>(got));
    }
    return answer;
  }

 private:
  int socket_;
  bool connected_ = false;
};

// "7071", "127.0.0.1:7071" or "http://127.0.0.1:7071/": a peer shows its health on loopback only.
std::uint16_t port_of(std::string node) {
  while (node.ends_with('/')) node.pop_back();
  const std::string digits =
      node.substr(node.rfind(':') == std::string::npos ? 0 : node.rfind(':') + 1);
  std::uint16_t port = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size() || port == 0) {
    throw std::runtime_error("'" + node +
                             "': give the address that rdu-node prints as health, or its port");
  }
  return port;
}

json read_status(std::uint16_t port) {
  const std::string answer =
      Connection(port).ask("GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const std::size_t body = answer.find("\r\n\r\n");
  if (body == std::string::npos) {
    throw std::runtime_error("no peer shows its health on 127.0.0.1:" + std::to_string(port) +
                             " (elsewhere: ssh -L)");
  }
  return json::parse(answer.substr(body + 4));
}

std::uint64_t number(const json& object, const char* name) {
  return object.at(name).get<std::uint64_t>();
}

// Rates are since `before`, which may be what is now: then there are none.
void print(const json& now, const json& before, double seconds) {
  std::printf(
      "up %llu s, %s   clients %llu (%llu busy)   states %llu   queued %.1f MB   overloaded %llu\n",
      static_cast<unsigned long long>(number(now, "uptime_s")),
      now.at("draining").get<bool>() ? "draining"
      : now.at("ready").get<bool>()  ? "ready"
                                     : "not ready",
      static_cast<unsigned long long>(number(now, "clients")),
      static_cast<unsigned long long>(number(now, "busy_clients")),
      static_cast<unsigned long long>(number(now, "states")),
      static_cast<double>(number(now, "queued_bytes")) / 1e6,
      static_cast<unsigned long long>(number(now, "overloaded")));
  std::printf("%-20s %8s %6s %6s %9s | %9s %9s %9s  us\n", "device", "runs/s", "busy", "queue",
              "restarts", "p50", "p99", "p99.9");
  for (std::size_t i = 0; i < now.at("devices").size(); ++i) {
    const json& device = now["devices"][i];
    const json& old = before.at("devices").at(i);
    const json& total = device.at("total");
    const double runs =
        static_cast<double>(number(total, "count") - number(old.at("total"), "count"));
    const double busy =
        static_cast<double>(number(device, "busy_us") - number(old, "busy_us")) / 1e6;
    std::printf(
        "%-20s %8.0f %5.0f%% %6llu %9llu | %9llu %9llu %9llu\n",
        device.at("uri").get<std::string>().c_str(), runs / seconds, 100 * busy / seconds,
        static_cast<unsigned long long>(number(device, "queued") + number(device, "under_way")),
        static_cast<unsigned long long>(number(device, "restarts")),
        static_cast<unsigned long long>(number(total, "p50_us")),
        static_cast<unsigned long long>(number(total, "p99_us")),
        static_cast<unsigned long long>(number(total, "p999_us")));
  }
}

int top(const TopOptions& options) {
  const std::uint16_t port = port_of(options.node);
  json before = read_status(port);
  if (options.once && options.json) {
    std::printf("%s\n", before.dump().c_str());
    return 0;
  }
  do {
    std::this_thread::sleep_for(std::chrono::duration<double>(options.seconds));
    json now = read_status(port);
    if (!options.once && !options.json) std::printf("\033[H\033[2J");
    if (options.json) {
      std::printf("%s\n", now.dump().c_str());
    } else {
      print(now, number(now, "epoch") == number(before, "epoch") ? before : now, options.seconds);
    }
    std::fflush(stdout);
    before = std::move(now);
  } while (!options.once);
  return 0;
}

}  // namespace

void add_top(CLI::App& app, Action& action) {
  auto options = std::make_shared<TopOptions>();
  CLI::App* command =
      app.add_subcommand("top", "Show a peer's load, queues, clients and latencies, live");
  command
      ->add_option("NODE", options->node, "The address that rdu-node prints as health, or its port")
      ->required();
  command->add_option("--seconds", options->seconds, "Between two looks")
      ->check(CLI::Range(0.1, 3600.0));
  command->add_flag("--once", options->once, "Look once and end");
  command->add_flag("--json", options->json, "The peer's own words, a line of JSON each time");
  command->footer("Example:\n  rdu top 127.0.0.1:7071");
  command->callback([options, &action] { action = [options] { return top(*options); }; });
}

}  // namespace rdu::tool
