// Completion scripts, each a page of its shell's own language.
#include "tools/rducc/completion.hpp"

#include <rducc/rducc.h>

#include <cstdint>

namespace rducc {
namespace {

std::string pass_names() {
  std::string names = "import";
  for (std::uint32_t i = 0; rducc_pass_name(i) != nullptr; ++i) {
    names += std::string(" ") + rducc_pass_name(i);
  }
  return names;
}

std::string bash() {
  return R"(_rducc() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
  case $before in
    --data) COMPREPLY=($(compgen -d -- "$word")) ;;
    --print-after) COMPREPLY=($(compgen -W ")" +
         pass_names() + R"(" -- "$word")) ;;
    --target) COMPREPLY=($(compgen -W "cpu reference" -- "$word")) ;;
    --cpu) COMPREPLY=($(compgen -W "baseline avx2 avx512 amx native none" -- "$word")) ;;
    --completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$word")) ;;
    -o|--output|--report) COMPREPLY=($(compgen -f -- "$word")) ;;
    *)
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "-o --output --data --dim --variant --fix --state --loop-bound --target --cpu
          --report --print-after --time-passes --verify-passes --list-operators
          --completion --version --help" -- "$word"))
      else
        COMPREPLY=($(compgen -f -X '!*.onnx' -- "$word") $(compgen -d -- "$word"))
      fi ;;
  esac
}
complete -o filenames -F _rducc rducc
)";
}

std::string zsh() {
  return R"(#compdef rducc
_arguments \
  '(-o --output)'{-o,--output}'[the artifact to write]:file:_files' \
  '*--data[a folder of sample inputs]:folder:_files -/' \
  '*--dim[extents of a dimension]:NAME=V,…:' \
  '*--variant[one variant]:NAME=V,…:' \
  '*--fix[the value of an input]:NAME=V,…:' \
  '*--state[an output that is the next input]:OUT=IN:' \
  '--loop-bound[the most iterations of an unbounded Loop]:N:' \
  '*--target[devices]:target:(cpu reference)' \
  '*--cpu[pack weights for processors]:name:(baseline avx2 avx512 amx native none)' \
  '--report[what became of each node]:file:_files' \
  '*--print-after[print the graph]:pass:()" +
         pass_names() + R"()' \
  '--time-passes[seconds of each pass]' \
  '--verify-passes[check after each pass]' \
  '--list-operators[what can be imported]' \
  '--completion[a completion script]:shell:(bash zsh fish)' \
  '--version' '--help' \
  ':model:_files -g "*.onnx"'
)";
}

std::string fish() {
  return R"(complete -c rducc -s o -l output -r -d 'the artifact to write'
complete -c rducc -l data -x -a '(__fish_complete_directories)' -d 'a folder of sample inputs'
complete -c rducc -l dim -x -d 'extents of a dimension, NAME=V,…'
complete -c rducc -l variant -x -d 'one variant, NAME=V,…'
complete -c rducc -l fix -x -d 'the value of an input, NAME=V,…'
complete -c rducc -l state -x -d 'an output that is the next input, OUT=IN'
complete -c rducc -l loop-bound -x -d 'the most iterations of an unbounded Loop'
complete -c rducc -l target -x -a 'cpu reference' -d 'devices to prepare for'
complete -c rducc -l cpu -x -a 'baseline avx2 avx512 amx native none' -d 'pack weights for processors'
complete -c rducc -l report -r -d 'what became of each node'
complete -c rducc -l print-after -x -a ')" +
         pass_names() + R"(' -d 'print the graph after a pass'
complete -c rducc -l time-passes -d 'seconds of each pass'
complete -c rducc -l verify-passes -d 'check after each pass'
complete -c rducc -l list-operators -d 'what can be imported'
complete -c rducc -l completion -x -a 'bash zsh fish' -d 'a completion script'
complete -c rducc -l version
complete -c rducc -l help
)";
}

}  // namespace

std::string completion_script(const std::string& shell) {
  if (shell == "bash") return bash();
  if (shell == "zsh") return zsh();
  return shell == "fish" ? fish() : std::string();
}

}  // namespace rducc
