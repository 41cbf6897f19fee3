// Opening, judging and loading: each asks the peers, in the host's words.
#include "plugins/remote/client/device.hpp"

#include <algorithm>

#include "plugins/remote/client/process.hpp"

namespace rdu::remote::client {

using plugin::concat;
using plugin::fail;
using plugin::Result;
using plugin::Status;

namespace {

constexpr std::chrono::seconds kStaysAway{1};

const DeviceOffer* offer_of(const Peer& peer) {
  const auto connection = peer.connection();
  if (!connection) return nullptr;
  const auto& devices = connection->welcome().devices;
  const auto found = std::find_if(devices.begin(), devices.end(), [&](const DeviceOffer& offer) {
    return offer.uri == peer.address().device;
  });
  return found == devices.end() ? nullptr : &*found;
}

Status no_such_device(const Peer& peer) {
  std::string offered;
  if (const auto connection = peer.connection()) {
    for (const DeviceOffer& offer : connection->welcome().devices) offered += " " + offer.uri;
  }
  return fail(RDU_ERR_NOT_FOUND, "peer ", peer.address().endpoint, " offers no device '",
              peer.address().device, "', but", offered.empty() ? " none" : offered);
}

}  // namespace

Result<std::unique_ptr<Device>> Device::open(const rdu_host_api* host, const plugin::Uri& uri) {
  if (Status status = check_process(); !status.ok()) return status;
  const Result<Address> address = read_address(uri);
  if (!address.ok()) return address.status();
  Result<std::unique_ptr<Fleet>> fleet = Fleet::open(host, *address);
  if (!fleet.ok()) return fleet.status();
  auto device = std::make_unique<Device>(std::move(*fleet));
  if (Status status = device->describe(); !status.ok()) return status;
  return device;
}

// In a child of the process that opened it there are no threads to end: what is theirs is left alone.
Device::~Device() {
  if (is_forked()) static_cast<void>(fleet_.release());
}

// The device is what its peers' are: all of one architecture, so that one cut is right for all.
Status Device::describe() {
  const DeviceOffer* first = nullptr;
  for (const auto& peer : fleet_->peers()) {
    const DeviceOffer* offer = offer_of(*peer);
    if (peer->connection() && offer == nullptr) return no_such_device(*peer);
    if (offer == nullptr) continue;
    if (first == nullptr) first = offer;
    if (offer->target == first->target && offer->target_hash == first->target_hash) continue;
    return fail(RDU_ERR_INVALID_ARGUMENT, "peer ", peer->address().endpoint, " has a '",
                offer->target, "' of another architecture than the peers before it");
  }
  const Fallback* fallback = fleet_->fallback();
  properties_ = {RDU_HEADER(rdu_device_properties),
                 "",
                 "",
                 0,
                 RDU_DEVICE_HOST_MEMORY | RDU_DEVICE_ASYNCHRONOUS,
                 0,
                 fallback != nullptr ? fallback->properties().alignment : 1,
                 0};
  const Peer& peer = *fleet_->peers().front();
  name_ = concat(first == nullptr ? peer.address().device : first->name, " at ",
                 peer.address().endpoint);
  if (fleet_->peers().size() > 1) name_ += concat(" and ", fleet_->peers().size() - 1, " more");
  if (first != nullptr) {
    target_ = first->target;
    properties_.target_hash = first->target_hash;
    properties_.memory_bytes = first->memory_bytes;
  } else if (fallback != nullptr && fallback->properties().target != nullptr) {
    target_ = fallback->properties().target;
    properties_.target_hash = fallback->properties().target_hash;
  }
  const bool states =
      std::all_of(fleet_->peers().begin(), fleet_->peers().end(), [](const auto& one) {
        const auto connection = one->connection();
        return !connection || (connection->welcome().features & kFeatureState) != 0;
      });
  if (states && fallback == nullptr) properties_.features |= RDU_DEVICE_STATE;
  properties_.name = name_.c_str();
  properties_.target = target_.c_str();
  return {};
}

// A model is checked section by section: it is enough that the first one waits for peers that are away.
Clock::time_point Device::check_patience() const {
  const Clock::time_point failed{Clock::duration(nobody_at_.load())};
  return Clock::now() - failed < kStaysAway ? Clock::now() : fleet_->patience();
}

std::uint32_t Device::check(const rdu_check& request, std::string& detail) {
  if (!check_process().ok()) return RDU_REASON_DEVICE;
  if (!RDU_HAS(&request, source)) {
    detail = "the host gives no bytes of the artifact";
    return RDU_REASON_DEVICE;
  }
  const rdu_graph_source& source = *request.source;
  Status problem;
  const auto shipment = cache_.find(source);
  if (shipment.ok()) {
    const auto until = fleet_->patience() + std::chrono::minutes(10);
    const auto checked =
        cache_.verdicts(**shipment, source.signature, source.variant, [&]() -> Result<Checked> {
          const Result<Peer*> peer = fleet_->wait_any(check_patience());
          if (!peer.ok()) {
            nobody_at_ = Clock::now().time_since_epoch().count();
            return peer.status();
          }
          return (*peer)->check(**shipment, source.signature, source.variant, until);
        });
    if (checked.ok() && request.section < (*checked)->sections.size()) {
      const Verdict& verdict = (*checked)->sections[request.section];
      detail = verdict.detail;
      return verdict.reason;
    }
    problem = checked.ok() ? fail(RDU_ERR_PLUGIN, "the peer knows no section ", request.section)
                           : checked.status();
  } else {
    problem = shipment.status();
  }
  if (fleet_->fallback() != nullptr) return fleet_->fallback()->check(request);
  detail = problem.message();
  return RDU_REASON_DEVICE;
}

Result<std::unique_ptr<Executable>> Device::load(const rdu_load& load) {
  if (Status status = check_process(); !status.ok()) return status;
  return Executable::load(*fleet_, cache_, load);
}

}  // namespace rdu::remote::client
