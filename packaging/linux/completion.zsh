#compdef ckpt-studio
# Completion of ckpt-studio for zsh.
local -a verbs
verbs=(
  'inspect:list what is inside' 'compare:would it load into this model?' 'identify:guess the architecture'
  'align:map names to those of a model' 'export:apply edits and write a file'
  'diff:compare values of two files' 'check:is it safe, whole and healthy?'
)
if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
  _describe verb verbs
  _files
  return
fi
local -a common
common=('--help[the options of a verb]' '--json[answer as JSON]' '--quiet[nothing but the answer]' '--state-dict[path inside the file]:path' '*:file:_files')
case $words[2] in
  inspect) _arguments $common '--stats[read the values]' ;;
  compare|align) _arguments $common '--with[model]:model:_files' '--python[interpreter]:program:_files' ;;
  identify) _arguments $common '--top[how many candidates]:count' ;;
  export) _arguments $common '*--'{strip-prefix,add-prefix,rename,regex,pop,keep,cast,device,metadata}':value' \
    '*--recipe:file:_files' '--save-recipe:file:_files' '--with[model]:model:_files' '--python:program:_files' \
    --align --drop-unexpected --drop-mismatched --fill-missing --resize-mismatched --whole --force \
    '--seed:number' '--max-shard-size:size' '--format:format:(pth safetensors pth-legacy)' ;;
  diff|check) _arguments $common ;;
  *) _arguments '--new-window[open a window of its own]' '--version[the version]' '--help[what there is]' '*:file:_files' ;;
esac
