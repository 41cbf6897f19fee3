// One request, one answer, goodbye.
#include "plugins/remote/node/http.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "plugins/remote/node/clock.hpp"

namespace rdu::remote::node {

namespace {

constexpr std::size_t kMostVisitors = 16;
constexpr std::size_t kLongestRequest = 4096;
constexpr std::uint64_t kPatience = 2 * kSecond;

std::string reason_of(int code) {
  switch (code) {
    case 200:
      return "OK";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    default:
      return "Service Unavailable";
  }
}

std::string answer_text(const Page& page) {
  return concat("HTTP/1.1 ", page.code, " ", reason_of(page.code), "\r\nContent-Type: ", page.type,
                "\r\nContent-Length: ", page.text.size(), "\r\nConnection: close\r\n\r\n",
                page.text);
}

}  // namespace

Result<HttpServer> HttpServer::listen(std::uint16_t port,
                                      std::function<Page(const std::string&)> page) {
  HttpServer server;
  server.page_ = std::move(page);
  server.listener_ = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int yes = 1;
  ::setsockopt(server.listener_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(server.listener_.get(), any, size) != 0 || ::listen(server.listener_.get(), 16) != 0 ||
      ::getsockname(server.listener_.get(), any, &size) != 0) {
    return system_error("cannot listen on", concat("127.0.0.1:", port));
  }
  server.port_ = ntohs(address.sin_port);
  return server;
}

void HttpServer::add_to(std::vector<PollItem>& items) const {
  if (!listener_) return;
  if (visitors_.size() < kMostVisitors) items.push_back({.fd = listener_.get()});
  for (const Visitor& visitor : visitors_) {
    items.push_back({.fd = visitor.socket.get(),
                     .want_read = visitor.out.empty(),
                     .want_write = !visitor.out.empty()});
  }
}

void HttpServer::serve(std::uint64_t now) {
  if (!listener_) return;
  accept(now);
  std::erase_if(visitors_, [&](Visitor& visitor) {
    return now - visitor.since > kPatience || !advance(visitor);
  });
}

void HttpServer::accept(std::uint64_t now) {
  while (visitors_.size() < kMostVisitors) {
    Descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) return;
    visitors_.push_back({std::move(socket), {}, {}, now});
  }
}

bool HttpServer::advance(Visitor& visitor) {
  char buffer[1024];
  while (visitor.out.empty()) {
    const ssize_t got = ::recv(visitor.socket.get(), buffer, sizeof buffer, 0);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0 || visitor.in.size() > kLongestRequest) return false;
    visitor.in.append(buffer, static_cast<std::size_t>(got));
    if (visitor.in.find("\r\n\r\n") == std::string::npos) continue;
    const bool get = visitor.in.starts_with("GET ");
    const std::string path = visitor.in.substr(4, visitor.in.find_first_of(" ?\r", 4) - 4);
    visitor.out = answer_text(get ? page_(path) : Page{405, "text/plain", "GET only\n"});
  }
  const ssize_t sent =
      ::send(visitor.socket.get(), visitor.out.data(), visitor.out.size(), MSG_NOSIGNAL);
  if (sent < 0) return errno == EAGAIN || errno == EINTR;
  visitor.out.erase(0, static_cast<std::size_t>(sent));
  if (!visitor.out.empty()) return true;
  ::shutdown(visitor.socket.get(), SHUT_WR);
  return false;
}

}  // namespace rdu::remote::node
