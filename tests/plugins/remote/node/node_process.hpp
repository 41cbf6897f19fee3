// rdu-node as a child of a test: started on a free port, paused, killed, and never left behind.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace rdu::remote::testing {

struct NodeProcessOptions {
  std::string program;  // rdu-node; "": the one of this build
  std::string data;
  std::vector<std::string> arguments;  // besides --bind, --http and --data
  std::string bind = "tcp://127.0.0.1:0";
};

class NodeProcess {
 public:
  // Returns when it has said where it listens. Throws std::runtime_error where it does not within ten seconds.
  explicit NodeProcess(NodeProcessOptions options);
  ~NodeProcess();
  NodeProcess(const NodeProcess&) = delete;
  NodeProcess& operator=(const NodeProcess&) = delete;

  const std::string& endpoint() const { return endpoint_; }
  std::string device(const std::string& device = "cpu:") const {
    return "remote:" + endpoint_ + "/" + device;
  }
  std::uint16_t http_port() const { return http_port_; }
  const std::string& output() const { return output_; }

  pid_t supervisor() const { return process_; }
  pid_t front_end() const;
  std::vector<pid_t> workers() const;

  // Everything dies at once, as in a power cut; `begin` starts it again on the same ports.
  void kill_all();
  void begin();
  // A signal to the first process, and its exit code if it ends within the time; -1: it does not.
  void signal(int number) const;
  int wait_for_end(int milliseconds);

  // The answer of a health page: the code, and its text. 0: none came.
  int get(const std::string& path, std::string& text) const;
  int get(const std::string& path) const {
    std::string text;
    return get(path, text);
  }
  // The number behind "name": in /status; the first such.
  std::uint64_t status(const std::string& name) const;

 private:
  void read_announcement();

  NodeProcessOptions options_;
  pid_t process_ = -1;
  std::string endpoint_, output_;
  std::uint16_t http_port_ = 0;
  int pipe_ = -1;  // stays open: it may say more, and must not die of it
};

std::vector<pid_t> children_of(pid_t process);

}  // namespace rdu::remote::testing
