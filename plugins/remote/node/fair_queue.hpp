// Jobs that wait for a worker: clients take turns, the jobs of one client keep their order.
#pragma once

#include <deque>
#include <list>
#include <string>
#include <unordered_map>

#include "plugins/remote/node/job.hpp"

namespace rdu::remote::node {

class FairQueue {
 public:
  void push(JobPtr job);
  // The next that is neither cancelled nor late. Those that are go to `dropped`, in the order in which they are met.
  JobPtr pop(std::uint64_t now, std::vector<JobPtr>& dropped);
  // Takes out what is cancelled or late, wherever it stands.
  void sweep(std::uint64_t now, std::vector<JobPtr>& dropped);
  std::vector<JobPtr> take_all();

  std::size_t size() const { return size_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  struct Line {
    std::string client;
    std::deque<JobPtr> jobs;
  };

  void left(const Job& job);

  std::list<Line> lines_;  // the first has the next turn; none is empty
  std::unordered_map<std::string, std::list<Line>::iterator> by_client_;
  std::size_t size_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace rdu::remote::node
