// fork, exec, read the announcement; /proc for the family; sockets for the health pages.
#include "tests/plugins/remote/node/node_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace rdu::remote::testing {

namespace {

constexpr int kPatienceMs = 10'000;

std::string default_program() {
  const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return (here / "../../bin/rdu-node").lexically_normal().string();
}

// Gone, or dead and not yet buried by whoever inherited it.
bool gone(pid_t process) {
  std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  if (process <= 0 || !std::getline(stat, text)) return true;
  const std::size_t name = text.rfind(')');
  return name + 2 < text.size() && text[name + 2] == 'Z';
}

std::string word_after(const std::string& text, const std::string& label) {
  const std::size_t at = text.find(label);
  if (at == std::string::npos) return {};
  std::istringstream words(text.substr(at + label.size()));
  std::string word;
  words >> word;
  return word;
}

}  // namespace

std::vector<pid_t> children_of(pid_t process) {
  std::vector<pid_t> children;
  std::error_code error;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task", error)) {
    std::ifstream list(task.path() / "children");
    for (pid_t child = 0; list >> child;) children.push_back(child);
  }
  return children;
}

NodeProcess::NodeProcess(NodeProcessOptions options) : options_(std::move(options)) {
  if (options_.program.empty()) options_.program = default_program();
  begin();
}

NodeProcess::~NodeProcess() {
  kill_all();
  if (pipe_ >= 0) ::close(pipe_);
}

void NodeProcess::begin() {
  std::vector<std::string> words = {options_.program,
                                    "--bind",
                                    endpoint_.empty() ? options_.bind : endpoint_,
                                    "--data",
                                    options_.data,
                                    "--http",
                                    std::to_string(http_port_)};
  words.insert(words.end(), options_.arguments.begin(), options_.arguments.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  int ends[2] = {};
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  process_ = ::fork();
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(ends[1], STDOUT_FILENO);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  if (pipe_ >= 0) ::close(pipe_);
  pipe_ = ends[0];
  try {
    read_announcement();
  } catch (...) {
    kill_all();
    throw;
  }
}

void NodeProcess::read_announcement() {
  output_.clear();
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMs);
  while (output_.find("health ") == std::string::npos || output_.back() != '\n') {
    pollfd item = {pipe_, POLLIN, 0};
    char buffer[4096];
    const bool ready = std::chrono::steady_clock::now()<end&& ::poll(&item, 1, 100)> 0;
    const ssize_t got = ready ? ::read(pipe_, buffer, sizeof buffer) : 0;
    if (got > 0) output_.append(buffer, static_cast<std::size_t>(got));
    if (std::chrono::steady_clock::now() >= end || (ready && got <= 0)) {
      throw std::runtime_error("rdu-node did not begin: " + output_);
    }
  }
  endpoint_ = word_after(output_, "listening ");
  const std::string health = word_after(output_, "health ");
  http_port_ = static_cast<std::uint16_t>(std::stoi(health.substr(health.rfind(':') + 1)));
}

pid_t NodeProcess::front_end() const {
  const std::vector<pid_t> children = children_of(process_);
  return children.empty() ? -1 : children.front();
}

std::vector<pid_t> NodeProcess::workers() const {
  const pid_t front = front_end();
  return front < 0 ? std::vector<pid_t>() : children_of(front);
}

void NodeProcess::kill_all() {
  if (process_ <= 0) return;
  const std::vector<pid_t> family = workers();
  const pid_t front = front_end();
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
  // They end with their parent; a new one must not find them on its ports.
  for (int i = 0; i < 2000 && !gone(front); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  for (const pid_t worker : family) {
    for (int i = 0; i < 2000 && !gone(worker); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void NodeProcess::signal(int number) const { ::kill(process_, number); }

int NodeProcess::wait_for_end(int milliseconds) {
  for (int waited = 0; waited < milliseconds; waited += 5) {
    int status = 0;
    if (::waitpid(process_, &status, WNOHANG) == process_) {
      process_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return -1;
}

int NodeProcess::get(const std::string& path, std::string& text) const {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(http_port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience = {5, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::string answer;
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::send(socket, request.data(), request.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(request.size())) {
    char buffer[4096];
    for (ssize_t got = 0; (got = ::recv(socket, buffer, sizeof buffer, 0)) > 0;) {
      answer.append(buffer, static_cast<std::size_t>(got));
    }
  }
  ::close(socket);
  const std::size_t body = answer.find("\r\n\r\n");
  if (body == std::string::npos || answer.size() < 12) return 0;
  text = answer.substr(body + 4);
  return std::stoi(answer.substr(9, 3));
}

std::uint64_t NodeProcess::status(const std::string& name) const {
  std::string text;
  if (get("/status", text) != 200) throw std::runtime_error("no /status");
  const std::string label = "\"" + name + "\":";
  const std::size_t at = text.find(label);
  if (at == std::string::npos) throw std::runtime_error("no " + name + " in " + text);
  return std::stoull(text.substr(at + label.size()));
}

}  // namespace rdu::remote::testing
