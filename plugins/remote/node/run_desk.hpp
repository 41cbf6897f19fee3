// Runs without a state: pure, so nothing is remembered of them.
#pragma once

#include "plugins/remote/node/program_desk.hpp"

namespace rdu::remote::node {

class RunDesk {
 public:
  RunDesk(Services& services, ProgramDesk& programs) : services_(services), programs_(programs) {}

  void run(const Request& request, const Run& run);
  void cancel(const Request& request);

 private:
  Status admit(const Lane& lane, const Run& run) const;

  Services& services_;
  ProgramDesk& programs_;
};

}  // namespace rdu::remote::node
