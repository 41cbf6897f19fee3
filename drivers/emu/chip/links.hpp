// The links of a section as channels.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "drivers/emu/sim/channel.hpp"
#include "drivers/emu/units/pacer.hpp"
#include "drivers/emu/units/world.hpp"
#include "drivers/image/view.hpp"

namespace rdu_hw::emu {

class Links {
 public:
  Links(const World& world, std::uint32_t section);

  // The ends of a link: where its source sends, one for each sink; what its sink number i takes from.
  std::vector<sim::Channel*> sources(std::uint32_t link) const;
  sim::Channel* sink(std::uint32_t link, std::uint32_t i) const { return ends_[link][i].taken; }
  // Who sends and who takes at that sink.
  void connect(std::uint32_t link, std::uint32_t i, sim::Unit& writer, sim::Unit& reader);
  std::deque<Pacer>& pacers() { return pacers_; }
  // That the source sent, without initial ones.
  std::int64_t elements(std::uint32_t link) const;

 private:
  struct End {
    sim::Channel* sent;
    sim::Channel* taken;  // another one where a pacer is between them
    Pacer* pacer;
  };
  void add(const rdu_hw_link& link, const std::string& name);
  End add_sink(const rdu_hw_sink& sink, std::uint32_t initial, sim::ChannelSpec spec,
               sim::Ring* ring);

  const World& world_;
  std::uint32_t section_;
  std::vector<std::unique_ptr<sim::Ring>> rings_;
  std::deque<sim::Channel> channels_;
  std::deque<Pacer> pacers_;
  std::vector<std::vector<End>> ends_;  // by link and sink
  std::vector<std::uint32_t> initial_;
};

// Cycles from a firing of this context to what leaves its outputs of that kind.
Time pipeline_of(const image::ContextView& context, std::uint32_t kind, const rdu_hw_arch& arch);
// What people call it: its label, or its table and number.
std::string name_of(const rdu_hw_image& image, std::uint32_t label_kind, std::uint32_t index,
                    const std::string& fallback);

}  // namespace rdu_hw::emu
