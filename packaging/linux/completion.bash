# Completion of ckpt-studio for bash.
_ckpt_studio() {
    local verbs="inspect compare identify align export diff check"
    local common="--state-dict --quiet --json --help"
    local edits="--strip-prefix --add-prefix --rename --regex --pop --keep --cast --device --recipe --with --align
        --drop-unexpected --drop-mismatched --fill-missing --resize-mismatched --seed --format --whole --metadata
        --force --max-shard-size --save-recipe --python"
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]-} options=""
    case $before in
        --format) COMPREPLY=($(compgen -W "pth safetensors pth-legacy" -- "$word")); return ;;
        --cast) COMPREPLY=($(compgen -W "float32 float16 bfloat16 float64" -- "$word")); return ;;
        --device) COMPREPLY=($(compgen -W "cpu cuda:0" -- "$word")); return ;;
    esac
    if [[ $word == -* ]]; then
        case $verb in
            inspect) options="$common --stats" ;;
            compare | align) options="$common --with --python" ;;
            identify) options="$common --top" ;;
            export) options="$common $edits" ;;
            diff | check) options="$common" ;;
            *) options="--new-window --version --help" ;;
        esac
        COMPREPLY=($(compgen -W "$options" -- "$word"))
        return
    fi
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W "$verbs" -- "$word"))
    fi
    local IFS=$'\n'
    COMPREPLY+=($(compgen -f -- "$word"))
}
complete -o filenames -F _ckpt_studio ckpt-studio
