// Creation, reset and exchange of the two buffers of every variable, or a plugin's doing the same.
#include "sdk/src/runtime/state.hpp"

#include <cstring>

#include "sdk/artifact/view.hpp"

namespace rdu::runtime {
namespace {

bool same_variables(const std::vector<TensorSpec>& a, const std::vector<TensorSpec>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const TensorSpec& x, const TensorSpec& y) {
                      return x.name == y.name && x.dtype == y.dtype && x.shape == y.shape &&
                             x.growth.length == y.growth.length && x.growth.axis == y.growth.axis;
                    });
}

std::int64_t integer_at(const std::byte* data) {
  std::int64_t number = 0;
  std::memcpy(&number, data, sizeof(number));
  return number;
}

std::int64_t capacity(const TensorSpec& spec) { return spec.shape[spec.growth.axis]; }

Status out_of_range(const TensorSpec& length, std::int64_t value, const TensorSpec& cache) {
  return fail(RDU_ERR_OUT_OF_RANGE, "length '", length.name, "' is ", value, ", outside [0, ",
              capacity(cache), "] of state '", cache.name, "'");
}

}  // namespace

Status State::create(std::shared_ptr<Program> program, std::uint32_t signature,
                     std::uint32_t variant, std::unique_ptr<State>& out) {
  const SignatureSpec& spec = program->signature(signature);
  if (variant >= spec.variants.size()) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "variant ", variant, " of '", spec.name,
                "' does not exist; it has ", spec.variants.size());
  }
  if (spec.variants[variant].variables.empty()) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "signature '", spec.name, "' has no variables");
  }
  std::unique_ptr<State> state(new State(std::move(program)));
  state->signature_ = signature;
  state->variant_ = variant;
  state->specs_ = &spec.variants[variant].variables;
  if (state->program_->state_device(signature)) {
    RDU_TRY(DeviceState::create(state->executable(), state->remote_));
  } else {
    RDU_TRY(state->allocate());
    RDU_TRY(state->reset());
  }
  out = std::move(state);
  return {};
}

const Executable& State::executable() const {
  const LoadedVariant& loaded = program_->variant(signature_, variant_);
  return loaded.executables[loaded.state_step];
}

Status State::allocate() {
  buffers_.resize(specs_->size());
  for (std::uint32_t k = 0; k < buffers_.size(); ++k) {
    for (Block& block : buffers_[k].blocks) {
      RDU_TRY(block.allocate(context().allocator(), (*specs_)[k].bytes, "a variable",
                             program_->alignment()));
      if (grows(k)) break;
    }
  }
  return {};
}

Status State::acquire() {
  if (!busy_.exchange(true, std::memory_order_acquire)) return {};
  return fail_with_hint(RDU_ERR_BUSY, "clone the state, or wait for the run that has it",
                        "the state is in use by another call");
}

Status State::serves(const Program& program, std::uint32_t signature,
                     const VariantSpec& variant) const {
  if (&program.context() != &context()) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "the state was made in another context");
  }
  if (program.state_device(signature) != program_->state_device(signature_)) {
    return fail_with_hint(RDU_ERR_INVALID_ARGUMENT, "save it, and load it into one of this program",
                          "the program does not have its variables where the state has them");
  }
  if (!remote_ && program.alignment() > program_->alignment()) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "the program needs variables aligned to ",
                program.alignment(), " bytes, the state was made for one with ",
                program_->alignment());
  }
  if (same_variables(*specs_, variant.variables)) return {};
  return fail(RDU_ERR_SHAPE_MISMATCH, "the state was made for variant ", variant_,
              ", whose variables have other shapes than those of '", variant.name, "'");
}

Status State::length(std::uint32_t variable, std::int64_t& out) const {
  return read((*specs_)[variable].growth.length, reinterpret_cast<std::byte*>(&out));
}

Status State::has_room(const VariantSpec& variant) const {
  for (std::uint32_t k = 0; k < variant.variables.size(); ++k) {
    const TensorSpec& spec = variant.variables[k];
    if (spec.growth.none()) continue;
    const std::int64_t used = integer_at(current(spec.growth.length));
    if (used < 0 || used > capacity(spec)) {
      return out_of_range((*specs_)[spec.growth.length], used, spec);
    }
    if (spec.growth.by <= capacity(spec) - used) continue;
    return fail_with_hint(
        RDU_ERR_LIMIT_EXCEEDED, "reset the state, or compile more room with rducc --state",
        "state '", spec.name, "' holds ", used, " of ", capacity(spec),
        " positions along dimension ", spec.growth.axis, "; this run appends ", spec.growth.by);
  }
  return {};
}

Status State::has_grown(const VariantSpec& variant) const {
  for (std::uint32_t k = 0; k < variant.variables.size(); ++k) {
    const TensorSpec& spec = variant.variables[k];
    if (spec.growth.none()) continue;
    const std::int64_t expected = integer_at(current(spec.growth.length)) + spec.growth.by;
    const std::int64_t counted = integer_at(next(spec.growth.length));
    if (counted == expected) continue;
    return fail(RDU_ERR_BAD_ARTIFACT, "length '", variant.variables[spec.growth.length].name,
                "' of state '", spec.name, "' is ", counted, " after the run, not ", expected);
  }
  return {};
}

Status State::accepts(std::uint32_t variable, const std::byte* data) const {
  for (const TensorSpec& spec : *specs_) {
    if (spec.growth.length != variable) continue;
    const std::int64_t value = integer_at(data);
    if (value < 0 || value > capacity(spec)) return out_of_range((*specs_)[variable], value, spec);
  }
  return {};
}

void State::flip() noexcept {
  for (std::uint32_t k = 0; k < buffers_.size(); ++k) {
    if (!grows(k)) buffers_[k].side = 1 - buffers_[k].side;
  }
}

Status State::read(std::uint32_t variable, std::byte* out) const {
  const std::uint64_t bytes = (*specs_)[variable].bytes;
  if (bytes == 0) return {};
  if (remote_) return remote_->read(variable, out, bytes);
  std::memcpy(out, current(variable), bytes);
  return {};
}

Status State::write(std::uint32_t variable, const std::byte* data) {
  const std::uint64_t bytes = (*specs_)[variable].bytes;
  if (bytes == 0) return {};
  RDU_TRY(accepts(variable, data));
  if (remote_) return remote_->write(variable, data, bytes);
  std::memcpy(current(variable), data, bytes);
  return {};
}

Status State::write_all(const std::vector<std::vector<std::byte>>& contents) {
  for (std::uint32_t k = 0; k < contents.size(); ++k) {
    if (!contents[k].empty()) RDU_TRY(accepts(k, contents[k].data()));
  }
  std::unique_ptr<DeviceState> before;
  if (remote_) {
    std::unique_ptr<DeviceState> fresh;
    RDU_TRY(DeviceState::create(executable(), fresh));
    before = std::exchange(remote_, std::move(fresh));
  }
  for (std::uint32_t k = 0; k < contents.size(); ++k) {
    Status status = write(k, contents[k].data());
    if (status.ok()) continue;
    remote_ = std::move(before);
    return status;
  }
  return {};
}

Status State::reset() {
  if (remote_) return remote_->reset();
  const rdu_graph& graph = *program_->spec(signature_, variant_).graph;
  for (std::uint32_t k = 0; k < buffers_.size(); ++k) {
    const TensorSpec& spec = (*specs_)[k];
    if (spec.bytes == 0) continue;
    if (spec.initial == RDU_NONE) {
      std::memset(current(k), 0, spec.bytes);
    } else {
      std::memcpy(current(k), artifact::at<rdu_value>(graph.values, spec.initial).data, spec.bytes);
    }
  }
  return {};
}

Status State::find(const char* variable, std::uint64_t size_bytes, std::uint32_t& out) const {
  std::string known;
  for (out = 0; out < specs_->size(); ++out) {
    const TensorSpec& spec = (*specs_)[out];
    if (spec.name == variable) {
      if (spec.bytes == size_bytes) return {};
      return fail(RDU_ERR_SHAPE_MISMATCH, "variable '", variable, "' has ", spec.bytes,
                  " bytes, not ", size_bytes);
    }
    known += cat(known.empty() ? "" : ", ", spec.name);
  }
  return fail(RDU_ERR_NOT_FOUND, "there is no variable '", variable, "'; there are ", known);
}

Status State::clone(std::unique_ptr<State>& out) const {
  std::unique_ptr<State> copy(new State(program_));
  copy->signature_ = signature_;
  copy->variant_ = variant_;
  copy->specs_ = specs_;
  if (remote_) {
    RDU_TRY(remote_->clone(copy->remote_));
  } else {
    RDU_TRY(copy->allocate());
    for (std::uint32_t k = 0; k < buffers_.size(); ++k) RDU_TRY(read(k, copy->current(k)));
  }
  out = std::move(copy);
  return {};
}

}  // namespace rdu::runtime
