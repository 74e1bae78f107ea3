#include <calotype/error.h>

#include <algorithm>
#include <cstdio>

#include "base/spelling.h"
#include "cli/commands.h"

namespace calotype::cli {
namespace {

// Each asks the program that is being completed, so that it knows the plugins of that moment. Where the program has no
// answer, the shell offers files.
constexpr const char* kBash = R"(# bash completion of calotype:  source <(calotype completion bash)
_calotype() {
  local line=${COMP_LINE:0:COMP_POINT} words=() current kept
  read -ra words <<<"$line"
  [[ $line != *[[:space:]] ]] || words+=('')
  current=${words[-1]}
  mapfile -t COMPREPLY < <("${words[0]/#\~/$HOME}" complete "${words[@]:1}" 2>/dev/null)
  # bash replaces only what follows the last of its word breaks
  kept=${current%"${current##*[$COMP_WORDBREAKS]}"}
  COMPREPLY=("${COMPREPLY[@]#"$kept"}")
  [[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
}
complete -o default -F _calotype calotype
)";

constexpr const char* kZsh = R"(#compdef calotype
# zsh completion of calotype:  source <(calotype completion zsh)  after compinit, or this file as _calotype in a folder
# of fpath
_calotype() {
  local -a found
  found=("${(@f)$("${words[1]}" complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  found=("${(@)found:#}")
  if (( ! $#found )); then
    _files
    return
  fi
  compadd -S '' -- "${(@M)found:#*=}"
  compadd -- "${(@)found:#*=}"
}
if [[ ${funcstack[1]} == _calotype ]]; then _calotype "$@"; else compdef _calotype calotype; fi
)";

constexpr const char* kFish = R"(# fish completion of calotype:  calotype completion fish | source
function __calotype_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l found ($words[1] complete $words[2..-1] "$current" 2>/dev/null)
    if set -q found[1]
        printf '%s\n' $found
    else
        __fish_complete_path "$current"
    end
end
complete -c calotype -f -a '(__calotype_complete)'
)";

}  // namespace

const std::vector<std::string>& completion_shells() {
  static const std::vector<std::string> shells{"bash", "zsh", "fish"};
  return shells;
}

int completion_command(const Arguments& arguments) {
  const auto& shells = completion_shells();
  if (arguments.names.size() != 1)
    throw Error(ErrorCode::usage,
                "completion: want one shell, bash, zsh or fish, got " + std::to_string(arguments.names.size()));
  const auto& name = arguments.names[0];
  const auto at = std::find(shells.begin(), shells.end(), name) - shells.begin();
  if (at == std::ptrdiff_t(shells.size()))
    throw Error(ErrorCode::usage, "completion: " + unknown_name("shell", name, shells));
  constexpr const char* kScripts[]{kBash, kZsh, kFish};
  std::fputs(kScripts[at], stdout);
  return 0;
}

}  // namespace calotype::cli
