// What is thrown inside this folder and caught by the guard at its C functions, and how a place in an image is named.
#pragma once

#include <rdu_hw/config.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace rdu_hw::image {

class Fault : public std::runtime_error {
 public:
  Fault(rdu_hw_image_code code, const std::string& message)
      : std::runtime_error(message), code_(code) {}

  rdu_hw_image_code code() const { return code_; }

 private:
  rdu_hw_image_code code_;
};

// "section 0, context 2, port 1": costs nothing until it is printed.
class Place {
 public:
  Place() = default;
  Place in(const char* table, std::uint64_t number) const {
    Place place = *this;
    place.parts_[place.size_++] = {table, number};
    return place;
  }
  std::string text() const {
    std::string text;
    for (unsigned i = 0; i < size_; ++i) {
      if (i != 0) text += ", ";
      text += parts_[i].table;
      text += ' ' + std::to_string(parts_[i].number);
    }
    return text;
  }

 private:
  struct Part {
    const char* table;
    std::uint64_t number;
  };
  static constexpr unsigned kDepth = 5;
  Part parts_[kDepth] = {};
  unsigned size_ = 0;
};

[[noreturn]] inline void refuse(rdu_hw_image_code code, const Place& place, const char* field,
                                const std::string& expected, const std::string& seen) {
  std::string where = place.text();
  if (!where.empty()) where += ": ";
  throw Fault(code, where + field + ": expected " + expected + ", got " + seen);
}

// A number as text, RDU_HW_NONE by its name.
template <typename Number>
std::string shown(Number number) {
  return std::cmp_equal(number, RDU_HW_NONE) ? "none" : std::to_string(number);
}

template <typename Seen>
void demand(bool good, rdu_hw_image_code code, const Place& place, const char* field,
            const char* expected, Seen seen) {
  if (!good) refuse(code, place, field, expected, shown(seen));
}

template <typename Number>
void demand_within(Number seen, Number low, Number high, rdu_hw_image_code code, const Place& place,
                   const char* field) {
  if (seen >= low && seen <= high) return;
  refuse(code, place, field, std::to_string(low) + " to " + std::to_string(high), shown(seen));
}

// A number among `count`.
inline void demand_number(std::uint32_t seen, std::uint32_t count, const Place& place,
                          const char* field) {
  if (seen < count) return;
  refuse(RDU_HW_IMAGE_ERR_VALUE, place, field, "a number below " + std::to_string(count),
         shown(seen));
}

inline void demand_equal(std::uint64_t seen, std::uint64_t expected, rdu_hw_image_code code,
                         const Place& place, const char* field) {
  if (seen == expected) return;
  refuse(code, place, field, shown(expected), shown(seen));
}

}  // namespace rdu_hw::image
