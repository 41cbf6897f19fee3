// Blocking calls of ZeroMQ's C interface and nothing else.
#include "tests/bench/remote/raw_echo.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "plugins/remote/wire/loopback.hpp"

extern char** environ;

namespace rdu::testing {

namespace {

void must(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string(what) + ": " + zmq_strerror(zmq_errno()));
}

void set_key(void* socket, int option, const std::string& key) {
  must(zmq_setsockopt(socket, option, key.c_str(), key.size() + 1) == 0, "key");
}

// Frames of one message back as they came: identity and bytes.
void echo_one(void* socket) {
  for (int more = 1; more != 0;) {
    zmq_msg_t message;
    zmq_msg_init(&message);
    if (zmq_msg_recv(&message, socket, 0) < 0) return;
    more = zmq_msg_more(&message);
    zmq_msg_send(&message, socket, more != 0 ? ZMQ_SNDMORE : 0);
  }
}

void keep(void*, void*) {}

// An echo at its best on every host.
// ZeroMQ does not tell the descriptors of its sockets but to monitors; all of loopback are meant here.
void unpace_all() {
  constexpr int kMostDescriptors = 256;
  for (int fd = 0; fd < kMostDescriptors; ++fd) remote::unpace_loopback(fd);
}

}  // namespace

int serve_echo(const std::string& secret_key, bool paced) {
  void* context = zmq_ctx_new();
  void* socket = zmq_socket(context, ZMQ_ROUTER);
  if (!secret_key.empty()) {
    const int server = 1;
    must(zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &server, sizeof server) == 0, "server");
    set_key(socket, ZMQ_CURVE_SECRETKEY, secret_key);
  }
  must(zmq_bind(socket, "tcp://127.0.0.1:*") == 0, "bind");
  if (!paced) unpace_all();
  char endpoint[256] = {};
  std::size_t size = sizeof endpoint;
  must(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0, "endpoint");
  std::printf("%s\n", endpoint);
  std::fflush(stdout);
  std::thread([] {
    char byte = 0;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    std::_Exit(0);
  }).detach();
  for (;;) echo_one(socket);
}

RawEcho::RawEcho(const std::string& program, const std::optional<remote::KeyPair>& server_keys,
                 bool paced) {
  std::array<int, 2> in = {}, out = {};
  must(pipe(in.data()) == 0 && pipe(out.data()) == 0, "pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, in[1]);
  posix_spawn_file_actions_addclose(&actions, out[0]);
  std::string name = program, flag = paced ? "--echo" : "--plain-echo",
              key = server_keys ? server_keys->secret_key : "";
  char* arguments[] = {name.data(), flag.data(), key.data(), nullptr};
  must(posix_spawn(&child_, program.c_str(), &actions, nullptr, arguments, environ) == 0, "spawn");
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  stdin_ = in[1];
  FILE* output = fdopen(out[0], "r");
  char endpoint[256] = {};
  must(output != nullptr && std::fgets(endpoint, sizeof endpoint, output) != nullptr, "endpoint");
  std::fclose(output);
  endpoint[std::strcspn(endpoint, "\n")] = '\0';

  context_ = zmq_ctx_new();
  socket_ = zmq_socket(context_, ZMQ_DEALER);
  if (server_keys) {
    const remote::KeyPair ours = remote::generate_keys();
    set_key(socket_, ZMQ_CURVE_SERVERKEY, server_keys->public_key);
    set_key(socket_, ZMQ_CURVE_PUBLICKEY, ours.public_key);
    set_key(socket_, ZMQ_CURVE_SECRETKEY, ours.secret_key);
  }
  must(zmq_connect(socket_, endpoint) == 0, "connect");
  std::vector<std::byte> first(1);
  round_trip(first);
  if (!paced) unpace_all();
}

RawEcho::~RawEcho() {
  zmq_close(socket_);
  zmq_ctx_term(context_);
  close(stdin_);
  waitpid(child_, nullptr, 0);
}

void RawEcho::round_trip(std::vector<std::byte>& bytes) {
  zmq_msg_t message;
  zmq_msg_init_data(&message, bytes.data(), bytes.size(), keep, nullptr);
  must(zmq_msg_send(&message, socket_, 0) >= 0, "send");
  zmq_msg_init(&message);
  must(zmq_msg_recv(&message, socket_, 0) == static_cast<int>(bytes.size()), "receive");
  zmq_msg_close(&message);
}

}  // namespace rdu::testing
