// As many scratchpads for what stays as all sections can spare, or a share of them; in them what saves the most.
#include "tools/rducc/target/rdu/lower/residents.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace rducc::rdu::lower {
namespace {

// Numbers of a section's residents, those that save the most first.
std::vector<std::size_t> by_saving(const std::vector<Resident>& residents) {
  std::vector<std::size_t> order(residents.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return residents[a].saved > residents[b].saved;
  });
  return order;
}

// What a section uses beside so many that keep something, and those.
std::size_t scratchpads(const ResidentWish& wish, std::size_t keeping) {
  const auto order = by_saving(wish.residents);
  std::size_t moved = 0;
  for (std::size_t i = 0; i < std::min(keeping, order.size()); ++i) {
    moved += wish.residents[order[i]].extra ? 0 : 1;
  }
  return wish.scratchpads - moved + keeping;
}

std::size_t most_keeping(const std::vector<ResidentWish>& sections, std::size_t most) {
  std::size_t keeping = 0;
  for (const ResidentWish& wish : sections) keeping += wish.residents.size();
  const auto fits = [&](const ResidentWish& wish) {
    return scratchpads(wish, keeping) <= std::max(most, wish.scratchpads);
  };
  while (keeping != 0 && !std::all_of(sections.begin(), sections.end(), fits)) --keeping;
  return keeping;
}

// Into the scratchpads that have the most left, one each.
std::vector<bool> put(const std::vector<Resident>& residents, std::vector<std::int64_t>& left) {
  std::vector<bool> stays(residents.size(), false);
  std::vector<std::size_t> chosen = by_saving(residents);
  chosen.resize(std::min(chosen.size(), left.size()));
  std::stable_sort(chosen.begin(), chosen.end(), [&](std::size_t a, std::size_t b) {
    return residents[a].bytes > residents[b].bytes;
  });
  std::stable_sort(left.begin(), left.end(), std::greater<>());
  std::size_t next = 0;
  for (const std::size_t i : chosen) {
    if (next == left.size() || residents[i].bytes > left[next]) continue;
    left[next++] -= residents[i].bytes;
    stays[i] = true;
  }
  return stays;
}

}  // namespace

std::optional<Store> Residents::ask(const Resident& resident, std::string_view name) {
  asked_.push_back(resident);
  if (stays_ == nullptr || !(*stays_)[asked_.size() - 1]) return {};
  return flow_->store(name);
}

std::vector<std::vector<bool>> choose_residents(const std::vector<ResidentWish>& sections,
                                                const Room& room) {
  const auto keeping = static_cast<double>(most_keeping(sections, room.most));
  std::vector<std::int64_t> left(static_cast<std::size_t>(std::ceil(keeping * room.share)),
                                 room.bytes);
  std::vector<std::size_t> order(sections.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // As they are built: those with many choose first.
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return sections[a].residents.size() > sections[b].residents.size();
  });
  std::vector<std::vector<bool>> stays(sections.size());
  for (const std::size_t i : order) stays[i] = put(sections[i].residents, left);
  return stays;
}

}  // namespace rducc::rdu::lower
