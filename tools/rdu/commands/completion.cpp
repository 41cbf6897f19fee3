// rdu completion: shell completion made from the declared commands and options, so it is never out of date.
#include <cstdio>
#include <memory>
#include <string>

#include "tools/rdu/commands/command.hpp"

namespace rdu::tool {

namespace {

std::string option_words(const CLI::App& command) {
  std::string words;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) words += "--" + name + " ";
  }
  return words;
}

void print_bash(const CLI::App& app) {
  std::string names;
  std::string cases;
  for (const CLI::App* command : app.get_subcommands({})) {
    names += command->get_name() + " ";
    cases += "    " + command->get_name() + ") words=\"" + option_words(*command) + "\";;\n";
  }
  std::printf(
      "_rdu() {\n"
      "  local word=\"${COMP_WORDS[COMP_CWORD]}\" words\n"
      "  if [ \"$COMP_CWORD\" = 1 ]; then COMPREPLY=($(compgen -W \"%s\" -- \"$word\")); return; "
      "fi\n"
      "  case \"${COMP_WORDS[1]}\" in\n%s  esac\n"
      "  case \"$word\" in\n"
      "    -*) COMPREPLY=($(compgen -W \"$words\" -- \"$word\"));;\n"
      "    *) COMPREPLY=($(compgen -f -- \"$word\"));;\n"
      "  esac\n"
      "}\n"
      "complete -o filenames -F _rdu rdu\n",
      names.c_str(), cases.c_str());
}

}  // namespace

void add_completion(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("completion", "Print the shell completion script");
  auto shell = std::make_shared<std::string>("bash");
  command->add_option("shell", *shell, "bash, or zsh (through bashcompinit)")
      ->check(CLI::IsMember({"bash", "zsh"}));
  command->footer("Example:\n  source <(rdu completion bash)");
  command->callback([shell, &app, &action] {
    action = [shell, &app] {
      if (*shell == "zsh") std::printf("autoload -U +X bashcompinit && bashcompinit\n");
      print_bash(app);
      return 0;
    };
  });
}

}  // namespace rdu::tool
