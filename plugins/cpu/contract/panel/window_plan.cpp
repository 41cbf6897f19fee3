// Sorts taps by the outputs that they reach.
#include "plugins/cpu/contract/panel/window_plan.hpp"

#include <algorithm>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/contract/channel_blocks.hpp"

namespace rdu::cpu {
namespace {

using Tap = WindowPhase::Tap;

bool same(const std::vector<Tap>& a, const std::vector<Tap>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Tap& x, const Tap& y) {
    return x.index == y.index && x.offset == y.offset;
  });
}

const WindowPhase& phase_of(const std::vector<WindowPhase>& phases, std::int64_t output) {
  return phases[static_cast<std::size_t>(output) % phases.size()];
}

std::vector<Tap> taps_inside(const WindowPhase& phase, std::int64_t q, std::int64_t extent) {
  std::vector<Tap> inside;
  for (const Tap& tap : phase.taps) {
    const std::int64_t input = phase.advance * q + tap.offset;
    if (input >= 0 && input < extent) inside.push_back(tap);
  }
  return inside;
}

}  // namespace

std::vector<WindowPhase> window_phases(const ConvolutionShape& shape, std::uint32_t d) {
  std::vector<WindowPhase> phases;
  if (!shape.transposed) {
    WindowPhase phase{0, 1, shape.out[d], shape.stride[d], {}};
    for (std::int64_t k = 0; k < shape.kernel[d]; ++k) {
      phase.taps.push_back({k, shape.dilation[d] * k - shape.pad[d]});
    }
    phases.push_back(std::move(phase));
    return phases;
  }
  const std::int64_t stride = shape.stride[d];
  for (std::int64_t first = 0; first < stride; ++first) {
    WindowPhase phase{
        first, stride, std::max<std::int64_t>(ceil_div(shape.out[d] - first, stride), 0), 1, {}};
    for (std::int64_t k = 0; k < shape.kernel[d]; ++k) {
      const std::int64_t position = first + shape.pad[d] - shape.dilation[d] * k;
      if (floor_mod(position, stride) == 0) {
        phase.taps.push_back({k, floor_div(position, stride)});
      }
    }
    phases.push_back(std::move(phase));
  }
  return phases;
}

WindowPlan::WindowPlan(const ConvolutionShape& shape, std::int64_t largest, std::int64_t unit)
    : shape_(shape) {
  cut_tiles(largest, unit);
  sort_lines();
}

void WindowPlan::cut_tiles(std::int64_t largest, std::int64_t unit) {
  for (const WindowPhase& phase : window_phases(shape_, 2)) {
    const std::int64_t units = ceil_div(phase.count, unit);
    const std::int64_t count = ceil_div(units, std::max<std::int64_t>(largest / unit, 1));
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t begin = units * i / count * unit;
      const std::int64_t end = std::min(phase.count, units * (i + 1) / count * unit);
      WindowTile tile{phase.first + phase.step * begin,
                      phase.step,
                      phase.advance * begin,
                      phase.advance,
                      end - begin,
                      {}};
      add_calls(phase, begin, tile);
      tiles_.push_back(std::move(tile));
    }
  }
}

// Taps that reach the same rows of the tile share a call; those that reach all come first.
void WindowPlan::add_calls(const WindowPhase& phase, std::int64_t begin, WindowTile& tile) {
  struct Group {
    std::int64_t first, end;
    Taps taps;
  };
  std::vector<Group> groups{{0, tile.rows, {}}};
  for (const Tap& tap : phase.taps) {
    const std::int64_t at_begin = phase.advance * begin + tap.offset;
    const std::int64_t first =
        std::clamp<std::int64_t>(ceil_div(-at_begin, phase.advance), 0, tile.rows);
    const std::int64_t end = std::clamp<std::int64_t>(
        ceil_div(shape_.in[2] - at_begin, phase.advance), first, tile.rows);
    if (first == end) continue;
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const Group& g) { return g.first == first && g.end == end; });
    if (group == groups.end()) group = groups.insert(group, {first, end, {}});
    group->taps.push_back(tap);
  }
  for (const Group& group : groups) {
    tile.calls.push_back({group.first, group.end - group.first, list_of(group.taps)});
  }
}

std::uint32_t WindowPlan::list_of(const Taps& taps) {
  const auto found = std::find_if(lists_.begin(), lists_.end(),
                                  [&](const Taps& list) { return same(list, taps); });
  const auto number = static_cast<std::uint32_t>(found - lists_.begin());
  if (found == lists_.end()) lists_.push_back(taps);
  return number;
}

void WindowPlan::sort_lines() {
  const auto planes = window_phases(shape_, 0), rows = window_phases(shape_, 1);
  for (std::int64_t z = 0; z < shape_.out[0]; ++z) {
    const WindowPhase& plane = phase_of(planes, z);
    const std::int64_t plane_q = z / plane.step;
    const Taps plane_taps = taps_inside(plane, plane_q, shape_.in[0]);
    for (std::int64_t y = 0; y < shape_.out[1]; ++y) {
      const WindowPhase& row = phase_of(rows, y);
      const std::int64_t row_q = y / row.step;
      Kind kind{plane_taps, taps_inside(row, row_q, shape_.in[1])};
      auto found = std::find_if(kinds_.begin(), kinds_.end(), [&](const Kind& k) {
        return same(k.planes, kind.planes) && same(k.rows, kind.rows);
      });
      if (found == kinds_.end()) found = kinds_.insert(found, std::move(kind));
      const std::int64_t base =
          (plane.advance * plane_q * shape_.in[1] + row.advance * row_q) * shape_.in[2];
      lines_.push_back({base, static_cast<std::size_t>(found - kinds_.begin())});
    }
  }
}

void WindowPlan::make_chunks(std::int64_t wide, std::int64_t narrow, const LastBlocks& last) {
  chunks_.clear();
  const std::int64_t unit = shape_.source_unit();
  for (const Kind& kind : kinds_) {
    for (const Taps& taps : lists_) {
      for (const std::int64_t width : {narrow, wide}) {
        list_chunks(kind, taps, width, 0, unit, chunks_.emplace_back());
        auto& of_last = chunks_.emplace_back();
        for (std::int64_t b = 0; b < last.whole; ++b) {
          list_chunks(kind, taps, width, b, unit, of_last);
        }
        list_chunks(kind, taps, width, last.whole, last.tail, of_last);
      }
    }
  }
}

// Neighbouring taps are steps of one chunk where all that lies between them is used.
void WindowPlan::list_chunks(const Kind& kind, const Taps& taps, std::int64_t width,
                             std::int64_t block, std::int64_t steps,
                             std::vector<PanelChunk>& chunks) const {
  const std::int64_t unit = shape_.source_unit();
  const std::int64_t first_row = block * unit * shape_.in[0] * shape_.in[1] * shape_.in[2];
  const std::int64_t first_step = block * unit * this->taps();
  for (const Tap& plane : kind.planes) {
    for (const Tap& row : kind.rows) {
      for (std::size_t t = 0; t < taps.size(); ++t) {
        const std::int64_t point =
            (plane.offset * shape_.in[1] + row.offset) * shape_.in[2] + taps[t].offset;
        const std::int64_t tap =
            (plane.index * shape_.kernel[1] + row.index) * shape_.kernel[2] + taps[t].index;
        const bool follows = steps == unit && t > 0 && taps[t].offset == taps[t - 1].offset + 1 &&
                             taps[t].index == taps[t - 1].index + 1;
        if (follows) {
          chunks.back().steps += static_cast<std::size_t>(steps);
        } else {
          chunks.push_back({first_row + point * unit, (first_step + tap * steps) * width,
                            static_cast<std::size_t>(steps)});
        }
      }
    }
  }
}

}  // namespace rdu::cpu
