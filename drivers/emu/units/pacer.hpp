// An input that counts tokens: the elements that its context's iterations wait for, from the tokens that come.
#pragma once

#include <rdu_hw/config.h>

#include <cstdint>
#include <string>

#include "drivers/emu/sim/channel.hpp"
#include "drivers/emu/sim/unit.hpp"

namespace rdu_hw::emu {

// Takes no time. Elements are made only a few ahead of what is taken: the first iterations may need no token at all.
class Pacer : public sim::Unit {
 public:
  Pacer(const rdu_hw_sink& sink, sim::Channel& tokens, sim::Channel& elements, sim::Time start);
  sim::Progress run() override;
  sim::Time now() const override { return latest_; }

 private:
  std::int64_t needed(std::int64_t iteration) const;

  rdu_hw_sink sink_;
  sim::Channel& tokens_;
  sim::Channel& elements_;
  sim::Time latest_;          // arrival of the tokens that were taken
  sim::Stamps made_, taken_;  // of one run()
};

}  // namespace rdu_hw::emu
