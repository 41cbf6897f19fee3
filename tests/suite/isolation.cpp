// Runs a case in a forked child and reads its verdict from a pipe: a crash or a hang costs one case.
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>

#include "tests/suite/case.hpp"

namespace rdu::suite {

namespace {

void write_all(int fd, const std::string& text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const ssize_t wrote = write(fd, text.data() + at, text.size() - at);
    if (wrote <= 0) return;
    at += static_cast<std::size_t>(wrote);
  }
}

std::string read_all(int fd) {
  std::string text;
  char block[4096];
  for (;;) {
    const ssize_t got = read(fd, block, sizeof(block));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(block, static_cast<std::size_t>(got));
  }
}

[[noreturn]] void child(int fd, const std::filesystem::path& dir, const std::string& device,
                        int seconds) {
  alarm(static_cast<unsigned>(seconds));
  CaseResult result;
  try {
    result = run_case(dir, device);
  } catch (const std::exception& error) {
    result = {Verdict::kFailed, error.what()};
  }
  write_all(fd, std::to_string(static_cast<int>(result.verdict)) + result.reason);
  _exit(0);
}

std::string end_text(int status, int seconds) {
  if (!WIFSIGNALED(status)) return "exited with " + std::to_string(WEXITSTATUS(status));
  if (WTERMSIG(status) == SIGALRM) return "took more than " + std::to_string(seconds) + " s";
  return std::string("crashed: ") + strsignal(WTERMSIG(status));
}

}  // namespace

CaseResult run_case_isolated(const std::filesystem::path& dir, const std::string& device,
                             int seconds) {
  int ends[2];
  if (pipe(ends) != 0) return {Verdict::kFailed, std::string("pipe: ") + std::strerror(errno)};
  const pid_t pid = fork();
  if (pid < 0) return {Verdict::kFailed, std::string("fork: ") + std::strerror(errno)};
  if (pid == 0) {
    close(ends[0]);
    child(ends[1], dir, device, seconds);
  }
  close(ends[1]);
  const std::string text = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (text.empty() || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return {Verdict::kFailed, end_text(status, seconds)};
  }
  return {static_cast<Verdict>(text[0] - '0'), text.substr(1)};
}

}  // namespace rdu::suite
