// Each request firing leaves a record for its data firing: which bytes of which bursts. A burst's slot is free when its last
// record is over.
#include "drivers/emu/units/load.hpp"

#include <algorithm>
#include <cstring>

#include "drivers/emu/units/storage.hpp"

namespace rdu_hw::emu {
namespace {

std::vector<Attachment> ports_of_data(const Context& context, sim::Channel& arrived) {
  std::vector<Attachment> ports = {{RDU_HW_NONE, {&arrived}, sim::Port::Need::kFirst}};
  for (Attachment& output : attach(context, ports_of(context, RDU_HW_OUTPUT))) {
    ports.push_back(std::move(output));
  }
  return ports;
}

}  // namespace

Load::Load(const Context& context, World& world, Controllers& controllers, AgcuShare share)
    : Transfer(context, world, attach(context, ports_of(context, RDU_HW_INPUT)), controllers,
               share),
      hold_(std::min(share.slots, share.entries) - timeline_.chain().lanes()),
      table_(static_cast<std::size_t>(share.slots)),
      block_of_(table_.size()),
      arrived_({.name = "the bursts of " + context.name, .latency = 0, .endless = true}) {
  if (values()) {
    bytes_.resize(table_.size() * burst_bytes_);
    raw_.resize(std::size_t{timeline_.chain().lanes()} * element_bytes_);
  }
  entries_.append(sim::Segment{0, 0, most_ahead()});
  data_.emplace(*this, world);
  slots_.connect(&*data_, this);
  arrived_.connect(this, &*data_);
}

void Load::join(sim::Schedule& schedule) {
  schedule.add(*this);
  schedule.add(*data_);
}

Time Load::end() const { return std::max(timeline_.end(), data_->timeline.end()); }

void Load::report(ContextReport& report) const {
  ContextUnit::report(report);
  report.second = data_->timeline.report();
}

sim::Progress Load::run() {
  while (const std::int64_t most = timeline_.possible()) {
    if (values()) inputs_.begin(most);
    std::int64_t count = 0;
    Time interval = 0;
    for (; count < most; ++count) {
      if (evaluated_ == fired_ + count) evaluate(count);
      Record& record = records_[fired_ + count];
      const Time cycles = std::max<Time>(1, static_cast<Time>(record.blocks.size()));
      if (count > 0 && cycles != interval) break;
      if (!has_slots(record)) break;
      interval = cycles;
      install(record);
      timeline_.firing().gate().append(slot_time_);
    }
    if (count == 0) return {sim::Progress::State::kEmpty, &slots_};
    timeline_.fire(count, interval);
    issue_all(fired_, count);
    fired_ += count;
    pass_on();
  }
  return timeline_.progress();
}

// The addresses of the next firing, and which bursts it lacks; `firing` is its number in the block.
void Load::evaluate(std::int64_t firing) {
  Chain& chain = timeline_.chain();
  forget();
  find_pieces(firing);
  Record& record = records_.push();
  record.on = addresses_.on;
  record.valid = chain.valid_lanes();
  record.parts.clear();
  record.blocks.clear();
  record.first_burst = issued_;
  for (const Piece& piece : pieces_) {
    std::int64_t burst = find_held(piece.block, record);
    if (burst < 0) {
      burst = record.first_burst + static_cast<std::int64_t>(record.blocks.size());
      record.blocks.push_back(piece.block);
      if (is_dense()) expiries_.push({evaluated_ + firings_to_last(piece), burst});
    }
    record.parts.push_back({burst, piece.offset, piece.at, piece.bytes});
  }
  ++evaluated_;
  chain.advance(1);
}

// At the start of a run, or of an iteration of a control input.
void Load::forget() {
  const Chain& chain = timeline_.chain();
  const unsigned first = chain.first_level();
  if (is_dense()) {
    if (first < chain.levels() || chain.levels() == 0) held_from_ = issued_;
    return;
  }
  for (const rdu_hw_port& port : context_.view.ports()) {
    const bool input = port.direction == RDU_HW_INPUT && port.kind == RDU_HW_CONTROL;
    if (input && first <= port.level) held_from_ = issued_;
  }
}

std::int64_t Load::find_held(std::uint64_t block, const Record& record) const {
  for (std::size_t i = record.blocks.size(); i-- > 0;) {
    if (record.blocks[i] == block) return record.first_burst + static_cast<std::int64_t>(i);
  }
  // Addresses of a dense run ascend: only the last burst can be touched again.
  const std::int64_t window = is_dense() ? 1 : hold_;
  const std::int64_t from = std::max(held_from_, issued_ - window);
  for (std::int64_t burst = issued_; burst-- > from;) {
    if (block_of_[static_cast<std::size_t>(burst % share_.slots)] == block) return burst;
  }
  return -1;
}

// The queue between the sides has an entry for each element that the slots have room for.
std::int64_t Load::most_ahead() const {
  return share_.slots * std::max<std::int64_t>(1, burst_bytes_ / element_bytes_);
}

bool Load::has_slots(const Record& record) {
  if (entries_.empty()) return false;
  Time time = std::max(slot_time_, entries_.front());
  for (std::size_t i = 0; i < record.blocks.size(); ++i) {
    const std::int64_t before = record.first_burst + static_cast<std::int64_t>(i) - share_.slots;
    if (before < 0) continue;
    // A firing that needs more slots than there are waits for itself.
    if (before >= record.first_burst) return false;
    const Slot& taken = slot(before);
    if (taken.last_user >= data_->timeline.firing().fired()) return false;
    time = std::max(time, taken.used + 1);
  }
  slot_time_ = time;
  entries_.drop(1);
  return true;
}

void Load::install(Record& record) {
  const std::int64_t number = record.first_burst;
  for (std::size_t i = 0; i < record.blocks.size(); ++i) {
    const std::int64_t burst = number + static_cast<std::int64_t>(i);
    slot(burst) = {};
    block_of_[static_cast<std::size_t>(burst % share_.slots)] = record.blocks[i];
  }
  issued_ = number + static_cast<std::int64_t>(record.blocks.size());
  for (const Part& part : record.parts) {
    Slot& used = slot(part.burst);
    used.last_user = std::max(used.last_user, evaluated_ - 1);
  }
  if (!is_dense()) return;
  for (std::int64_t i = expiries_.end(); i-- > expiries_.begin();) {
    if (expiries_[i].burst < number) break;
    slot(expiries_[i].burst).last_user = expiries_[i].firing;
  }
}

void Load::issue_all(std::int64_t first, std::int64_t count) {
  sim::StampsCursor time(timeline_.firing().times());
  for (std::int64_t i = first; i < first + count; ++i, time.advance(1)) {
    Record& record = records_[i];
    record.asked = time.value();
    for (std::size_t k = 0; k < record.blocks.size(); ++k) {
      const auto later = static_cast<std::int64_t>(k);
      issue(record.first_burst + later, record.blocks[k], record.asked + later);
    }
  }
}

void Load::decided(std::int64_t burst, Time there) {
  slot(burst).there = there;
  if (values()) {
    const std::uint64_t block = block_of_[static_cast<std::size_t>(burst % share_.slots)];
    std::memcpy(bytes_of(burst), memory_of(block), bytes_in_memory(block));
  }
  pass_on();
}

// Data firings whose bursts are all there, in their order.
void Load::pass_on() {
  ready_.clear();
  for (; passed_ < fired_; ++passed_) {
    const Record& record = records_[passed_];
    Time ready = record.asked + 1;
    bool complete = true;
    for (const Part& part : record.parts) {
      const Time there = slot(part.burst).there;
      complete &= there >= 0;
      ready = std::max(ready, there);
    }
    if (!complete) break;
    passed_time_ = std::max(passed_time_, ready);
    ready_.append(passed_time_);
  }
  if (!ready_.empty()) arrived_.send(ready_);
}

void Load::fill(const Record& record, Word* to, std::uint32_t words) {
  const std::uint32_t sent = std::min(record.valid, words);
  const bool whole = record.on == ~std::uint64_t{0} >> (64 - record.valid);
  const std::byte* from = raw_.data();
  if (whole && record.parts.size() == 1) {
    from = bytes_of(record.parts[0].burst) + record.parts[0].offset;
  } else {
    for (const Part& part : record.parts) {
      std::memcpy(raw_.data() + part.at, bytes_of(part.burst) + part.offset, part.bytes);
    }
  }
  load_elements(world_.forms, transfer_.format, from, to, sent);
  std::fill(to + sent, to + words, 0);
  for (std::uint32_t lane = 0; !whole && lane < sent; ++lane) {
    if ((record.on >> lane & 1) == 0) to[lane] = transfer_.fill;
  }
}

void Load::release(std::int64_t firing, Time time) {
  if (is_dense()) {
    for (; !expiries_.empty() && expiries_.front().firing == firing; expiries_.pop()) {
      slot(expiries_.front().burst).used = time;
    }
  } else {
    for (const Part& part : records_[firing].parts) slot(part.burst).used = time;
  }
}

Load::Data::Data(Load& load, World& world)
    : Unit("the data of " + load.name()),
      timeline(load.context_, world, ports_of_data(load.context_, load.arrived_), load.timeline_),
      load_(load),
      output_(timeline.firing(), timeline.place(load.transfer_.data)),
      words_(words_of(load.context_.port(load.transfer_.data).kind, load.lanes())) {}

sim::Progress Load::Data::run() {
  bool fired = false;
  while (const std::int64_t count = timeline.possible()) {
    const std::int64_t first = timeline.firing().fired();
    if (load_.values()) {
      Word* to = output_.begin(count);
      for (std::int64_t i = 0; i < count; ++i, to += words_) {
        load_.fill(load_.records_[first + i], to, words_);
      }
    }
    timeline.skip(count);
    timeline.fire(count);
    load_.entries_.append(timeline.firing().times(), 1);
    sim::StampsCursor time(timeline.firing().times());
    for (std::int64_t i = 0; i < count; ++i, time.advance(1)) {
      load_.release(first + i, time.value());
      load_.records_.pop();
    }
    fired = true;
  }
  if (fired) load_.slots_.nudge();
  return timeline.progress();
}

}  // namespace rdu_hw::emu
