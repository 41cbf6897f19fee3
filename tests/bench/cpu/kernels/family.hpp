// A benchmark is a graph of one node or a few, run through the plugin on one thread and on two, beside the limit of the
// machine. Each family of kernels is a file that adds its own.
#pragma once

#include <functional>
#include <string>

#include "tests/plugins/cpu/test_graph.hpp"

namespace cpu_bench {

using namespace cpu_test;

// What limits the arithmetic.
enum class Unit { kFloats, kHalfFloats, kBytes };

// The graph, and the work that a run of it cannot avoid.
struct Case {
  TestGraph graph;
  double operations = 0;  // multiply and add count as two
  double bytes = 0;       // of inputs, weights and outputs, each once
  Unit unit = Unit::kFloats;

  ValueId input(rdu_dtype dtype, const Dims& dims);
  ValueId output(rdu_dtype dtype, const Dims& dims);
  ValueId weights(rdu_dtype dtype, const Dims& dims);  // a constant, seeded
  ValueId inner(rdu_dtype dtype, const Dims& dims) { return graph.inner(dtype, dims); }
};

using Build = std::function<void(Case&)>;
void add_case(const std::string& name, Build build);

// Loops 0, 1, ... of a value that has as many dimensions.
Access identity(std::uint32_t rank);

void add_products();
void add_narrow_products();
void add_convolutions();
void add_windows();
void add_rows();
void add_maps();
void add_moves();
void add_attention();
void add_recurrent();

}  // namespace cpu_bench
