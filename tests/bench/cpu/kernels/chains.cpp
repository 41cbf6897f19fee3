// Softmax: the maximum, the powers, their sum's reciprocal, the products.
#include "tests/bench/cpu/kernels/chains.hpp"

namespace cpu_bench {

void add_softmax(Case& c, ValueId x, ValueId y, const Dims& dims) {
  const auto rank = static_cast<std::uint32_t>(dims.size());
  const Dims rows(dims.begin(), dims.end() - 1);
  const ValueId top = c.inner(F32, rows), powers = c.inner(F32, dims), factor = c.inner(F32, rows);
  Node max = reduce(dims, rank - 1, RDU_COMBINE_MAX, F32);
  max.reads = {read(x, identity(rank))};
  max.body = copy_of(F32);
  max.writes = {{top, identity(rank - 1)}};
  c.graph.add(max);
  Node power = map(dims);
  power.reads = {read(x, identity(rank)), read(top, identity(rank - 1))};
  Code exp;
  const auto below = exp.op(RDU_OP_SUB, F32, exp.load(0, F32), exp.load(1, F32));
  power.body = exp.result({exp.op(RDU_OP_EXP, F32, below)});
  power.writes = {{powers, identity(rank)}};
  c.graph.add(power);
  Node sum = reduce(dims, rank - 1, RDU_COMBINE_ADD, F32);
  sum.reads = {read(powers, identity(rank))};
  sum.body = copy_of(F32);
  Code rcp;
  sum.epilogue = rcp.result({rcp.op(RDU_OP_RCP, F32, rcp.acc(F32))});
  sum.writes = {{factor, identity(rank - 1)}};
  c.graph.add(sum);
  Node scale = map(dims);
  scale.reads = {read(powers, identity(rank)), read(factor, identity(rank - 1))};
  Code mul;
  scale.body = mul.result({mul.op(RDU_OP_MUL, F32, mul.load(0, F32), mul.load(1, F32))});
  scale.writes = {{y, identity(rank)}};
  c.graph.add(scale);
}

}  // namespace cpu_bench
