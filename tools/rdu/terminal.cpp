// The alternate screen of a terminal, without echo and without lines; signals leave through the same door as the key q.
#include "tools/rdu/terminal.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>

namespace rdu::tool {

namespace {

constexpr const char* kEnter = "\033[?1049h\033[?25l";
constexpr const char* kLeave = "\033[?25h\033[?1049l";
constexpr const char* kHome = "\033[H";
constexpr const char* kToEndOfLine = "\033[K\r\n";
constexpr const char* kToEndOfPage = "\033[J";

volatile std::sig_atomic_t ended = 0;

void end(int) { ended = 1; }
void look_again(int) {}

void handle(int number, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  ::sigaction(number, &action, nullptr);
}

// Only while somebody waits for keys, so that none comes between a look at `ended` and the wait.
void block(bool blocked, sigset_t* before) {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) ::sigaddset(&signals, number);
  ::sigprocmask(blocked ? SIG_BLOCK : SIG_UNBLOCK, &signals, before);
}

}  // namespace

bool Terminal::is_there() { return ::isatty(STDOUT_FILENO) == 1 && ::isatty(STDIN_FILENO) == 1; }

Terminal::Terminal() {
  ::tcgetattr(STDIN_FILENO, &before_);
  termios raw = before_;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  block(true, nullptr);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) handle(number, end);
  handle(SIGWINCH, look_again);
  std::fputs(kEnter, stdout);
  std::fflush(stdout);
}

Terminal::~Terminal() {
  std::fputs(kLeave, stdout);
  std::fflush(stdout);
  ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) handle(number, SIG_DFL);
  block(false, nullptr);
}

void Terminal::draw(const std::string& page) {
  winsize size = {};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  const std::size_t columns = known ? size.ws_col : 80, rows = known ? size.ws_row : 24;
  std::string out = kHome;
  std::size_t begin = 0;
  for (std::size_t row = 0; row < rows && begin < page.size(); ++row) {
    const std::size_t end = std::min(page.find('\n', begin), page.size());
    if (row > 0) out += kToEndOfLine;
    out.append(page, begin, std::min(end - begin, columns));
    begin = end + 1;
  }
  out += "\033[K";
  out += kToEndOfPage;
  std::fwrite(out.data(), 1, out.size(), stdout);
  std::fflush(stdout);
}

char Terminal::wait(double seconds) {
  sigset_t all, open;
  ::sigprocmask(SIG_SETMASK, nullptr, &all);
  open = all;
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) ::sigdelset(&open, number);
  const auto whole = static_cast<std::time_t>(seconds);
  const timespec time = {whole, static_cast<long>((seconds - static_cast<double>(whole)) * 1e9)};
  pollfd keys = {STDIN_FILENO, POLLIN, 0};
  const int ready = ended != 0 ? 0 : ::ppoll(&keys, 1, &time, &open);
  if (ended != 0) return 'q';
  if (ready <= 0) return '\0';
  char key = 'q';  // the end of input
  return ::read(STDIN_FILENO, &key, 1) < 0 ? '\0' : key;
}

}  // namespace rdu::tool
