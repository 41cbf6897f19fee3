// Nodes as keys: equal text, equal result.
#include "tools/rducc/passes/share_common.hpp"

#include <cstring>
#include <map>
#include <string>
#include <tuple>

#include "tools/rducc/ir/program.hpp"
#include "tools/rducc/ir/rewrite.hpp"
#include "tools/rducc/ir/visit_values.hpp"

namespace rducc::passes {
namespace {

using rdu::artifact::Access;
using rdu::artifact::kNone;
using rdu::artifact::Node;
using rdu::artifact::Program;
using rdu::artifact::ValueId;
using rdu::artifact::Variant;

// Constants up to here are compared by content, longer ones by where they are.
constexpr std::size_t kSmallBytes = 4096;

class Key {
 public:
  template <typename T>
  Key& add(const T& field) {
    static_assert(std::is_trivially_copyable_v<T>);
    text_.append(reinterpret_cast<const char*>(&field), sizeof field);
    return *this;
  }

  Key& add_access(const Access& access) {
    add(access.size());
    for (const auto& index : access) {
      add(index.offset).add(index.div).add(index.mod).add(index.exact).add(index.outside);
      add(index.source).add(index.terms.size());
      for (const auto& term : index.terms) add(term.loop).add(term.coef);
      add_access(index.source_access);
    }
    return *this;
  }

  Key& add_program(const Program& program) {
    add(program.code.size()).add(program.results.size());
    for (const auto& instr : program.code) {
      add(instr.op).add(instr.dtype).add(instr.a).add(instr.b).add(instr.c);
      add(instr.imm.f).add(instr.imm.i);
    }
    for (const std::uint32_t result : program.results) add(result);
    return *this;
  }

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string key_of(const Variant& variant, const Node& node) {
  Key key;
  key.add(node.pattern).add(node.num_parallel).add(node.combine).add(node.acc_dtype);
  key.add(node.base).add(node.condition).add(node.descending).add(node.loops.size());
  for (const auto& loop : node.loops) key.add(loop.extent).add(loop.extent_value).add(loop.role);
  key.add(node.reads.size());
  for (const auto& read : node.reads) {
    key.add(read.value).add(read.fill.f).add(read.fill.i).add(read.fill_value);
    key.add_access(read.access);
  }
  key.add(node.writes.size());
  for (const auto& write : node.writes) {
    const auto& value = variant.values[write.value];
    key.add(value.dtype).add(value.dims.size());
    for (const std::int64_t dim : value.dims) key.add(dim);
    for (const ValueId bound : value.dim_values) key.add(bound);
    key.add_access(write.access);
  }
  return key.add_program(node.body).add_program(node.epilogue).text();
}

// Old value → the one that stands for it from now on.
class Replacements {
 public:
  explicit Replacements(Variant& variant) : variant_(variant), to_(variant.values.size()) {
    for (ValueId id = 0; id < to_.size(); ++id) to_[id] = id;
  }
  void replace(ValueId from, ValueId to) { to_[from] = to; }
  ValueId operator()(ValueId id) const { return id == kNone ? kNone : to_[id]; }

  void apply() {
    const auto replace = [&](ValueId& id) { id = to_[id]; };
    ir::visit_values(variant_, replace);
    ir::visit_origin_tensors(variant_, replace);
    for (auto& value : variant_.values) {
      value.storage = (*this)(value.storage);
      for (ValueId& bound : value.dim_values) bound = (*this)(bound);
    }
  }

 private:
  Variant& variant_;
  std::vector<ValueId> to_;
};

void share_constants(Variant& variant) {
  Replacements replacements(variant);
  std::map<std::tuple<std::uint32_t, std::vector<std::int64_t>, std::string>, ValueId> known;
  for (ValueId id = 0; id < variant.values.size(); ++id) {
    const auto& value = variant.values[id];
    if (!value.data.owner || value.encoding != RDU_NONE) continue;
    std::string content;
    if (value.data.bytes.size() <= kSmallBytes) {
      content.assign(reinterpret_cast<const char*>(value.data.bytes.data()),
                     value.data.bytes.size());
    } else {
      const void* place = value.data.bytes.data();
      content = "at" + std::string(reinterpret_cast<const char*>(&place), sizeof place);
    }
    const auto [entry, fresh] =
        known.try_emplace({value.dtype, value.dims, std::move(content)}, id);
    if (!fresh) replacements.replace(id, entry->second);
  }
  replacements.apply();
}

bool may_share(const Variant& variant, const Node& node, const ir::UseMap& uses) {
  if (!node.ports.empty() || node.writes.empty()) return false;
  if (ir::has_op(node.body, RDU_OP_RNG)) return false;
  for (const auto& write : node.writes) {
    const ValueId id = ir::owner(variant, write.value);
    if (uses.writers[id].size() != 1 || uses.leaves[id]) return false;
    if (variant.values[write.value].storage != kNone) return false;
  }
  return true;
}

void share_nodes(Variant& variant, std::uint32_t graph) {
  const auto uses = ir::find_uses(variant, graph);
  auto& nodes = variant.graphs[graph].nodes;
  Replacements replacements(variant);
  std::map<std::string, Node*> known;
  std::vector<bool> erased(nodes.size(), false);
  for (std::uint32_t i = 0; i < nodes.size(); ++i) {
    Node& node = nodes[i];
    for (auto& read : node.reads) read.value = replacements(read.value);
    if (!may_share(variant, node, uses)) continue;
    const auto [entry, fresh] = known.try_emplace(key_of(variant, node), &node);
    if (fresh) continue;
    erased[i] = true;
    ir::unite_origins(*entry->second, node);
    for (std::size_t w = 0; w < node.writes.size(); ++w) {
      replacements.replace(node.writes[w].value, entry->second->writes[w].value);
    }
  }
  ir::erase_nodes(variant, graph, erased);
  replacements.apply();
}

}  // namespace

void share_common(Variant& variant) {
  share_constants(variant);
  for (std::uint32_t graph = 0; graph < variant.graphs.size(); ++graph) {
    share_nodes(variant, graph);
  }
}

}  // namespace rducc::passes
