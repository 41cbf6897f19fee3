// A device of this machine that takes over when no peer is there, because the URI says fallback=.
#pragma once

#include <rdu/plugin.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <rdu/plugin/status.hpp>
#include <string>
#include <thread>
#include <unordered_map>

#include "plugins/remote/client/lent_host.hpp"
#include "plugins/remote/client/program.hpp"

namespace rdu::remote::client {

class Run;

// Another plugin, found beside this one and spoken to through the plugin ABI with the host's own table. Programs are loaded
// when a run first needs them.
class Fallback {
 public:
  static plugin::Result<std::unique_ptr<Fallback>> open(const rdu_host_api* host,
                                                        const std::string& uri);
  ~Fallback();
  Fallback(const Fallback&) = delete;
  Fallback& operator=(const Fallback&) = delete;

  const rdu_device_properties& properties() const { return *api_->device_properties(device_); }

  std::uint32_t check(const rdu_check& request) const {
    return api_->device_check(device_, &request);
  }
  // `load` stays valid until `forget`. What a run will need is not made before one comes.
  void know(const Program& program, const rdu_load& load);
  void forget(const Program& program);

  // Runs on a thread of its own, in the order of calls, and completes the run. `why` it came here, a failure tells too.
  void run(std::shared_ptr<Run> run, plugin::Status why);

 private:
  struct Known {
    rdu_load load;
    rdu_plugin_executable* executable = nullptr;
    std::uint64_t scratch_bytes = 0;
  };

  struct Asked {
    std::shared_ptr<Run> run;
    plugin::Status why;
  };

  Fallback(const rdu_host_api* host, std::string uri)
      : host_(host), lent_(host), uri_(std::move(uri)) {}
  plugin::Status start();
  void serve();
  plugin::Status execute(const Run& run);
  plugin::Status prepare(const Program& program, Known& known);
  plugin::Status taken(rdu_status* status, const char* what);

  const rdu_host_api* host_;
  LentHost lent_;
  std::string uri_;
  const rdu_plugin_api* api_ = nullptr;
  rdu_plugin_device* device_ = nullptr;
  std::mutex mutex_;      // of the queue
  std::mutex executing_;  // of the programs
  std::condition_variable changed_;
  std::deque<Asked> queue_;
  std::unordered_map<const Program*, Known> programs_;
  bool stopping_ = false;
  bool told_ = false;
  std::thread thread_;
};

}  // namespace rdu::remote::client
