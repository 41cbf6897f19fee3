// An import that may be taken back.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "tools/rducc/import/onnx/import_state.hpp"

namespace rducc::import_onnx {

// Remembers where the import was. Names that were defined meanwhile must be forgotten by whoever
// takes it back; values stay, unused.
class Trial {
 public:
  Trial(ir::Builder& builder, ImportState& state);

  // The problems that were found since.
  std::vector<Problem> problems() const;
  void take_back();

 private:
  ir::Builder& builder_;
  ImportState& state_;
  std::uint32_t graph_;
  std::size_t num_graphs_, num_graph_nodes_, num_values_, num_origins_, num_problems_, num_nodes_;
  std::set<std::string> wanted_inputs_;
};

}  // namespace rducc::import_onnx
