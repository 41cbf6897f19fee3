// Walks over the values of nodes.
#include "tools/rducc/target/rdu/lower/visit.hpp"

namespace rducc::rdu::lower {
namespace {

using artifact::kNone;
using artifact::ValueId;
using Use = std::function<void(ValueId)>;

void visit_sources(const artifact::Access& access, const Use& use) {
  for (const artifact::Index& index : access) {
    if (index.source == kNone) continue;
    use(index.source);
    visit_sources(index.source_access, use);
  }
}

void visit_one(ValueId value, const Use& use) {
  if (value != kNone) use(value);
}

}  // namespace

void for_each_read(const artifact::Variant& variant, const artifact::Node& node, const Use& use) {
  for (const artifact::Loop& loop : node.loops) visit_one(loop.extent_value, use);
  for (const artifact::Read& read : node.reads) {
    use(read.value);
    visit_one(read.fill_value, use);
    visit_sources(read.access, use);
  }
  for (const artifact::Write& write : node.writes) visit_sources(write.access, use);
  visit_one(node.base, use);
  visit_one(node.condition, use);
  for (const artifact::Port& port : node.ports) visit_one(port.outer, use);
  for (const std::uint32_t graph : node.graphs) {
    if (graph == RDU_NONE) continue;
    for (const artifact::Node& inner : variant.graphs[graph].nodes) {
      for_each_read(variant, inner, use);
    }
  }
}

void for_each_write(const artifact::Node& node, const Use& use) {
  for (const artifact::Write& write : node.writes) use(write.value);
}

std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return out;
}

}  // namespace rducc::rdu::lower
