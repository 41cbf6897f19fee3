// Compiles vector programs: equal loads are done once, dead code is dropped, registers are packed into few slots.
#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "plugins/cpu/body/body.hpp"
#include "plugins/cpu/body/fuse_gelu.hpp"
#include "plugins/cpu/body/fuse_quantise.hpp"
#include "plugins/cpu/body/fuse_swish.hpp"
#include "plugins/cpu/simd/scalar.hpp"

namespace rdu::cpu {
namespace {

using plugin::View;

class Compiler {
 public:
  Compiler(const BodySource& source) : source_(source), graph_(source.scope.graph) {}

  Body compile(std::span<const rdu_dtype> result_dtypes) {
    const View<rdu_instr> code = graph_.instrs(source_.code);
    find_live(code);
    for (std::uint32_t i = 0; i < code.size(); ++i) {
      registers_.push_back(live_[i] ? add(code[i]) : 0);
    }
    const View<std::uint32_t> results = graph_.results(source_.code);
    for (std::uint32_t i = 0; i < results.size(); ++i) {
      const std::uint32_t reg = registers_[results[i]];
      const rdu_dtype wanted = i < result_dtypes.size() ? result_dtypes[i] : RDU_DTYPE_NONE;
      add_result(reg, wanted);
    }
    return std::move(body_);
  }

  Body pass_accumulator(std::span<const rdu_dtype> result_dtypes) {
    const rdu_instr accumulator{RDU_OP_ACC, source_.accumulator, 0, 0, 0, 0, {}};
    const std::uint32_t reg = add(accumulator);
    for (const rdu_dtype wanted : result_dtypes) add_result(reg, wanted);
    return std::move(body_);
  }

  void add_result(std::uint32_t reg, rdu_dtype wanted) {
    const rdu_dtype dtype = dtypes_[reg];
    if (wanted != RDU_DTYPE_NONE && wanted != dtype) reg = add_cast(reg, wanted);
    body_.results.push_back(reg);
    body_.result_dtypes.push_back(dtypes_[reg]);
  }

 private:
  void find_live(const View<rdu_instr>& code) {
    live_.assign(code.size(), false);
    for (const std::uint32_t result : graph_.results(source_.code)) live_[result] = true;
    for (std::uint32_t i = code.size(); i-- > 0;) {
      if (!live_[i]) continue;
      const std::uint32_t operands = plugin::num_operands(code[i].op);
      if (operands > 0) live_[code[i].a] = true;
      if (operands > 1) live_[code[i].b] = true;
      if (operands > 2) live_[code[i].c] = true;
    }
  }

  std::uint32_t new_register(rdu_dtype dtype) {
    dtypes_.push_back(dtype);
    body_.element_bytes = std::max(body_.element_bytes, register_bytes(dtype));
    return body_.num_registers++;
  }

  std::uint32_t add(const rdu_instr& in) {
    switch (in.op) {
      case RDU_OP_LOAD:
        return add_read(Feed::Kind::kRead, in.a);
      case RDU_OP_INSIDE:
        return add_read(Feed::Kind::kInside, in.a);
      case RDU_OP_INDEX:
        return add_index(in.a);
      case RDU_OP_RNG:
        return add_random(in);
      case RDU_OP_CONST:
        return add_constant(in);
      case RDU_OP_ACC: {
        Feed feed{Feed::Kind::kAccumulator};
        feed.dtype = source_.accumulator;
        feed.reg = new_register(feed.dtype);
        body_.feeds.push_back(feed);
        return feed.reg;
      }
      case RDU_OP_CAST:
        return add_cast(registers_[in.a], in.dtype);
      default:
        return add_operation(in);
    }
  }

  std::uint32_t add_read(Feed::Kind kind, std::uint32_t read) {
    const auto [found, is_new] = reads_.try_emplace({kind, read}, body_.num_registers);
    if (!is_new) return found->second;
    const rdu_read& source = graph_.reads(source_.node)[read];
    const bool mask = kind == Feed::Kind::kInside;
    Access access =
        lower_read(source_.scope, source, mask ? OutsideRule::kFill : OutsideRule::kAsWritten);
    Feed feed{kind};
    feed.dtype = mask ? RDU_DTYPE_BOOL : access.dtype;
    feed.reg = new_register(feed.dtype);
    feed.access = static_cast<std::uint32_t>(body_.accesses.size());
    body_.accesses.push_back(std::move(access));
    body_.feeds.push_back(feed);
    return feed.reg;
  }

  std::uint32_t add_index(std::uint32_t loop) {
    Feed feed{Feed::Kind::kPosition};
    feed.dtype = RDU_DTYPE_I64;
    feed.reg = new_register(feed.dtype);
    source_.scope.add_term(feed.coef, loop, 1);
    body_.feeds.push_back(feed);
    return feed.reg;
  }

  std::uint32_t add_random(const rdu_instr& in) {
    Feed feed{Feed::Kind::kRandom};
    feed.dtype = in.dtype;
    feed.reg = new_register(feed.dtype);
    feed.seed = static_cast<std::uint64_t>(in.imm.i);
    std::int64_t stride = 1;
    for (std::uint32_t l = source_.scope.num_loops; l-- > 0;) {
      feed.coef[l] = stride;
      stride *= source_.scope.extents[l];
    }
    body_.feeds.push_back(feed);
    return feed.reg;
  }

  std::uint32_t add_constant(const rdu_instr& in) {
    const std::uint64_t bits = register_bits(in.dtype, in.imm.f, in.imm.i);
    const auto [found, is_new] = constants_.try_emplace({in.dtype, bits}, body_.num_registers);
    if (!is_new) return found->second;
    const std::uint32_t reg = new_register(in.dtype);
    body_.constants.push_back({reg, register_bytes(in.dtype), bits});
    return reg;
  }

  std::uint32_t add_cast(std::uint32_t from, rdu_dtype dtype) {
    if (dtypes_[from] == dtype) return from;
    const VectorFn fn = source_.kernels.cast[dtypes_[from]][dtype];
    return emit(fn, dtype, from, from, from);
  }

  std::uint32_t add_operation(const rdu_instr& in) {
    const std::uint32_t a = registers_[in.a];
    const std::uint32_t operands = plugin::num_operands(in.op);
    const std::uint32_t b = operands > 1 ? registers_[in.b] : a;
    const std::uint32_t c = operands > 2 ? registers_[in.c] : a;
    const rdu_dtype by = in.op == RDU_OP_SELECT ? dtypes_[b] : dtypes_[a];
    const VectorFn fn = in.op == RDU_OP_ISINF ? source_.kernels.isinf[in.imm.i & 3][by]
                                              : source_.kernels.op[in.op][by];
    return emit(fn, in.dtype, a, b, c);
  }

  std::uint32_t emit(VectorFn fn, rdu_dtype dtype, std::uint32_t a, std::uint32_t b,
                     std::uint32_t c) {
    std::uint32_t reg = new_register(dtype);
    body_.operations.push_back({fn, reg, 0, a, b, c});
    if (const VectorFn wrap = source_.kernels.wrap[dtype]; wrap != nullptr) {
      const std::uint32_t wide = reg;
      reg = new_register(dtype);
      body_.operations.push_back({wrap, reg, 0, wide, wide, wide});
    }
    return reg;
  }

  const BodySource& source_;
  const plugin::Graph graph_;
  Body body_;
  std::vector<bool> live_;
  std::vector<std::uint32_t> registers_;  // of each instruction
  std::vector<rdu_dtype> dtypes_;         // of each register
  std::map<std::pair<Feed::Kind, std::uint32_t>, std::uint32_t> reads_;
  std::map<std::pair<rdu_dtype, std::uint64_t>, std::uint32_t> constants_;
};

// Gives each loaded or computed register a slot. A slot is free again after the last use of its register; an operation
// never writes where it reads, since elements may differ in width.
void assign_slots(Body& body) {
  const auto end = static_cast<std::uint32_t>(body.operations.size());
  std::vector<std::uint32_t> last_use(body.num_registers, 0);
  for (std::uint32_t i = 0; i < end; ++i) {
    const Operation& op = body.operations[i];
    for (const std::uint32_t reg : {op.a, op.b, op.c}) last_use[reg] = i;
  }
  for (const std::uint32_t reg : body.results) last_use[reg] = end;
  std::vector<std::uint32_t> slot_of(body.num_registers, ~0u), free;
  for (Feed& feed : body.feeds) slot_of[feed.reg] = feed.slot = body.num_slots++;
  for (std::uint32_t i = 0; i < end; ++i) {
    Operation& op = body.operations[i];
    if (free.empty()) free.push_back(body.num_slots++);
    slot_of[op.reg] = op.slot = free.back();
    free.pop_back();
    std::uint32_t operands[] = {op.a, op.b, op.c};
    std::sort(operands, operands + 3);
    for (auto* reg = operands; reg != std::unique(operands, operands + 3); ++reg) {
      if (last_use[*reg] == i && slot_of[*reg] != ~0u) free.push_back(slot_of[*reg]);
    }
  }
}

}  // namespace

void Body::add_users(LoopUsers& users) {
  for (Access& access : accesses) users.accesses.push_back(&access);
  for (Feed& feed : feeds) {
    if (feed.kind == Feed::Kind::kPosition || feed.kind == Feed::Kind::kRandom) {
      users.coefficients.push_back(&feed.coef);
    }
  }
}

bool Body::moves_only() const {
  return operations.empty() && feeds.size() == 1 && feeds[0].kind == Feed::Kind::kRead &&
         results.size() == 1 && constants.empty();
}

Body compile_body(const BodySource& source, std::span<const rdu_dtype> result_dtypes) {
  Body body = Compiler(source).compile(result_dtypes);
  fuse_swish(body, source.kernels);
  fuse_gelu(body, source.kernels);
  fuse_quantise(body, source.kernels);
  assign_slots(body);
  return body;
}

Body compile_epilogue(const BodySource& source, std::span<const rdu_dtype> result_dtypes) {
  if (source.code.num_results != 0) return compile_body(source, result_dtypes);
  Body body = Compiler(source).pass_accumulator(result_dtypes);
  assign_slots(body);
  return body;
}

void append_product(Body& body, const Kernels& kernels, rdu_dtype dtype) {
  const std::uint32_t product = body.num_registers++;
  const std::uint32_t slot = body.num_slots++;
  body.operations.push_back(
      {kernels.op[RDU_OP_MUL][dtype], product, slot, body.results[0], body.results[1], product});
  body.operations.back().c = body.results[0];
  body.results = {product};
  body.result_dtypes = {dtype};
  if (const VectorFn wrap = kernels.wrap[dtype]; wrap != nullptr) {
    body.operations.push_back({wrap, product, slot, product, product, product});
  }
}

}  // namespace rdu::cpu
