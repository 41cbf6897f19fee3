// A few pages over HTTP on loopback, for those who watch: no keep-alive, no bodies, bounded in everything.
#pragma once

#include <functional>
#include <list>
#include <string>
#include <vector>

#include "plugins/remote/node/file.hpp"
#include "plugins/remote/wire/link.hpp"

namespace rdu::remote::node {

struct Page {
  int code = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string text;
};

class HttpServer {
 public:
  // 127.0.0.1; port 0: any. `page` answers a path.
  static Result<HttpServer> listen(std::uint16_t port,
                                   std::function<Page(const std::string&)> page);
  HttpServer() = default;

  std::uint16_t port() const { return port_; }
  void add_to(std::vector<PollItem>& items) const;
  // Does what can be done without blocking.
  void serve(std::uint64_t now);

 private:
  struct Visitor {
    Descriptor socket;
    std::string in, out;
    std::uint64_t since = 0;
  };

  void accept(std::uint64_t now);
  bool advance(Visitor& visitor);  // false: finished

  Descriptor listener_;
  std::uint16_t port_ = 0;
  std::function<Page(const std::string&)> page_;
  std::list<Visitor> visitors_;
};

}  // namespace rdu::remote::node
