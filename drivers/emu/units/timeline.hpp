// One side of a context in time: its firings, its counters, and what it did.
#pragma once

#include <cstdint>
#include <vector>

#include "drivers/emu/sim/firing.hpp"
#include "drivers/emu/units/chain.hpp"
#include "drivers/emu/units/context.hpp"
#include "drivers/emu/units/spans.hpp"
#include "drivers/emu/units/world.hpp"

namespace rdu_hw::emu {

// A port of a context as one side has it: mostly the ends of its link.
struct Attachment {
  std::uint32_t port;  // RDU_HW_NONE: an input of each firing from elsewhere
  std::vector<sim::Channel*> channels;
  sim::Port::Need need;
};
std::vector<Attachment> attach(const Context& context, const std::vector<std::uint32_t>& ports);

// Firings come in blocks, and blocks lie in *stretches*: runs of the innermost counter whose extent a port gives, and all inside; without
// such counters there is one stretch. A unit computes a block's values, walking chain() over its firings, and fires it then.
class Timeline {
 public:
  Timeline(const Context& context, World& world, const std::vector<Attachment>& ports);
  // With the same counters as `leader`, which takes what extents come from; it never gets ahead of it.
  Timeline(const Context& context, World& world, const std::vector<Attachment>& ports,
           Timeline& leader);
  // Without counters: as many firings as come, until finish().
  explicit Timeline(World& world);
  Timeline(const Timeline&) = delete;

  sim::Firing& firing() { return firing_; }
  const sim::Firing& firing() const { return firing_; }
  // The place among the firing's ports of a context's port; of an output's first sink.
  std::size_t place(std::uint32_t port) const { return places_[port]; }
  Chain& chain() { return chain_; }
  const Chain& chain() const { return chain_; }
  bool is_dynamic() const { return !dynamic_.empty(); }
  // Walks the chain where nobody does for the sake of values.
  void skip(std::int64_t count) {
    if (is_dynamic()) walk_runs(chain_, count, [](std::int64_t, std::int64_t) {});
  }
  void limit_blocks(std::int64_t firings) { cap_ = std::min(cap_, firings); }

  // The longest block that can be fired now; 0 where progress() says why. Does not look at the gate.
  std::int64_t possible();
  // Firings of that interval; `conflicts` of its cycles are the banks'. The chain has been walked.
  void fire(std::int64_t count, Time interval = 1, Time conflicts = 0);
  sim::Progress progress() const;
  void finish() { done_ = true; }
  bool done() const { return done_; }

  Side report() const;
  // Lanes that were valid, summed over all firings.
  std::int64_t valid_lanes() const { return is_dynamic() ? valid_lanes_ : chain_.lanes_in(0); }
  // When the last firing is over.
  Time end() const { return firing_.fired() == 0 ? 0 : firing_.ready(); }

 private:
  struct Dynamic {
    std::uint32_t counter;
    std::uint32_t port;  // of the context
  };
  void resolve_arguments();
  void open_stretch();
  bool read_extents();
  bool set_extent(std::uint32_t counter, std::int64_t value);
  void use_ports();

  World* world_;
  const Context* context_ = nullptr;
  Chain chain_;
  sim::Firing firing_;
  std::vector<std::size_t> places_;
  std::vector<unsigned> levels_;  // of the firing's ports
  std::vector<Dynamic> dynamic_;  // counters in ascending order
  Timeline* leader_ = nullptr;
  Timeline* follower_ = nullptr;
  std::vector<std::int64_t> script_;  // extents that the leader read, from next_extent_ on
  std::size_t next_extent_ = 0;
  std::int64_t cap_ = sim::kUnlimited;
  std::int64_t left_ = 0;                  // firings of the stretch that is open
  std::int64_t valid_lanes_ = 0;           // of stretches
  const sim::Channel* missing_ = nullptr;  // an extent is to come from it
  bool done_ = false;
  bool failed_ = false;
  Side side_;
  Spans spans_;
};

}  // namespace rdu_hw::emu
