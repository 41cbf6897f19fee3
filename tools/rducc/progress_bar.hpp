// A progress bar for work that turns out to be long.
#pragma once

#include <chrono>
#include <string>

namespace rducc {

// Draws on stderr, only where that is a terminal, and only from the second second on.
class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void show(double share, const std::string& what);
  void clear();

 private:
  std::chrono::steady_clock::time_point start_;
  bool terminal_;
  bool drawn_ = false;
};

}  // namespace rducc
