// Compares a body's programs with those of the two cells, and follows what they read back to the gates.
#include "plugins/cpu/recurrent/cell.hpp"

#include "plugins/cpu/recurrent/body_node.hpp"

namespace rdu::cpu {
namespace {

bool same_rows(const BodyNode& node, const RecurrentCell& cell) {
  return node.valid() && node.rows() == cell.rows;
}

// The sums of some gates: products with the hidden state, and what the step is given.
struct GateSums {
  BodyNode::Product product;
  std::uint32_t value = RDU_NONE;  // where they are written
  std::int64_t count = 0;          // of elements in a row
  RowElement input;
};

std::optional<GateSums> gate_sums(const BodyNode& node) {
  const auto product = node.product();
  if (!node.valid() || !product) return {};
  GateSums sums{*product, node.written(), node.units(), {}};
  const bool found =
      Term(node, node.node().epilogue).either(RDU_OP_ADD, [&](const Term& acc, const Term& load) {
        const auto input = load.element();
        if (!acc.is(RDU_OP_ACC) || !input || input->data != nullptr) return false;
        sums.input = *input;
        return true;
      });
  return found ? std::optional(sums) : std::nullopt;
}

// The gate whose sums start at an element of the rows of `sums`.
bool take_gate(const GateSums& sums, const RowElement& at, RecurrentCell& cell, std::uint32_t g) {
  if (at.value != sums.value || at.first + cell.units > sums.count) return false;
  const BodyNode::Product& product = sums.product;
  cell.gates[g] = {product.weights + at.first * product.unit_step, product.unit_step,
                   product.hidden_step, sums.input.first + at.first, nullptr};
  return true;
}

bool take_gate(const GateSums& sums, const std::optional<Term>& of, RecurrentCell& cell,
               std::uint32_t g) {
  const auto at = of ? of->element() : std::nullopt;
  return at && take_gate(sums, *at, cell, g);
}

std::optional<Term> tanh_of(const Term& term) {
  return term.is(RDU_OP_TANH) ? std::optional(term.a()) : std::nullopt;
}

// forget * state + input * tanh(candidate)
bool match_state(const BodyNode& node, const GateSums& sums, RecurrentCell& cell) {
  return Term(node, node.node().body).either(RDU_OP_ADD, [&](const Term& kept, const Term& added) {
    const bool keeps = kept.either(RDU_OP_MUL, [&](const Term& gate, const Term& state) {
      const auto from = state.element();
      if (!from || from->first != 0 || !take_gate(sums, gate.sigmoid(), cell, 1)) return false;
      cell.state = from->value;
      return true;
    });
    return keeps && added.either(RDU_OP_MUL, [&](const Term& gate, const Term& candidate) {
      return take_gate(sums, gate.sigmoid(), cell, 0) &&
             take_gate(sums, tanh_of(candidate), cell, 2);
    });
  });
}

// output * tanh(state)
bool match_output(const BodyNode& node, const GateSums& sums, RecurrentCell& cell) {
  return Term(node, node.node().body).either(RDU_OP_MUL, [&](const Term& gate, const Term& state) {
    const auto of = tanh_of(state);
    const auto from = of ? of->element() : std::nullopt;
    return from && from->first == 0 && from->value == cell.next_state &&
           take_gate(sums, gate.sigmoid(), cell, 3);
  });
}

std::optional<RecurrentCell> match_lstm(const BuildContext& context, plugin::View<rdu_node> nodes) {
  const BodyNode products(context, nodes[0]), states(context, nodes[1]), outputs(context, nodes[2]);
  const auto sums = gate_sums(products);
  if (!sums || !states.valid() || !outputs.valid()) return {};
  RecurrentCell cell;
  cell.lstm = true;
  cell.rows = products.rows();
  cell.units = states.units();
  cell.input = sums->input.value;
  cell.hidden = sums->product.state;
  cell.next_state = states.written();
  cell.next_hidden = outputs.written();
  const bool fits = same_rows(states, cell) && same_rows(outputs, cell) &&
                    outputs.units() == cell.units && products.summed() == cell.units;
  if (!fits || !match_state(states, *sums, cell) || !match_output(outputs, *sums, cell)) return {};
  return cell;
}

// tanh(reset * (products [+ bias]) + input)
bool match_candidate(const Term& term, const GateSums& sums, RecurrentCell& cell) {
  const auto of = tanh_of(term);
  return of && of->either(RDU_OP_ADD, [&](const Term& recurrent, const Term& given) {
    const auto input = given.element();
    if (!input || input->value != cell.input || input->data != nullptr) return false;
    cell.gates[2].input = input->first;
    return recurrent.either(RDU_OP_MUL, [&](const Term& reset, const Term& sum) {
      if (!take_gate(sums, reset.sigmoid(), cell, 1)) return false;
      if (sum.is(RDU_OP_ACC)) return true;
      return sum.either(RDU_OP_ADD, [&](const Term& acc, const Term& load) {
        const auto bias = load.element();
        if (!acc.is(RDU_OP_ACC) || !bias || bias->data == nullptr) return false;
        cell.gates[2].bias = bias->data;
        return true;
      });
    });
  });
}

// (1 - update) * candidate + update * hidden
bool match_next(const BodyNode& node, const GateSums& sums, RecurrentCell& cell) {
  return Term(node, node.node().epilogue)
      .either(RDU_OP_ADD, [&](const Term& fresh, const Term& kept) {
        std::optional<Term> update;
        const bool keeps = kept.either(RDU_OP_MUL, [&](const Term& gate, const Term& hidden) {
          const auto from = hidden.element();
          if (!from || from->first != 0 || from->value != cell.hidden) return false;
          update.emplace(gate);
          return take_gate(sums, gate.sigmoid(), cell, 0);
        });
        return keeps && fresh.either(RDU_OP_MUL, [&](const Term& rest, const Term& candidate) {
          return rest.is(RDU_OP_SUB) && rest.a().is_one() && rest.b() == *update &&
                 match_candidate(candidate, sums, cell);
        });
      });
}

std::optional<RecurrentCell> match_gru(const BuildContext& context, plugin::View<rdu_node> nodes) {
  const BodyNode products(context, nodes[0]), next(context, nodes[1]);
  const auto sums = gate_sums(products);
  const auto candidate = next.product();
  if (!sums || !next.valid() || !candidate) return {};
  RecurrentCell cell;
  cell.rows = products.rows();
  cell.units = next.units();
  cell.input = sums->input.value;
  cell.hidden = sums->product.state;
  cell.next_hidden = next.written();
  cell.gates[2] = {candidate->weights, candidate->unit_step, candidate->hidden_step, 0, nullptr};
  const bool fits = same_rows(next, cell) && candidate->state == cell.hidden &&
                    products.summed() == cell.units && next.summed() == cell.units;
  if (!fits || !match_next(next, *sums, cell)) return {};
  return cell;
}

}  // namespace

std::optional<RecurrentCell> match_recurrent_cell(const BuildContext& context,
                                                  const rdu_subgraph& body) {
  const auto nodes = context.graph.nodes(body);
  std::optional<RecurrentCell> cell;
  if (nodes.size() == 2) cell = match_gru(context, nodes);
  if (nodes.size() == 3) cell = match_lstm(context, nodes);
  return cell;
}

}  // namespace rdu::cpu
