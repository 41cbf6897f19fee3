// A port's elements as words, where they lie in the ring, firing by firing of a block.
#pragma once

#include <cstdint>
#include <vector>

#include "drivers/emu/sim/firing.hpp"
#include "drivers/emu/units/timeline.hpp"
#include "drivers/emu/units/world.hpp"

namespace rdu_hw::emu {

// What firings of the next block take: valid from begin() until the block is fired.
class Input {
 public:
  Input(const sim::Firing& firing, std::size_t place, unsigned words)
      : firing_(&firing), place_(place), words_(words) {}

  void begin(std::int64_t count) {
    const sim::Port& port = firing_->ports()[place_];
    period_ = port.period;
    position_ = port.position;
    const std::int64_t elements = (position_ + count + period_ - 1) / period_;
    front_ = reinterpret_cast<const Word*>(port.channel->front(elements).data());
  }
  // Whether each firing has an element of its own.
  bool is_fresh() const { return period_ == 1; }
  unsigned words() const { return words_; }
  const Word* at(std::int64_t firing) const {
    return front_ + (period_ == 1 ? firing : (position_ + firing) / period_) * words_;
  }

 private:
  const sim::Firing* firing_;
  std::size_t place_;
  unsigned words_;
  const Word* front_ = nullptr;
  std::int64_t period_ = 1;
  std::int64_t position_ = 0;
};

// All inputs of a context, by port.
class Inputs {
 public:
  Inputs(const Context& context, const Timeline& timeline, unsigned lanes) {
    for (const std::uint32_t port : ports_of(context, RDU_HW_INPUT)) {
      inputs_.emplace_back(timeline.firing(), timeline.place(port),
                           words_of(context.port(port).kind, lanes));
    }
  }
  // Tokens have no words.
  void begin(std::int64_t count) {
    for (Input& input : inputs_) {
      if (input.words() != 0) input.begin(count);
    }
  }
  Input& operator[](std::uint32_t port) { return inputs_[port]; }
  const Input& operator[](std::uint32_t port) const { return inputs_[port]; }

 private:
  std::vector<Input> inputs_;
};

// What firings of the next block send: room for all of it, one element behind the other. All sinks share it.
class Output {
 public:
  Output(const sim::Firing& firing, std::size_t place) : firing_(&firing), place_(place) {}

  Word* begin(std::int64_t count) const {
    const sim::Port& port = firing_->ports()[place_];
    const std::int64_t elements = (port.position + count) / port.period;
    if (elements == 0) return nullptr;
    return reinterpret_cast<Word*>(port.channel->back(elements).data());
  }

 private:
  const sim::Firing* firing_;
  std::size_t place_;
};

}  // namespace rdu_hw::emu
