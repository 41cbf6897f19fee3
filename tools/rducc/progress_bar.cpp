// Draws the bar over itself with a carriage return.
#include "tools/rducc/progress_bar.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace rducc {

constexpr int kWidth = 30;

ProgressBar::ProgressBar()
    : start_(std::chrono::steady_clock::now()), terminal_(::isatty(STDERR_FILENO) == 1) {}

void ProgressBar::show(double share, const std::string& what) {
  if (!terminal_ || std::chrono::steady_clock::now() - start_ < std::chrono::seconds(1)) return;
  const int full = static_cast<int>(std::clamp(share, 0.0, 1.0) * kWidth);
  const std::string bar = std::string(full, '#') + std::string(kWidth - full, '.');
  std::fprintf(stderr, "\r\033[K[%s] %3.0f%% %s", bar.c_str(), share * 100, what.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressBar::clear() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

}  // namespace rducc
