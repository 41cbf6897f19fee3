// The vector ports of the PMUs that more contexts use than there are: first come, first served.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "drivers/emu/sim/arbiter.hpp"
#include "drivers/emu/sim/time.hpp"

namespace rdu_hw::emu {

using sim::Time;

// Who waits for a port. granted() tells when it is there.
class PortUser {
 public:
  virtual ~PortUser() = default;
  virtual void granted(Time time) = 0;
};

// The ports of one kind of each such PMU are a *group*. What is earliest in its group is known at once when all users of the group
// wait; else the schedule says when it is safe.
class PmuPorts : public sim::Arbiter {
 public:
  using Group = std::size_t;

  // No firing makes another context's firing possible in less than `reach` cycles.
  explicit PmuPorts(Time reach) : reach_(reach) {}

  Group add_group(std::uint32_t ports);
  void add_user(Group group) { ++groups_[group].users; }
  // `number` decides between equal times; the port is taken for `interval` cycles.
  void request(Group group, PortUser& user, std::uint32_t number, Time ready, Time interval);
  // A user that will not ask any more.
  void leave(Group group);

  std::optional<sim::Turn> next() const override;
  void serve() override;

 private:
  struct Request {
    Time ready;
    std::uint32_t number;
    Time interval;
    PortUser* user;
    bool before(const Request& other) const {
      return ready != other.ready ? ready < other.ready : number < other.number;
    }
  };
  struct PortGroup {
    std::vector<Time> free;  // from when, by port
    std::size_t users = 0;
    std::vector<Request> waiting;
  };
  static std::vector<Request>::const_iterator first_of(const PortGroup& group);
  void serve_known(PortGroup& group);
  static void serve_first(PortGroup& group);

  Time reach_;
  std::vector<PortGroup> groups_;
};

}  // namespace rdu_hw::emu
