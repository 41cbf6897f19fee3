// Latencies, and what of them is said.
#pragma once

#include <algorithm>
#include <vector>

namespace rdu::remote::drill {

class Latencies {
 public:
  void add(double us) { us_.push_back(us); }
  std::size_t count() const { return us_.size(); }
  double percentile(double fraction) {
    if (us_.empty()) return 0;
    const auto at =
        us_.begin() + static_cast<std::ptrdiff_t>(fraction * static_cast<double>(us_.size() - 1));
    std::nth_element(us_.begin(), at, us_.end());
    return *at;
  }

 private:
  std::vector<double> us_;
};

}  // namespace rdu::remote::drill
