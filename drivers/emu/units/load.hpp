// A LOAD: the side that asks for bursts, and the side that sends vectors of them.
#pragma once

#include <optional>
#include <vector>

#include "drivers/emu/units/queue.hpp"
#include "drivers/emu/units/transfer.hpp"

namespace rdu_hw::emu {

class Load : public Transfer {
 public:
  Load(const Context& context, World& world, Controllers& controllers, AgcuShare share);
  sim::Progress run() override;
  sim::Unit& sender(std::uint32_t) override { return *data_; }
  void join(sim::Schedule& schedule) override;
  bool done() const override { return data_->timeline.done(); }
  Time end() const override;
  void report(ContextReport& report) const override;

 private:
  // The data's side.
  class Data : public sim::Unit {
   public:
    Data(Load& load, World& world);
    sim::Progress run() override;
    sim::Time now() const override { return timeline.firing().ready(); }
    Timeline timeline;

   private:
    Load& load_;
    Output output_;
    std::uint32_t words_;  // of an element that is sent
  };

  // A part of a vector, in a burst that was issued.
  struct Part {
    std::int64_t burst;
    std::uint32_t offset, at, bytes;
  };
  // What a firing of the request leaves for the data's.
  struct Record {
    Time asked = 0;  // when the request's side fired
    std::uint64_t on = 0;
    std::uint32_t valid = 0;
    std::vector<Part> parts;
    std::vector<std::uint64_t> blocks;  // to be issued, from first_burst on
    std::int64_t first_burst = 0;
  };
  struct Slot {
    std::int64_t last_user = -1;  // number of the data's firing
    Time used = 0;                // that is over, at that time
    Time there = -1;              // its data; -1: on their way
  };
  struct Expiry {
    std::int64_t firing;
    std::int64_t burst;
  };

  void evaluate(std::int64_t firing);
  std::int64_t find_held(std::uint64_t block, const Record& record) const;
  void forget();
  bool has_slots(const Record& record);
  std::int64_t most_ahead() const;
  void install(Record& record);
  void issue_all(std::int64_t first, std::int64_t count);
  void decided(std::int64_t burst, Time there) override;
  void pass_on();
  Slot& slot(std::int64_t burst) { return table_[static_cast<std::size_t>(burst % share_.slots)]; }
  std::byte* bytes_of(std::int64_t burst) {
    return bytes_.data() + static_cast<std::size_t>(burst % share_.slots) * burst_bytes_;
  }
  void fill(const Record& record, Word* to, std::uint32_t words);
  void release(std::int64_t firing, Time time);

  std::int64_t fired_ = 0;      // of the request's side
  std::int64_t evaluated_ = 0;  // at most one more
  std::int64_t issued_ = 0;     // bursts that have numbers
  std::int64_t held_from_ = 0;  // SPARSE: bursts before it are forgotten; DENSE: the run's first
  std::int64_t hold_;           // SPARSE: how many of the bursts before a firing are held
  Time slot_time_ = 0;
  sim::Stamps entries_;  // of the queue between the sides: from when each free one is
  std::vector<Slot> table_;
  std::vector<std::uint64_t> block_of_;  // by slot
  std::vector<std::byte> bytes_;         // by slot
  std::vector<std::byte> raw_;
  Queue<Record> records_;  // by number of the firing, until the data's side has fired
  Queue<Expiry> expiries_;
  std::int64_t passed_ = 0;  // firings whose data are all there
  Time passed_time_ = 0;
  sim::Stamps ready_;  // of what pass_on() passes
  sim::Channel arrived_;
  std::optional<Data> data_;
};

}  // namespace rdu_hw::emu
