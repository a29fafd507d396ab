#!/bin/sh
# Completes command lines of bouton in real shells on a terminal:   sh tests/shells/run.sh BOUTON
#
# Each case is typed into bash, zsh and fish inside tmux, with a tab at the end, until the screen shows what is wanted. A
# shell that is not installed is skipped by name; without tmux, everything is (exit status 77).
set -eu
[ $# = 1 ] && [ -x "$1" ] || { sed -n '2p' "$0" >&2; exit 2; }
bouton=$(cd "$(dirname "$1")" && pwd)
command -v tmux >/dev/null || { echo "SKIP shells: no tmux"; exit 77; }
scratch=$(mktemp -d)
export TMUX_TMPDIR="$scratch" HOME="$scratch/home" PATH="$bouton:$PATH" LC_ALL=C.UTF-8 TERM=xterm
unset TMUX XDG_CONFIG_HOME XDG_DATA_HOME ZDOTDIR
clear_up() { # a shell that was killed may still have a child that writes
    tmux kill-server 2>/dev/null || true
    rm -rf "$scratch" 2>/dev/null || { sleep 2; rm -rf "$scratch"; }
}
trap clear_up EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$HOME" "$scratch/work/folder one"
cd "$scratch/work"
printf 'let width = 20;\nlet rounds = 2;\ninclude "more.btn";\nnetwork little { input vector(4); layer hidden = dense(width); layer class = dense(few); }\n' >little.btn
printf 'let few = 3;\n' >more.btn
printf 'x\n' >other.txt
printf 'x\n' >"two words.btn"
mkdir deep && cp little.btn more.btn deep
passed=0
failed=0

start() { # SHELL
    tmux kill-server 2>/dev/null || true
    case $1 in
    bash)
        bouton completion bash >bash.rc && echo 'PS1="> "; bind "set bell-style none" 2>/dev/null; echo ready' >>bash.rc
        tmux -f /dev/null new-session -d -x 140 -y 40 "bash --noprofile --rcfile bash.rc -i"
        ;;
    zsh)
        mkdir -p zsh && bouton completion zsh >zsh/_bouton
        printf 'PS1="> "\nfpath=(%s/zsh $fpath)\nautoload -U compinit && compinit -u -D\nunsetopt beep\necho ready\n' \
            "$PWD" >zsh/.zshrc
        tmux -f /dev/null new-session -d -x 140 -y 40 "ZDOTDIR=$PWD/zsh zsh -i"
        ;;
    fish)
        mkdir -p "$HOME/.config/fish/completions"
        mkdir -p "$HOME/.local/share/fish/generated_completions" # else fish makes completions of all manual pages
        bouton completion fish >"$HOME/.config/fish/completions/bouton.fish"
        printf 'function fish_prompt\n echo "> "\nend\nfunction fish_greeting\n echo ready\nend\n' >"$HOME/.config/fish/config.fish"
        tmux -f /dev/null new-session -d -x 140 -y 40 "fish -i"
        ;;
    esac
    await ready || { echo "FAIL  $1 does not start"; screen; failed=$((failed + 1)); }
}

screen() { tmux capture-pane -p; }

await() { # PATTERN: until the screen shows it, 5 seconds at most
    for _ in $(seq 50); do
        screen | grep -qe "$1" && return 0
        sleep 0.1
    done
    return 1
}

# complete SHELL LINE PATTERN: the line and a tab make the screen show the pattern (of grep)
complete() {
    tmux send-keys C-u
    tmux send-keys C-l
    await '^> *$' || true
    tmux send-keys -l "$2"
    tmux send-keys Tab
    sleep 0.1
    await "$3" || { tmux send-keys Tab; await "$3"; } && { passed=$((passed + 1)); return; }
    failed=$((failed + 1))
    echo "FAIL  $1: '$2' and a tab do not show '$3', but"
    screen | grep .
}

skipped=
for shell in bash zsh fish; do
    command -v $shell >/dev/null || { echo "SKIP $shell: not installed"; skipped="$skipped $shell"; continue; }
    start $shell
    complete $shell 'bouton tr' '> bouton train'
    complete $shell 'bouton train lit' '> bouton train little.btn'
    complete $shell 'bouton train little.btn --resu' '--resume'
    complete $shell 'bouton dump little.btn --stage=to' '--stage=tokens'
    complete $shell 'bouton dump little.btn --stage mo' '--stage model'
    complete $shell 'bouton train little.btn --set wi' '--set width=$'
    complete $shell 'bouton train ~/../work/little.btn --set fe' '--set few=$'
    complete $shell 'bouton info little.btn --set plan.hi' '--set plan.hidden=$'
    complete $shell 'bouton info little.btn --set plan.hidden=ev' 'plan.hidden=events'
    complete $shell 'bouton sweep little.btn --set wi' '--set width=$'
    complete $shell 'bouton sweep little.btn --set width=2 --set fe' '--set few=$'
    complete $shell 'bouton info little.btn --network lit' '--network little'
    complete $shell 'bouton train little.btn --data fol' '--data folder\\ one/'
    complete $shell 'bouton train little.btn --data=fol' '--data=folder\\ one/'
    complete $shell 'bouton check tw' '> bouton check two\\ words.btn'
    complete $shell 'bouton check deep/li' '> bouton check deep/little.btn'
    complete $shell 'bouton help redr' '> bouton help redraw'
    complete $shell 'bouton explain E010' 'E0102'
    complete $shell 'bouton predict m.safetensors oth' '> bouton predict m.safetensors other.txt'
    tmux kill-server
done
echo "$passed completed, $failed failed"
[ "$failed" = 0 ] || exit 1
[ "$skipped" != " bash zsh fish" ] || exit 77
