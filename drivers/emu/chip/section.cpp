// Contexts become units, ends of links their ports; then the schedule runs them.
#include "drivers/emu/chip/section.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "drivers/emu/units/load.hpp"
#include "drivers/emu/units/read.hpp"
#include "drivers/emu/units/scalar_result.hpp"
#include "drivers/emu/units/simd.hpp"
#include "drivers/emu/units/systolic.hpp"
#include "drivers/emu/units/write.hpp"

namespace rdu_hw::emu {
namespace {

bool transfers(const rdu_hw_context& context) {
  return context.program == RDU_HW_PROGRAM_LOAD || context.program == RDU_HW_PROGRAM_STORE;
}

// The least that an element or a credit takes from context to context: a cycle and a hop.
constexpr Time kReach = 2;

}  // namespace

Section::Section(World& world, Controllers& controllers, std::uint32_t number)
    : world_(world),
      controllers_(controllers),
      number_(number),
      links_(world, number),
      pmu_ports_(kReach) {
  controllers.clear_users();
  build_contexts();
  for (const auto& context : contexts_) build_unit(*context);
  connect();
  share_ports();
}

void Section::build_contexts() {
  const rdu_hw_image& image = world_.image;
  const rdu_hw_section& section = image.sections[number_];
  for (std::uint32_t i = 0; i < section.contexts.count; ++i) {
    const std::string name = name_of(image, RDU_HW_LABEL_CONTEXT, section.contexts.first + i,
                                     "context " + std::to_string(i));
    auto context =
        std::make_unique<Context>(Context{image::context_view(image, number_, i), i, name, {}});
    context->channels.resize(context->num_ports());
    contexts_.push_back(std::move(context));
  }
  for (std::uint32_t i = 0; i < section.links.count; ++i) {
    const rdu_hw_link& link = image.links[section.links.first + i];
    contexts_[link.source.context]->channels[link.source.port] = links_.sources(i);
    for (std::uint32_t k = 0; k < link.sinks.count; ++k) {
      const rdu_hw_end& end = image.sinks[link.sinks.first + k].end;
      contexts_[end.context]->channels[end.port] = {links_.sink(i, k)};
    }
  }
}

AgcuShare Section::share_of(const Context& context) const {
  const std::int64_t contexts = std::ranges::count_if(contexts_, [&](const auto& other) {
    return transfers(other->record()) && other->record().row == context.record().row;
  });
  return {world_.arch.agcu.outstanding / contexts, world_.arch.agcu.coalescing_entries / contexts};
}

void Section::build_unit(Context& context) {
  const auto add = [&](auto unit) { units_.push_back(std::move(unit)); };
  switch (context.record().program) {
    case RDU_HW_PROGRAM_SIMD:
      return add(std::make_unique<Simd>(context, world_));
    case RDU_HW_PROGRAM_SYSTOLIC:
      return add(std::make_unique<Systolic>(context, world_));
    case RDU_HW_PROGRAM_WRITE:
      return add(std::make_unique<Write>(context, world_));
    case RDU_HW_PROGRAM_READ:
      return add(std::make_unique<Read>(context, world_));
    case RDU_HW_PROGRAM_LOAD:
      return add(std::make_unique<Load>(context, world_, controllers_, share_of(context)));
    case RDU_HW_PROGRAM_STORE: {
      auto store = std::make_unique<Store>(context, world_, controllers_, share_of(context));
      stores_.push_back(store.get());
      return add(std::move(store));
    }
    default:
      return add(std::make_unique<ScalarResult>(context, world_));
  }
}

void Section::connect() {
  const rdu_hw_image& image = world_.image;
  const rdu_hw_range links = image.sections[number_].links;
  for (std::uint32_t i = 0; i < links.count; ++i) {
    const rdu_hw_link& link = image.links[links.first + i];
    sim::Unit& writer = units_[link.source.context]->sender(link.source.port);
    for (std::uint32_t k = 0; k < link.sinks.count; ++k) {
      links_.connect(i, k, writer, *units_[image.sinks[link.sinks.first + k].end.context]);
    }
  }
}

// PMUs with more contexts of a kind than ports for it.
void Section::share_ports() {
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, std::vector<Access*>> users;
  for (std::size_t i = 0; i < contexts_.size(); ++i) {
    const rdu_hw_context& record = contexts_[i]->record();
    if (rdu_hw_program_unit(record.program) != RDU_HW_UNIT_PMU) continue;
    users[{record.program, record.row, record.column}].push_back(
        static_cast<Access*>(units_[i].get()));
  }
  for (const auto& [place, contexts] : users) {
    const bool reads = std::get<0>(place) == RDU_HW_PROGRAM_READ;
    const std::uint32_t ports =
        reads ? world_.arch.pmu.vector_reads : world_.arch.pmu.vector_writes;
    if (contexts.size() <= ports) continue;
    const PmuPorts::Group group = pmu_ports_.add_group(ports);
    for (Access* access : contexts) access->share_ports(pmu_ports_, group);
  }
}

sim::Outcome Section::run_schedule() {
  sim::Schedule schedule;
  for (const auto& unit : units_) unit->join(schedule);
  for (Store* store : stores_) store->join_tokens(schedule);
  for (Pacer& pacer : links_.pacers()) schedule.add(pacer);
  schedule.add(pmu_ports_);
  schedule.add(controllers_);
  if (world_.options.shuffle) schedule.shuffle(*world_.options.shuffle);
  schedule.stop_on(world_.options.stop);
  return schedule.run();
}

bool Section::run(Failure& failure, std::string& error) {
  const sim::Outcome outcome =
      world_.faults.failure() == Failure::kNone ? run_schedule() : sim::Outcome{};
  if (std::ranges::all_of(units_, [](const auto& unit) { return unit->done(); })) return true;
  failure = outcome.stopped                             ? Failure::kStopped
            : world_.faults.failure() != Failure::kNone ? world_.faults.failure()
                                                        : Failure::kDeadlock;
  error = "section " + std::to_string(number_) + ": ";
  error += failure == Failure::kStopped    ? "stopped by the host"
           : failure == Failure::kDeadlock ? "nothing can move\n" + outcome.deadlock
                                           : world_.faults.text();
  return false;
}

Time Section::execution_end() const {
  Time end = world_.start;
  for (const auto& unit : units_) end = std::max(end, unit->end());
  return end;
}

Time Section::quiet_end() const {
  Time end = execution_end();
  for (const Store* store : stores_) end = std::max(end, store->last_acknowledgement());
  return end;
}

void Section::report(Report& report) const {
  for (const auto& context : contexts_) {
    ContextReport& entry = report.contexts.emplace_back();
    entry.section = number_;
    entry.context = context->number;
    units_[context->number]->report(entry);
  }
  for (std::uint32_t i = 0; i < world_.image.sections[number_].links.count; ++i) {
    report.links.push_back({number_, i, links_.elements(i)});
  }
}

}  // namespace rdu_hw::emu
