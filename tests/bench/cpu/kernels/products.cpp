// Products of matrices of floats: square, with few rows, with one; weights that are packed at load, and operands that
// are not; bytes and half floats.
#include "tests/bench/cpu/kernels/family.hpp"

namespace cpu_bench {
namespace {

struct Shape {
  std::int64_t m, n, k;
  double operations() const { return 2.0 * static_cast<double>(m * n * k); }
};

Node product(const Shape& s, rdu_dtype dtype, rdu_dtype sum) {
  return contract({s.m, s.n, s.k}, 2, {RDU_LOOP_M, RDU_LOOP_N, RDU_LOOP_K}, dtype, sum);
}

enum class Second { kWeights, kTurnedWeights, kInput };

void build_product(Case& c, const Shape& s, Second second) {
  Node n = product(s, F32, F32);
  const bool turned = second == Second::kTurnedWeights;
  const Dims dims = turned ? Dims{s.n, s.k} : Dims{s.k, s.n};
  const ValueId b = second == Second::kInput ? c.input(F32, dims) : c.weights(F32, dims);
  n.reads = {read(c.input(F32, {s.m, s.k}), {loop(0), loop(2)}),
             read(b, turned ? Access{loop(1), loop(2)} : Access{loop(2), loop(1)})};
  n.writes = {{c.output(F32, {s.m, s.n}), identity(2)}};
  c.graph.add(n);
  c.operations = s.operations();
}

void add_product(const char* name, const Shape& shape, Second second) {
  add_case(name, [=](Case& c) { build_product(c, shape, second); });
}

// Sums of products of bytes, as a quantised model has them.
void build_bytes(Case& c, const Shape& s) {
  Node n = product(s, I32, I32);
  n.reads = {read(c.input(U8, {s.m, s.k}), {loop(0), loop(2)}),
             read(c.weights(I8, {s.k, s.n}), {loop(2), loop(1)})};
  Code code;
  const auto zero = code.number(I32, 3);
  const auto a = code.op(RDU_OP_SUB, I32, code.op(RDU_OP_CAST, I32, code.load(0, U8)), zero);
  n.body = code.result({a, code.op(RDU_OP_CAST, I32, code.load(1, I8))});
  n.writes = {{c.output(I32, {s.m, s.n}), identity(2)}};
  c.graph.add(n);
  c.operations = s.operations();
  c.unit = Unit::kBytes;
}

void build_half_floats(Case& c, const Shape& s) {
  Node n = product(s, BF16, F32);
  n.reads = {read(c.input(BF16, {s.m, s.k}), {loop(0), loop(2)}),
             read(c.weights(BF16, {s.k, s.n}), {loop(2), loop(1)})};
  Code code;
  code.acc(F32);
  n.epilogue = code.result({code.op(RDU_OP_CAST, BF16, 0)});
  n.writes = {{c.output(BF16, {s.m, s.n}), identity(2)}};
  c.graph.add(n);
  c.operations = s.operations();
  c.unit = Unit::kHalfFloats;
}

}  // namespace

void add_products() {
  add_product("product/1024x1024x1024", {1024, 1024, 1024}, Second::kWeights);
  add_product("product/both_inputs_512x512x512", {512, 512, 512}, Second::kInput);
  add_product("product/128x3072x768", {128, 3072, 768}, Second::kWeights);
  add_product("product/8x1024x1024", {8, 1024, 1024}, Second::kWeights);
  add_product("vector/4096x4096", {1, 4096, 4096}, Second::kWeights);
  add_product("vector/turned_50257x768", {1, 50257, 768}, Second::kTurnedWeights);
  add_product("vector/512x512", {1, 512, 512}, Second::kWeights);
}

void add_narrow_products() {
  for (const Shape& s : {Shape{1024, 1024, 1024}, Shape{128, 3072, 768}, Shape{1, 4096, 4096}}) {
    const std::string shape =
        std::to_string(s.m) + "x" + std::to_string(s.n) + "x" + std::to_string(s.k);
    add_case("product_int8/" + shape, [=](Case& c) { build_bytes(c, s); });
    add_case("product_bf16/" + shape, [=](Case& c) { build_half_floats(c, s); });
  }
}

}  // namespace cpu_bench
