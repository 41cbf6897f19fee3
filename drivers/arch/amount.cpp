// Numbers with prefixes and units, read and written without a floating-point operation.
#include "drivers/arch/amount.hpp"

namespace rdu_hw::arch {
namespace {

struct Prefix {
  std::string_view name;
  uint64_t factor;
};

// Two letters first: "Ki" begins with no other prefix, but is looked for before them all.
constexpr Prefix kPrefixes[] = {{"Ti", uint64_t{1} << 40}, {"Gi", uint64_t{1} << 30},
                                {"Mi", uint64_t{1} << 20}, {"Ki", uint64_t{1} << 10},
                                {"T", 1'000'000'000'000},  {"G", 1'000'000'000},
                                {"M", 1'000'000},          {"k", 1'000}};
constexpr int kMaxDigits = 18;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Decimal {
  uint64_t mantissa = 0;
  uint64_t divisor = 1;  // a power of ten
};

// Takes "1.32" off the front of `text`.
std::optional<Decimal> take_decimal(std::string_view& text) {
  Decimal decimal;
  int digits = 0;
  bool in_fraction = false;
  while (!text.empty() && (is_digit(text.front()) || (text.front() == '.' && !in_fraction))) {
    if (text.front() == '.') {
      if (digits == 0 || text.size() < 2 || !is_digit(text[1])) return {};
      in_fraction = true;
    } else {
      if (++digits > kMaxDigits) return {};
      decimal.mantissa = decimal.mantissa * 10 + static_cast<uint64_t>(text.front() - '0');
      if (in_fraction) decimal.divisor *= 10;
    }
    text.remove_prefix(1);
  }
  if (digits == 0) return {};
  return decimal;
}

uint64_t take_prefix(std::string_view& text) {
  for (const Prefix& prefix : kPrefixes) {
    if (!text.starts_with(prefix.name)) continue;
    text.remove_prefix(prefix.name.size());
    return prefix.factor;
  }
  return 1;
}

}  // namespace

bool is_scaled_unit(std::string_view unit) { return unit == "B" || unit == "Hz" || unit == "B/s"; }

std::optional<uint64_t> parse_amount(std::string_view text, std::string_view unit) {
  std::optional<Decimal> decimal = take_decimal(text);
  if (!decimal) return {};
  uint64_t factor = 1;
  if (is_scaled_unit(unit)) {
    if (text.starts_with(' ')) text.remove_prefix(1);
    factor = take_prefix(text);
    if (text == unit) text = {};
  }
  uint64_t scaled = 0;
  if (!text.empty() || __builtin_mul_overflow(decimal->mantissa, factor, &scaled)) return {};
  if (scaled % decimal->divisor != 0) return {};
  return scaled / decimal->divisor;
}

std::string format_amount(uint64_t amount, std::string_view unit) {
  std::string end = unit.empty() ? "" : " " + std::string(unit);
  if (!is_scaled_unit(unit)) return std::to_string(amount) + end;
  size_t letters = unit == "B" ? 2 : 1;
  for (const Prefix& prefix : kPrefixes) {
    uint64_t thousandths = 0;
    if (prefix.name.size() != letters || amount < prefix.factor ||
        __builtin_mul_overflow(amount, uint64_t{1000}, &thousandths) ||
        thousandths % prefix.factor != 0) {
      continue;
    }
    std::string fraction = std::to_string(1000 + thousandths / prefix.factor % 1000).substr(1);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    return std::to_string(amount / prefix.factor) + (fraction.empty() ? "" : "." + fraction) + " " +
           std::string(prefix.name) + std::string(unit);
  }
  return std::to_string(amount) + end;
}

}  // namespace rdu_hw::arch
