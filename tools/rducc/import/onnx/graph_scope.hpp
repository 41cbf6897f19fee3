// Names of one ONNX (sub-)graph and what they stand for.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tools/rducc/import/onnx/meaning.hpp"
#include "tools/rducc/ir/builder.hpp"

namespace rducc::import_onnx {

struct ImportState;

class GraphScope {
 public:
  GraphScope(ir::Builder& builder, ImportState& state, GraphScope* parent = nullptr)
      : builder_(builder), state_(state), parent_(parent), graph_(builder.graph()) {}

  // What a name stands for, null where there is none; good until the scope's next change. What comes
  // from an enclosing scope is a constant, or becomes a capture: an input of this graph that stands
  // for the outer value.
  const Meaning* lookup(const std::string& name);
  // The same where it is a tensor, else kNone.
  ir::ValueId find(const std::string& name);
  void define(const std::string& name, Meaning meaning) { meanings_[name] = std::move(meaning); }

  // The result of a node that could not be imported: whatever depends on it is unknown too.
  void define_unknown(const std::string& name) { unknown_.insert(name); }
  bool is_unknown(const std::string& name) const;

  struct Capture {
    ir::ValueId outer;  // in the parent's graph
    ir::ValueId inner;
  };
  const std::vector<Capture>& captures() const { return captures_; }
  ImportState& state() { return state_; }

 private:
  Meaning bring_in(const Meaning& outer, const std::string& name);
  ir::ValueId capture(ir::ValueId outer, const std::string& name);

  ir::Builder& builder_;
  ImportState& state_;
  GraphScope* parent_;
  std::uint32_t graph_;  // of the variant; a scope that is inlined shares its parent's
  std::map<std::string, Meaning> meanings_;
  std::set<std::string> unknown_;
  std::vector<Capture> captures_;
};

}  // namespace rducc::import_onnx
