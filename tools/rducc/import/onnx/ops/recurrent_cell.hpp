// One step of a recurrence: what RNN, GRU and LSTM compute from a step's input and the state.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/rducc/ir/builder.hpp"

namespace rducc::import_onnx {

enum class CellKind { kRnn, kGru, kLstm };

struct CellActivation {
  std::string name;
  double alpha = 0, beta = 0;
};

// Everything that does not change from step to step, as values of the scan's graph.
struct Cell {
  CellKind kind = CellKind::kRnn;
  std::int64_t batch = 1, hidden = 1;
  std::int64_t direction = 0;               // which row of the weights
  std::vector<CellActivation> activations;  // of this direction
  double clip = 0;                          // 0: none
  bool input_forget = false;                // LSTM
  bool linear_before_reset = false;         // GRU
  ir::ValueId recurrence = ir::kNone;       // [directions, gates * hidden, hidden]
  ir::ValueId bias = ir::kNone;             // [directions, 2 * gates * hidden] or none
  ir::ValueId peephole = ir::kNone;         // [directions, 3 * hidden] or none

  std::int64_t gates() const {
    return kind == CellKind::kLstm ? 4 : (kind == CellKind::kGru ? 3 : 1);
  }
};

struct CellState {
  ir::ValueId h = ir::kNone;  // [batch, hidden]
  ir::ValueId c = ir::kNone;  // LSTM
};

// `input` is what the step's input adds to the gates, biases included: [batch, gates * hidden]. Of
// a GRU with linear_before_reset the recurrent bias of the last gate is left to the step.
CellState cell_step(ir::Builder& builder, const Cell& cell, ir::ValueId input,
                    const CellState& state);

// Does the recurrence know an activation of this name, and which parameters does it take?
struct ActivationFacts {
  const char* name;
  bool takes_alpha, takes_beta;
  double alpha, beta;  // defaults
};
const ActivationFacts* find_activation(const std::string& name);

}  // namespace rducc::import_onnx
