// Contexts between the mesh and the external memory.
#pragma once

#include <deque>
#include <map>
#include <optional>

#include "tests/drivers/emu/naive/addresses.hpp"
#include "tests/drivers/emu/naive/memory.hpp"
#include "tests/drivers/emu/naive/side.hpp"

namespace naive {

// What the LOADs and STOREs of an AGCU share equally.
struct Share {
  std::int64_t slots;
  std::int64_t entries;
};

// Where a context's lanes are in its region.
class Region {
 public:
  Region(const Context& context, Memory& memory);

  struct Lane {
    std::uint32_t number;
    std::uint64_t address;  // in the tier
  };
  // Lanes that are on, in their order.
  std::vector<Lane> lanes(const Walk& walk);
  // The bursts that an element touches.
  std::vector<std::uint64_t> bursts(const Lane& lane) const;
  // Of a DENSE context: firings of the run from this one to the burst's last.
  std::int64_t firings_to_last(const Walk& walk, std::uint64_t burst) const;

  Tier& tier() { return tier_; }
  bool dense() const { return record_.mode == RDU_HW_TRANSFER_DENSE; }
  const rdu_hw_transfer& record() const { return record_; }
  std::uint64_t element() const { return rdu_hw_format_bytes(record_.format); }

 private:
  const Context& context_;
  const rdu_hw_transfer& record_;
  Tier& tier_;
  std::uint64_t base_;
  std::int64_t run_base_ = 0;  // DENSE: the address of lane 0 of the run's first firing
};

// A burst that was read, and when its slot is free.
struct Slot {
  BurstRef burst;
  std::int64_t users = 0;      // SPARSE: data firings that are to use it
  std::int64_t last_use = -1;  // DENSE: the data firing that releases it
  Time released = kNever;
};
using SlotRef = std::shared_ptr<Slot>;

// What the request side of a LOAD hands to the data side.
struct Fetch {
  Time at;
  Walk walk;
  std::vector<Region::Lane> lanes;
  std::vector<SlotRef> slots;  // that its lanes use
};

class Request : public Side {
 public:
  Request(const Context& context, Time start, Memory& memory, const Share& share);

  Region& region() { return region_; }
  std::deque<Fetch>& fetches() { return fetches_; }
  void release(Time now, std::int64_t firing, const Fetch& fetch);
  Time latest() const override;

 private:
  struct Plan {
    Fetch fetch;
    std::vector<SlotRef> fresh;
  };
  Plan plan();
  SlotRef find_held(std::uint64_t burst) const;
  std::size_t queue_entries();
  bool has_turn(Time now) override;
  Time act(Time now) override;

  Region region_;
  Share share_;
  std::vector<SlotRef> issued_;
  std::size_t forgotten_ = 0;  // issues before this one are not held any more
  std::deque<Fetch> fetches_;
  std::vector<Time> answered_;  // when the data firings were
};

class Data : public Side {
 public:
  Data(const Context& context, Time start, Request& request);

  bool done() const override { return request_.done() && request_.fetches().empty(); }
  Time latest() const override;

 private:
  const Walk& position() const override { return request_.fetches().front().walk; }
  void advance() override { request_.fetches().pop_front(); }
  bool has_input(Time now) override;
  Time act(Time now) override;
  Words sent(std::uint32_t port) override;

  Word word(const Fetch& fetch, const Region::Lane& lane) const;

  Request& request_;
  Words words_;
};

class Store : public Side {
 public:
  Store(const Context& context, Time start, Memory& memory, const Share& share);

  bool tick(Time now) override;
  Time latest() const override;
  Time acknowledged() const override;

 private:
  // Of one iteration: the bursts with its words.
  using Token = std::vector<BurstRef>;
  struct Plan {
    std::vector<Burst::Piece> pieces;
    std::vector<std::uint64_t> touched;
    std::vector<std::uint64_t> finished;  // in the order of issue
  };
  Plan plan();
  bool has_turn(Time now) override;
  Time act(Time now) override;
  void note_tokens(const std::vector<std::uint64_t>& touched);
  bool send_tokens(Time now);

  Region region_;
  Share share_;
  std::map<std::uint64_t, BurstRef> open_;  // by number, not issued yet
  std::vector<BurstRef> issued_;
  std::vector<Token> growing_;             // by port: of the iteration that is running
  std::vector<std::deque<Token>> tokens_;  // by port: to be sent
};

class Result : public Side {
 public:
  Result(const Context& context, Time start, Arguments& results);

 private:
  Time act(Time now) override;

  Arguments& results_;
};

}  // namespace naive
