/** The shells that `completion` has a script for. */
export const COMPLETED_SHELLS = ['bash', 'zsh', 'fish'] as const;
export type CompletedShell = (typeof COMPLETED_SHELLS)[number];

/** What `complete` prints where the shell is to offer files. */
export const FILES = ':files';

// Each asks the program that is being typed, so that nothing in it can be out of date.

/** bash 3.2, which macOS has, knows neither `mapfile` nor `compopt`. */
const BASH = `# mcp-supervisor: completion for bash. For all sessions: put this into ~/.bashrc
#   eval "$(mcp-supervisor completion bash)"
_mcp_supervisor() {
  local line current="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ "$line" == '${FILES}' ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null </dev/null)
}
complete -F _mcp_supervisor mcp-supervisor
`;

const ZSH = `#compdef mcp-supervisor
# mcp-supervisor: completion for zsh. For all sessions: put this into ~/.zshrc, behind compinit
#   eval "$(mcp-supervisor completion zsh)"
_mcp_supervisor() {
  local line
  local -a found
  for line in "\${(@f)$("\${(Q)words[1]}" complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null </dev/null)}"; do
    if [[ "$line" == '${FILES}' ]]; then
      _files
      return
    elif [[ -n "$line" ]]; then
      found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done
  _describe 'mcp-supervisor' found
}
if [[ "\${funcstack[1]}" == _mcp_supervisor ]]; then
  _mcp_supervisor "$@"
else
  compdef _mcp_supervisor mcp-supervisor
fi
`;

const FISH = `# mcp-supervisor: completion for fish. For all sessions:
#   mcp-supervisor completion fish > ~/.config/fish/completions/mcp-supervisor.fish
function __mcp_supervisor_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null </dev/null)
    if test "$lines[1]" = '${FILES}'
        __fish_complete_path "$current"
    else
        printf '%s\\n' $lines
    end
end
complete -c mcp-supervisor -f -a '(__mcp_supervisor_complete)'
`;

export const SCRIPTS: Readonly<Record<CompletedShell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
