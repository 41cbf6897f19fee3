// spawn, wait, spawn again; signals are handed on.
#include "plugins/remote/node/supervisor.hpp"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "plugins/remote/node/clock.hpp"
#include "plugins/remote/node/file.hpp"

extern char** environ;

namespace rdu::remote::node {

namespace {

constexpr std::uint64_t kHealthyLife = 5 * kSecond;
constexpr std::uint64_t kFirstPause = 20 * kMillisecond;
constexpr std::uint64_t kLongestPause = 5 * kSecond;

// A later life is found where the first one was, also where that had picked a port.
pid_t start(int argc, char** argv, bool first) {
  std::vector<char*> words(argv, argv + argc);
  char front_end[] = "--front-end";
  char again[] = "--again";
  words.push_back(front_end);
  if (!first) words.push_back(again);
  words.push_back(nullptr);
  pid_t process = -1;
  const int error =
      ::posix_spawn(&process, "/proc/self/exe", nullptr, nullptr, words.data(), environ);
  return error == 0 ? process : -1;
}

// Reads one signal, waiting at most this long. 0: none came.
int next_signal(int signals, std::uint64_t wait_ns) {
  pollfd item = {signals, POLLIN, 0};
  if (::poll(&item, 1, static_cast<int>(wait_ns / kMillisecond)) <= 0) return 0;
  signalfd_siginfo info = {};
  return ::read(signals, &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
}

}  // namespace

int supervise(int argc, char** argv) {
  sigset_t wanted;
  ::sigemptyset(&wanted);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) ::sigaddset(&wanted, signal);
  ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
  const Descriptor signals(::signalfd(-1, &wanted, SFD_CLOEXEC));
  bool stopping = false;
  std::uint64_t pause = kFirstPause;
  for (bool first = true;; first = false) {
    const std::uint64_t born = now_ns();
    const pid_t front_end = start(argc, argv, first);
    if (front_end < 0) return 1;
    int status = 0;
    while (::waitpid(front_end, &status, WNOHANG) != front_end) {
      const int signal = next_signal(signals.get(), kSecond);
      stopping = stopping || signal == SIGTERM || signal == SIGINT;
      if (signal != 0 && signal != SIGCHLD) ::kill(front_end, signal);
    }
    const bool ended = WIFEXITED(status);
    // What is wrong at the first start is the person's to mend.
    if (ended && (WEXITSTATUS(status) == 0 || first || stopping)) return WEXITSTATUS(status);
    if (stopping) return 1;
    std::fprintf(stderr, "rdu-node: the front end %s %d; it begins again\n",
                 ended ? "ended with code" : "was killed by signal",
                 ended ? WEXITSTATUS(status) : WTERMSIG(status));
    pause = now_ns() - born > kHealthyLife ? kFirstPause : std::min(kLongestPause, 2 * pause);
    const std::uint64_t until = now_ns() + pause;
    for (std::uint64_t now = now_ns(); now < until; now = now_ns()) {
      const int signal = next_signal(signals.get(), until - now);
      if (signal == SIGTERM || signal == SIGINT) return 0;
    }
  }
}

}  // namespace rdu::remote::node
