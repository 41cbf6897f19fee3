// One device, opened through the public C API, with the programs and states that the front end asked for.
#pragma once

#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include "plugins/remote/node/work.hpp"
#include "plugins/remote/node/worker/state.hpp"

namespace rdu::remote::node {

struct HostOptions {
  std::string device;
  std::vector<std::string> plugin_paths;
  std::uint32_t threads = 0;  // computing ones; 0: one per processor
};

// Any thread may ask anything; the front end keeps two calls on one state apart.
class WorkerHost {
 public:
  static Result<std::unique_ptr<WorkerHost>> open(const HostOptions& options);

  Result<Bytes> facts() const;
  Status verify(ByteSpan body);
  Result<Bytes> check(ByteSpan body);
  Result<Bytes> load(std::uint64_t program, ByteSpan body);
  void unload(std::uint64_t program);
  Status create_state(std::uint64_t program, std::uint64_t state);
  Status clone_state(std::uint64_t state, std::uint64_t copy);
  void destroy_state(std::uint64_t state);

  Result<std::shared_ptr<WorkerProgram>> program(std::uint64_t number) const;
  Result<std::shared_ptr<WorkerState>> state(std::uint64_t number) const;

  // Does memory of the device keep what is written to it?
  Status canary() const;

 private:
  WorkerHost() = default;
  Status add_state(std::uint64_t number, std::unique_ptr<WorkerState> state);

  ContextHandle context_;
  DeviceHandle device_;
  mutable std::shared_mutex mutex_;
  std::map<std::uint64_t, std::shared_ptr<WorkerProgram>> programs_;
  std::map<std::uint64_t, std::shared_ptr<WorkerState>> states_;
};

}  // namespace rdu::remote::node
