// One conformance case: a graph, its inputs, and a run of it on the device under test.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sdk/artifact/artifact.hpp"
#include "tests/conformance/host.hpp"
#include "tests/conformance/number.hpp"
#include "tests/conformance/words.hpp"

namespace conformance {

// The device declined the graph, with a reason code. The case ends; whether that is allowed the lists say.
struct Declined {
  std::uint32_t reason;
  std::string detail;
};

// 64-byte aligned bytes of one binding.
class Storage {
 public:
  explicit Storage(std::uint64_t bytes);
  std::byte* data() const { return data_.get(); }

 private:
  struct Free {
    void operator()(std::byte* data) const;
  };
  std::unique_ptr<std::byte, Free> data_;
};

// A graph under construction, then loaded, then run as often as wanted.
class Case {
 public:
  Case();
  ~Case();
  Case(const Case&) = delete;
  Case& operator=(const Case&) = delete;

  ValueId input(rdu_dtype dtype, const Dims& dims, const Numbers& numbers);
  ValueId constant(rdu_dtype dtype, const Dims& dims, const Numbers& numbers);
  ValueId inner(rdu_dtype dtype, const Dims& dims);  // an intermediate
  ValueId output(rdu_dtype dtype, const Dims& dims);
  // An intermediate or output that shares the bytes of `storage`.
  ValueId alias(ValueId storage, const Dims& dims);
  // Dimension `dim` of `value` is bounded: its extent is the scalar `extent`.
  void bound(ValueId value, std::uint32_t dim, ValueId extent);

  // Gives nodes names where they have none and adds them to graph 0, or to another.
  void add(Node node, std::uint32_t graph = 0);
  std::uint32_t add_graph();
  rdu::artifact::Graph& graph(std::uint32_t number) { return variant_.graphs[number]; }
  void graph_input(std::uint32_t graph, ValueId value);

  // A variable `read` updated to `write` by each run.
  void variable(const std::string& name, ValueId read, ValueId write);

  // Every node is a section of its own (the default: all in one).
  void one_section_per_node() { one_section_per_node_ = true; }

  // Validates, loads and runs. REQUIREs success unless the outcome is asked for.
  void run();
  Outcome try_run();
  // Why the graph itself is not legal, or "".
  std::string invalid();

  void set(ValueId input, const Numbers& numbers);
  Numbers get(ValueId value) const;

  // For tests of the ABI itself.
  void load();
  void unload();
  void reload(const rdu_graph& graph);  // another view of the loaded graph
  // The loaded graph as bytes, for devices that ship it elsewhere.
  const rdu_graph_source& source() const { return source_; }
  Outcome submit();
  Outcome submit(const std::map<ValueId, void*>& data) const;  // with storage of its own
  void set_deadline(std::uint64_t ns) { deadline_ns_ = ns; }
  void set_stop(const std::uint32_t* word) { stop_ = word; }
  rdu_plugin_executable* executable() const { return executable_; }
  const rdu_graph& view() const { return artifact_->graph(0, 0); }

 private:
  ValueId value(rdu_dtype dtype, const Dims& dims, std::uint32_t role);
  rdu::artifact::Model model() const;
  void load_executable(const rdu_graph& graph);
  void bind();
  Outcome submit(std::vector<rdu_binding> bindings) const;

  rdu::artifact::Variant variant_;
  bool one_section_per_node_ = false;
  std::map<ValueId, Numbers> inputs_;
  std::map<ValueId, Storage> storage_;  // by storage owner
  rdu::artifact::ArtifactPtr artifact_;
  std::vector<rdu_bytes> segments_;
  rdu_graph_source source_{};
  std::vector<std::byte> file_;
  rdu_plugin_executable* executable_ = nullptr;
  std::vector<rdu_binding> bindings_;
  std::uint64_t per_run_ = 0;
  std::uint64_t deadline_ns_ = 0;
  const std::uint32_t* stop_ = nullptr;
};

// Are all numbers of `actual` those of `expected`: the same bits, or within a relative tolerance? NaN equals NaN only.
bool same(const Numbers& actual, const Numbers& expected, Number tolerance = 0);
std::string show(const Numbers& numbers);

}  // namespace conformance

#define CHECK_SAME(actual, ...)                                 \
  do {                                                          \
    const conformance::Numbers actual_numbers = (actual);       \
    const conformance::Numbers expected_numbers = __VA_ARGS__;  \
    INFO("actual   " << conformance::show(actual_numbers));     \
    INFO("expected " << conformance::show(expected_numbers));   \
    CHECK(conformance::same(actual_numbers, expected_numbers)); \
  } while (false)

#define CHECK_NEAR(actual, tolerance, ...)                                 \
  do {                                                                     \
    const conformance::Numbers actual_numbers = (actual);                  \
    const conformance::Numbers expected_numbers = __VA_ARGS__;             \
    INFO("actual   " << conformance::show(actual_numbers));                \
    INFO("expected " << conformance::show(expected_numbers));              \
    CHECK(conformance::same(actual_numbers, expected_numbers, tolerance)); \
  } while (false)
