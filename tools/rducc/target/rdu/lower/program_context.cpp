// Runs programs in a context of their own.
#include "tools/rducc/target/rdu/lower/program_context.hpp"

namespace rducc::rdu::lower {

ProgramContext::ProgramContext(Emitter& emitter, std::string_view what, const Nest& nest,
                               std::vector<VariableId> order, Across across)
    : emitter_(emitter),
      nest_(nest),
      order_(std::move(order)),
      across_(across),
      simd_(emitter.section().simd({emitter.name(what), emitter.node()},
                                   emitter.chain(nest, order_, across))) {}

void ProgramContext::accumulated(Value value, rdu_dtype dtype) {
  accumulated_ = value;
  acc_dtype_ = dtype;
}

Value ProgramContext::element(std::uint32_t read) {
  const auto known = elements_.find(read);
  if (known != elements_.end()) return known->second;
  const Feed feed = emitter_.fetch(nest_, nest_.reads[read], order_, across_);
  const Value value = simd_.input(feed.stream, feed.level);
  elements_.emplace(read, value);
  return value;
}

std::vector<Value> ProgramContext::run(const artifact::Program& program, bool stores) {
  Surroundings around;
  around.element = [&](std::uint32_t read) { return element(read); };
  around.dtype = [&](std::uint32_t read) { return nest_.reads[read].dtype; };
  around.integer = [&](const Form& form) { return integer(form); };
  around.nest = &nest_;
  around.accumulated = accumulated_;
  around.acc_dtype = acc_dtype_;
  around.arch = &emitter_.arch();
  around.stores = stores;
  return emit_program(simd_, program, around);
}

void ProgramContext::store(const Touch& write, Value value) {
  const bool vectors = across_ == Across::kLanes;
  const Stream stream = vectors ? simd_.vector(value) : simd_.scalar(value);
  emitter_.store(nest_, write, order_, across_, stream);
}

}  // namespace rducc::rdu::lower
