// What the body of a scan computes where it is a step of an LSTM or a GRU.
#pragma once

#include <array>
#include <optional>

#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {

// A gate's share of what a step is given and of the recurrent weights: w[unit * unit_step + k * hidden_step].
struct RecurrentGate {
  const float* weights = nullptr;
  std::int64_t unit_step = 0, hidden_step = 0;
  std::int64_t input = 0;       // its first element in a row of the input
  const float* bias = nullptr;  // one for each unit, added to the products alone; null: none
};

struct RecurrentCell {
  bool lstm = false;
  std::int64_t rows = 0, units = 0;  // sequences side by side, elements of the state of each
  std::int64_t input_columns = 0;
  std::array<RecurrentGate, 4>
      gates{};                     // input, forget, candidate, output; or update, reset, candidate
  std::uint32_t input = RDU_NONE;  // values of the body: what a step is given,
  std::uint32_t hidden = RDU_NONE, next_hidden = RDU_NONE;  // and the state before and after
  std::uint32_t state = RDU_NONE, next_state = RDU_NONE;    // of an LSTM's cell

  std::uint32_t num_gates() const { return lstm ? 4 : 3; }
};

// Gates are logistic functions, candidates hyperbolic tangents, and a GRU's reset gate meets the products of the
// candidate. Recurrent weights and biases are constants. Nothing where the body computes anything else.
std::optional<RecurrentCell> match_recurrent_cell(const BuildContext& context,
                                                  const rdu_subgraph& body);

}  // namespace rdu::cpu
