// Names of one ONNX (sub-)graph and the values that they stand for.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tools/rducc/ir/builder.hpp"

namespace rducc::import_onnx {

struct ImportState;

class GraphScope {
 public:
  GraphScope(ir::Builder& builder, ImportState& state, GraphScope* parent = nullptr)
      : builder_(builder), state_(state), parent_(parent), graph_(builder.graph()) {}

  // The value of a name, kNone where there is none. What comes from an enclosing scope is a
  // constant, or becomes a capture: an input of this graph that stands for the outer value.
  ir::ValueId find(const std::string& name);
  void define(const std::string& name, ir::ValueId value) { values_[name] = value; }

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
  ir::Builder& builder_;
  ImportState& state_;
  GraphScope* parent_;
  std::uint32_t graph_;  // of the variant; a scope that is inlined shares its parent's
  std::map<std::string, ir::ValueId> values_;
  std::set<std::string> unknown_;
  std::vector<Capture> captures_;
};

}  // namespace rducc::import_onnx
