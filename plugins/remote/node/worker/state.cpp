// A state of librdu belongs to one program: where a stream goes on with another, its variables are copied once.
#include "plugins/remote/node/worker/state.hpp"

#include <algorithm>

namespace rdu::remote::node {

namespace {

Result<StateHandle> make_state(rdu_program* program) {
  rdu_state* made = nullptr;
  RDU_NODE_TRY(taken(rdu_state_create(program, nullptr, 0, &made)));
  return StateHandle(made);
}

bool same_variables(const std::vector<Port>& a, const std::vector<Port>& b) {
  return std::ranges::equal(a, b, [](const Port& x, const Port& y) {
    return x.name == y.name && x.dtype == y.dtype && x.bytes == y.bytes;
  });
}

}  // namespace

WorkerState::WorkerState(Home home) {
  const WorkerProgram* key = home.program.get();
  current_ = &homes_.emplace(key, std::move(home)).first->second;
}

Result<std::unique_ptr<WorkerState>> WorkerState::create(std::shared_ptr<WorkerProgram> program) {
  Result<StateHandle> state = make_state(program->handle());
  if (!state.ok()) return state.status();
  return std::unique_ptr<WorkerState>(new WorkerState({std::move(program), std::move(*state)}));
}

Result<rdu_state*> WorkerState::for_run(const std::shared_ptr<WorkerProgram>& program) {
  if (program == current_->program) return current_->state.get();
  if (!same_variables(program->ports().variables, variables())) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "the state was made for a program with other variables");
  }
  auto home = homes_.find(program.get());
  if (home == homes_.end()) {
    Result<StateHandle> state = make_state(program->handle());
    if (!state.ok()) return state.status();
    home = homes_.emplace(program.get(), Home{program, std::move(*state)}).first;
  }
  RDU_NODE_TRY(copy_to(home->second.state.get()));
  current_ = &home->second;
  return current_->state.get();
}

// A length is written before what it is the length of would be judged by it: lengths are the scalars.
Status WorkerState::copy_to(rdu_state* target) const {
  std::vector<Port> order = variables();
  std::ranges::stable_sort(order, {}, &Port::bytes);
  Bytes bytes;
  for (const Port& variable : order) {
    bytes.resize(variable.bytes);
    RDU_NODE_TRY(taken(
        rdu_state_read(current_->state.get(), variable.name.c_str(), bytes.size(), bytes.data())));
    RDU_NODE_TRY(taken(rdu_state_write(target, variable.name.c_str(), bytes.size(), bytes.data())));
  }
  return {};
}

Status WorkerState::read(std::uint32_t variable, std::span<std::byte> out) {
  if (variable >= variables().size())
    return fail(RDU_ERR_INVALID_ARGUMENT, "no variable ", variable);
  return taken(rdu_state_read(current_->state.get(), variables()[variable].name.c_str(), out.size(),
                              out.data()));
}

Status WorkerState::write(std::uint32_t variable, ByteSpan bytes) {
  if (variable >= variables().size())
    return fail(RDU_ERR_INVALID_ARGUMENT, "no variable ", variable);
  return taken(rdu_state_write(current_->state.get(), variables()[variable].name.c_str(),
                               bytes.size(), bytes.data()));
}

Status WorkerState::reset() { return taken(rdu_state_reset(current_->state.get())); }

Result<std::unique_ptr<WorkerState>> WorkerState::clone() const {
  rdu_state* made = nullptr;
  RDU_NODE_TRY(taken(rdu_state_clone(current_->state.get(), &made)));
  return std::unique_ptr<WorkerState>(new WorkerState({current_->program, StateHandle(made)}));
}

Status WorkerState::save(const std::string& path) const {
  return taken(rdu_state_save(current_->state.get(), path.c_str()));
}

Status WorkerState::restore(const std::string& path) {
  return taken(rdu_state_load(current_->state.get(), path.c_str()));
}

}  // namespace rdu::remote::node
