// From a graph in words to a run: written, read back (and so validated), checked, loaded, bound, submitted.
#include "tests/conformance/case.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <set>

#include "sdk/artifact/reader.hpp"
#include "sdk/artifact/validate.hpp"
#include "sdk/artifact/writer.hpp"
#include "sdk/base/dtype.hpp"

namespace conformance {

namespace artifact = rdu::artifact;

Storage::Storage(std::uint64_t bytes)
    : data_(static_cast<std::byte*>(std::aligned_alloc(64, (bytes / 64 + 1) * 64))) {
  std::memset(data_.get(), 0xcd, (bytes / 64 + 1) * 64);
}
void Storage::Free::operator()(std::byte* data) const { std::free(data); }

Case::Case() { variant_.graphs.resize(1); }

Case::~Case() { unload(); }

void Case::unload() {
  if (executable_ != nullptr) Device::under_test().api().executable_unload(executable_);
  executable_ = nullptr;
}

ValueId Case::value(rdu_dtype dtype, const Dims& dims, std::uint32_t role) {
  artifact::Value v;
  v.name = "v" + std::to_string(variant_.values.size());
  v.dtype = dtype;
  v.dims = dims;
  v.role = role;
  variant_.values.push_back(std::move(v));
  return static_cast<ValueId>(variant_.values.size() - 1);
}

ValueId Case::input(rdu_dtype dtype, const Dims& dims, const Numbers& numbers) {
  const ValueId id = value(dtype, dims, RDU_ROLE_INPUT);
  variant_.graphs[0].inputs.push_back(id);
  inputs_[id] = numbers;
  return id;
}

ValueId Case::constant(rdu_dtype dtype, const Dims& dims, const Numbers& numbers) {
  const ValueId id = value(dtype, dims, RDU_ROLE_CONSTANT);
  auto bytes = std::make_shared<const std::vector<std::byte>>(encode(dtype, numbers));
  variant_.values[id].data = {*bytes, bytes};
  return id;
}

ValueId Case::inner(rdu_dtype dtype, const Dims& dims) {
  return value(dtype, dims, RDU_ROLE_INTERMEDIATE);
}

ValueId Case::output(rdu_dtype dtype, const Dims& dims) {
  const ValueId id = inner(dtype, dims);
  variant_.graphs[0].outputs.push_back(id);
  return id;
}

ValueId Case::alias(ValueId storage, const Dims& dims) {
  const ValueId id = inner(variant_.values[storage].dtype, dims);
  variant_.values[id].storage = storage;
  return id;
}

void Case::bound(ValueId value, std::uint32_t dim, ValueId extent) {
  artifact::Value& v = variant_.values[value];
  if (v.dim_values.empty()) v.dim_values.assign(v.dims.size(), kNone);
  v.dim_values[dim] = extent;
}

void Case::add(Node node, std::uint32_t graph) {
  if (node.name.empty()) {
    node.name =
        "n" + std::to_string(graph) + "_" + std::to_string(variant_.graphs[graph].nodes.size());
  }
  variant_.graphs[graph].nodes.push_back(std::move(node));
}

std::uint32_t Case::add_graph() {
  variant_.graphs.emplace_back();
  return static_cast<std::uint32_t>(variant_.graphs.size() - 1);
}

void Case::graph_input(std::uint32_t graph, ValueId value) {
  variant_.values[value].role = RDU_ROLE_INPUT;
  variant_.graphs[graph].inputs.push_back(value);
}

void Case::variable(const std::string& name, ValueId read, ValueId write) {
  variant_.values[read].role = RDU_ROLE_VARIABLE;
  std::erase(variant_.graphs[0].inputs, read);
  variant_.variables.push_back({name, read, write, kNone});
}

artifact::Model Case::model() const {
  artifact::Model model;
  model.name = "conformance";
  artifact::Signature signature;
  const auto describe = [&](ValueId id) {
    artifact::SignatureTensor tensor;
    tensor.name = variant_.values[id].name;
    tensor.dtype = variant_.values[id].dtype;
    for (std::size_t d = 0; d < variant_.values[id].dims.size(); ++d) {
      const auto& extents = variant_.values[id].dim_values;
      if (extents.empty() || extents[d] == kNone) {
        tensor.dims.push_back({variant_.values[id].dims[d], ""});
      } else {
        tensor.dims.push_back({-1, "bounded" + std::to_string(id) + "_" + std::to_string(d)});
      }
    }
    return tensor;
  };
  artifact::Variant variant = variant_;
  variant.inputs = variant.graphs[0].inputs;
  variant.outputs = variant.graphs[0].outputs;
  for (const ValueId id : variant.inputs) signature.inputs.push_back(describe(id));
  for (const ValueId id : variant.outputs) signature.outputs.push_back(describe(id));
  artifact::Cut cut;
  const auto count = static_cast<std::uint32_t>(variant.graphs[0].nodes.size());
  const std::uint32_t step = one_section_per_node_ ? 1 : count;
  for (std::uint32_t first = 0; first < count; first += step)
    cut.sections.push_back({first, first + step, {}, {}});
  variant.cuts.push_back(std::move(cut));
  signature.variants.push_back(std::move(variant));
  model.signatures.push_back(std::move(signature));
  return model;
}

std::string Case::invalid() {
  const auto file = artifact::write_artifact(model());
  return file.ok() ? "" : file.error().message;
}

void Case::load() {
  auto file = artifact::write_artifact(model());
  if (!file.ok()) FAIL("the graph is not legal: " << file.error().message);
  file_ = std::move(*file);
  artifact::OpenOptions options;
  options.copy = true;
  auto opened = artifact::open_artifact(file_, options);
  if (!opened.ok()) FAIL("the artifact does not open: " << opened.error().message);
  artifact_ = std::move(*opened);
  segments_.clear();
  for (const artifact::SegmentInfo& segment : artifact_->segments())
    segments_.push_back({segment.bytes.data(), segment.bytes.size()});
  const auto metadata = artifact_->metadata_bytes();
  source_ = {RDU_HEADER(rdu_graph_source),
             {metadata.data(), metadata.size()},
             {segments_.data(), static_cast<std::uint32_t>(segments_.size()), sizeof(rdu_bytes)},
             0,
             0};

  load_executable(view());
  bind();
}

void Case::reload(const rdu_graph& graph) {
  unload();
  load_executable(graph);
}

void Case::load_executable(const rdu_graph& graph) {
  Device& device = Device::under_test();
  char detail[256] = "";
  for (std::uint32_t s = 0; s < graph.sections.count; ++s) {
    rdu_check check{};
    check.header = RDU_HEADER(rdu_check);
    check.graph = &graph;
    check.section = s;
    check.detail_bytes = sizeof(detail);
    check.detail = detail;
    check.format = "rdu.graph";
    check.source = &source_;
    const std::uint32_t reason = device.api().device_check(device.handle(), &check);
    if (reason != RDU_REASON_TAKEN) throw Declined{reason, detail};
  }
  rdu_load load{};
  load.header = RDU_HEADER(rdu_load);
  load.format = "rdu.graph";
  load.graph = &graph;
  load.end_section = graph.sections.count;
  load.source = source_;
  const Outcome outcome =
      device.host().take(device.api().executable_load(device.handle(), &load, &executable_));
  INFO(outcome.message);
  REQUIRE(outcome.ok());
  rdu_memory memory{};
  memory.header = RDU_HEADER(rdu_memory);
  REQUIRE(device.host().take(device.api().executable_memory(executable_, &memory)).ok());
  per_run_ = memory.per_run;
}

// Whatever crosses the border of a section.
void Case::bind() {
  const rdu_graph& graph = view();
  std::set<ValueId> owners;
  const auto add = [&](std::uint32_t first, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i)
      owners.insert(*RDU_AT(ValueId, graph.value_lists, first + i));
  };
  for (std::uint32_t s = 0; s < graph.sections.count; ++s) {
    const rdu_section& section = *RDU_AT(rdu_section, graph.sections, s);
    add(section.first_input, section.num_inputs);
    add(section.first_output, section.num_outputs);
  }
  for (const ValueId id : owners) {
    const rdu_value& value = *RDU_AT(rdu_value, graph.values, id);
    const auto at = storage_.try_emplace(id, value.bytes).first;
    bindings_.push_back({id, 0, value.bytes, at->second.data(), nullptr, 0});
  }
  for (const auto& [id, numbers] : inputs_) set(id, numbers);
}

void Case::set(ValueId input, const Numbers& numbers) {
  inputs_[input] = numbers;
  const auto at = storage_.find(input);
  if (at == storage_.end()) return;
  const std::vector<std::byte> bytes = encode(variant_.values[input].dtype, numbers);
  REQUIRE(bytes.size() == RDU_AT(rdu_value, view().values, input)->bytes);
  if (!bytes.empty()) std::memcpy(at->second.data(), bytes.data(), bytes.size());
}

Numbers Case::get(ValueId id) const {
  const artifact::Value& v = variant_.values[id];
  std::size_t count = 1;
  for (const std::int64_t d : v.dims) count *= static_cast<std::size_t>(d);
  return decode(v.dtype, storage_.at(v.storage == kNone ? id : v.storage).data(), count);
}

Outcome Case::submit() { return submit(bindings_); }

Outcome Case::submit(const std::map<ValueId, void*>& data) const {
  std::vector<rdu_binding> bindings = bindings_;
  for (rdu_binding& binding : bindings) {
    if (const auto at = data.find(binding.value); at != data.end()) binding.data = at->second;
  }
  return submit(std::move(bindings));
}

Outcome Case::submit(std::vector<rdu_binding> bindings) const {
  Device& device = Device::under_test();
  const Storage scratch(per_run_);
  rdu_submission submission{};
  submission.header = RDU_HEADER(rdu_submission);
  submission.bindings = {bindings.data(), static_cast<std::uint32_t>(bindings.size()),
                         sizeof(rdu_binding)};
  submission.deadline_ns = deadline_ns_;
  submission.stop = stop_;
  submission.scratch = per_run_ == 0 ? nullptr : scratch.data();
  rdu_plugin_event* event = nullptr;
  Outcome outcome = device.host().take(device.api().submit(executable_, &submission, &event));
  if (event == nullptr) return outcome;
  std::uint32_t done = 0;
  outcome = device.host().take(device.api().event_wait(event, UINT64_MAX, &done));
  if (done != 1) outcome = {RDU_ERR_INTERNAL, "event_wait returned before the event was done"};
  device.api().event_release(event);
  return outcome;
}

Outcome Case::try_run() {
  if (executable_ == nullptr) load();
  return submit();
}

void Case::run() {
  const Outcome outcome = try_run();
  INFO(outcome.message);
  REQUIRE(outcome.ok());
}

bool same(const Numbers& actual, const Numbers& expected, Number tolerance) {
  if (actual.size() != expected.size()) return false;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const Number a = actual[i], e = expected[i];
    if (std::isnan(a) || std::isnan(e)) {
      if (std::isnan(a) != std::isnan(e)) return false;
    } else if (a != e && !(std::fabs(a - e) <= tolerance * std::fmax(std::fabs(e), 1e-3L))) {
      return false;
    }
  }
  return true;
}

std::string show(const Numbers& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size() && i < 64; ++i) {
    char word[64];
    std::snprintf(word, sizeof(word), "%.10Lg ", numbers[i]);
    text += word;
  }
  return text;
}

}  // namespace conformance
