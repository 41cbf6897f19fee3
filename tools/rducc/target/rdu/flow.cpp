// Flows: arguments, sections, and the contexts and buffers in them.
#include "tools/rducc/target/rdu/flow.hpp"

#include "sdk/base/result.hpp"

namespace rducc::rdu {
namespace {

Label label_of(const Name& name) { return {std::string(name.text), name.node}; }

std::uint32_t last_of(const auto& list) { return static_cast<std::uint32_t>(list.size() - 1); }

}  // namespace

Counter loop(std::uint32_t extent, std::int32_t step, std::int32_t start) {
  return rdu_hw::image::counter(extent, 1, step, start);
}

Counter lanes(std::uint32_t extent, std::uint32_t width, std::int32_t step, std::int32_t start) {
  return rdu_hw::image::counter(extent, width, step, start);
}

Counter bounded_by(Scalar extent, Counter counter) {
  counter.extent_from = RDU_HW_EXTENT_ARGUMENT;
  counter.source = extent.number;
  return counter;
}

Context& ContextHandle::record() const { return section_->parts_.contexts[number_]; }

void ContextHandle::extent_of(std::uint32_t counter, Stream scalar, std::uint32_t level) {
  const std::uint32_t port = section_->receive(number_, scalar, level, 0);
  if (counter >= record().counters.size()) return section_->refuse(number_, "has no such counter");
  record().counters[counter].extent_from = RDU_HW_EXTENT_PORT;
  record().counters[counter].source = port;
}

void Section::refuse(std::string mistake) {
  if (mistake_.empty()) mistake_ = std::move(mistake);
}

void Section::refuse(std::uint32_t context, std::string_view mistake) {
  refuse("context \"" + parts_.contexts[context].label.name + "\" " + std::string(mistake));
}

std::uint32_t Section::open(std::uint32_t program, Name name, Chain chain) {
  Context& context = parts_.contexts.emplace_back();
  context.program = program;
  context.label = label_of(name);
  context.counters = std::move(chain);
  return last_of(parts_.contexts);
}

std::uint32_t Section::kind_of(Stream stream) const {
  return stream.link < parts_.links.size() ? parts_.links[stream.link].kind
                                           : std::uint32_t{RDU_HW_VECTOR};
}

std::uint32_t Section::receive(std::uint32_t context, Stream stream, std::uint32_t level,
                               std::uint32_t depth) {
  Context& record = parts_.contexts[context];
  if (stream.link >= parts_.links.size()) {
    refuse(context, "receives a stream of another section");
    return 0;
  }
  Link& link = parts_.links[stream.link];
  if (level == kEvery) level = record.innermost();
  record.inputs.push_back({link.kind, level, stream.link});
  const std::uint32_t port = last_of(record.inputs);
  link.sinks.push_back({{context, port}, depth});
  return port;
}

Stream Section::later(Name name, std::uint32_t kind, std::uint32_t initial) {
  parts_.links.push_back({label_of(name), kind, initial, {}, {}});
  return {last_of(parts_.links)};
}

Stream Section::send(std::uint32_t context, const Output& output) {
  const Stream stream = later(parts_.contexts[context].label.name, output.kind);
  send(context, output, stream);
  return stream;
}

void Section::send(std::uint32_t context, Output output, Stream stream) {
  Context& record = parts_.contexts[context];
  if (stream.link >= parts_.links.size()) return refuse(context, "sends no stream of the section");
  Link& link = parts_.links[stream.link];
  if (link.source) return refuse(context, "sends a stream that has a sender");
  if (output.level == kEvery) output.level = record.innermost();
  output.link = stream.link;
  record.outputs.push_back(output);
  link.source = End{context, last_of(record.outputs)};
}

Simd Section::simd(Name name, Chain chain) {
  return {*this, open(RDU_HW_PROGRAM_SIMD, name, std::move(chain))};
}

Systolic Section::systolic(Name name, Chain chain, const SystolicShape& shape, Stream a, Stream b) {
  const std::uint32_t number = open(RDU_HW_PROGRAM_SYSTOLIC, name, std::move(chain));
  parts_.contexts[number].systolic = {shape.rows, shape.columns, shape.format, shape.level, 0, 0, 0,
                                      0};
  receive(number, a, kEvery, 0);
  receive(number, b, kEvery, 0);
  send(number, {RDU_HW_VECTOR, shape.level, RDU_HW_ROOM_LAST, {}, 0});
  return {*this, number};
}

Stream Systolic::result() const { return {record().outputs.front().link}; }

BufferHandle Section::buffer(Name name, std::uint64_t bytes, const BufferOptions& options) {
  Buffer buffer = {label_of(name),      bytes, options.copies, options.bank_mode,
                   options.bank_stride, {}};
  if (options.store) buffer.kept = options.store->number;
  parts_.buffers.push_back(std::move(buffer));
  return {last_of(parts_.buffers)};
}

std::uint32_t Section::open_access(std::uint32_t program, Name name, Chain chain,
                                   BufferHandle buffer, const AccessOptions& options) {
  const std::uint32_t number = open(program, name, std::move(chain));
  Context& context = parts_.contexts[number];
  context.access = {buffer.number,       0,
                    options.format,      options.fold,
                    options.fresh_first, options.fresh_count,
                    options.swap_level,  program == RDU_HW_PROGRAM_READ ? options.fill : 0};
  context.steps.resize(1);
  return number;
}

Memory Section::write(Name name, Chain chain, BufferHandle buffer, Stream data,
                      const Affine& address, const AccessOptions& options) {
  Memory memory(*this, open_access(RDU_HW_PROGRAM_WRITE, name, std::move(chain), buffer, options));
  receive(memory.number(), data, options.data_level, 0);
  memory.address(address);
  return memory;
}

Memory Section::read(Name name, Chain chain, BufferHandle buffer, const Affine& address,
                     const AccessOptions& options) {
  Memory memory(*this, open_access(RDU_HW_PROGRAM_READ, name, std::move(chain), buffer, options));
  send(memory.number(), {options.kind, kEvery, RDU_HW_ROOM_LAST, {}, 0});
  memory.address(address);
  return memory;
}

std::uint32_t Section::open_transfer(std::uint32_t program, Name name, Chain chain,
                                     std::uint32_t argument, const TransferOptions& options) {
  const std::uint32_t number = open(program, name, std::move(chain));
  Context& context = parts_.contexts[number];
  const std::uint32_t fill = program == RDU_HW_PROGRAM_LOAD ? options.fill : 0;
  context.transfer = {argument, options.mode, options.format, 0, fill, 0};
  if (program != RDU_HW_PROGRAM_RESULT) context.steps.resize(1);
  return number;
}

Memory Section::load(Name name, Chain chain, Region region, const Affine& address,
                     const TransferOptions& options) {
  Memory memory(*this,
                open_transfer(RDU_HW_PROGRAM_LOAD, name, std::move(chain), region.number, options));
  send(memory.number(), {options.kind, kEvery, RDU_HW_ROOM_LAST, {}, 0});
  memory.address(address);
  return memory;
}

Memory Section::store(Name name, Chain chain, Region region, Stream data, const Affine& address,
                      const TransferOptions& options) {
  Memory memory(
      *this, open_transfer(RDU_HW_PROGRAM_STORE, name, std::move(chain), region.number, options));
  receive(memory.number(), data, options.data_level, 0);
  memory.address(address);
  return memory;
}

ContextHandle Section::result(Name name, Chain chain, Scalar scalar, Stream data) {
  const std::uint32_t number =
      open_transfer(RDU_HW_PROGRAM_RESULT, name, std::move(chain), scalar.number, {});
  receive(number, data, kEvery, 0);
  return {*this, number};
}

void Section::keep(const ContextHandle& a, const ContextHandle& b, bool together) {
  if (&a.section() != this || &b.section() != this) {
    return refuse("a hint on contexts of another section");
  }
  parts_.hints.push_back({a.number(), b.number(), together});
}

void Section::keep_together(const ContextHandle& a, const ContextHandle& b) { keep(a, b, true); }

void Section::keep_apart(const ContextHandle& a, const ContextHandle& b) { keep(a, b, false); }

Region Flow::region(Name name, std::uint64_t bytes, std::uint32_t access, std::uint32_t alignment,
                    std::uint32_t tier) {
  arguments_.push_back({{RDU_HW_ARGUMENT_REGION, access, tier, alignment, bytes}, label_of(name)});
  return {last_of(arguments_)};
}

Scalar Flow::scalar(Name name) {
  arguments_.push_back({{RDU_HW_ARGUMENT_SCALAR, RDU_HW_ACCESS_READ, 0, 4, 4}, label_of(name)});
  return {last_of(arguments_)};
}

Scalar Flow::result(Name name) {
  arguments_.push_back({{RDU_HW_ARGUMENT_SCALAR, RDU_HW_ACCESS_WRITE, 0, 4, 4}, label_of(name)});
  return {last_of(arguments_)};
}

Store Flow::store(Name name) {
  stores_.push_back(label_of(name));
  return {last_of(stores_)};
}

Section& Flow::section(Name name) {
  Section& section = sections_.emplace_back();
  section.parts_.label = label_of(name);
  return section;
}

Section& Flow::setup_section(Name name) {
  Section& added = section(name);
  if (num_setup_sections_ + 1 != sections_.size()) {
    added.refuse("a setup section comes before all others");
  }
  ++num_setup_sections_;
  return added;
}

}  // namespace rducc::rdu
