// One line per client, and the lines in a circle.
#include "plugins/remote/node/fair_queue.hpp"

namespace rdu::remote::node {

namespace {

bool pointless(const Job& job, std::uint64_t now) {
  return job.cancelled || (job.deadline_ns != 0 && now >= job.deadline_ns);
}

}  // namespace

void FairQueue::push(JobPtr job) {
  auto found = by_client_.find(job->client);
  if (found == by_client_.end()) {
    lines_.push_back({job->client, {}});
    found = by_client_.emplace(job->client, std::prev(lines_.end())).first;
  }
  ++size_;
  bytes_ += job->bytes;
  found->second->jobs.push_back(std::move(job));
}

JobPtr FairQueue::pop(std::uint64_t now, std::vector<JobPtr>& dropped) {
  while (!lines_.empty()) {
    const auto line = lines_.begin();
    JobPtr job = std::move(line->jobs.front());
    line->jobs.pop_front();
    left(*job);
    if (line->jobs.empty()) {
      by_client_.erase(line->client);
      lines_.erase(line);
    } else {
      lines_.splice(lines_.end(), lines_, line);
    }
    if (!pointless(*job, now)) return job;
    dropped.push_back(std::move(job));
  }
  return nullptr;
}

void FairQueue::sweep(std::uint64_t now, std::vector<JobPtr>& dropped) {
  for (auto line = lines_.begin(); line != lines_.end();) {
    std::erase_if(line->jobs, [&](JobPtr& job) {
      if (!pointless(*job, now)) return false;
      left(*job);
      dropped.push_back(job);
      return true;
    });
    if (line->jobs.empty()) {
      by_client_.erase(line->client);
      line = lines_.erase(line);
    } else {
      ++line;
    }
  }
}

std::vector<JobPtr> FairQueue::take_all() {
  std::vector<JobPtr> all;
  for (Line& line : lines_) {
    for (JobPtr& job : line.jobs) all.push_back(std::move(job));
  }
  lines_.clear();
  by_client_.clear();
  size_ = 0;
  bytes_ = 0;
  return all;
}

void FairQueue::left(const Job& job) {
  --size_;
  bytes_ -= job.bytes;
}

}  // namespace rdu::remote::node
