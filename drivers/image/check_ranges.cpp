// The ranges of each table follow each other without gap and cover it.
#include "drivers/image/checks.hpp"

namespace rdu_hw::image {
namespace {

constexpr auto kConflict = RDU_HW_IMAGE_ERR_CONFLICT;

// Takes one table apart.
class Partition {
 public:
  Partition(const char* table, std::uint32_t size) : table_(table), size_(size) {}

  void take(rdu_hw_range range, const Place& place) {
    demand_equal(range.first, next_, kConflict, place, table_);
    demand_within<std::uint32_t>(range.count, 0, size_ - next_, kConflict, place, table_);
    next_ += range.count;
  }
  void finish() const { demand_equal(size_, next_, kConflict, {}, table_); }

 private:
  const char* table_;
  std::uint32_t size_;
  std::uint32_t next_ = 0;
};

void check_section_ranges(const rdu_hw_image& image) {
  Partition contexts("contexts", image.num_contexts);
  Partition buffers("buffers", image.num_buffers);
  Partition links("links", image.num_links);
  for (std::uint32_t i = 0; i < image.num_sections; ++i) {
    const Place place = Place().in("section", i);
    contexts.take(image.sections[i].contexts, place);
    buffers.take(image.sections[i].buffers, place);
    links.take(image.sections[i].links, place);
  }
  contexts.finish();
  buffers.finish();
  links.finish();
}

// The systolics, accesses and transfers, each numbered by the contexts that own them.
class Details {
 public:
  void take(const rdu_hw_context& context, const Place& place) {
    std::uint32_t expected = RDU_HW_NONE;
    if (context.program != RDU_HW_PROGRAM_SIMD) {
      expected = next_[rdu_hw_program_unit(context.program)]++;
    }
    demand_equal(context.detail, expected, kConflict, place, "detail");
  }
  void finish(const rdu_hw_image& image) const {
    demand_equal(image.num_systolics, next_[RDU_HW_UNIT_PCU], kConflict, {}, "systolics");
    demand_equal(image.num_accesses, next_[RDU_HW_UNIT_PMU], kConflict, {}, "accesses");
    demand_equal(image.num_transfers, next_[RDU_HW_UNIT_AGCU], kConflict, {}, "transfers");
  }

 private:
  std::uint32_t next_[3] = {};
};

void check_context_ranges(const rdu_hw_image& image) {
  Partition counters("counters", image.num_counters);
  Partition ports("ports", image.num_ports);
  Partition instructions("instructions", image.num_instructions);
  Partition steps("steps", image.num_steps);
  Details details;
  for (std::uint32_t section = 0; section < image.num_sections; ++section) {
    for_each_context(image, section, [&](const ContextView& context) {
      demand_within<std::uint32_t>(context.record.program, 0, RDU_HW_PROGRAM_RESULT,
                                   RDU_HW_IMAGE_ERR_VALUE, context.place, "program");
      details.take(context.record, context.place);
      counters.take(context.record.counters, context.place);
      ports.take(context.record.ports, context.place);
      instructions.take(context.record.instructions, context.place);
      steps.take(context.record.steps, context.place);
    });
  }
  details.finish(image);
  counters.finish();
  ports.finish();
  instructions.finish();
  steps.finish();
}

void check_leaf_ranges(const rdu_hw_image& image) {
  Partition terms("terms", image.num_terms);
  for (std::uint32_t i = 0; i < image.num_steps; ++i) {
    terms.take(image.steps[i].terms, Place().in("step record", i));
  }
  terms.finish();
  Partition sinks("sinks", image.num_sinks);
  Partition hops("hops", image.num_hops);
  for (std::uint32_t i = 0; i < image.num_links; ++i) {
    sinks.take(image.links[i].sinks, Place().in("link record", i));
    hops.take(image.links[i].hops, Place().in("link record", i));
  }
  sinks.finish();
  hops.finish();
  Partition text("text", image.num_text);
  for (std::uint32_t i = 0; i < image.num_labels; ++i) {
    text.take(image.labels[i].text, Place().in("label", i));
  }
  text.finish();
}

}  // namespace

void check_ranges(const rdu_hw_image& image) {
  check_section_ranges(image);
  check_context_ranges(image);
  check_leaf_ranges(image);
}

}  // namespace rdu_hw::image
