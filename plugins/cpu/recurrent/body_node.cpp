// Reads accesses of a body's nodes as places in rows.
#include "plugins/cpu/recurrent/body_node.hpp"

#include "plugins/cpu/contract/operands.hpp"

namespace rdu::cpu {

BodyNode::BodyNode(const BuildContext& context, const rdu_node& node)
    : context_(context), node_(node), scope_(scope_of(context, node)) {
  const bool sums = node.pattern == RDU_PATTERN_CONTRACT;
  if (!sums && node.pattern != RDU_PATTERN_MAP) return;
  if (node.num_parallel != 2 || scope_.num_loops != (sums ? 3u : 2u)) return;
  for (const rdu_loop& loop : graph().loops(node)) {
    if (loop.extent_value != RDU_NONE || loop.extent == 0) return;
  }
  const rdu_program_code& program = sums ? node.epilogue : node.body;
  const auto writes = graph().writes(node);
  if (program.num_results != 1 || writes.size() != 1) return;
  const Access write = lower_write(scope_, writes[0]);
  if (write.base != 0 || !dense_rows(write, units())) return;
  written_ = graph().storage(writes[0].value);
  valid_ = true;
}

bool BodyNode::dense_rows(const Access& access, std::int64_t columns) const {
  return access.affine() && access.dtype == RDU_DTYPE_F32 &&
         (rows() == 1 || access.stride[0] == columns) && (units() == 1 || access.stride[1] == 1);
}

std::optional<RowElement> BodyNode::element(std::uint32_t read) const {
  const rdu_value& value = graph().value(graph().reads(node_)[read].value);
  const Access access = lower_read(scope_, graph().reads(node_)[read]);
  const auto elements = static_cast<std::int64_t>(value.bytes / sizeof(float));
  if (value.data != nullptr) {
    const bool shared = rows() == 1 || access.stride[0] == 0;
    if (!access.affine() || access.dtype != RDU_DTYPE_F32 || !shared) return {};
    if (units() != 1 && access.stride[1] != 1) return {};
    return RowElement{RDU_NONE, 0, static_cast<const float*>(value.data) + access.base};
  }
  const std::int64_t columns = elements / rows();
  if (!dense_rows(access, columns) || access.base + units() > columns) return {};
  return RowElement{graph().storage(graph().reads(node_)[read].value), access.base};
}

std::optional<BodyNode::Product> BodyNode::product() const {
  if (node_.pattern != RDU_PATTERN_CONTRACT) return {};
  const auto operands = plain_operands(context_, node_);
  if (!operands) return {};
  const Access &state = operands->first, &weights = operands->second;
  const bool whole_rows = state.affine() && state.base == 0 && state.stride[1] == 0 &&
                          (summed() == 1 || state.stride[2] == 1) &&
                          (rows() == 1 || state.stride[0] == summed());
  const rdu_value& value = graph().value(graph().reads(node_)[operands->second_read].value);
  if (!whole_rows || value.data == nullptr || !weights.affine()) return {};
  if (rows() != 1 && weights.stride[0] != 0) return {};
  return Product{graph().storage(graph().reads(node_)[operands->first_read].value),
                 static_cast<const float*>(value.data) + weights.base, weights.stride[1],
                 weights.stride[2]};
}

std::optional<Term> Term::sigmoid() const {
  if (!is(RDU_OP_RCP)) return {};
  std::optional<Term> x;
  a().either(RDU_OP_ADD, [&](const Term& one, const Term& exp) {
    if (!one.is_one() || !exp.is(RDU_OP_EXP) || !exp.a().is(RDU_OP_NEG)) return false;
    x.emplace(exp.a().a());
    return true;
  });
  return x;
}

std::optional<RowElement> Term::element() const {
  if (!is(RDU_OP_LOAD)) return {};
  return node_.element(in().a);
}

}  // namespace rdu::cpu
