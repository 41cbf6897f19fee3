// A burst is opened by its first word, issued by the last firing that could add one, and closed by its acknowledgement.
#include "drivers/emu/units/store.hpp"

#include <algorithm>

#include "drivers/emu/units/storage.hpp"

namespace rdu_hw::emu {

Store::Store(const Context& context, World& world, Controllers& controllers, AgcuShare share)
    : Transfer(context, world, attach(context, ports_of(context, RDU_HW_INPUT)), controllers,
               share) {
  slots_.connect(nullptr, this);
  const std::size_t lanes = timeline_.chain().lanes();
  // Under way, open, and those of one firing.
  const std::size_t touched = lanes * (element_bytes_ / burst_bytes_ + 2);
  bursts_.resize(static_cast<std::size_t>(share.slots) + touched + 2);
  if (values()) {
    bytes_.resize(bursts_.size() * burst_bytes_);
    written_.resize(bytes_.size());
    raw_.resize(lanes * element_bytes_);
  }
  for (const std::uint32_t port : ports_of(context, RDU_HW_OUTPUT)) {
    tokens_.push_back(std::make_unique<Tokens>(context, port));
  }
}

sim::Unit& Store::sender(std::uint32_t port) {
  const auto is_its = [&](const std::unique_ptr<Tokens>& tokens) { return tokens->port == port; };
  return **std::ranges::find_if(tokens_, is_its);
}

void Store::join_tokens(sim::Schedule& schedule) {
  for (const auto& tokens : tokens_) schedule.add(*tokens);
}

sim::Progress Store::run() {
  while (const std::int64_t most = timeline_.possible()) {
    if (values()) inputs_.begin(most);
    std::int64_t count = 0;
    Time interval = 0;
    for (; count < most; ++count) {
      if (evaluated_ == fired_ + count) evaluate(count);
      const Plan& firing = plans_[fired_ + count];
      const Time cycles = std::max<Time>(1, firing.last_issued - firing.first_issued);
      if (count > 0 && cycles != interval) break;
      if (!has_slots(firing)) break;
      interval = cycles;
      timeline_.firing().gate().append(slot_time_);
    }
    if (count == 0) return {sim::Progress::State::kEmpty, &slots_};
    timeline_.fire(count, interval);
    finish(count);
  }
  return timeline_.progress();
}

// The words of the next firing go to their bursts; `firing` is its number in the block.
void Store::evaluate(std::int64_t firing) {
  Chain& chain = timeline_.chain();
  find_pieces(firing);
  if (values() && !pieces_.empty()) {
    const Input& data = inputs_[transfer_.data];
    const std::uint32_t valid = chain.valid_lanes();
    std::array<Word, arith::kMaxLanes> spread;
    const Word* words = data.at(firing);
    if (data.words() == 1) {
      std::fill_n(spread.begin(), valid, *words);
      words = spread.data();
    }
    store_elements(world_.forms, transfer_.format, raw_.data(), words, valid);
  }
  const bool run_begins = chain.first_level() < chain.levels() || chain.levels() == 0;
  const std::int64_t since = is_dense() && !run_begins ? closed_ : opened_;
  for (const Piece& piece : pieces_) {
    const std::int64_t burst = open(piece, since);
    if (values()) put(piece, burst, raw_.data());
  }
  Plan& plan = plans_.push();
  plan.first_issued = closed_;
  while (closed_ < opened_ && (!is_dense() || at(closed_).last_firing <= evaluated_)) ++closed_;
  plan.last_issued = closed_;
  plan.opened = opened_;
  plan.last_level = chain.last_level();
  ++evaluated_;
  chain.advance(1);
}

// One of those that were opened since, or a new one.
std::int64_t Store::open(const Piece& piece, std::int64_t since) {
  for (std::int64_t burst = opened_; burst-- > since;) {
    if (at(burst).block == piece.block) return burst;
  }
  at(opened_) = {piece.block, is_dense() ? evaluated_ + firings_to_last(piece) : evaluated_, -1};
  if (values()) {
    const auto mask = written_.begin() + static_cast<std::ptrdiff_t>(place(opened_));
    std::fill_n(mask, burst_bytes_, 0);
  }
  return opened_++;
}

void Store::put(const Piece& piece, std::int64_t burst, const std::byte* raw) {
  const std::size_t to = place(burst) + piece.offset;
  std::copy_n(raw + piece.at, piece.bytes, bytes_.begin() + static_cast<std::ptrdiff_t>(to));
  std::fill_n(written_.begin() + static_cast<std::ptrdiff_t>(to), piece.bytes, 1);
}

bool Store::has_slots(const Plan& firing) {
  Time time = slot_time_;
  for (std::int64_t burst = firing.first_issued; burst < firing.last_issued; ++burst) {
    const std::int64_t before = burst - share_.slots;
    if (before < 0) continue;
    // A firing that needs more slots than there are waits for itself.
    if (before >= firing.first_issued || at(before).acknowledged < 0) return false;
    time = std::max(time, at(before).acknowledged + 1);
  }
  slot_time_ = time;
  return true;
}

// `count` firings have their times.
void Store::finish(std::int64_t count) {
  sim::StampsCursor time(timeline_.firing().times());
  for (std::int64_t i = 0; i < count; ++i, time.advance(1)) {
    const Plan& firing = plans_.front();
    for (std::int64_t burst = firing.first_issued; burst < firing.last_issued; ++burst) {
      issue(burst, at(burst).block, time.value() + (burst - firing.first_issued));
    }
    for (const auto& tokens : tokens_) {
      if (firing.last_level <= tokens->level) tokens->due.push({firing.opened, time.value()});
    }
    plans_.pop();
  }
  fired_ += count;
  send_tokens();
}

void Store::decided(std::int64_t burst, Time there) {
  if (values()) write(burst);
  at(burst).acknowledged = there;
  send_tokens();
  slots_.nudge();
}

void Store::write(std::int64_t burst) {
  const std::uint64_t size = bytes_in_memory(at(burst).block);
  std::byte* to = memory_of(at(burst).block);
  const std::byte* from = bytes_.data() + place(burst);
  const std::uint8_t* written = written_.data() + place(burst);
  for (std::uint64_t i = 0; i < size; ++i) {
    if (written[i] != 0) to[i] = from[i];
  }
}

// Acknowledgements are passed in the order of bursts: a token that waits for one waits for all before it, too.
void Store::send_tokens() {
  for (;;) {
    for (const auto& tokens : tokens_) {
      while (!tokens->due.empty() && tokens->due.front().bursts <= acknowledged_) {
        tokens->send(std::max(tokens->due.front().fired, latest_));
        tokens->due.pop();
      }
    }
    if (acknowledged_ == closed_ || at(acknowledged_).acknowledged < 0) return;
    latest_ = std::max(latest_, at(acknowledged_++).acknowledged);
  }
}

Store::Tokens::Tokens(const Context& context, std::uint32_t number)
    : Unit("the tokens of " + context.name),
      port(number),
      level(context.port(number).level),
      ready_({.name = "the acknowledgements of " + context.name, .latency = 0, .endless = true}),
      firing_(sim::kUnlimited, 0) {
  ready_.connect(nullptr, this);
  firing_.add_input(ready_);
  for (sim::Channel* channel : context.channels[number]) firing_.add_output(*channel);
}

void Store::Tokens::send(Time time) {
  before_ = std::max(before_, time);
  sent_.clear();
  sent_.append(before_);
  ready_.send(sent_);
}

}  // namespace rdu_hw::emu
