// A SIMD context that runs a vector program over loops: operands are fetched when the program asks for them.
#pragma once

#include <map>

#include "tools/rducc/target/rdu/lower/body.hpp"
#include "tools/rducc/target/rdu/lower/emit.hpp"

namespace rducc::rdu::lower {

class ProgramContext {
 public:
  ProgramContext(Emitter& emitter, std::string_view what, const Nest& nest,
                 std::vector<VariableId> order, Across across);

  Simd& simd() { return simd_; }
  const std::vector<VariableId>& order() const { return order_; }
  // What an epilogue starts from.
  void accumulated(Value value, rdu_dtype dtype);
  // An operand that is there already.
  void bring(std::uint32_t read, Value value) { elements_[read] = value; }
  std::vector<Value> run(const artifact::Program& program) { return run(program, false); }
  // Results as they are before values round them.
  std::vector<Value> run_to_store(const artifact::Program& program) { return run(program, true); }
  Value integer(const Form& form) { return emit_form(simd_, form, order_); }
  // The result as a stream of this context's firings, and where it goes.
  void store(const Touch& write, Value value);

 private:
  std::vector<Value> run(const artifact::Program& program, bool stores);
  Value element(std::uint32_t read);

  Emitter& emitter_;
  const Nest& nest_;
  std::vector<VariableId> order_;
  Across across_;
  Simd simd_;
  Value accumulated_ = {};
  rdu_dtype acc_dtype_ = RDU_DTYPE_F32;
  std::map<std::uint32_t, Value> elements_;
};

}  // namespace rducc::rdu::lower
