// Serves a memory as the chip's schedule does, and checks the contract of serve() at every step.
#include "tests/drivers/emu/dram/drive.hpp"

#include <algorithm>

namespace dram_test {
namespace {

class Loop {
 public:
  explicit Loop(const Config& config) : memory_(config) { memory_.record(&outcome_.commands); }

  Memory& memory() { return memory_; }

  void submit(const Request& request) {
    if (requests_.size() <= request.id) {
      requests_.resize(request.id + 1);
      outcome_.completions.resize(request.id + 1, {0, 0, Direction::kRead, -1});
    }
    requests_[request.id] = request;
    memory_.submit(request);
  }

  // One decision. Null if it completed nothing.
  const Completion* serve() {
    const Cycle at = *memory_.next_decision();
    if (at < last_) blame("a decision before the last one");
    last_ = at;
    const auto done = memory_.serve();
    if (!done) return nullptr;
    check(*done);
    return &(outcome_.completions[done->id] = *done);
  }

  Outcome finish() {
    for (const Completion& c : outcome_.completions) {
      if (c.time < 0) blame("a request was lost");
    }
    const std::string fault = find_violation(memory_.config(), outcome_.commands);
    if (!fault.empty()) blame(fault);
    outcome_.statistics = memory_.statistics();
    return std::move(outcome_);
  }

 private:
  void blame(const std::string& fault) {
    if (outcome_.fault.empty()) outcome_.fault = fault;
  }

  // The command that completed a request is the one recorded last.
  void check(const Completion& done) {
    const Config& config = memory_.config();
    const Request& request = requests_[done.id];
    const Command& command = outcome_.commands.back();
    const auto place = memory_.map().place(request.address);
    const bool read = request.direction == Direction::kRead;
    const Clock latency = read ? config.timing.cl : config.timing.cwl;
    const Clock end = command.clock + latency + config.timing.burst_length / 2;
    if (outcome_.completions[done.id].time >= 0) blame("a request was completed twice");
    if (command.kind != (read ? CommandKind::kRead : CommandKind::kWrite) ||
        command.channel != place.channel || command.bank != place.bank ||
        command.row != place.row) {
      blame(text(command) + " does not serve its request");
    }
    if (command.clock < config.ratio.arrival(request.time)) blame("served before its arrival");
    // The first chip cycle whose edge is not before the end: (time-1)/cycles < end/clocks <= time/cycles.
    const auto& ratio = config.ratio;
    if (done.time * ratio.clocks < end * ratio.cycles ||
        (done.time - 1) * ratio.clocks >= end * ratio.cycles) {
      blame("completion is not at the end of " + text(command));
    }
    if (done.time <= last_) blame("completed no later than decided");
  }

  Memory memory_;
  std::vector<Request> requests_;
  Outcome outcome_;
  Cycle last_ = 0;
};

}  // namespace

Cycle Outcome::end() const {
  Cycle end = 0;
  for (const Completion& c : completions) end = std::max(end, c.time);
  return end;
}

Outcome run(const Config& config, const std::vector<Request>& requests) {
  Loop loop(config);
  for (const Request& r : requests) loop.submit(r);
  while (loop.memory().next_decision()) loop.serve();
  return loop.finish();
}

Outcome run_lazily(const Config& config, const std::vector<Request>& requests) {
  std::vector<Request> later = requests;
  std::stable_sort(later.begin(), later.end(),
                   [](const Request& a, const Request& b) { return a.time > b.time; });
  Loop loop(config);
  for (;;) {
    const auto decision = loop.memory().next_decision();
    if (!later.empty() && (!decision || later.back().time <= *decision)) {
      loop.submit(later.back());
      later.pop_back();
    } else if (decision) {
      loop.serve();
    } else {
      return loop.finish();
    }
  }
}

Outcome run(const Config& config, const std::vector<Client>& clients, Cycle think) {
  Loop loop(config);
  std::vector<std::int64_t> sent(clients.size());
  std::uint64_t id = 0;
  const auto send = [&](std::uint32_t client, Cycle time) {
    if (sent[client] == clients[client].count) return;
    Request r = clients[client].next(sent[client]++);
    r.id = id++;
    r.requester = client;
    r.time = time;
    loop.submit(r);
  };
  for (std::uint32_t c = 0; c < clients.size(); ++c) {
    for (int i = 0; i < clients[c].outstanding; ++i) send(c, 0);
  }
  while (loop.memory().next_decision()) {
    if (const Completion* done = loop.serve()) send(done->requester, done->time + think);
  }
  return loop.finish();
}

Config plain(Config config) {
  config.geometry.channels = 1;
  config.ratio = {1, 1};
  return config;
}

Request read_of(std::uint64_t address, Cycle time) {
  return {0, 0, Direction::kRead, time, address};
}

Request write_of(std::uint64_t address, Cycle time) {
  return {0, 0, Direction::kWrite, time, address};
}

std::vector<Request> number(std::vector<Request> requests) {
  for (std::size_t i = 0; i < requests.size(); ++i) requests[i].id = i;
  return requests;
}

std::uint64_t address_of(const Config& config, int bank, std::int64_t row, std::int64_t column,
                         int channel) {
  return rdu_hw::dram::AddressMap(config).address({channel, bank, row, column});
}

}  // namespace dram_test
