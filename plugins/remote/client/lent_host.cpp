// Every call goes on to the host; what is made with make_status is remembered until it is taken or freed.
#include "plugins/remote/client/lent_host.hpp"

#include <algorithm>
#include <rdu/plugin.hpp>

namespace rdu::remote::client {

using plugin::Status;

namespace {

template <auto kMember>
struct Forward;

// The same function of the host's own table.
template <class R, class... A, R (*rdu_host_api::*kMember)(const rdu_host_api*, A...)>
struct Forward<kMember> {
  static R call(const rdu_host_api* lent, A... arguments) {
    const rdu_host_api* host = LentHost::of(lent).host();
    return (host->*kMember)(host, arguments...);
  }
};

}  // namespace

LentHost::LentHost(const rdu_host_api* host) : host_(host) {
  api_.header = host->header;
  api_.header.struct_size = std::min<std::uint32_t>(host->header.struct_size, sizeof api_);
  api_.self = this;
  api_.log = Forward<&rdu_host_api::log>::call;
  api_.allocate = Forward<&rdu_host_api::allocate>::call;
  api_.deallocate = Forward<&rdu_host_api::deallocate>::call;
  api_.make_status = make_status;
  api_.thread_limit = Forward<&rdu_host_api::thread_limit>::call;
  api_.tracing = Forward<&rdu_host_api::tracing>::call;
  api_.trace = Forward<&rdu_host_api::trace>::call;
  api_.open_graph = Forward<&rdu_host_api::open_graph>::call;
  api_.close_graph = Forward<&rdu_host_api::close_graph>::call;
  if (RDU_HAS(host, free_status)) api_.free_status = free_status;
}

rdu_status* LentHost::make_status(const rdu_host_api* lent, std::uint32_t code,
                                  const char* message) {
  LentHost& self = of(lent);
  rdu_status* status = self.host_->make_status(self.host_, code, message);
  const std::lock_guard lock(self.mutex_);
  self.said_.insert_or_assign(status, Status(code, message));
  return status;
}

void LentHost::free_status(const rdu_host_api* lent, rdu_status* status) {
  LentHost& self = of(lent);
  static_cast<void>(self.forget(status));
  self.host_->free_status(self.host_, status);
}

Status LentHost::forget(const rdu_status* status) {
  const std::lock_guard lock(mutex_);
  const auto found = said_.extract(status);
  return found.empty() ? Status(RDU_ERR_DEVICE, "it does not say why") : found.mapped();
}

Status LentHost::take(rdu_status* status) {
  if (status == nullptr) return {};
  Status said = forget(status);
  // Hosts of before this function leak the words of a failure.
  if (RDU_HAS(host_, free_status)) host_->free_status(host_, status);
  return said;
}

}  // namespace rdu::remote::client
