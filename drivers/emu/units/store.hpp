// A STORE: gathers words into bursts, and says with tokens when they are in memory.
#pragma once

#include <memory>
#include <vector>

#include "drivers/emu/units/queue.hpp"
#include "drivers/emu/units/transfer.hpp"

namespace rdu_hw::emu {

class Store : public Transfer {
 public:
  Store(const Context& context, World& world, Controllers& controllers, AgcuShare share);
  sim::Progress run() override;
  sim::Unit& sender(std::uint32_t port) override;
  bool done() const override { return timeline_.done() && acknowledged_ == opened_; }
  // Of the last burst; 0 without any.
  Time last_acknowledgement() const { return latest_; }
  // Units that only pass tokens on: a section does not wait for them.
  void join_tokens(sim::Schedule& schedule);

 private:
  // A control output: a token for each iteration at its level, once its bursts are acknowledged.
  class Tokens : public sim::Unit {
   public:
    Tokens(const Context& context, std::uint32_t port);
    sim::Progress run() override {
      return firing_.run([](std::int64_t) {});
    }
    sim::Time now() const override { return firing_.ready(); }

    struct Due {
      std::int64_t bursts;  // all before this number
      Time fired;           // the last firing of the iteration
    };
    std::uint32_t port;
    unsigned level;
    Queue<Due> due;
    void send(Time time);

   private:
    sim::Channel ready_;
    sim::Firing firing_;
    Time before_ = 0;
    sim::Stamps sent_;
  };
  struct Burst {
    std::uint64_t block = 0;
    std::int64_t last_firing = 0;
    Time acknowledged = -1;
  };
  // What a firing does once it has slots.
  struct Plan {
    std::int64_t first_issued, last_issued;  // bursts
    std::int64_t opened;                     // so many bursts have words then
    unsigned last_level;
  };

  void evaluate(std::int64_t firing);
  std::int64_t open(const Piece& piece, std::int64_t since);
  void put(const Piece& piece, std::int64_t burst, const std::byte* raw);
  bool has_slots(const Plan& firing);
  void finish(std::int64_t count);
  void decided(std::int64_t burst, Time there) override;
  void write(std::int64_t burst);
  void send_tokens();
  Burst& at(std::int64_t burst) {
    return bursts_[static_cast<std::size_t>(burst) % bursts_.size()];
  }
  std::size_t place(std::int64_t burst) const {
    return static_cast<std::size_t>(burst) % bursts_.size() * burst_bytes_;
  }

  std::int64_t fired_ = 0;
  std::int64_t evaluated_ = 0;     // at most one more
  std::int64_t opened_ = 0;        // bursts with words
  std::int64_t closed_ = 0;        // of those, given to a firing to issue
  std::int64_t acknowledged_ = 0;  // all before this number are
  Time slot_time_ = 0;
  Time latest_ = 0;  // acknowledgement, of those before acknowledged_
  std::vector<Burst> bursts_;
  std::vector<std::byte> bytes_;
  std::vector<std::uint8_t> written_;  // by byte
  std::vector<std::byte> raw_;
  Queue<Plan> plans_;
  std::vector<std::unique_ptr<Tokens>> tokens_;
};

}  // namespace rdu_hw::emu
