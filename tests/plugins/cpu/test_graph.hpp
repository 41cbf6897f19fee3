// Graphs for the tests of the cpu plugin: written as artifact variants, run through the plugin ABI on any device.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sdk/artifact/flat_graph.hpp"
#include "tests/conformance/host.hpp"
#include "tests/conformance/words.hpp"

namespace cpu_test {

using namespace conformance;

// Bytes at an address that devices take without a copy.
class Memory {
 public:
  explicit Memory(std::uint64_t bytes = 0);
  std::byte* data() { return bytes_.data() + shift_; }
  const std::byte* data() const { return bytes_.data() + shift_; }
  std::uint64_t size() const { return size_; }

 private:
  std::vector<std::byte> bytes_;
  std::uint64_t size_ = 0, shift_ = 0;
};

// A graph under construction: one graph, one section.
class TestGraph {
 public:
  TestGraph();
  ValueId value(rdu_dtype dtype, const Dims& dims, std::uint32_t role);
  ValueId input(rdu_dtype dtype, const Dims& dims);
  ValueId inner(rdu_dtype dtype, const Dims& dims);
  ValueId output(rdu_dtype dtype, const Dims& dims);
  ValueId constant(rdu_dtype dtype, const Dims& dims, std::vector<std::byte> bytes);
  void add(Node node);

  const rdu::artifact::Variant& variant() const { return variant_; }
  rdu::artifact::Variant& variant() { return variant_; }
  // Laid out; borrows from this graph.
  rdu::artifact::FlatGraph flat(bool one_section_per_node = false);

 private:
  rdu::artifact::Variant variant_;
};

// A loaded executable and the storage bound to it.
class Loaded {
 public:
  Loaded(Device& device, const rdu::artifact::FlatGraph& graph);
  ~Loaded();
  Loaded(const Loaded&) = delete;
  Loaded& operator=(const Loaded&) = delete;

  Memory& storage(ValueId value) { return storage_.at(value); }
  Outcome run();
  rdu_memory memory() const { return memory_; }
  rdu_plugin_executable* executable() const { return executable_; }

 private:
  Device& device_;
  rdu_graph view_;
  rdu_plugin_executable* executable_ = nullptr;
  rdu_memory memory_{};
  std::map<ValueId, Memory> storage_;
  std::vector<rdu_binding> bindings_;
  Memory scratch_;
};

// Seeded bytes of a dtype: small integers, floats of [-2, 2).
void fill_random(rdu_dtype dtype, std::uint64_t seed, std::byte* data, std::uint64_t count);

// The largest difference of two buffers, relative to the largest magnitude (floats), or whether any bit differs.
double difference(rdu_dtype dtype, const std::byte* a, const std::byte* b, std::uint64_t count);

}  // namespace cpu_test
