// A program becomes tables, and tables become the bytes of an image.
#include <cstring>

#include "drivers/image/program.hpp"
#include "drivers/image/tables.hpp"

namespace rdu_hw::image {
namespace {

struct Tables {
#define X(chunk, member, record, flags) std::vector<record> member;
  RDU_HW_IMAGE_TABLES(X)
#undef X
};

std::uint32_t size_of(const auto& list) { return static_cast<std::uint32_t>(list.size()); }

class Flattener {
 public:
  explicit Flattener(const Program& program) : program_(program) {}

  Tables run() {
    for (const Argument& argument : program_.arguments)
      tables_.arguments.push_back(argument.record);
    for (const Section& section : program_.sections) add(section);
    add_labels();
    if (program_.num_setup_sections != 0) {
      tables_.setups.push_back({program_.num_setup_sections, 0});
    }
    return std::move(tables_);
  }

 private:
  // Copies `from` to the end of a table and says where it lies there.
  template <typename Record>
  static rdu_hw_range append(std::vector<Record>& table, const std::vector<Record>& from) {
    const rdu_hw_range range = {size_of(table), size_of(from)};
    table.insert(table.end(), from.begin(), from.end());
    return range;
  }

  void add(const Section& section) {
    rdu_hw_section record = {};
    record.contexts = {size_of(tables_.contexts), size_of(section.contexts)};
    record.buffers = {size_of(tables_.buffers), size_of(section.buffers)};
    record.links = {size_of(tables_.links), size_of(section.links)};
    tables_.sections.push_back(record);
    for (const Context& context : section.contexts) add(context);
    for (const Buffer& buffer : section.buffers) tables_.buffers.push_back(buffer.record);
    for (const Link& link : section.links) add(link);
    connect(section, record.contexts.first);
  }

  void add(const Context& context) {
    rdu_hw_context record = {};
    record.program = context.program;
    record.row = context.row;
    record.column = context.column;
    record.detail = add_detail(context);
    record.counters = append(tables_.counters, context.counters);
    record.ports = append(tables_.ports, context.ports);
    record.instructions = append(tables_.instructions, context.instructions);
    record.steps = {size_of(tables_.steps), size_of(context.steps)};
    for (const Step& step : context.steps) {
      tables_.steps.push_back({append(tables_.terms, step.terms), step.offset, step.divisor,
                               step.modulus, step.low, step.high});
    }
    tables_.contexts.push_back(record);
  }

  std::uint32_t add_detail(const Context& context) {
    switch (context.program) {
      case RDU_HW_PROGRAM_SYSTOLIC:
        tables_.systolics.push_back(context.systolic);
        return size_of(tables_.systolics) - 1;
      case RDU_HW_PROGRAM_WRITE:
      case RDU_HW_PROGRAM_READ:
        tables_.accesses.push_back(context.access);
        return size_of(tables_.accesses) - 1;
      case RDU_HW_PROGRAM_LOAD:
      case RDU_HW_PROGRAM_STORE:
      case RDU_HW_PROGRAM_RESULT:
        tables_.transfers.push_back(context.transfer);
        return size_of(tables_.transfers) - 1;
      default:
        return RDU_HW_NONE;
    }
  }

  void add(const Link& link) {
    tables_.links.push_back({link.kind, link.initial, link.source, link.entry_row,
                             link.entry_column, append(tables_.sinks, link.sinks),
                             append(tables_.hops, link.hops)});
  }

  // Tells the ports at both ends of each link its number.
  void connect(const Section& section, std::uint32_t first_context) {
    auto tell = [&](const rdu_hw_end& end, std::uint32_t link) {
      if (end.context >= section.contexts.size()) return;
      const rdu_hw_range ports = tables_.contexts[first_context + end.context].ports;
      if (end.port < ports.count) tables_.ports[ports.first + end.port].link = link;
    };
    for (std::uint32_t i = 0; i < section.links.size(); ++i) {
      tell(section.links[i].source, i);
      for (const rdu_hw_sink& sink : section.links[i].sinks) tell(sink.end, i);
    }
  }

  void add_labels() {
    std::uint32_t index = 0;
    for (const Argument& argument : program_.arguments) {
      add(argument.label, RDU_HW_LABEL_ARGUMENT, index++);
    }
    index = 0;
    for (const Section& section : program_.sections) {
      add(section.label, RDU_HW_LABEL_SECTION, index++);
    }
    add_labels(&Section::contexts, RDU_HW_LABEL_CONTEXT);
    add_labels(&Section::buffers, RDU_HW_LABEL_BUFFER);
    add_labels(&Section::links, RDU_HW_LABEL_LINK);
  }

  template <typename Item>
  void add_labels(std::vector<Item> Section::*items, std::uint32_t kind) {
    std::uint32_t index = 0;
    for (const Section& section : program_.sections) {
      for (const Item& item : section.*items) add(item.label, kind, index++);
    }
  }

  void add(const Label& label, std::uint32_t kind, std::uint32_t index) {
    if (label.name.empty() && label.node == RDU_HW_NONE) return;
    const rdu_hw_range text = {size_of(tables_.text), size_of(label.name)};
    tables_.text.insert(tables_.text.end(), label.name.begin(), label.name.end());
    tables_.labels.push_back({kind, index, label.node, text});
  }

  const Program& program_;
  Tables tables_;
};

template <typename Record>
void put(std::vector<std::uint8_t>& bytes, std::uint64_t offset, const Record* records,
         std::uint64_t count) {
  if (count != 0) std::memcpy(bytes.data() + offset, records, count * sizeof(Record));
}

}  // namespace

std::vector<std::uint8_t> write_image(const Program& program) {
  const Tables tables = Flattener(program).run();
  std::vector<rdu_hw_chunk> chunks;
#define X(chunk, member, record, flags)                                                          \
  if (!tables.member.empty()) {                                                                  \
    chunks.push_back({RDU_HW_CHUNK_##chunk, flags, 0, tables.member.size(), sizeof(record), 0}); \
  }
  RDU_HW_IMAGE_TABLES(X)
#undef X
  std::uint64_t end = sizeof(rdu_hw_image_header) + chunks.size() * sizeof(rdu_hw_chunk);
  for (rdu_hw_chunk& chunk : chunks) {
    chunk.offset = end;
    end = aligned(end + chunk.count * chunk.record_bytes);
  }

  std::vector<std::uint8_t> bytes(end);
  put(bytes, sizeof(rdu_hw_image_header), chunks.data(), chunks.size());
  std::size_t next = 0;
#define X(chunk, member, record, flags)                                            \
  if (!tables.member.empty()) {                                                    \
    put(bytes, chunks[next++].offset, tables.member.data(), tables.member.size()); \
  }
  RDU_HW_IMAGE_TABLES(X)
#undef X
  rdu_hw_image_header header = {{},
                                end,
                                0,
                                program.arch_hash,
                                RDU_HW_IMAGE_MAJOR,
                                RDU_HW_IMAGE_MINOR,
                                static_cast<std::uint32_t>(chunks.size())};
  std::memcpy(header.magic, RDU_HW_IMAGE_MAGIC, sizeof header.magic);
  put(bytes, 0, &header, 1);
  header.hash = hash_of(bytes.data() + kHashedFrom, end - kHashedFrom);
  put(bytes, 0, &header, 1);
  return bytes;
}

}  // namespace rdu_hw::image
