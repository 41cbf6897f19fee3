// Hands values from part to part by their numbers, as a host does that spreads a model over machines.
#include "tests/e2e/split_model.hpp"

#include <cstring>
#include <stdexcept>

#include "sdk/artifact/view.hpp"
#include "sdk/base/dtype.hpp"

namespace rdu::testing {
namespace {

using artifact::at;

template <class T>
void fill(Storage& storage, T (*number)(std::uint64_t)) {
  for (std::uint64_t i = 0; i * sizeof(T) < storage.size(); ++i) {
    const T value = number(i);
    std::memcpy(storage.data() + i * sizeof(T), &value, sizeof(T));
  }
}

// Numbers that every model takes: small, and as indices within any table.
void fill(Storage& storage, rdu_dtype dtype) {
  switch (dtype) {
    case RDU_DTYPE_F32:
      return fill<float>(storage, [](std::uint64_t i) {
        return static_cast<float>((i * 7919 + 13) % 1009) / 1009.0f - 0.4f;
      });
    case RDU_DTYPE_F16:
      return fill<std::uint16_t>(storage, [](std::uint64_t i) {
        return static_cast<std::uint16_t>(0x3000 + i * 37 % 512);
      });
    case RDU_DTYPE_I64:
      return fill<std::int64_t>(storage, [](std::uint64_t i) -> std::int64_t { return i % 2; });
    case RDU_DTYPE_I32:
      return fill<std::int32_t>(storage, [](std::uint64_t i) -> std::int32_t { return i % 2; });
    default:
      return fill<std::uint8_t>(storage, [](std::uint64_t i) -> std::uint8_t { return i % 2; });
  }
}

rdu_value_info value_info(rdu_status* (*get)(const rdu_artifact*, std::uint32_t, std::uint32_t,
                                             std::uint32_t, rdu_value_info*),
                          const Artifact& artifact, std::uint32_t signature, std::uint32_t variant,
                          std::uint32_t index) {
  auto info = detail::sized<rdu_value_info>();
  check(get(artifact.get(), signature, variant, index, &info));
  return info;
}

TensorRef tensor(Storage& storage, const rdu_value_info& info) {
  return TensorRef(storage.data(), info.size_bytes, info.dtype,
                   Shape(info.shape, info.shape + info.rank), info.name);
}

// "#17" -> 17
std::uint32_t number_in(const char* name) {
  if (*name != '#') throw std::runtime_error(std::string("a part has the tensor ") + name);
  return static_cast<std::uint32_t>(std::stoul(name + 1));
}

std::uint32_t count_of(const Artifact& artifact, std::uint32_t rdu_signature_info::*field,
                       std::uint32_t signature = 0) {
  auto info = detail::sized<rdu_signature_info>();
  check(rdu_artifact_get_signature(artifact.get(), signature, &info));
  return info.*field;
}

// The rows of a tensor that has `shape` within the bounds `dims`: do they hold the bytes of `packed`?
bool same_rows(const rdu_value& bound, std::span<const std::int64_t> shape, const std::byte* stored,
               const std::byte*& packed, std::uint32_t dim, std::uint64_t bytes) {
  if (dim == bound.rank || std::equal(shape.begin() + dim, shape.end(), bound.dims + dim)) {
    const bool same = std::memcmp(stored, packed, bytes) == 0;
    packed += bytes;
    return same;
  }
  const std::uint64_t step = bytes / static_cast<std::uint64_t>(bound.dims[dim]);
  for (std::int64_t i = 0; i < shape[dim]; ++i) {
    if (!same_rows(bound, shape, stored + i * step, packed, dim + 1, step)) return false;
  }
  return true;
}

std::vector<std::uint32_t> starts_of_steps(const rdu_placement* placement, std::uint32_t signature,
                                           std::uint32_t variant) {
  std::vector<std::uint32_t> starts;
  for (std::uint32_t i = 0; i < rdu_placement_num_sections(placement); ++i) {
    auto info = detail::sized<rdu_section_info>();
    check(rdu_placement_get_section(placement, i, &info));
    if (info.signature != signature || info.variant != variant) continue;
    if (info.step == starts.size()) starts.push_back(info.section);
  }
  return starts;
}

}  // namespace

Storage::Storage(std::uint64_t size) : bytes_(size + 64), size_(size) {
  data_ = bytes_.data() + (64 - reinterpret_cast<std::uintptr_t>(bytes_.data()) % 64) % 64;
}

Storage::Storage(const Storage& other) : Storage(other.size_) {
  std::memcpy(data_, other.data_, size_);
}

struct SplitModel::Part {
  Artifact artifact;
  Program program;
  std::unique_ptr<State> state;

  Part(const Context& context, const rdu_artifact_part& bytes, const std::string& device)
      : artifact(context.open_part(bytes)), program(artifact, {context.open_device(device)}) {
    if (count_of(artifact, &rdu_signature_info::num_variables) > 0) {
      state = std::make_unique<State>(program);
    }
  }
};

SplitModel::SplitModel(const artifact::Artifact& file, std::uint32_t signature,
                       std::uint32_t variant, std::string device)
    : file_(file),
      graph_(file.graph(signature, variant)),
      info_(file.signatures()[signature].variants[variant]),
      signature_(signature),
      variant_(variant),
      device_(std::move(device)) {
  for (const auto& segment : file.segments()) {
    segments_.push_back({segment.bytes.data(), segment.bytes.size()});
  }
}

rdu_artifact_part SplitModel::bytes(std::uint32_t first, std::uint32_t end) const {
  auto part = detail::sized<rdu_artifact_part>();
  part.metadata = {file_.metadata_bytes().data(), file_.metadata_bytes().size()};
  part.segments = {segments_.data(), static_cast<std::uint32_t>(segments_.size()),
                   sizeof(rdu_bytes)};
  part.signature = signature_;
  part.variant = variant_;
  part.first_section = first;
  part.end_section = end;
  return part;
}

std::vector<TensorRef> SplitModel::whole_inputs(const Artifact& artifact) {
  std::vector<TensorRef> tensors;
  const std::uint32_t count = count_of(artifact, &rdu_signature_info::num_inputs, signature_);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto info = value_info(rdu_artifact_get_input, artifact, signature_, variant_, i);
    auto [entry, added] = inputs_.try_emplace(info.name, info.size_bytes);
    if (added) fill(entry->second, info.dtype);
    if (added && info.required.data) {
      std::memcpy(entry->second.data(), info.required.data, info.required.size);
    }
    tensors.push_back(tensor(entry->second, info));
  }
  return tensors;
}

std::vector<std::uint32_t> SplitModel::run_whole(std::uint32_t times,
                                                 const std::vector<std::uint32_t>& shares) {
  const Artifact artifact = context_.open_part(bytes(0, 0));
  std::vector<Device> devices;
  for (std::size_t i = 0; i == 0 || i < shares.size(); ++i) {
    devices.push_back(context_.open_device(device_));
  }
  auto options = detail::sized<rdu_program_options>();
  options.shares = {shares.data(), static_cast<std::uint32_t>(shares.size()),
                    sizeof(std::uint32_t)};
  const Program program(artifact, devices, &options);
  const std::string name = file_.signatures()[signature_].name;
  std::unique_ptr<State> state;
  if (graph_.variables.count > 0) {
    state = std::make_unique<State>(program, variant_, name.c_str());
  }
  const auto inputs = whole_inputs(artifact);
  times_ = times;
  expected_.clear();
  for (std::uint32_t time = 0; time < times; ++time) {
    expected_.push_back(program.run(inputs, {.signature = name.c_str(), .state = state.get()}));
  }
  for (std::uint32_t k = 0; k < graph_.variables.count; ++k) {
    const auto& variable = at<rdu_variable>(graph_.variables, k);
    auto& content =
        expected_variables_.try_emplace(k, at<rdu_value>(graph_.values, variable.read).bytes)
            .first->second;
    check(rdu_state_read(state->get(), variable.name, content.size(), content.data()));
  }
  return starts_of_steps(rdu_program_get_placement(program.get()), signature_, variant_);
}

std::string SplitModel::run_parts(const std::vector<std::uint32_t>& starts, Variables how) {
  std::vector<std::unique_ptr<Part>> parts;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::uint32_t end = i + 1 < starts.size() ? starts[i + 1] : num_sections();
    rdu_artifact_part part = bytes(starts[i], end);
    if (how == Variables::kTensors) part.flags = RDU_PART_STATELESS;
    parts.push_back(std::make_unique<Part>(context_, part, device_));
  }
  Contents variables;
  for (std::uint32_t k = 0; k < graph_.variables.count; ++k) {
    const auto& variable = at<rdu_variable>(graph_.variables, k);
    auto& content =
        variables.emplace(k, at<rdu_value>(graph_.values, variable.read).bytes).first->second;
    if (variable.initial == RDU_NONE) continue;
    std::memcpy(content.data(), at<rdu_value>(graph_.values, variable.initial).data,
                content.size());
  }
  for (std::uint32_t time = 0; time < times_; ++time) {
    Contents values, written;
    for (std::size_t i = 0; i < info_.inputs.size(); ++i) {
      const auto& tensor = file_.signatures()[signature_].inputs[i];
      if (info_.inputs[i] == RDU_NONE || !tensor.variable.empty()) continue;
      values.emplace(info_.inputs[i], inputs_.at(tensor.name));
    }
    for (const auto& part : parts) run_part(*part, values, variables, written);
    take_written(values, variables, written);
    std::string difference = compare(time, values);
    if (!difference.empty()) return difference;
  }
  return compare_variables(variables);
}

void SplitModel::run_part(Part& part, Contents& values, Contents& variables, Contents& written) {
  std::vector<TensorRef> inputs, outputs;
  Contents results;
  for (std::uint32_t i = 0; i < count_of(part.artifact, &rdu_signature_info::num_inputs); ++i) {
    const auto info = value_info(rdu_artifact_get_input, part.artifact, 0, 0, i);
    const std::uint32_t id = number_in(info.name);
    for (std::uint32_t k = 0; k < graph_.variables.count && !values.contains(id); ++k) {
      if (at<rdu_variable>(graph_.variables, k).read == id) values.emplace(id, variables.at(k));
    }
    inputs.push_back(tensor(values.at(id), info));
  }
  const auto own = [&](std::uint32_t k) { return at<rdu_variable>(graph_.variables, k).name; };
  const auto is_own = [&](std::uint32_t k) {
    for (std::uint32_t i = 0; part.state && i < rdu_state_num_variables(part.state->get()); ++i) {
      auto info = detail::sized<rdu_value_info>();
      check(rdu_state_get_variable(part.state->get(), i, &info));
      if (std::strcmp(info.name, own(k)) == 0) return true;
    }
    return false;
  };
  for (const auto& [k, content] : variables) {
    if (is_own(k)) {
      check(rdu_state_write(part.state->get(), own(k), content.size(), content.data()));
    }
  }
  for (std::uint32_t i = 0; i < count_of(part.artifact, &rdu_signature_info::num_outputs); ++i) {
    const auto info = value_info(rdu_artifact_get_output, part.artifact, 0, 0, i);
    outputs.push_back(
        tensor(results.emplace(number_in(info.name), info.size_bytes).first->second, info));
  }
  part.program.run_into(inputs, outputs, {.state = part.state.get()});
  for (auto& [id, storage] : results) values.insert_or_assign(id, std::move(storage));
  for (const auto& [k, content] : variables) {
    if (!is_own(k)) continue;
    auto& now = written.emplace(k, content.size()).first->second;
    check(rdu_state_read(part.state->get(), own(k), now.size(), now.data()));
  }
}

// What no part kept as its own variable is a value like any other.
void SplitModel::take_written(const Contents& values, Contents& variables,
                              Contents& written) const {
  for (auto& [k, content] : variables) {
    const auto& variable = at<rdu_variable>(graph_.variables, k);
    const auto kept = written.find(k);
    const Storage& now = kept != written.end() ? kept->second : values.at(variable.write);
    std::memcpy(content.data(), now.data(), content.size());
  }
}

std::string SplitModel::compare(std::uint32_t time, const Contents& values) const {
  const auto& tensors = file_.signatures()[signature_].outputs;
  std::size_t j = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].variable.empty()) continue;
    const auto& value = at<rdu_value>(graph_.values, info_.outputs[i]);
    const Tensor& expected = expected_[time][j++];
    const Storage& actual = values.at(value.storage);
    const auto* packed = static_cast<const std::byte*>(expected.raw_data());
    if (expected.size_bytes() > 0 &&
        !same_rows(value, expected.shape(), actual.data(), packed, 0, value.bytes)) {
      return "output " + tensors[i].name + " of run " + std::to_string(time) + " differs";
    }
  }
  return "";
}

std::string SplitModel::compare_variables(const Contents& variables) const {
  for (const auto& [k, content] : variables) {
    const auto& variable = at<rdu_variable>(graph_.variables, k);
    const Storage& expected = expected_variables_.at(k);
    if (std::memcmp(content.data(), expected.data(), content.size()) == 0) continue;
    return std::string("variable ") + variable.name + " differs";
  }
  return "";
}

}  // namespace rdu::testing
