// The devices of the peers that the environment names: RDU_REMOTE_PEERS=tcp://a:7070,tcp://b:7070.
#include <cstdlib>
#include <deque>
#include <mutex>

#include "plugins/remote/client/device.hpp"
#include "plugins/remote/client/process.hpp"

namespace rdu::remote::client {

using plugin::concat;
using plugin::Result;

namespace {

constexpr std::chrono::seconds kDiscoverTime{2};

struct Found {
  std::string uri;
  std::string description;
};

std::vector<std::string> peers_of_environment() {
  std::vector<std::string> peers;
  const char* text = secure_getenv("RDU_REMOTE_PEERS");
  std::string_view rest = text == nullptr ? "" : text;
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    if (!one.empty()) peers.emplace_back(one);
  }
  return peers;
}

// A peer that does not answer is listed as such: a list that is silently shorter helps nobody.
void ask(const std::string& endpoint, const std::shared_ptr<Context>& context,
         std::deque<Found>& out) {
  const plugin::Uri uri{"remote", endpoint + "/any:", {}};
  const Result<Address> address = read_address(uri);
  plugin::Status status = address.status();
  if (address.ok()) {
    Connection::Config config{context, address->peers.front(), address->keys, {}, {}, false};
    fill_random(std::span<std::uint8_t>(config.session));
    const Result<std::shared_ptr<Connection>> connection =
        Connection::open(config, Clock::now() + kDiscoverTime);
    if (connection.ok()) {
      for (const DeviceOffer& offer : (*connection)->welcome().devices) {
        out.push_back({concat("remote:", endpoint, "/", offer.uri), offer.name});
      }
      return;
    }
    status = connection.status();
  }
  out.push_back({concat("remote:", endpoint, "/"), concat("away: ", status.message())});
}

}  // namespace

std::span<const rdu_device_entry> Device::devices() {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  // Strings live as long as the plugin; each call adds to them what it finds.
  static auto& found = *new std::deque<Found>();
  static auto& entries = *new std::deque<std::vector<rdu_device_entry>>();
  const std::vector<std::string> peers = peers_of_environment();
  if (peers.empty() || !check_process().ok()) return {};
  const auto context = Context::create();
  if (!context.ok()) return {};
  const std::size_t before = found.size();
  for (const std::string& peer : peers) ask(peer, *context, found);
  auto& list = entries.emplace_back();
  for (std::size_t i = before; i < found.size(); ++i) {
    list.push_back({found[i].uri.c_str(), found[i].description.c_str()});
  }
  return list;
}

}  // namespace rdu::remote::client
