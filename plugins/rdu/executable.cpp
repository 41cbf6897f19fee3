// Loading gives every argument its place; a run binds what moves, starts the chip, waits and delivers.
#include "plugins/rdu/executable.hpp"

#include <algorithm>
#include <string_view>

#include "plugins/rdu/timeline.hpp"

namespace rdu::chip_plugin {

using plugin::fail;
using plugin::Result;
using plugin::Status;

Executable::Executable(const Place& place, const rdu_load& load)
    : place_(place), graph_(load.graph), first_section_(load.first_section) {}

Result<std::unique_ptr<Executable>> Executable::load(const Place& place, const rdu_load& load) {
  if (std::string_view(load.format) != "rdu.chip") {
    return fail(RDU_ERR_UNSUPPORTED, "payload of format '", load.format,
                "'; this device runs rdu.chip");
  }
  Result<Package> package = decode(load.payload);
  if (!package.ok()) return package.status();
  std::unique_ptr<Executable> made(new Executable(place, load));
  made->estimated_cycles_ = (*package)->estimated_cycles;
  rdu_hw_module* module = nullptr;
  rdu_hw_error error = {};
  const auto code = rdu_hw_module_load(place.owner.chip, (*package)->image_bytes,
                                       (*package)->image_size, &module, &error);
  if (code != RDU_HW_OK) return status_of(code, error);
  made->module_.reset(module);
  Result<MemoryPlan> plan = plan_memory(place.owner, **package, load.graph, place.alignment);
  if (!plan.ok()) return plan.status();
  made->plan_ = std::move(*plan);
  const auto staged = [](const Moved& moved) { return !moved.direct && !moved.scalar; };
  const auto converted = [](const Constant& constant) {
    return constant.binding.conversion != RDU_HW_CONVERT_NONE;
  };
  if (std::any_of(made->plan_.moved.begin(), made->plan_.moved.end(), staged) ||
      std::any_of(made->plan_.constants.begin(), made->plan_.constants.end(), converted)) {
    made->staging_.reserve();
  }
  return made;
}

rdu_memory Executable::memory() const {
  return {RDU_HEADER(rdu_memory), plan_.bytes + staging_.bytes(), 0, 0};
}

Status Executable::locate(const rdu_submission& submission, const Moved& moved,
                          std::uint64_t* out_address) const {
  const rdu_hw_binding& binding = moved.binding;
  for (const rdu_binding& given : plugin::View<rdu_binding>(submission.bindings)) {
    if (given.value != binding.value) continue;
    const std::uint64_t wanted =
        binding.offset + binding.elements * rdu_hw_conversion_host_bytes(binding.conversion);
    if (given.buffer == nullptr || given.bytes < wanted) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "value '", name_of(binding.value), "' is bound to ",
                  given.buffer == nullptr ? 0 : given.bytes, " bytes of device memory and needs ",
                  wanted);
    }
    const Buffer& buffer = *plugin::hosted<Buffer>(given.buffer).object;
    *out_address = buffer.address() + given.offset + binding.offset;
    return {};
  }
  return fail(RDU_ERR_BAD_ARTIFACT, "value '", name_of(binding.value),
              "' is not bound: no section of the payload reads or writes it for others");
}

Result<std::vector<std::uint64_t>> Executable::bind(const rdu_submission& submission) {
  std::vector<std::uint64_t> addresses;
  for (const Moved& moved : plan_.moved) {
    std::uint64_t& address = addresses.emplace_back(0);
    if (Status s = locate(submission, moved, &address); !s.ok()) return s;
    rdu_hw_bound& bound = plan_.bound[moved.argument];
    if (moved.direct) bound.address = address;
    if (moved.direct || (moved.binding.moves & RDU_HW_MOVE_IN) == 0) continue;
    Status s = move_in(place_.owner, staging_, name_of(moved.binding.value), moved, address, bound);
    if (!s.ok()) return s;
  }
  return addresses;
}

Result<std::unique_ptr<Event>> Executable::start(const rdu_submission& submission) {
  if (!place_.turn.take(submission.deadline_ns)) {
    return fail(RDU_ERR_DEADLINE_EXCEEDED, "the deadline passed while another run had the chip");
  }
  TurnHolder turn(place_.turn);
  const rdu_host_api* host = place_.owner.host;
  const bool traced = host->tracing(host) != 0;
  const std::uint64_t begin_ns = traced ? now_ns() : 0;
  Result<std::vector<std::uint64_t>> addresses = bind(submission);
  if (!addresses.ok()) return addresses.status();
  rdu_hw_run* started = nullptr;
  rdu_hw_error error = {};
  const auto code = rdu_hw_run_start(module_.get(), plan_.bound.data(),
                                     static_cast<std::uint32_t>(plan_.bound.size()),
                                     traced ? RDU_HW_RUN_TRACE : 0, &started, &error);
  if (code != RDU_HW_OK) return status_of(code, error);
  return std::make_unique<Event>(*this, std::move(turn), Run(started), std::move(*addresses),
                                 begin_ns);
}

const char* Executable::node_of(std::uint32_t argument) const {
  const rdu_hw_image& image = *rdu_hw_module_image(module_.get());
  for (std::uint32_t i = 0; i < image.num_labels; ++i) {
    const rdu_hw_label& label = image.labels[i];
    const bool named = label.kind == RDU_HW_LABEL_ARGUMENT && label.index == argument;
    if (named && label.node < graph_.nodes().size()) return graph_.nodes()[label.node].name;
  }
  return "";
}

Status Executable::check(const Run& run) const {
  for (const Check& check : plan_.checks) {
    std::uint32_t word = 0;
    rdu_hw_error error = {};
    const auto code = rdu_hw_run_word(run.get(), check.argument, &word, &error);
    if (code != RDU_HW_OK) return status_of(code, error);
    if (word == 0) continue;
    const std::uint32_t value = check.binding.value;
    return fail(RDU_ERR_OUT_OF_RANGE, "node '", node_of(check.argument), "', read of '",
                value == RDU_HW_NONE ? "" : name_of(value), "', dimension ", check.binding.offset,
                ": index ", static_cast<std::int32_t>(word), " is outside extent ",
                check.binding.elements);
  }
  return {};
}

Status Executable::finish(const Run& run, const std::vector<std::uint64_t>& addresses,
                          std::uint64_t begin_ns) {
  if (Status s = check(run); !s.ok()) return s;
  for (std::size_t i = 0; i < plan_.moved.size(); ++i) {
    const Moved& moved = plan_.moved[i];
    if (moved.direct || (moved.binding.moves & RDU_HW_MOVE_OUT) == 0) continue;
    Status s = move_out(place_.owner, staging_, name_of(moved.binding.value), moved, run.get(),
                        addresses[i]);
    if (!s.ok()) return s;
  }
  if (begin_ns != 0) {
    trace_run(place_.owner, {&graph_.raw(), rdu_hw_module_image(module_.get()), run.get(),
                             first_section_, estimated_cycles_, begin_ns});
  }
  return {};
}

// Constants are uploaded whole: a part of one may be a part of an element on the chip.
Status Executable::params_changed(std::uint32_t value, std::uint64_t, std::uint64_t,
                                  std::uint64_t) {
  place_.turn.take(0);
  const TurnHolder turn(place_.turn);
  for (const Constant& constant : plan_.constants) {
    if (constant.binding.value != value) continue;
    const void* from =
        static_cast<const std::byte*>(graph_.value(value).data) + constant.binding.offset;
    Status s = constant.scalar ? word_of(name_of(value), constant.binding, from,
                                         &plan_.bound[constant.argument].word)
                               : upload(place_.owner, staging_, name_of(value), constant.binding,
                                        from, constant.tier, constant.address);
    if (!s.ok()) return s;
  }
  return {};
}

}  // namespace rdu::chip_plugin
