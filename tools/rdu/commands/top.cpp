// rdu top: load, queues, clients and latencies of peers, read from their health pages.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include "sdk/base/result.hpp"
#include "tools/rdu/commands/command.hpp"
#include "tools/rdu/peer_table.hpp"
#include "tools/rdu/terminal.hpp"

namespace rdu::tool {

namespace {

using Clock = std::chrono::steady_clock;

constexpr double kShortest = 0.1, kLongest = 3600;

struct TopOptions {
  std::vector<std::string> nodes;
  double seconds = 1;
  bool once = false, json = false;
};

// The peers, looked at again and again.
class Watch {
 public:
  explicit Watch(const std::vector<std::string>& nodes) {
    for (const std::string& node : nodes) {
      ports_.push_back(health_port(node));
      looks_.emplace_back().name = "127.0.0.1:" + std::to_string(ports_.back());
    }
    look();
  }

  void look() {
    const auto now = Clock::now();
    for (std::size_t i = 0; i < ports_.size(); ++i) {
      looks_[i].before = std::move(looks_[i].now);
      looks_[i].now = read_health(ports_[i]);
      looks_[i].seconds = std::chrono::duration<double>(now - looked_).count();
    }
    looked_ = now;
  }
  const std::vector<PeerLook>& looks() const { return looks_; }
  bool all_there() const {
    return std::all_of(looks_.begin(), looks_.end(),
                       [](const PeerLook& look) { return look.now.trouble.empty(); });
  }
  // A peer's own words and whose they are, a line each.
  void print_json() const {
    for (const PeerLook& look : looks_) {
      nlohmann::ordered_json line = {{"peer", look.name}};
      if (look.now.trouble.empty()) {
        for (const auto& [name, value] : look.now.status.items()) line[name] = value;
      } else {
        line["away"] = look.now.trouble;
      }
      std::printf("%s\n", line.dump().c_str());
    }
    std::fflush(stdout);
  }

 private:
  std::vector<std::uint16_t> ports_;
  std::vector<PeerLook> looks_;
  Clock::time_point looked_;
};

void sleep_for(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

// For scripts, and where there is no terminal.
int print(const TopOptions& options, Watch& watch) {
  if (options.json && options.once) {
    watch.print_json();
    return watch.all_there() ? 0 : 1;
  }
  for (bool first = true;; first = false) {
    sleep_for(options.seconds);
    watch.look();
    if (options.json) {
      watch.print_json();
    } else {
      std::printf("%s%s", first ? "" : "\n", peer_tables(watch.looks()).c_str());
      std::fflush(stdout);
    }
    if (options.once) return watch.all_there() ? 0 : 1;
  }
}

int draw(TopOptions options, Watch& watch) {
  Terminal terminal;
  for (char key = 0; key != 'q';) {
    terminal.draw(
        base::format("rdu top, every %.3g s   q: quit   +/-: faster, slower   space: now\n\n",
                     options.seconds) +
        peer_tables(watch.looks()));
    const auto due = Clock::now() + std::chrono::duration<double>(options.seconds);
    key = terminal.wait(options.seconds);
    if (key == '+') options.seconds = std::max(options.seconds / 2, kShortest);
    if (key == '-') options.seconds = std::min(options.seconds * 2, kLongest);
    // A new size is drawn at once with what is known; only time and the space bar ask anew.
    if (key == ' ' || Clock::now() >= due) watch.look();
  }
  return 0;
}

int top(const TopOptions& options) {
  Watch watch(options.nodes);
  const bool live = !options.once && !options.json && Terminal::is_there();
  return live ? draw(options, watch) : print(options, watch);
}

}  // namespace

void add_top(CLI::App& app, Action& action) {
  auto options = std::make_shared<TopOptions>();
  CLI::App* command =
      app.add_subcommand("top", "Show the load, queues, clients and latencies of peers, live");
  command
      ->add_option("NODE", options->nodes,
                   "The addresses that rdu-node prints as health, or their ports")
      ->required();
  command->add_option("--seconds", options->seconds, "Between two looks")
      ->check(CLI::Range(kShortest, kLongest));
  command->add_flag("--once", options->once, "Look once and end; exit with 1 if a peer is away");
  command->add_flag("--json", options->json, "The peers' own words, a line of JSON each");
  command->footer(
      "Examples:\n"
      "  rdu top 127.0.0.1:7071 127.0.0.1:7171\n"
      "  rdu top 7071 --once --json");
  command->callback([options, &action] { action = [options] { return top(*options); }; });
}

}  // namespace rdu::tool
