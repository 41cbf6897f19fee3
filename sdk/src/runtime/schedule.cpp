// Walks the sections in order, keeps track of which memory has the current bytes of each value, and inserts the copies.
#include "sdk/src/runtime/schedule.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "sdk/src/runtime/arena_plan.hpp"

namespace rdu::runtime {
namespace {

// The life of one value in the arena of one space, in sections.
struct Life {
  std::uint32_t first = RDU_NONE;
  std::uint32_t last = 0;
  void touch(std::uint32_t section) {
    first = first == RDU_NONE ? section : std::min(first, section);
    last = std::max(last, section);
  }
};

struct Traits {
  std::optional<Place> home;    // in host memory, where it is not the arena
  bool on_device = false;       // a variable that the device keeps, and nobody else wants
  bool inside = false;          // a payload's own: it lives nowhere else
  std::vector<bool> current;    // by space
  std::map<Space, Life> lives;  // spaces that hold it at some time
};

class Builder {
 public:
  Builder(const ScheduleInput& input, Schedule& out)
      : in_(input), out_(out), values_(input.graph.values.count) {
    for (Traits& traits : values_) traits.current.assign(input.num_spaces, false);
  }

  Status build() {
    collect_steps();
    assign_homes();
    leave_out_inner();
    for (std::uint32_t step = 0; step < out_.steps.size(); ++step) schedule_step(step);
    RDU_TRY(finish_sinks());
    return place_arenas();
  }

 private:
  const rdu_value& value(std::uint32_t id) const {
    return *RDU_AT(rdu_value, in_.graph.values, id);
  }
  std::uint32_t owner(std::uint32_t id) const { return value(id).storage; }
  const rdu_section& section(std::uint32_t i) const {
    return *RDU_AT(rdu_section, in_.graph.sections, i);
  }
  std::uint32_t listed(std::uint32_t i) const {
    return *RDU_AT(std::uint32_t, in_.graph.value_lists, i);
  }
  std::uint32_t end_of_run() const { return in_.graph.sections.count; }

  template <typename Visit>
  void for_each_input(const rdu_section& section, Visit visit) const {
    for (std::uint32_t i = 0; i < section.num_inputs; ++i) visit(listed(section.first_input + i));
  }
  template <typename Visit>
  void for_each_output(const rdu_section& section, Visit visit) const {
    for (std::uint32_t i = 0; i < section.num_outputs; ++i) visit(listed(section.first_output + i));
  }

  void collect_steps();
  void assign_homes();
  void give_home(std::uint32_t owner, Place sink, std::uint64_t bytes);
  void assign_variables();
  void leave_out_inner();
  void schedule_step(std::uint32_t step);
  void act(Action::Kind kind, std::uint32_t step, Space space, std::uint32_t id);
  void bring(std::uint32_t value, std::uint32_t step);
  void download(std::uint32_t value, std::uint32_t step);
  Status need_on_host(std::uint32_t owner);
  Status finish_sinks();
  Status place_arenas();
  void bind_places();
  void find_sole_spaces();
  Place place(std::uint32_t value, Space space) const;

  const ScheduleInput& in_;
  Schedule& out_;
  std::vector<Traits> values_;
  std::vector<std::pair<std::uint32_t, Delivery>> deliveries_;  // by source value
  std::vector<std::pair<std::uint32_t, Extent>> extents_;
  std::vector<std::uint32_t> action_values_;
  std::map<std::pair<std::uint32_t, Space>, std::uint64_t> offsets_;
};

void Builder::collect_steps() {
  out_.steps.resize(in_.device_of_step.size());
  for (std::uint32_t i = 0; i < in_.graph.sections.count; ++i) {
    Step& step = out_.steps[in_.step_of[i]];
    if (step.end_section == 0) step.first_section = i;
    step.device = in_.device_of_step[in_.step_of[i]];
    step.end_section = i + 1;
    const auto add = [&](std::uint32_t id) {
      step.bindings.push_back({.value = id, .bytes = value(id).bytes, .place = {}, .origin = {}});
    };
    for_each_input(section(i), add);
    for_each_output(section(i), add);
  }
  for (Step& step : out_.steps) {
    auto& list = step.bindings;
    std::sort(list.begin(), list.end(),
              [](const Binding& a, const Binding& b) { return a.value < b.value; });
    const auto same = [](const Binding& a, const Binding& b) { return a.value == b.value; };
    list.erase(std::unique(list.begin(), list.end(), same), list.end());
  }
}

// Inputs and variables are where the caller and the state have them; what a section writes for one sink goes there
// directly, and further sinks of the same bytes get a copy at the end.
void Builder::assign_homes() {
  for (std::uint32_t i = 0; i < in_.inputs.size(); ++i) {
    if (in_.inputs[i] == RDU_NONE) continue;
    Traits& traits = values_[owner(in_.inputs[i])];
    traits.home = Place{Home::kInput, i, 0};
    traits.current[kHostSpace] = true;
  }
  assign_variables();
  for (std::uint32_t j = 0; j < in_.outputs.size(); ++j) {
    const std::uint32_t id = owner(in_.outputs[j]);
    give_home(id, {Home::kOutput, j, 0}, value(id).bytes);
    for (std::uint32_t d = 0; d < value(in_.outputs[j]).rank; ++d) {
      const std::uint32_t extent = value(in_.outputs[j]).dim_values[d];
      if (extent == RDU_NONE) continue;
      extents_.push_back({owner(extent), Extent{j, d, {}}});
      values_[owner(extent)].on_device = false;
    }
  }
}

void Builder::assign_variables() {
  if (in_.variables == VariableHome::kTensors) return;
  for (std::uint32_t k = 0; k < in_.graph.variables.count; ++k) {
    const auto& variable = *RDU_AT(rdu_variable, in_.graph.variables, k);
    if (in_.variables == VariableHome::kDevice) {
      values_[variable.read].on_device = values_[variable.write].on_device = true;
      continue;
    }
    const bool in_place = variable.read == variable.write;
    Traits& traits = values_[variable.read];
    traits.home = Place{in_place ? Home::kVariableWrite : Home::kVariableRead, k, 0};
    traits.current[kHostSpace] = true;
    if (!in_place) {
      give_home(variable.write, {Home::kVariableWrite, k, 0}, value(variable.write).bytes);
    }
  }
}

void Builder::give_home(std::uint32_t id, Place sink, std::uint64_t bytes) {
  Traits& traits = values_[id];
  traits.on_device = false;
  if (!traits.home) {
    traits.home = sink;
  } else {
    deliveries_.push_back({id, Delivery{.source = {}, .sink = sink, .bytes = bytes}});
  }
}

// What one payload alone writes and reads, and nobody is handed.
void Builder::leave_out_inner() {
  std::vector<std::uint32_t> uses(values_.size(), 0);
  for (const Step& step : out_.steps) {
    for (const Binding& binding : step.bindings) ++uses[binding.value];
  }
  for (const auto& [id, extent] : extents_) ++uses[id];
  for (std::size_t i = 0; i < out_.steps.size(); ++i) {
    if (in_.is_payload[i] == 0) continue;
    std::erase_if(out_.steps[i].bindings, [&](const Binding& binding) {
      Traits& traits = values_[binding.value];
      traits.inside = uses[binding.value] == 1 && !traits.home && !traits.on_device;
      return traits.inside;
    });
  }
}

// Its places become known when the arenas are planned. `id`: the value that a copy moves, else RDU_NONE.
void Builder::act(Action::Kind kind, std::uint32_t step, Space space, std::uint32_t id) {
  out_.actions.push_back({.kind = kind,
                          .step = step,
                          .space = space,
                          .bytes = id == RDU_NONE ? 0 : value(id).bytes,
                          .host = {},
                          .device = {}});
  action_values_.push_back(id);
}

void Builder::schedule_step(std::uint32_t index) {
  const Step& step = out_.steps[index];
  const Space space = in_.space_of_device[step.device];
  const auto keep = [&](std::uint32_t id, std::uint32_t i) {
    if (values_[id].on_device || values_[id].inside) return;
    Life& life = values_[id].lives[space];
    life.touch(i);
    if (in_.is_payload[index] == 0) return;
    life.touch(step.first_section);
    life.touch(step.end_section - 1);
  };
  for (std::uint32_t i = step.first_section; i < step.end_section; ++i) {
    for_each_input(section(i), [&](std::uint32_t id) {
      bring(id, index);
      keep(id, i);
    });
    for_each_output(section(i), [&](std::uint32_t id) {
      bring(id, index);  // a join, of which another device wrote a part
      values_[id].current.assign(in_.num_spaces, false);
      values_[id].current[space] = true;
      keep(id, i);
    });
  }
  act(Action::Kind::kExecute, index, space, RDU_NONE);
}

// Makes the value's bytes, if there are any yet, current in the step's space before the step begins.
void Builder::bring(std::uint32_t id, std::uint32_t step) {
  Traits& traits = values_[id];
  const Space space = in_.space_of_device[out_.steps[step].device];
  if (traits.current[space]) return;
  if (!traits.current[kHostSpace]) download(id, step);
  if (space == kHostSpace || !traits.current[kHostSpace]) return;
  const std::uint32_t start = out_.steps[step].first_section;
  traits.lives[kHostSpace].touch(start);
  traits.lives[space].touch(start);
  traits.current[space] = true;
  act(Action::Kind::kUpload, step, space, id);
}

// Copies to the host before `step` (or at the end of the run) from whichever device has the bytes.
void Builder::download(std::uint32_t id, std::uint32_t step) {
  Traits& traits = values_[id];
  const auto from = std::find(traits.current.begin(), traits.current.end(), true);
  if (from == traits.current.end()) return;
  const Space space = static_cast<Space>(from - traits.current.begin());
  const std::uint32_t when =
      step < out_.steps.size() ? out_.steps[step].first_section : end_of_run();
  traits.lives[kHostSpace].touch(when);
  traits.lives[space].touch(when);
  traits.current[kHostSpace] = true;
  act(Action::Kind::kDownload, step, space, id);
}

Status Builder::need_on_host(std::uint32_t id) {
  Traits& traits = values_[id];
  if (!traits.current[kHostSpace]) download(id, static_cast<std::uint32_t>(out_.steps.size()));
  if (!traits.current[kHostSpace]) {
    return fail(RDU_ERR_BAD_ARTIFACT, "value '", value(id).name,
                "' is delivered by the model but no section writes it");
  }
  traits.lives[kHostSpace].touch(end_of_run());
  return {};
}

Status Builder::finish_sinks() {
  for (std::uint32_t id = 0; id < values_.size(); ++id) {
    const Traits& traits = values_[id];
    if (!traits.home) continue;
    const Home home = traits.home->home;
    if (home == Home::kOutput || home == Home::kVariableWrite) RDU_TRY(need_on_host(id));
  }
  for (const auto& [id, delivery] : deliveries_) RDU_TRY(need_on_host(id));
  for (const auto& [id, extent] : extents_) RDU_TRY(need_on_host(id));
  return {};
}

Place Builder::place(std::uint32_t id, Space space) const {
  if (values_[id].on_device) return {Home::kDevice, 0, 0};
  if (space == kHostSpace && values_[id].home) return *values_[id].home;
  return {Home::kArena, 0, offsets_.at({id, space})};
}

Status Builder::place_arenas() {
  out_.arena_bytes.assign(in_.num_spaces, 0);
  for (Space space = 0; space < in_.num_spaces; ++space) {
    std::vector<ArenaItem> items;
    std::vector<std::uint32_t> ids;
    for (std::uint32_t id = 0; id < values_.size(); ++id) {
      const auto life = values_[id].lives.find(space);
      if (life == values_[id].lives.end() || (space == kHostSpace && values_[id].home)) continue;
      items.push_back({value(id).bytes, life->second.first, life->second.last, 0});
      ids.push_back(id);
    }
    out_.arena_bytes[space] = plan_arena(items, in_.alignment);
    if (out_.arena_bytes[space] == kArenaTooLarge) {
      return fail(RDU_ERR_LIMIT_EXCEEDED, "the intermediate values do not fit an address space");
    }
    for (std::size_t i = 0; i < ids.size(); ++i) offsets_[{ids[i], space}] = items[i].offset;
  }
  bind_places();
  find_sole_spaces();
  return {};
}

void Builder::bind_places() {
  for (Step& step : out_.steps) {
    const Space space = in_.space_of_device[step.device];
    for (Binding& binding : step.bindings) {
      binding.place = place(binding.value, space);
      binding.origin = values_[binding.value].home.value_or(Place{});
    }
  }
  for (std::size_t i = 0; i < out_.actions.size(); ++i) {
    Action& action = out_.actions[i];
    if (action.kind == Action::Kind::kExecute) continue;
    action.host = place(action_values_[i], kHostSpace);
    action.device = place(action_values_[i], action.space);
  }
  for (auto& [id, delivery] : deliveries_) {
    delivery.source = place(id, kHostSpace);
    out_.deliveries.push_back(delivery);
  }
  for (auto& [id, extent] : extents_) {
    extent.place = place(id, kHostSpace);
    out_.extents.push_back(extent);
  }
}

void Builder::find_sole_spaces() {
  out_.input_space.assign(in_.inputs.size(), kHostSpace);
  out_.output_space.assign(in_.outputs.size(), kHostSpace);
  std::vector<bool> on_host(values_.size(), false);
  for (const Step& step : out_.steps) {
    if (in_.space_of_device[step.device] != kHostSpace) continue;
    for (const Binding& binding : step.bindings) on_host[binding.value] = true;
  }
  for (const auto& [id, delivery] : deliveries_) on_host[id] = true;
  for (const auto& [id, extent] : extents_) on_host[id] = true;
  for (std::uint32_t id = 0; id < values_.size(); ++id) {
    const Traits& traits = values_[id];
    if (!traits.home || on_host[id]) continue;
    const auto spaces = traits.lives.size() - traits.lives.count(kHostSpace);
    if (spaces != 1) continue;
    const Space sole = traits.lives.rbegin()->first;
    if (traits.home->home == Home::kInput) out_.input_space[traits.home->index] = sole;
    if (traits.home->home == Home::kOutput) out_.output_space[traits.home->index] = sole;
  }
}

}  // namespace

Status make_schedule(const ScheduleInput& input, Schedule& out) {
  return Builder(input, out).build();
}

}  // namespace rdu::runtime
