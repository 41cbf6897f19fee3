// Artifacts and programs: what clients upload, which sections a device takes, what is loaded for whom.
#pragma once

#include <map>

#include "plugins/remote/node/services.hpp"

namespace rdu::remote::node {

class ProgramDesk {
 public:
  explicit ProgramDesk(Services& services) : services_(services) {}

  void offer(const Request& request);
  void chunk(const Request& request);
  void commit(const Request& request);
  void check(const Request& request);
  void load(const Request& request);
  void unload(const Request& request);

  // A program that this client has loaded, and may still use.
  struct Use {
    ProgramPtr program;
    Lane* lane = nullptr;
  };
  Result<Use> find(const Connection& client, std::uint64_t number) const;
  // The same sections again, for the journal of a state. `then` is called now or later; every success is followed by one
  // `release`.
  void acquire(Lane& lane, const Selection& selection,
               std::function<void(Result<ProgramPtr>)> then);
  void release(Lane& lane, const ProgramPtr& program);
  void forget(Connection& client);

 private:
  using Key = std::pair<const Lane*, Selection>;

  Result<Use> known(const Connection& client, std::uint64_t number) const;
  void find_artifact(const Hash& artifact, std::function<void(Result<StoredArtifact>)> then);
  void verify(const RequestRef& to, const Hash& artifact, const StoredArtifact& stored);
  ProgramPtr enter(Lane& lane, const Selection& selection, const StoredArtifact& stored);

  Services& services_;
  std::map<Key, ProgramPtr> programs_;
  std::map<std::uint64_t, Use> by_number_;
  std::uint64_t next_number_ = 1;
};

}  // namespace rdu::remote::node
