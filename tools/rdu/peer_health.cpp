// One HTTP request on loopback, and what comes back as JSON.
#include "tools/rdu/peer_health.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "tools/rdu/error.hpp"

namespace rdu::tool {

namespace {

constexpr timeval kPatience = {2, 0};

class Connection {
 public:
  explicit Connection(std::uint16_t port)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    const auto* to = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(socket_, to, sizeof address) != 0) trouble_ = std::strerror(errno);
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Why there is no connection, or "".
  const std::string& trouble() const { return trouble_; }
  // All that comes back, empty where nothing does.
  std::string ask(const std::string& request) const {
    std::string answer;
    if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) < 0) return answer;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::recv(socket_, buffer, sizeof buffer, 0)) > 0;) {
      answer.append(buffer, static_cast<std::size_t>(got));
    }
    return answer;
  }

 private:
  int socket_;
  std::string trouble_;
};

}  // namespace

std::uint16_t health_port(std::string node) {
  while (node.ends_with('/')) node.pop_back();
  const std::size_t colon = node.rfind(':');
  const std::string digits = node.substr(colon == std::string::npos ? 0 : colon + 1);
  std::uint16_t port = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size() && port != 0) {
    return port;
  }
  throw ToolError("'" + node + "': give the address that rdu-node prints as health, or its port");
}

PeerHealth read_health(std::uint16_t port) {
  const Connection connection(port);
  if (!connection.trouble().empty()) return {{}, connection.trouble()};
  const std::string answer = connection.ask("GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const std::size_t body = answer.find("\r\n\r\n");
  if (body == std::string::npos) return {{}, "no answer"};
  auto status = nlohmann::json::parse(answer.substr(body + 4), nullptr, false);
  if (!status.is_object() || !status.contains("devices")) return {{}, "not a peer's health page"};
  return {std::move(status), {}};
}

}  // namespace rdu::tool
