// Blocks are cut where the banks take another number of cycles.
#include "drivers/emu/units/access.hpp"

#include <algorithm>

namespace rdu_hw::emu {
namespace {

constexpr std::int64_t kLongest = 256;
constexpr std::int64_t kWorthPlane = 3;  // firings

const rdu_hw_buffer& buffer_of(const image::ContextView& context, const rdu_hw_access& access) {
  return context.image.buffers[context.section.buffers.first + access.buffer];
}

std::string place_of(const rdu_hw_buffer& buffer) {
  return "(" + std::to_string(buffer.row) + ", " + std::to_string(buffer.column) + ")";
}

}  // namespace

Access::Access(const Context& context, World& world)
    : ContextUnit(context, world),
      access_(context.view.image.accesses[context.record().detail]),
      buffer_(buffer_of(context.view, access_)),
      element_bytes_(rdu_hw_format_bytes(access_.format)),
      inputs_(context, timeline_, lanes()),
      program_(context.view, timeline_.chain(), inputs_),
      banks_(world.arch, buffer_, context.record().program == RDU_HW_PROGRAM_WRITE) {
  const Chain& chain = timeline_.chain();
  one_cycle_ =
      banks_.never_conflict() || chain.lanes() == 1 ||
      (program_.is_affine() && banks_.never_conflict(program_.lane_stride(), chain.lanes()));
  const std::uint32_t fresh_end = access_.fresh_first + access_.fresh_count;
  singly_ = (access_.swap_level >= chain.run_level() && buffer_.copies > 1) ||
            (access_.fresh_count != 0 && fresh_end > chain.runner());
  if (values()) {
    bytes_ = world.scratchpads.at(buffer_.row, buffer_.column) + buffer_.base;
    timeline_.limit_blocks(kLongest);
  } else if (!one_cycle_ && program_.uses_ports()) {
    world.faults.add(context.number, Failure::kUnsupported,
                     context.name + ": its banks' conflicts depend on values, and there are none");
  }
}

void Access::share_ports(PmuPorts& ports, PmuPorts::Group group) {
  ports_ = &ports;
  group_ = group;
  ports.add_user(group);
  port_.emplace(sim::ChannelSpec{.name = "a port of the PMU at " + place_of(buffer_)});
  port_->connect(nullptr, this);
  timeline_.firing().add_gate();
}

bool Access::is_fresh() const {
  const Chain& chain = timeline_.chain();
  for (std::uint32_t i = 0; i < access_.fresh_count; ++i) {
    if (chain.index(access_.fresh_first + i) != 0) return false;
  }
  return access_.fresh_count != 0;
}

sim::Progress Access::run() {
  if (ports_ != nullptr) return run_shared();
  while (const std::int64_t most = timeline_.possible()) {
    const std::int64_t count = transfer(most);
    timeline_.fire(count, interval_, (interval_ - 1) * count);
  }
  return timeline_.progress();
}

void Access::granted(Time time) {
  timeline_.firing().gate().append(time);
  waiting_ = false;
  port_->nudge();
}

sim::Progress Access::run_shared() {
  const sim::Progress waits = {sim::Progress::State::kEmpty, &*port_};
  if (waiting_) return waits;
  while (timeline_.possible() != 0) {
    if (timeline_.firing().gate().empty()) {
      // Values move when the port is asked for: whoever must see them earlier or later waits for this firing.
      transfer(1);
      waiting_ = true;
      ports_->request(group_, *this, context_.number, timeline_.firing().next_time(), interval_);
      if (waiting_) return waits;
    }
    timeline_.fire(1, interval_, interval_ - 1);
    if (timeline_.done()) ports_->leave(group_);
  }
  return timeline_.progress();
}

// As many firings as take equally long, at least one; interval_ is how long.
std::int64_t Access::transfer(std::int64_t most) {
  interval_ = 0;
  if (!values() && one_cycle_) {
    interval_ = 1;
    return most;
  }
  if (values()) {
    inputs_.begin(most);
    begin(most);
  }
  std::int64_t done = 0;
  while (done < most) {
    std::int64_t run = std::min(timeline_.chain().firings_left(), most - done);
    if (singly_) run = 1;
    const std::int64_t moved =
        program_.is_affine()
            ? transfer_lines({program_.base(timeline_.chain()), program_.lane_stride(),
                              program_.run_stride(), done, 0, run})
            : transfer_any(done, run);
    if (moved > 0) advance(moved);
    done += moved;
    if (moved < run) break;
  }
  return done;
}

bool Access::agrees(Time cycles) {
  if (interval_ == 0) interval_ = cycles;
  return interval_ == cycles;
}

// As many of them as take equally long.
std::int64_t Access::transfer_lines(Lines lines) {
  if (!one_cycle_) {
    lines.count = lines_alike(lines);
  } else if (!agrees(1)) {
    lines.count = 0;
  }
  if (values() && lines.count > 0) move(lines);
  return lines.count;
}

// How many of them take equally long.
std::int64_t Access::lines_alike(const Lines& lines) {
  const Chain& chain = timeline_.chain();
  const auto set = [&](std::int64_t number) {
    addresses_.is_line = true;
    addresses_.stride = lines.stride;
    addresses_.base = lines.base + number * lines.step;
    addresses_.on = ~std::uint64_t{0} >> (64 - chain.valid_lanes(number));
  };
  // The last of a run may have fewer lanes than the others.
  const bool tail = chain.valid_lanes(lines.count - 1) != chain.valid_lanes();
  const std::int64_t whole = lines.count - (tail ? 1 : 0);
  set(0);
  if (!agrees(banks_.cycles(addresses_))) return 0;
  const std::int64_t count = banks_.alike(addresses_, lines.step, whole);
  if (count < whole || !tail) return count;
  set(whole);
  return agrees(banks_.cycles(addresses_)) ? lines.count : whole;
}

std::int64_t Access::transfer_plane(const Plane& plane, std::int64_t firing, std::int64_t count) {
  if (plane.on) return transfer_lines({plane.base, plane.stride, plane.step, firing, 0, count});
  if (!agrees(1)) return 0;
  addresses_.on = 0;
  for (std::int64_t i = 0; values() && i < count; ++i) {
    move(addresses_, firing + i, timeline_.chain().valid_lanes(i));
  }
  return count;
}

std::int64_t Access::transfer_any(std::int64_t firing, std::int64_t most) {
  // The last of a run may have fewer lanes than the others.
  const bool tail = timeline_.chain().valid_lanes(most - 1) != timeline_.chain().valid_lanes();
  const std::int64_t whole = most - (tail ? 1 : 0);
  Plane plane;
  std::int64_t done = 0;
  if (whole >= kWorthPlane && program_.find_plane(timeline_.chain(), whole, plane)) {
    done = transfer_plane(plane, firing, whole);
    if (done < whole) return done;
  }
  for (std::int64_t i = done; i < most; ++i) {
    program_.evaluate(timeline_.chain(), i, firing + i, addresses_);
    if (!agrees(one_cycle_ ? 1 : banks_.cycles(addresses_))) return i;
    if (!values()) continue;
    const std::uint32_t valid = timeline_.chain().valid_lanes(i);
    if (addresses_.is_line && addresses_.has_all(valid)) {
      move({addresses_.base, addresses_.stride, 0, firing + i, i, 1});
    } else {
      move(addresses_, firing + i, valid);
    }
  }
  return most;
}

void Access::advance(std::int64_t firings) {
  Chain& chain = timeline_.chain();
  const bool ends_run = firings == chain.firings_left();
  const bool swaps = ends_run ? chain.run_end_level() <= access_.swap_level
                              : access_.swap_level >= chain.run_level();
  chain.advance(firings);
  if (swaps && ++copy_ == buffer_.copies) copy_ = 0;
}

}  // namespace rdu_hw::emu
