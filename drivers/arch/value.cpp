// Each kind of figure: what it accepts, how it is stored, how it is written.
#include "drivers/arch/value.hpp"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <numeric>
#include <vector>

#include "drivers/arch/amount.hpp"
#include "drivers/arch/fault.hpp"
#include "drivers/arch/words.hpp"

namespace rdu_hw::arch {
namespace {

constexpr uint64_t kMaxDenominator = 1'000'000;
constexpr double kMaxExactDouble = 9007199254740992.0;

std::string list_of(std::span<const Word> words) {
  std::string list;
  for (const Word& word : words) list += (list.empty() ? "" : ", ") + std::string(word.name);
  return list;
}

const Word* find_word(const Field& field, std::string_view name) {
  for (const Word& word : field.words) {
    if (word.name == name) return &word;
  }
  return nullptr;
}

// The name of a value; what is no value of this figure stays a number.
std::string name_of_value(const Field& field, uint64_t value) {
  for (const Word& word : field.words) {
    if (word.value == value) return std::string(word.name);
  }
  return std::to_string(value);
}

Fault unknown_word(const Field& field, std::string_view name, const std::string& place) {
  std::vector<std::string_view> names;
  for (const Word& word : field.words) names.push_back(word.name);
  return {RDU_HW_ARCH_ERR_VALUE, place + ": expected " + expectation(field) + ", got " +
                                     in_quotes(name) + did_you_mean(name, names)};
}

void store(const Field& field, uint64_t number, rdu_hw_arch& arch) {
  if (field.kind == Kind::kSize) {
    std::memcpy(place_of(field, arch), &number, sizeof number);
  } else {
    uint32_t narrow = static_cast<uint32_t>(number);
    std::memcpy(place_of(field, arch), &narrow, sizeof narrow);
  }
}

void store_ratio(const Field& field, uint64_t num, uint64_t den, rdu_hw_arch& arch) {
  uint64_t common = std::gcd(num, den);
  uint32_t ratio[2] = {static_cast<uint32_t>(num / common), static_cast<uint32_t>(den / common)};
  std::memcpy(place_of(field, arch), ratio, sizeof ratio);
}

void load_ratio(const Field& field, const rdu_hw_arch& arch, uint32_t (&ratio)[2]) {
  std::memcpy(ratio, place_of(field, arch), sizeof ratio);
}

bool in_range(const Field& field, uint64_t number) {
  return number >= field.min && number <= field.max;
}

void set_number(const Field& field, uint64_t number, const std::string& seen,
                const std::string& place, rdu_hw_arch& arch) {
  if (!in_range(field, number)) throw bad_value(place, expectation(field), seen);
  if (field.kind == Kind::kRatio) {
    store_ratio(field, number, 1, arch);
  } else {
    store(field, number, arch);
  }
}

void set_ratio(const Field& field, std::string_view text, const std::string& place,
               rdu_hw_arch& arch) {
  size_t slash = text.find('/');
  auto num = parse_amount(text.substr(0, slash), "");
  auto den = slash == std::string_view::npos ? 1 : parse_amount(text.substr(slash + 1), "");
  bool good = num && den && in_range(field, *num) && *den >= 1 && *den <= kMaxDenominator;
  if (!good) throw bad_value(place, expectation(field), in_quotes(text));
  store_ratio(field, *num, *den, arch);
}

uint32_t parse_set(const Field& field, const std::vector<std::string>& names,
                   const std::string& place) {
  uint32_t bits = 0;
  for (const std::string& name : names) {
    const Word* word = find_word(field, name);
    if (word == nullptr) throw unknown_word(field, name, place);
    if ((bits & word->value) != 0) throw bad_value(place, "each once", in_quotes(name) + " twice");
    bits |= word->value;
  }
  return bits;
}

// A permutation of the two-letter digits, such as "rorabacobgch".
void set_map(const Field& field, std::string_view text, const std::string& place,
             rdu_hw_arch& arch) {
  uint8_t digits[RDU_HW_MAP_DIGITS] = {};
  uint32_t seen = 0;
  bool good = text.size() == 2 * RDU_HW_MAP_DIGITS;
  for (size_t i = 0; good && i < RDU_HW_MAP_DIGITS; ++i) {
    const Word* word = find_word(field, text.substr(2 * i, 2));
    good = word != nullptr && (seen >> word->value & 1u) == 0;
    if (!good) break;
    seen |= 1u << word->value;
    digits[i] = static_cast<uint8_t>(word->value);
  }
  if (!good) throw bad_value(place, expectation(field), in_quotes(text));
  std::memcpy(place_of(field, arch), digits, sizeof digits);
}

void set_name(const Field& field, std::string_view text, const std::string& place,
              rdu_hw_arch& arch) {
  if (!is_name(text)) throw bad_value(place, expectation(field), in_quotes(text));
  char name[RDU_HW_NAME_BYTES] = {};
  text.copy(name, RDU_HW_NAME_BYTES - 1);
  std::memcpy(place_of(field, arch), name, sizeof name);
}

std::vector<std::string> split_commas(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    size_t comma = std::min(text.find(','), text.size());
    parts.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

std::string_view name_at(const Field& field, const rdu_hw_arch& arch) {
  const char* text = static_cast<const char*>(place_of(field, arch));
  return {text, strnlen(text, RDU_HW_NAME_BYTES)};
}

std::string map_text(const Field& field, const rdu_hw_arch& arch) {
  const auto* digits = static_cast<const uint8_t*>(place_of(field, arch));
  std::string text;
  for (size_t i = 0; i < RDU_HW_MAP_DIGITS; ++i) text += name_of_value(field, digits[i]);
  return text;
}

std::string set_text(const Field& field, uint32_t bits, std::string_view quote,
                     std::string_view separator) {
  std::string text;
  for (const Word& word : field.words) {
    if ((bits & word.value) == 0) continue;
    if (!text.empty()) text += separator;
    text.append(quote).append(word.name).append(quote);
  }
  return text;
}

std::string ratio_text(const Field& field, const rdu_hw_arch& arch) {
  uint32_t ratio[2];
  load_ratio(field, arch, ratio);
  return std::to_string(ratio[0]) + (ratio[1] == 1 ? "" : "/" + std::to_string(ratio[1]));
}

}  // namespace

bool is_name(std::string_view text) {
  auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("._+-").find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() < RDU_HW_NAME_BYTES && std::ranges::all_of(text, allowed);
}

std::string expectation(const Field& field) {
  switch (field.kind) {
    case Kind::kCount:
    case Kind::kSize: {
      if (field.min == field.max) return format_amount(field.min, field.unit);
      std::string min = is_scaled_unit(field.unit) ? format_amount(field.min, field.unit)
                                                   : std::to_string(field.min);
      return "an integer from " + min + " to " + format_amount(field.max, field.unit);
    }
    case Kind::kChoice:
      return (field.words.size() > 1 ? "one of " : "") + list_of(field.words);
    case Kind::kSet:
      return "a list out of " + list_of(field.words);
    case Kind::kRatio:
      return "picoseconds from 1 to 1000000, or a fraction such as \"2500/3\"";
    case Kind::kMap:
      return "an order of " + list_of(field.words) + " such as \"rorabacobgch\"";
    case Kind::kText:
      return "1 to 31 letters, digits or ._+-";
  }
  return "";
}

void set_from_text(const Field& field, std::string_view text, const std::string& place,
                   rdu_hw_arch& arch) {
  switch (field.kind) {
    case Kind::kCount:
    case Kind::kSize: {
      auto number = parse_amount(text, field.unit);
      if (!number) throw bad_value(place, expectation(field), in_quotes(text));
      return set_number(field, *number, in_quotes(text), place, arch);
    }
    case Kind::kChoice: {
      const Word* word = find_word(field, text);
      if (word == nullptr) throw unknown_word(field, text, place);
      return store(field, word->value, arch);
    }
    case Kind::kSet:
      return store(field, parse_set(field, split_commas(text), place), arch);
    case Kind::kRatio:
      return set_ratio(field, text, place, arch);
    case Kind::kMap:
      return set_map(field, text, place, arch);
    case Kind::kText:
      return set_name(field, text, place, arch);
  }
}

void set_from_json(const Field& field, const nlohmann::json& value, const std::string& place,
                   rdu_hw_arch& arch) {
  bool numeric =
      field.kind == Kind::kCount || field.kind == Kind::kSize || field.kind == Kind::kRatio;
  if (value.is_string()) {
    return set_from_text(field, value.get_ref<const std::string&>(), place, arch);
  }
  auto all_strings = [&] {
    return std::ranges::all_of(value, [](const auto& item) { return item.is_string(); });
  };
  if (field.kind == Kind::kSet && value.is_array() && all_strings()) {
    return store(field, parse_set(field, value.get<std::vector<std::string>>(), place), arch);
  }
  std::string seen = shown(value.dump());
  if (numeric && value.is_number_unsigned()) {
    return set_number(field, value.get<uint64_t>(), seen, place, arch);
  }
  if (numeric && value.is_number_float()) {  // 1e9 is an integer, too
    double number = value.get<double>();
    if (number >= 0 && number <= kMaxExactDouble &&
        number == static_cast<double>(static_cast<uint64_t>(number))) {
      return set_number(field, static_cast<uint64_t>(number), seen, place, arch);
    }
  }
  throw bad_value(place, expectation(field), seen);
}

std::string json_text(const Field& field, const rdu_hw_arch& arch) {
  switch (field.kind) {
    case Kind::kCount:
    case Kind::kSize:
      return std::to_string(number_of(field, arch));
    case Kind::kChoice:
      return in_quotes(name_of_value(field, number_of(field, arch)));
    case Kind::kSet:
      return "[" + set_text(field, static_cast<uint32_t>(number_of(field, arch)), "\"", ", ") + "]";
    case Kind::kRatio: {
      std::string text = ratio_text(field, arch);
      return text.find('/') == std::string::npos ? text : in_quotes(text);
    }
    case Kind::kMap:
      return in_quotes(map_text(field, arch));
    case Kind::kText:
      return in_quotes(name_at(field, arch));
  }
  return "";
}

std::string plain_text(const Field& field, const rdu_hw_arch& arch) {
  switch (field.kind) {
    case Kind::kCount:
    case Kind::kSize:
      return format_amount(number_of(field, arch), field.unit);
    case Kind::kChoice:
      return name_of_value(field, number_of(field, arch));
    case Kind::kSet: {
      std::string text = set_text(field, static_cast<uint32_t>(number_of(field, arch)), "", " ");
      return text.empty() ? "none" : text;
    }
    case Kind::kRatio:
      return ratio_text(field, arch) + " " + std::string(field.unit);
    case Kind::kMap:
      return map_text(field, arch);
    case Kind::kText:
      return shown(name_at(field, arch));
  }
  return "";
}

}  // namespace rdu_hw::arch
