// Contexts that send what they take, element by element, all lanes of it.
#include "tools/rducc/target/rdu/delay.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "tools/rducc/target/rdu/rates.hpp"

namespace rducc::rdu {
namespace {

namespace image = rdu_hw::image;

class Splicer {
 public:
  Splicer(Parts& parts, std::uint32_t link, const std::vector<End>& ends, const rdu_hw_arch& arch)
      : parts_(parts), arch_(arch), link_(link), ends_(ends), kind_(parts.links[link].kind) {
    const Link& record = parts.links[link];
    const Context& source = parts.contexts[record.source->context];
    count_ = static_cast<std::uint32_t>(elements_sent(source, source.outputs[record.source->port]));
    label_ = record.label;
    label_.name += " delayed";
  }

  std::uint32_t in_pcu() {
    const std::uint32_t pass = open(RDU_HW_PROGRAM_SIMD);
    enter(pass);
    const std::uint32_t level = parts_.contexts[pass].innermost();
    return leave(pass, {kind_, level, RDU_HW_ROOM_LAST, {Value::Kind::kInput, 0, 0}, 0});
  }

  // Tokens are counted: the reader waits for the words of its element, the writer for the slot that the element of `size` before left.
  std::uint32_t in_pmu(std::uint64_t size) {
    const std::uint64_t bytes = size * element_bytes();
    const auto buffer = static_cast<std::uint32_t>(parts_.buffers.size());
    parts_.buffers.push_back({label_, bytes, 1, RDU_HW_BANK_STRIDED, 1, {}});
    const std::uint32_t writer = open_access(RDU_HW_PROGRAM_WRITE, buffer, bytes);
    const std::uint32_t reader = open_access(RDU_HW_PROGRAM_READ, buffer, bytes);
    enter(writer);
    const std::uint32_t level = parts_.contexts[reader].innermost();
    const std::uint32_t link = leave(reader, {kind_, level, RDU_HW_ROOM_LAST, {}, 0});
    count_tokens(writer, reader, 1);
    count_tokens(reader, writer, 1 - static_cast<std::int32_t>(size));
    return link;
  }

 private:
  std::uint64_t element_bytes() const {
    return kind_ == RDU_HW_VECTOR ? rdu_hw_arch_vector_bytes(&arch_) : arch_.grid.word_bits / 8;
  }

  // One firing an element.
  std::uint32_t open(std::uint32_t program) {
    Context& context = parts_.contexts.emplace_back();
    context.program = program;
    context.label = label_;
    context.counters.push_back(image::counter(count_));
    if (kind_ == RDU_HW_VECTOR) {
      context.counters.push_back(image::counter(arch_.pcu.lanes, arch_.pcu.lanes));
    }
    return static_cast<std::uint32_t>(parts_.contexts.size() - 1);
  }

  std::uint32_t open_access(std::uint32_t program, std::uint32_t buffer, std::uint64_t bytes) {
    const std::uint32_t number = open(program);
    Context& context = parts_.contexts[number];
    context.access = {buffer, 0, RDU_HW_FORMAT_WORD, RDU_HW_NONE, 0, 0, 0, 0};
    Step step;
    step.terms.push_back(image::counter_term(0, static_cast<std::int64_t>(element_bytes())));
    if (kind_ == RDU_HW_VECTOR) step.terms.push_back(image::counter_term(1, 4));
    step.modulus = static_cast<std::int64_t>(bytes);
    context.steps.push_back(std::move(step));
    return number;
  }

  // The context takes the sinks' place on the link.
  void enter(std::uint32_t context) {
    Context& record = parts_.contexts[context];
    record.inputs.push_back({kind_, record.innermost(), link_});
    std::vector<Sink>& sinks = parts_.links[link_].sinks;
    std::erase_if(sinks, [&](const Sink& sink) {
      if (std::ranges::find(ends_, sink.end) == ends_.end()) return false;
      targets_.push_back(sink);
      return true;
    });
    sinks.push_back({{context, 0}, 0, {}});
  }

  // And sends to where they were.
  std::uint32_t leave(std::uint32_t context, Output output) {
    const std::uint32_t link = open_link(kind_, context, output);
    for (const Sink& sink : targets_) {
      parts_.contexts[sink.end.context].inputs[sink.end.port].link = link;
    }
    parts_.links[link].sinks = std::move(targets_);
    return link;
  }

  std::uint32_t open_link(std::uint32_t kind, std::uint32_t context, Output output) {
    const auto number = static_cast<std::uint32_t>(parts_.links.size());
    Context& record = parts_.contexts[context];
    output.link = number;
    record.outputs.push_back(output);
    const auto port = static_cast<std::uint32_t>(record.outputs.size() - 1);
    parts_.links.push_back({label_, kind, 0, End{context, port}, {}});
    return number;
  }

  void count_tokens(std::uint32_t from, std::uint32_t to, std::int32_t lead) {
    const std::uint32_t level = parts_.contexts[from].innermost();
    const std::uint32_t link =
        open_link(RDU_HW_CONTROL, from, {RDU_HW_CONTROL, level, RDU_HW_ROOM_LAST, {}, 0});
    Context& record = parts_.contexts[to];
    record.inputs.push_back({RDU_HW_CONTROL, level, link});
    const auto port = static_cast<std::uint32_t>(record.inputs.size() - 1);
    parts_.links[link].sinks.push_back({{to, port}, 0, Pace{count_, count_, 1, 1, lead}});
  }

  Parts& parts_;
  const rdu_hw_arch& arch_;
  std::uint32_t link_;
  const std::vector<End>& ends_;
  std::uint32_t kind_;
  std::uint32_t count_ = 0;
  Label label_;
  std::vector<Sink> targets_;
};

}  // namespace

bool can_delay(const Parts& parts, const Link& link) {
  const Context& source = parts.contexts[link.source->context];
  const Output& output = source.outputs[link.source->port];
  return link.initial == 0 && is_constant(source, output.level) &&
         elements_sent(source, output) <= std::numeric_limits<std::int32_t>::max();
}

std::uint64_t fifo_capacity(const Link& link, const rdu_hw_arch& arch) {
  const bool vector = link.kind == RDU_HW_VECTOR;
  if (!vector && arch.pmu.ports.scalar_out == 0) return 0;
  return arch.pmu.bytes / (vector ? rdu_hw_arch_vector_bytes(&arch) : arch.grid.word_bits / 8);
}

std::uint32_t delay_in_pcu(Parts& parts, std::uint32_t link, const std::vector<End>& ends,
                           const rdu_hw_arch& arch) {
  return Splicer(parts, link, ends, arch).in_pcu();
}

std::uint32_t delay_in_pmu(Parts& parts, std::uint32_t link, const std::vector<End>& ends,
                           std::uint64_t size, const rdu_hw_arch& arch) {
  return Splicer(parts, link, ends, arch).in_pmu(size);
}

}  // namespace rducc::rdu
