// Runs both sides window by window and compares value by value.
#include "tools/rdu/bisect.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <utility>

#include "sdk/artifact/view.hpp"
#include "tools/rdu/data_set.hpp"
#include "tools/rdu/stored_tensors.hpp"
#include "tools/rdu/stream.hpp"

namespace rdu::tool {

namespace {

using artifact::at;

// A value and what it is compared with.
struct Expectation {
  ProbedValue probed;
  std::uint32_t value = RDU_NONE;  // the probed one, or another shape of it
  std::string tensor;
  std::filesystem::path file;  // of a stored tensor
};

// The inputs of all steps, and the device that they are run on.
class Side {
 public:
  Side(const BisectOptions& options, const std::string& device)
      : options_(options), session_(session_options(options, device)) {
    session_.open_devices();
  }

  // `bytes` must stay until close().
  void open(const AlignedBytes& bytes) {
    const std::string& device = session_.uris().front();
    const bool compiles = options_.retarget && device.starts_with("rdu:");
    if (compiles) compiled_ = options_.retarget(bytes, device);
    session_.open_artifact(compiles ? compiled_ : bytes);
    session_.load_program();
    require_work();
    state_ = make_state(session_.program());
    if (!options_.sequence.empty()) {
      stream_ = std::make_unique<Stream>(session_.program(), options_.sequence, data_dirs());
    }
  }

  void close() {
    stream_.reset();
    state_.reset();
    session_.close_artifact();
  }

  std::vector<HostTensor> run(const Probe& probe, ProbeWindow window, std::int64_t step) {
    if (stream_ == nullptr) {
      std::vector<HostTensor> inputs =
          bind_inputs(session_.program(), state_.get(), read_numbered(options_.data, "input"));
      return run_probe(probe, window, session_.program(), inputs, state_.get(), nullptr);
    }
    std::vector<HostTensor> outputs;
    auto values =
        run_probe(probe, window, session_.program(), stream_->inputs(step), state_.get(), &outputs);
    stream_->feed(outputs);
    return values;
  }

  std::int64_t num_steps() const { return stream_ == nullptr ? 1 : stream_->num_steps(); }

 private:
  // An agreement of others would say nothing about the device.
  void require_work() {
    const rdu_placement* placement = rdu_program_get_placement(session_.program());
    for (std::uint32_t i = 0; i < rdu_placement_num_sections(placement); ++i) {
      rdu_section_info section = {};
      section.header = RDU_HEADER(rdu_section_info);
      check(rdu_placement_get_section(placement, i, &section));
      if (section.device == 0) return;
    }
    throw ToolError(
        session_.uris().front() +
        " takes nothing of the model once its values are outputs: 'rdu explain' says why, "
        "'rdu verify' compares what it computes as a whole");
  }

  static SessionOptions session_options(const BisectOptions& options, const std::string& device) {
    SessionOptions session = options.session;
    if (!device.empty()) session.devices = {device};
    return session;
  }

  std::vector<std::string> data_dirs() const {
    return options_.data.empty() ? std::vector<std::string>{}
                                 : std::vector<std::string>{options_.data};
  }

  const BisectOptions& options_;
  AlignedBytes compiled_;  // the artifact, for the device
  Session session_;
  StatePtr state_;
  std::unique_ptr<Stream> stream_;
};

// As Probe::values() are ordered.
std::pair<std::uint32_t, std::uint32_t> order(const ProbedValue& probed) {
  return {probed.writers.back(), probed.value};
}

HostTensor constant_tensor(const rdu_value& value) {
  HostTensor tensor = make_host_tensor(value.dtype, {value.dims, value.dims + value.rank});
  std::copy_n(static_cast<const std::byte*>(value.data), tensor.bytes.size(), tensor.bytes.data());
  return tensor;
}

class Bisection {
 public:
  Bisection(const BisectOptions& options, const artifact::Artifact& artifact, BisectResult& result)
      : options_(options),
        probe_(artifact, result.variant),
        result_(result),
        limit_(std::numeric_limits<std::int64_t>::max()) {}

  void run() {
    if (options_.against.empty()) {
      for (const ProbedValue& probed : probe_.values()) {
        expectations_.push_back({probed, probed.value, first_name(probed.value), {}});
      }
    } else {
      expect_stored();
    }
    count();
    if (!expectations_.empty() && !result_.difference) search();
  }

 private:
  const rdu_value& value(std::uint32_t id) const {
    return at<rdu_value>(probe_.graph().values, id);
  }

  std::string first_name(std::uint32_t id) const {
    const auto names = probe_.tensor_names(id);
    return names.empty() ? "" : names.front();
  }

  // Constants are judged at once; the others become expectations, in the order of the nodes.
  void expect_stored() {
    std::vector<std::string> names;
    std::map<std::string, std::uint32_t> values;
    for (const auto& tensor : artifact::each<rdu_origin_tensor>(probe_.graph().origin_tensors)) {
      names.emplace_back(tensor.name);
      if (tensor.value != RDU_NONE) values[tensor.name] = tensor.value;
    }
    const StoredTensors stored(options_.against, names);
    result_.strangers = stored.strangers();
    for (const auto& [name, file] : stored.files()) {
      const auto known = values.find(name);
      if (known != values.end() && value(known->second).data != nullptr) {
        ++result_.num_values;
        if (!result_.difference) {
          HostTensor constant = constant_tensor(value(known->second));
          judge({{}, known->second, name, file}, constant, read_stored(file), 0);
        }
        continue;
      }
      const auto probed = known == values.end() ? std::nullopt : probe_.find(known->second);
      if (!probed) {
        result_.unstored.push_back(name);
      } else {
        expectations_.push_back({probe_.values()[*probed], known->second, name, file});
      }
    }
    std::ranges::stable_sort(expectations_, {}, [](const Expectation& expectation) {
      return order(expectation.probed);
    });
  }

  void count() {
    result_.num_values += expectations_.size();
    std::vector<std::uint32_t> nodes;
    for (const Expectation& expectation : expectations_) {
      const auto& writers = expectation.probed.writers;
      nodes.insert(nodes.end(), writers.begin(), writers.end());
    }
    std::ranges::sort(nodes);
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
    result_.num_nodes = nodes.size();
  }

  void search() {
    const bool two_devices = options_.against.empty();
    Side a(options_, "");
    std::unique_ptr<Side> b;
    if (two_devices) b = std::make_unique<Side>(options_, options_.other);
    const std::vector<ProbedValue> probed = probed_once();
    std::size_t first = 0;
    for (const ProbeWindow window : windows_of(probed, options_.memory_bytes / 2)) {
      // A later window has later nodes: only an earlier step can come before what was found.
      if (limit_ == 0) return;
      const AlignedBytes bytes = probe_.artifact_with(window);
      a.open(bytes);
      if (b) b->open(bytes);
      result_.num_steps = a.num_steps();
      first = compare_window(window, first, a, b.get());
      a.close();
      if (b) b->close();
    }
  }

  // Several tensors may be one value.
  std::vector<ProbedValue> probed_once() const {
    std::vector<ProbedValue> probed;
    for (const Expectation& expectation : expectations_) {
      if (probed.empty() || probed.back().value != expectation.probed.value) {
        probed.push_back(expectation.probed);
      }
    }
    return probed;
  }

  // From expectation `first` on; returns the first of the next window.
  std::size_t compare_window(ProbeWindow window, std::size_t first, Side& a, Side* b) {
    std::size_t end = first;
    while (end < expectations_.size() && order(expectations_[end].probed) <= order(window.back())) {
      ++end;
    }
    const std::int64_t steps = std::min(limit_, a.num_steps());
    for (std::int64_t step = 0; step < steps; ++step) {
      std::vector<HostTensor> actual = a.run(probe_, window, step);
      std::vector<HostTensor> expected;
      if (b != nullptr) expected = b->run(probe_, window, step);
      std::size_t i = 0;
      for (std::size_t e = first; e < end; ++e) {
        const Expectation& expectation = expectations_[e];
        while (window[i].value != expectation.probed.value) ++i;
        const bool differs =
            b != nullptr ? judge(expectation, actual[i], expected[i], step)
                         : judge(expectation, actual[i], read_stored(expectation.file), step);
        if (differs) return end;
      }
    }
    return end;
  }

  // A stored tensor of another type is a mistake of the folder, not a difference.
  void require_type(const Expectation& expectation, HostTensor& actual,
                    const HostTensor& expected) const {
    if (expectation.file.empty()) return;
    const rdu_value& shown = value(expectation.value);
    show_as(shown, actual);
    if (actual.dtype == expected.dtype && actual.shape == expected.shape) return;
    throw ToolError(expectation.file.string() + ": is " +
                    type_text(expected.dtype, expected.shape) + ", tensor '" + expectation.tensor +
                    "' is " + type_text(actual.dtype, actual.shape));
  }

  bool judge(const Expectation& expectation, HostTensor& actual, const HostTensor& expected,
             std::int64_t step) {
    require_type(expectation, actual, expected);
    const Comparison comparison = compare(actual, expected, options_.tolerance);
    if (comparison.passed) {
      result_.max_relative = std::max(result_.max_relative, comparison.max_relative);
      return false;
    }
    Difference difference{expectation.value, RDU_NONE,  expectation.tensor, step,
                          actual.shape,      comparison};
    if (!expectation.probed.writers.empty()) {
      const ProbedValue& probed = expectation.probed;
      const rdu_value& written = value(probed.value);
      const bool same_shape = actual.shape.size() == written.rank &&
                              std::equal(actual.shape.begin(), actual.shape.end(), written.dims);
      const auto position = position_of(std::max<std::int64_t>(comparison.worst, 0), actual.shape);
      difference.node = same_shape && !actual.shape.empty() ? probe_.writer_of(probed, position)
                                                            : probed.writers.front();
    }
    result_.difference = std::move(difference);
    limit_ = step;
    return true;
  }

  const BisectOptions& options_;
  Probe probe_;
  BisectResult& result_;
  std::vector<Expectation> expectations_;
  std::int64_t limit_;  // steps below it can still hold an earlier difference
};

}  // namespace

BisectResult bisect(const BisectOptions& options, const artifact::Artifact& artifact) {
  BisectOptions resolved = options;
  BisectResult result;
  std::vector<HostTensor> inputs;
  if (!options.data.empty()) {
    const auto set = find_data_sets(options.data).front();
    resolved.data = set.string();
    result.where = set.filename().string();
    inputs = read_numbered(set, "input");
  }
  if (!options.sequence.empty()) {
    result.where = std::filesystem::path(options.sequence).filename().string();
  }
  const auto num_variants = artifact.signatures()[0].variants.size();
  if (options.variant >= static_cast<int>(num_variants)) {
    throw ToolError("--variant " + std::to_string(options.variant) + ": there are " +
                    std::to_string(num_variants) + ", numbered from 0");
  }
  result.variant = options.variant >= 0 ? static_cast<std::uint32_t>(options.variant)
                                        : find_variant(artifact, inputs);
  Bisection(resolved, artifact, result).run();
  return result;
}

}  // namespace rdu::tool
