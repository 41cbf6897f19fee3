// Loads the other plugin as a host does, lends it the host's own table, and runs on it what no peer took.
#include "plugins/remote/client/fallback.hpp"

#include <dlfcn.h>

#include <filesystem>

#include "plugins/remote/client/run.hpp"

namespace rdu::remote::client {

using plugin::concat;
using plugin::fail;
using plugin::Result;
using plugin::Status;

namespace {

constexpr std::uint64_t kScratchAlignment = 64;

// The folder that this plugin was loaded from: its siblings are those that the host would find.
std::string sibling(const std::string& scheme) {
  Dl_info info = {};
  if (dladdr(reinterpret_cast<const void*>(&sibling), &info) == 0 || info.dli_fname == nullptr) {
    return {};
  }
  return (std::filesystem::path(info.dli_fname).parent_path() /
          concat("librdu_plugin_", scheme, ".so"))
      .string();
}

}  // namespace

Result<std::unique_ptr<Fallback>> Fallback::open(const rdu_host_api* host, const std::string& uri) {
  std::unique_ptr<Fallback> fallback(new Fallback(host, uri));
  if (Status status = fallback->start(); !status.ok()) return status;
  fallback->thread_ = std::thread([self = fallback.get()] { self->serve(); });
  return fallback;
}

Status Fallback::start() {
  const std::string scheme = uri_.substr(0, uri_.find(':'));
  if (uri_.find(':') == std::string::npos) uri_ += ':';
  if (scheme.empty() || scheme == "remote" || scheme.find('/') != std::string::npos) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "fallback=", uri_, " is not a device of this machine");
  }
  const std::string path = sibling(scheme);
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) return fail(RDU_ERR_NOT_FOUND, "fallback=", uri_, ": ", dlerror());
  const auto query = reinterpret_cast<rdu_plugin_query_fn>(dlsym(library, "rdu_plugin_query"));
  const rdu_plugin_api* api = query == nullptr ? nullptr : query(lent_.api(), RDU_ABI_VERSION);
  if (api == nullptr || rdu_abi_negotiate(RDU_ABI_VERSION, api->abi) == 0 ||
      api->sanitizer != RDU_SANITIZER) {
    return fail(RDU_ERR_ABI_MISMATCH, "fallback=", uri_, ": '", path,
                "' is no plugin for this host");
  }
  api_ = api;
  if (Status status = taken(api_->device_open(api_->self, uri_.c_str(), &device_), "open");
      !status.ok()) {
    return status;
  }
  if ((properties().features & RDU_DEVICE_HOST_MEMORY) == 0) {
    return fail(RDU_ERR_UNSUPPORTED, "fallback=", uri_, " has memory of its own");
  }
  return {};
}

Fallback::~Fallback() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  for (auto& [program, known] : programs_) {
    if (known.executable != nullptr) api_->executable_unload(known.executable);
  }
  if (device_ != nullptr) api_->device_close(device_);
  if (api_ != nullptr) api_->shutdown(api_->self);
}

Status Fallback::taken(rdu_status* status, const char* what) {
  const Status said = lent_.take(status);
  if (said.ok()) return {};
  return fail(said.code(), "fallback device '", uri_, "' fails to ", what, ": ", said.message());
}

void Fallback::know(const Program& program, const rdu_load& load) {
  const std::lock_guard lock(executing_);
  programs_[&program] = Known{kept_load(load)};
}

void Fallback::forget(const Program& program) {
  const std::lock_guard lock(executing_);
  const auto found = programs_.find(&program);
  if (found == programs_.end()) return;
  if (found->second.executable != nullptr) api_->executable_unload(found->second.executable);
  programs_.erase(found);
}

void Fallback::run(std::shared_ptr<Run> run, Status why) {
  const std::lock_guard lock(mutex_);
  queue_.push_back({std::move(run), std::move(why)});
  changed_.notify_one();
}

void Fallback::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const Asked asked = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    if (!std::exchange(told_, true)) {
      host_->log(host_, RDU_LOG_WARNING,
                 concat(asked.why.message(), "; runs continue on ", uri_).c_str());
    }
    Status status = execute(*asked.run);
    if (!status.ok()) {
      status =
          fail(status.code(), status.message(), "; it stands in because ", asked.why.message());
    }
    asked.run->complete(std::move(status));
    lock.lock();
  }
}

Status Fallback::prepare(const Program&, Known& known) {
  if (known.executable != nullptr) return {};
  if (Status status = taken(api_->executable_load(device_, &known.load, &known.executable), "load");
      !status.ok()) {
    return status;
  }
  rdu_memory memory = {RDU_HEADER(rdu_memory), 0, 0, 0};
  const Status status = taken(api_->executable_memory(known.executable, &memory), "say its memory");
  known.scratch_bytes = memory.per_run;
  return status;
}

Status Fallback::execute(const Run& run) {
  const std::lock_guard lock(executing_);
  const auto found = programs_.find(&run.program());
  if (found == programs_.end())
    return fail(RDU_ERR_INTERNAL, "the fallback does not know the program");
  Known& known = found->second;
  if (Status status = prepare(run.program(), known); !status.ok()) return status;
  void* scratch = nullptr;
  if (known.scratch_bytes > 0) {
    scratch = host_->allocate(host_, known.scratch_bytes, kScratchAlignment);
    if (scratch == nullptr) {
      return fail(RDU_ERR_OUT_OF_MEMORY, known.scratch_bytes, " bytes of scratch for ", uri_);
    }
  }
  rdu_submission submission = run.submission();
  submission.scratch = scratch;
  rdu_plugin_event* event = nullptr;
  Status status = taken(api_->submit(known.executable, &submission, &event), "run");
  if (event != nullptr) {
    std::uint32_t done = 0;
    while (done == 0) status = taken(api_->event_wait(event, UINT64_MAX, &done), "run");
    api_->event_release(event);
  }
  if (scratch != nullptr) {
    host_->deallocate(host_, scratch, known.scratch_bytes, kScratchAlignment);
  }
  return status;
}

}  // namespace rdu::remote::client
