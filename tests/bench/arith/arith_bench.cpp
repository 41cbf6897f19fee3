// How fast the emulator's arithmetic is: words or operations per second of each form, per instruction set.
#include <benchmark/benchmark.h>

#include <bit>
#include <string>
#include <vector>

#include "drivers/emu/arith/forms.hpp"

namespace rdu_hw::arith {
namespace {

constexpr std::size_t kWords = 4096;

// Floats from 1/2 to 4 of either sign, the same in every run.
std::vector<Word> operands(Word seed, std::size_t n = kWords) {
  std::vector<Word> words(n);
  for (Word& w : words) {
    seed = seed * 1664525u + 1013904223u;
    w = 0x3f000000u + (seed >> 7 & 0x00ffffffu) + (seed & 0x80000000u);
  }
  return words;
}

void elementwise(benchmark::State& state, const Forms* forms, std::size_t op) {
  const auto a = operands(1), b = operands(2), c = operands(3);
  std::vector<Word> results(kWords);
  for (auto _ : state) {
    forms->op[op](results.data(), a.data(), b.data(), c.data(), kWords);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kWords));
}

void tree(benchmark::State& state, const Forms* forms, Fold fold) {
  const auto words = operands(1);
  constexpr unsigned kLanes = 16;
  std::vector<Word> results(kWords / kLanes);
  for (auto _ : state) {
    forms->tree[static_cast<std::size_t>(fold)](results.data(),
                                                {words.data(), nullptr, kLanes, results.size()});
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kWords));
}

// Items are multiplications and additions: GFLOP/s for floats.
void systolic(benchmark::State& state, const Forms* forms, Operand a_type, Operand b_type) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  const auto columns = static_cast<std::size_t>(state.range(1));
  const auto steps = static_cast<std::size_t>(state.range(2));
  const auto a = operands(1, rows * steps), b = operands(2, steps * columns);
  std::vector<Word> c(rows * columns);
  const SystolicBlock block{c.data(), columns, a.data(), steps,   1,
                            b.data(), columns, rows,     columns, steps};
  for (auto _ : state) {
    forms->systolic_of(a_type, b_type)(block);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(
      static_cast<std::int64_t>(state.iterations() * 2 * rows * columns * steps));
}

void register_all(const Forms* forms) {
  const std::string isa = forms->isa;
  const auto blocks = [](benchmark::internal::Benchmark* b) {
    b->Args({16, 6, 256})->Args({6, 16, 256})->Args({64, 96, 256})->Args({256, 384, 256});
  };
  const auto name = [&](const char* what) { return isa + "/systolic/" + what; };
  const auto pair = [&](const char* what, Operand a, Operand b) {
    benchmark::RegisterBenchmark(name(what).c_str(), systolic, forms, a, b)->Apply(blocks);
  };
  pair("fp32", Operand::kFp32, Operand::kFp32);
  pair("bf16", Operand::kBf16, Operand::kBf16);
  pair("int8", Operand::kInt8, Operand::kInt8);
  pair("int32", Operand::kInt32, Operand::kInt32);
  benchmark::RegisterBenchmark((isa + "/tree/add_f32").c_str(), tree, forms, Fold::add_f32);
  for (std::size_t op = 0; op < kNumOps; ++op) {
    const std::string of = isa + "/op/" + op_name(op);
    benchmark::RegisterBenchmark(of.c_str(), elementwise, forms, op);
  }
}

}  // namespace
}  // namespace rdu_hw::arith

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  for (const char* isa : {"scalar", "baseline", "avx2", "avx512"}) {
    if (const auto* forms = rdu_hw::arith::find_forms(isa)) rdu_hw::arith::register_all(forms);
  }
  benchmark::RunSpecifiedBenchmarks();
}
