// Edit distance with a bound, and text made safe for a message.
#include "drivers/arch/words.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace rdu_hw::arch {
namespace {

constexpr size_t kMaxShown = 60;

// Letters inserted, deleted or replaced, one row of the table at a time.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      size_t above = row[j + 1];
      size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      row[j + 1] = std::min({replaced, above + 1, row[j] + 1});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  if (word.size() > kMaxShown) return best;
  size_t fewest = std::max<size_t>(2, word.size() / 3) + 1;
  for (std::string_view candidate : candidates) {
    size_t edits = distance(word, candidate);
    if (edits >= fewest) continue;
    fewest = edits;
    best = candidate;
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best = nearest(word, candidates);
  if (best.empty()) return "";
  return "; did you mean \"" + std::string(best) + "\"?";
}

std::string shown(std::string_view text) {
  std::string out(text.substr(0, kMaxShown));
  for (char& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return text.size() > kMaxShown ? out + "..." : out;
}

std::string in_quotes(std::string_view text) { return "\"" + shown(text) + "\""; }

}  // namespace rdu_hw::arch
