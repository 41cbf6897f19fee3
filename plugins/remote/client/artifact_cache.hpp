// Hashes and verdicts of the artifacts that a device was asked about: a host asks once for each section, the peer once.
#pragma once

#include <rdu/plugin.h>

#include <list>
#include <map>
#include <mutex>

#include "plugins/remote/client/program.hpp"
#include "plugins/remote/wire/messages.hpp"

namespace rdu::remote::client {

class ArtifactCache {
 public:
  // The same bytes at the same place are hashed once. The metadata has the hash of each segment: where it is the same, they
  // are.
  plugin::Result<std::shared_ptr<const Shipment>> find(const rdu_graph_source& source);

  // Verdicts for a variant, from `ask` where they are not known yet. One question at a time.
  template <class Ask>
  plugin::Result<std::shared_ptr<const Checked>> verdicts(const Shipment& shipment,
                                                          std::uint32_t signature,
                                                          std::uint32_t variant, Ask&& ask) {
    const std::lock_guard lock(asking_);
    const Key key{shipment.offer.artifact, signature, variant};
    if (const auto found = verdicts_.find(key); found != verdicts_.end()) return found->second;
    plugin::Result<Checked> checked = ask();
    if (!checked.ok()) return checked.status();
    if (verdicts_.size() >= kMostVerdicts) verdicts_.clear();
    return verdicts_.emplace(key, std::make_shared<const Checked>(std::move(*checked)))
        .first->second;
  }

 private:
  static constexpr std::size_t kMostVerdicts = 1024;
  static constexpr std::size_t kMostArtifacts = 8;
  using Key = std::tuple<Hash, std::uint32_t, std::uint32_t>;
  struct Known {
    std::vector<rdu_bytes> parts;
    std::uint32_t checksum = 0;
    std::shared_ptr<const Shipment> shipment;
  };

  std::mutex mutex_, asking_;
  std::list<Known> known_;  // the latest first
  std::map<Key, std::shared_ptr<const Checked>> verdicts_;
};

}  // namespace rdu::remote::client
