// A contraction: on a grid of units where its products are plain, else as a reduction of products.
#include <algorithm>
#include <utility>

#include "tools/rducc/target/rdu/lower/contract/plan.hpp"
#include "tools/rducc/target/rdu/lower/contract/units.hpp"
#include "tools/rducc/target/rdu/lower/decline.hpp"
#include "tools/rducc/target/rdu/lower/kernels.hpp"
#include "tools/rducc/target/rdu/lower/pairs.hpp"
#include "tools/rducc/target/rdu/lower/special.hpp"
#include "tools/rducc/target/rdu/lower/words.hpp"

namespace rducc::rdu::lower {
namespace {

bool rounds(const artifact::Instr& instr) {
  return instr.op == RDU_OP_CAST && instr.dtype == RDU_DTYPE_BF16;
}

// Products of the two operands as they are read, or in bf16.
bool is_plain_product(const artifact::Node& node) {
  const auto& body = node.body;
  const auto loads = [&](std::size_t result, std::uint32_t read) {
    const artifact::Instr& last = body.code[body.results[result]];
    const artifact::Instr& instr = rounds(last) ? body.code[last.a] : last;
    return instr.op == RDU_OP_LOAD && instr.a == read && is_float_word(instr.dtype);
  };
  return node.acc_dtype == RDU_DTYPE_F32 && loads(0, 0) && loads(1, 1);
}

bool is_indirect(const Nest& nest) { return nest.reads.size() != nest.num_reads; }

// Of the chip, about.
std::int64_t operations(const artifact::Program& program, const rdu_hw_arch& arch) {
  constexpr std::int64_t kErf = 18;
  std::int64_t count = 0;
  for (const artifact::Instr& instr : program.code) {
    const bool expands = instr.op == RDU_OP_ERF && !can_compute(arch, RDU_HW_OP_ERF_F32);
    if (instr.op > RDU_OP_ACC) count += expands ? kErf : 1;
  }
  return count;
}

// A contraction as a reduction of products.
artifact::Node as_reduction(artifact::Node node) {
  artifact::Program& body = node.body;
  const auto product = static_cast<std::uint32_t>(body.code.size());
  body.code.push_back({RDU_OP_MUL, node.acc_dtype, body.results[0], body.results[1], 0, {}});
  body.results = {product};
  return node;
}

}  // namespace

void emit_contract(Emitter& emitter, const artifact::Node& node, Nest nest) {
  if (is_plain_product(node) && !is_indirect(nest)) {
    for (std::size_t i = 0; i < 2; ++i) {
      if (rounds(node.body.code[node.body.results[i]])) nest.reads[i].cell = Cell::kHalf;
    }
    simplify(nest);
    ContractShape shape = choose_shape(nest, tile_rows_of(emitter.arch()),
                                       tile_columns_of(emitter.arch()), emitter.is_spatial());
    shape.pair = choose_pair(shape, emitter);
    shape.epilogue_operations = operations(node.epilogue, emitter.arch());
    const ContractSetting setting{
        emitter.budget(),
        emitter.is_spatial(),
        {emitter.is_made_here(nest.reads[0]), emitter.is_made_here(nest.reads[1])},
        {emitter.may_stay(nest.reads[0]), emitter.may_stay(nest.reads[1])},
        emitter.is_made_here(nest.writes[0]),
        emitter.is_spatial() && (emitter.comes_in_order(nest.reads[shape.a]) ||
                                 emitter.leaves_in_order(nest.writes[0]))};
    if (const auto plan = plan_contract({shape, emitter.arch(), setting})) {
      emitter.expect(plan->working);
      return emit_units(emitter, node, shape, *plan);
    }
    decline(RDU_REASON_CAPACITY, "no block of the contraction fits a scratchpad");
  }
  const artifact::Node reduction = as_reduction(node);
  emit_reduce(emitter, reduction, std::move(nest));
}

}  // namespace rducc::rdu::lower
