// Help for people who mistyped: the nearest word, and text that is safe to print.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace rdu_hw::arch {

// The candidate that takes the fewest edits, the first of equals; "" when all are too far to be meant.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// "; did you mean "lanes"?", or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

// What somebody wrote, for a message: at most 60 characters, anything unprintable as '?'.
std::string shown(std::string_view text);
std::string in_quotes(std::string_view text);

}  // namespace rdu_hw::arch
