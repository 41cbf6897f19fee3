// The roads of all clients of this host, for one loop: who has rung is listened to until the loop sleeps again.
#pragma once

#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "plugins/remote/node/shared_mapping.hpp"

namespace rdu::remote::node {

class Roads {
 public:
  Status open();
  // Readable when somebody rings.
  int bell() const { return bells_.get(); }

  Status add(const ConnectionPtr& connection);
  void remove(const Connection& connection);

  // From now on whoever has rung need not do so.
  void listen();
  // The roads whose clients have gone, each once.
  struct Ended {
    ConnectionPtr connection;
    std::shared_ptr<SharedMapping> shared;
  };
  std::vector<Ended> take_ended() { return std::exchange(ended_, {}); }
  // Each message that has come, with its sender. A failure: the sender's road is of no use any more. True: there were some.
  using Take = std::function<void(const ConnectionPtr&, const Result<Incoming>&)>;
  bool take(AlignedHeader& header, const Take& take);
  // False: do not sleep, there is something already.
  bool before_sleep();

 private:
  Descriptor bells_;
  std::unordered_map<int, ConnectionPtr> connections_;  // by bell
  std::vector<ConnectionPtr> awake_;                    // we listen to them without a bell
  std::vector<Ended> ended_;
};

}  // namespace rdu::remote::node
