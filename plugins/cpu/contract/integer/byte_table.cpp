// Runs the program's own kernels over all bytes.
#include "plugins/cpu/contract/integer/byte_table.hpp"

#include <cstring>
#include <numeric>
#include <vector>

#include "plugins/cpu/simd/scalar.hpp"

namespace rdu::cpu {
namespace {

constexpr std::size_t kValues = 256;

bool is_byte(rdu_dtype dtype) { return dtype == RDU_DTYPE_U8 || dtype == RDU_DTYPE_I8; }

class Tabulator {
 public:
  Tabulator(plugin::View<rdu_instr> code, const Kernels& kernels)
      : code_(code), kernels_(kernels), registers_(code.size()) {}

  std::optional<ByteTable> run(std::uint32_t reg, std::uint32_t result) {
    auto* bytes = reinterpret_cast<std::uint8_t*>(fresh(reg));
    std::iota(bytes, bytes + kValues, std::uint8_t{0});
    for (std::uint32_t i = 0; i <= result; ++i) {
      if (i != reg) compute(i);
    }
    if (!known(result)) return {};
    ByteTable table;
    std::memcpy(table.data(), registers_[result].data(), kValues);
    return table;
  }

 private:
  bool known(std::uint32_t reg) const { return !registers_[reg].empty(); }

  std::byte* fresh(std::uint32_t reg) {
    registers_[reg].resize(kValues * sizeof(double));
    return registers_[reg].data();
  }

  void compute(std::uint32_t i) {
    const rdu_instr& in = code_[i];
    if (in.op == RDU_OP_CONST) {
      const std::uint64_t bits = register_bits(in.dtype, in.imm.f, in.imm.i);
      const auto bytes = static_cast<std::size_t>(register_bytes(in.dtype));
      std::byte* to = fresh(i);
      for (std::size_t v = 0; v < kValues; ++v) std::memcpy(to + v * bytes, &bits, bytes);
      return;
    }
    const std::uint32_t operands = plugin::num_operands(in.op);
    if (operands == 0 || operands > 2 || kernels_.wrap[in.dtype] != nullptr) return;
    const std::uint32_t a = in.a, b = operands > 1 ? in.b : in.a;
    if (!known(a) || !known(b)) return;
    const VectorFn fn = function(in, code_[a].dtype);
    if (fn == nullptr) return;
    const std::byte *first = registers_[a].data(), *second = registers_[b].data();
    fn(fresh(i), first, second, first, kValues);
  }

  VectorFn function(const rdu_instr& in, rdu_dtype from) const {
    if (in.op == RDU_OP_CAST) return kernels_.cast[from][in.dtype];
    return in.op == RDU_OP_ISINF ? nullptr : kernels_.op[in.op][from];
  }

  const plugin::View<rdu_instr> code_;
  const Kernels& kernels_;
  std::vector<std::vector<std::byte>> registers_;  // empty: it takes something else
};

}  // namespace

std::optional<ByteTable> tabulate(plugin::View<rdu_instr> code, std::uint32_t reg,
                                  std::uint32_t result, const Kernels& kernels) {
  if (!is_byte(code[reg].dtype) || !is_byte(code[result].dtype)) return {};
  return Tabulator(code, kernels).run(reg, result);
}

}  // namespace rdu::cpu
