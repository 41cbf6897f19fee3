// rdu-node: one program, four roles: supervisor, front end, worker, and the maker of keys.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "plugins/remote/node/command_line.hpp"
#include "plugins/remote/node/endpoint.hpp"
#include "plugins/remote/node/front_end.hpp"
#include "plugins/remote/node/supervisor.hpp"

namespace rdu::remote::node {

namespace {

constexpr const char* kSelf = "/proc/self/exe";

int complain(const Status& status) {
  std::fprintf(stderr, "rdu-node: %s\n", status.message().c_str());
  return 2;
}

int make_keys(const std::string& path) {
  const KeyPair keys = generate_keys();
  if (const Status status = write_key_file(path, keys); !status.ok()) return complain(status);
  std::printf("%s\n", keys.public_key.c_str());
  return 0;
}

Status make_folders(const std::string& path) {
  for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    const std::string parent = path.substr(0, at);
    if (::access(parent.c_str(), F_OK) != 0) RDU_NODE_TRY(make_private_folder(parent));
  }
  return make_private_folder(path);
}

// The same over restarts, and the number of this one.
Result<PeerIdentity> begin_life(const std::string& folder) {
  PeerIdentity identity;
  const std::string path = folder + "/identity";
  Bytes bytes(sizeof identity.peer + sizeof identity.epoch);
  const Result<Bytes> old = read_file(path, bytes.size());
  if (old.ok() && old->size() == bytes.size()) {
    std::memcpy(identity.peer.data(), old->data(), identity.peer.size());
    std::memcpy(&identity.epoch, old->data() + identity.peer.size(), sizeof identity.epoch);
  } else {
    fill_random(identity.peer);
  }
  ++identity.epoch;
  std::memcpy(bytes.data(), identity.peer.data(), identity.peer.size());
  std::memcpy(bytes.data() + identity.peer.size(), &identity.epoch, sizeof identity.epoch);
  RDU_NODE_TRY(replace_file(path, bytes, Durability::kMachine));
  return identity;
}

// Held by the last life until its process is gone, which takes a moment.
Result<Descriptor> claim(const std::string& folder) {
  for (int attempt = 0;; ++attempt) {
    Result<Descriptor> lock = lock_file(folder + "/lock");
    if (lock.ok() || lock.status().code() != RDU_ERR_BUSY || attempt == 50) return lock;
    ::usleep(10'000);
  }
}

// What ZeroMQ might be made to hold, against a client that never ends a message: the front end dies, and begins again.
void limit_memory([[maybe_unused]] const NodeOptions& options) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  // The shadow memory of a sanitizer is larger than any sensible limit.
  const rlimit data = {options.memory_bytes, options.memory_bytes};
  ::setrlimit(RLIMIT_DATA, &data);
#endif
  rlimit files = {};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
}

int serve_clients(NodeOptions options, bool again) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::signal(SIGPIPE, SIG_IGN);
  // Before any thread is made, so that none of them takes a signal.
  sigset_t wanted;
  ::sigemptyset(&wanted);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&wanted, signal);
  ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
  if (const Status status = make_folders(options.data); !status.ok()) return complain(status);
  const Result<Descriptor> lock = claim(options.data);
  if (!lock.ok()) return complain(lock.status());
  if (again) {
    const LastEndpoints last = read_endpoints(options.data);
    if (!last.endpoints.empty()) options.binds = last.endpoints;
    if (last.http_port != 0) options.http_port = last.http_port;
  }
  const Result<PeerIdentity> identity = begin_life(options.data);
  if (!identity.ok()) return complain(identity.status());
  Result<Store> store = Store::open(options.data + "/artifacts", options.store);
  if (!store.ok()) return complain(store.status());
  limit_memory(options);
  const WorkerCommand worker{kSelf, worker_arguments(options)};
  FrontEnd front_end(options, *identity, worker, std::move(*store));
  const Status status = front_end.run();
  return status.ok() ? 0 : complain(status);
}

}  // namespace

}  // namespace rdu::remote::node

int main(int argc, char** argv) {
  using namespace rdu::remote::node;
  int exit_code = 0;
  std::optional<CommandLine> line = read_command_line(argc, argv, exit_code);
  if (!line) return exit_code;
  switch (line->kind) {
    case CommandLine::Kind::kKeygen:
      return make_keys(line->key_path);
    case CommandLine::Kind::kWorker:
      return serve_worker(line->worker);
    default:
      break;
  }
  if (const Status status = complete(line->node); !status.ok()) return complain(status);
  if (line->kind == CommandLine::Kind::kFrontEnd)
    return serve_clients(std::move(line->node), line->again);
  return supervise(argc, argv);
}
