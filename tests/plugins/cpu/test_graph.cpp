// Builds, loads and runs test graphs.
#include "tests/plugins/cpu/test_graph.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <rdu/plugin.hpp>
#include <stdexcept>

namespace cpu_test {

namespace artifact = rdu::artifact;

namespace {

constexpr std::uint64_t kLine = 64;

template <class T>
void fill_integers(std::mt19937_64& random, std::byte* data, std::uint64_t count, int low,
                   int high) {
  std::uniform_int_distribution<int> pick(low, high);
  auto* values = reinterpret_cast<T*>(data);
  for (std::uint64_t i = 0; i < count; ++i) values[i] = static_cast<T>(pick(random));
}

template <class T>
void fill_floats(std::mt19937_64& random, std::byte* data, std::uint64_t count) {
  std::uniform_real_distribution<double> pick(-2, 2);
  auto* values = reinterpret_cast<T*>(data);
  for (std::uint64_t i = 0; i < count; ++i) values[i] = static_cast<T>(pick(random));
}

template <class T>
double float_difference(const std::byte* a, const std::byte* b, std::uint64_t count) {
  const auto* x = reinterpret_cast<const T*>(a);
  const auto* y = reinterpret_cast<const T*>(b);
  double largest = 1e-30, apart = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (std::isnan(x[i]) != std::isnan(y[i])) return INFINITY;
    if (std::isnan(x[i]) || x[i] == y[i]) continue;
    largest = std::max(largest, std::fabs(static_cast<double>(y[i])));
    apart = std::max(apart, std::fabs(static_cast<double>(x[i]) - static_cast<double>(y[i])));
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    if (std::isfinite(y[i])) largest = std::max(largest, std::fabs(static_cast<double>(y[i])));
  }
  return apart / largest;
}

}  // namespace

Memory::Memory(std::uint64_t bytes) : bytes_(bytes + kLine), size_(bytes) {
  shift_ = (kLine - reinterpret_cast<std::uintptr_t>(bytes_.data()) % kLine) % kLine;
}

TestGraph::TestGraph() { variant_.graphs.emplace_back(); }

ValueId TestGraph::value(rdu_dtype dtype, const Dims& dims, std::uint32_t role) {
  artifact::Value value;
  value.name = "v" + std::to_string(variant_.values.size());
  value.dtype = dtype;
  value.role = role;
  value.dims = dims;
  variant_.values.push_back(std::move(value));
  return static_cast<ValueId>(variant_.values.size() - 1);
}

ValueId TestGraph::input(rdu_dtype dtype, const Dims& dims) {
  const ValueId id = value(dtype, dims, RDU_ROLE_INPUT);
  variant_.graphs[0].inputs.push_back(id);
  return id;
}

ValueId TestGraph::inner(rdu_dtype dtype, const Dims& dims) {
  return value(dtype, dims, RDU_ROLE_INTERMEDIATE);
}

ValueId TestGraph::output(rdu_dtype dtype, const Dims& dims) {
  const ValueId id = inner(dtype, dims);
  variant_.graphs[0].outputs.push_back(id);
  return id;
}

ValueId TestGraph::constant(rdu_dtype dtype, const Dims& dims, std::vector<std::byte> bytes) {
  const ValueId id = value(dtype, dims, RDU_ROLE_CONSTANT);
  auto memory = std::make_shared<Memory>(bytes.size());
  std::memcpy(memory->data(), bytes.data(), bytes.size());
  variant_.values[id].data = {{memory->data(), bytes.size()}, memory};
  return id;
}

void TestGraph::add(Node node) {
  if (node.name.empty()) node.name = "n" + std::to_string(variant_.graphs[0].nodes.size());
  variant_.graphs[0].nodes.push_back(std::move(node));
}

artifact::FlatGraph TestGraph::flat(bool one_section_per_node) {
  artifact::Cut cut;
  const auto count = static_cast<std::uint32_t>(variant_.graphs[0].nodes.size());
  const std::uint32_t step = one_section_per_node ? 1 : count;
  for (std::uint32_t first = 0; first < count; first += step) {
    cut.sections.push_back({first, first + step, {}, {}});
  }
  variant_.cuts = {cut};
  variant_.inputs = variant_.graphs[0].inputs;
  variant_.outputs = variant_.graphs[0].outputs;
  auto flat = artifact::flatten(variant_);
  if (!flat.ok()) throw std::runtime_error(flat.error().message);
  return std::move(*flat);
}

Loaded::Loaded(Device& device, const artifact::FlatGraph& graph)
    : device_(device), view_(graph.view()) {
  char detail[256] = "";
  for (std::uint32_t s = 0; s < view_.sections.count; ++s) {
    rdu_check check{};
    check.header = RDU_HEADER(rdu_check);
    check.graph = &view_;
    check.section = s;
    check.detail_bytes = sizeof(detail);
    check.detail = detail;
    check.format = "rdu.graph";
    const std::uint32_t reason = device_.api().device_check(device_.handle(), &check);
    if (reason != RDU_REASON_TAKEN) {
      throw std::runtime_error("declined, reason " + std::to_string(reason) + ": " + detail);
    }
  }
  rdu_load load{};
  load.header = RDU_HEADER(rdu_load);
  load.format = "rdu.graph";
  load.graph = &view_;
  load.end_section = view_.sections.count;
  const Outcome loaded =
      device_.host().take(device_.api().executable_load(device_.handle(), &load, &executable_));
  if (!loaded.ok()) throw std::runtime_error(loaded.message);
  memory_.header = RDU_HEADER(rdu_memory);
  device_.host().take(device_.api().executable_memory(executable_, &memory_));
  scratch_ = Memory(memory_.per_run);
  const rdu_subgraph& top = graph.graphs[0];
  for (std::uint32_t i = 0; i < top.num_inputs; ++i) {
    const ValueId id = graph.value_lists[top.first_input + i];
    storage_.emplace(id, graph.values[id].bytes);
  }
  for (std::uint32_t i = 0; i < top.num_outputs; ++i) {
    const ValueId id = graph.value_lists[top.first_output + i];
    storage_.emplace(id, graph.values[id].bytes);
  }
  for (auto& [id, memory] : storage_) {
    bindings_.push_back({id, 0, memory.size(), memory.data(), nullptr, 0});
  }
}

Loaded::~Loaded() {
  if (executable_ != nullptr) device_.api().executable_unload(executable_);
}

Outcome Loaded::run() {
  rdu_submission submission{};
  submission.header = RDU_HEADER(rdu_submission);
  submission.bindings = {bindings_.data(), static_cast<std::uint32_t>(bindings_.size()),
                         sizeof(rdu_binding)};
  submission.scratch = scratch_.data();
  rdu_plugin_event* event = nullptr;
  return device_.host().take(device_.api().submit(executable_, &submission, &event));
}

void fill_random(rdu_dtype dtype, std::uint64_t seed, std::byte* data, std::uint64_t count) {
  std::mt19937_64 random(seed);
  switch (dtype) {
    case RDU_DTYPE_F32:
      return fill_floats<float>(random, data, count);
    case RDU_DTYPE_F64:
      return fill_floats<double>(random, data, count);
    case RDU_DTYPE_F16:
    case RDU_DTYPE_BF16:
      return fill_integers<std::uint16_t>(random, data, count, 0x3800, 0x3fff);
    case RDU_DTYPE_I64:
      return fill_integers<std::int64_t>(random, data, count, -9, 9);
    case RDU_DTYPE_I32:
      return fill_integers<std::int32_t>(random, data, count, -9, 9);
    case RDU_DTYPE_BOOL:
      return fill_integers<std::uint8_t>(random, data, count, 0, 1);
    default:
      return fill_integers<std::uint8_t>(random, data, count, 0, 9);
  }
}

double difference(rdu_dtype dtype, const std::byte* a, const std::byte* b, std::uint64_t count) {
  if (dtype == RDU_DTYPE_F32) return float_difference<float>(a, b, count);
  if (dtype == RDU_DTYPE_F64) return float_difference<double>(a, b, count);
  const std::uint64_t bytes = rdu::plugin::dtype_bytes(dtype, count);
  return bytes != 0 && std::memcmp(a, b, bytes) != 0 ? INFINITY : 0;
}

}  // namespace cpu_test
