// A link is a channel for each sink, of its FIFO and all the buffers on the way; they share the bytes.
#include "drivers/emu/chip/links.hpp"

#include <algorithm>

#include "drivers/emu/units/simd.hpp"

namespace rdu_hw::emu {
namespace {

// A ring that is longer than its channels are deep is cut less often.
constexpr std::int64_t kLeastSlots = 64;

std::int64_t hops_to(const rdu_hw_image& image, const rdu_hw_link& link, const rdu_hw_sink& sink) {
  std::int64_t hops = 0;
  for (std::uint32_t hop = sink.hop; hop != RDU_HW_NONE; ++hops) {
    hop = image.hops[link.hops.first + hop].parent;
  }
  return hops;
}

}  // namespace

Links::Links(const World& world, std::uint32_t section) : world_(world), section_(section) {
  const rdu_hw_image& image = world.image;
  const rdu_hw_range links = image.sections[section].links;
  for (std::uint32_t i = 0; i < links.count; ++i) {
    add(image.links[links.first + i],
        name_of(image, RDU_HW_LABEL_LINK, links.first + i, "link " + std::to_string(i)));
  }
}

void Links::add(const rdu_hw_link& link, const std::string& name) {
  const rdu_hw_image& image = world_.image;
  const Time pipeline = pipeline_of(image::context_view(image, section_, link.source.context),
                                    link.kind, world_.arch);
  const auto sinks = image::ContextView::of(image.sinks, link.sinks);
  std::vector<sim::ChannelSpec> specs;
  std::int64_t slots = kLeastSlots;
  for (const rdu_hw_sink& sink : sinks) {
    const rdu_hw_network& network = world_.arch.network;
    const std::int64_t hops = 1 + hops_to(image, link, sink);
    sim::ChannelSpec spec = {.name = name,
                             .depth = sink.depth,
                             .latency = pipeline + hops * network.cycles_per_hop,
                             .credit_latency = 1 + hops,
                             .endless = sink.pace_group != 0};
    if (link.kind != RDU_HW_CONTROL) spec.depth += hops * network.buffers_per_hop + pipeline;
    slots = std::max(slots, spec.depth);
    specs.push_back(std::move(spec));
  }
  const unsigned words = words_of(link.kind, world_.arch.pcu.lanes);
  sim::Ring* ring = nullptr;
  if (words != 0 && world_.options.values) {
    rings_.push_back(std::make_unique<sim::Ring>(slots, words * sizeof(Word)));
    ring = rings_.back().get();
  }
  std::vector<End> ends;
  for (std::size_t i = 0; i < sinks.size(); ++i) {
    ends.push_back(add_sink(sinks[i], link.initial, std::move(specs[i]), ring));
  }
  ends_.push_back(std::move(ends));
  initial_.push_back(link.initial);
}

Links::End Links::add_sink(const rdu_hw_sink& sink, std::uint32_t initial, sim::ChannelSpec spec,
                           sim::Ring* ring) {
  const std::string name = spec.name;
  sim::Channel& channel = channels_.emplace_back(std::move(spec), ring);
  if (sink.pace_group != 0) {
    sim::Channel& counted = channels_.emplace_back(
        sim::ChannelSpec{.name = "the counted " + name, .latency = 0, .endless = true});
    Pacer& pacer = pacers_.emplace_back(sink, channel, counted, world_.start);
    return {&channel, &counted, &pacer};
  }
  if (initial != 0) channel.preload(initial, world_.start);
  return {&channel, &channel, nullptr};
}

std::vector<sim::Channel*> Links::sources(std::uint32_t link) const {
  std::vector<sim::Channel*> channels;
  for (const End& end : ends_[link]) channels.push_back(end.sent);
  return channels;
}

void Links::connect(std::uint32_t link, std::uint32_t i, sim::Unit& writer, sim::Unit& reader) {
  const End& end = ends_[link][i];
  if (end.pacer == nullptr) return end.sent->connect(&writer, &reader);
  end.sent->connect(&writer, end.pacer);
  end.taken->connect(end.pacer, &reader);
}

std::int64_t Links::elements(std::uint32_t link) const {
  return ends_[link].front().sent->sent() - initial_[link];
}

Time pipeline_of(const image::ContextView& context, std::uint32_t kind, const rdu_hw_arch& arch) {
  switch (context.record.program) {
    case RDU_HW_PROGRAM_SIMD:
      return simd_pipeline(context, arch);
    case RDU_HW_PROGRAM_READ:
    case RDU_HW_PROGRAM_WRITE:
      return kind == RDU_HW_CONTROL ? 1 : arch.pmu.address_cycles;
    default:
      return 1;
  }
}

std::string name_of(const rdu_hw_image& image, std::uint32_t label_kind, std::uint32_t index,
                    const std::string& fallback) {
  const std::span labels(image.labels, image.num_labels);
  const auto label =
      std::ranges::lower_bound(labels, std::pair(label_kind, index), {},
                               [](const rdu_hw_label& l) { return std::pair(l.kind, l.index); });
  if (label != labels.end() && label->kind == label_kind && label->index == index &&
      label->text.count != 0) {
    return fallback + " '" + std::string(image.text + label->text.first, label->text.count) + "'";
  }
  return fallback;
}

}  // namespace rdu_hw::emu
