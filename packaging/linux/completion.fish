# Completion of ckpt-studio for fish.
set -l verbs inspect compare identify align export diff check
complete -c ckpt-studio -n "not __fish_seen_subcommand_from $verbs" -a inspect -d "List what is inside"
complete -c ckpt-studio -n "not __fish_seen_subcommand_from $verbs" -a compare -d "Would it load into this model?"
complete -c ckpt-studio -n "not __fish_seen_subcommand_from $verbs" -a identify -d "Guess the architecture"
complete -c ckpt-studio -n "not __fish_seen_subcommand_from $verbs" -a align -d "Map names to those of a model"
complete -c ckpt-studio -n "not __fish_seen_subcommand_from $verbs" -a export -d "Apply edits and write a file"
complete -c ckpt-studio -n "not __fish_seen_subcommand_from $verbs" -a diff -d "Compare values of two files"
complete -c ckpt-studio -n "not __fish_seen_subcommand_from $verbs" -a check -d "Is it safe, whole and healthy?"
complete -c ckpt-studio -n "not __fish_seen_subcommand_from $verbs" -l new-window -d "Open a window of its own"
complete -c ckpt-studio -n "not __fish_seen_subcommand_from $verbs" -l version -d "The version"
complete -c ckpt-studio -l help -d "The options of a verb"
complete -c ckpt-studio -n "__fish_seen_subcommand_from $verbs" -l json -d "Answer as JSON"
complete -c ckpt-studio -n "__fish_seen_subcommand_from $verbs" -l quiet -d "Nothing but the answer"
complete -c ckpt-studio -n "__fish_seen_subcommand_from $verbs" -l state-dict -x -d "Dotted path inside the file"
complete -c ckpt-studio -n "__fish_seen_subcommand_from compare align export" -l with -r -d "Model"
complete -c ckpt-studio -n "__fish_seen_subcommand_from compare align export" -l python -r -d "Interpreter with torch"
complete -c ckpt-studio -n "__fish_seen_subcommand_from inspect" -l stats -d "Read the values"
complete -c ckpt-studio -n "__fish_seen_subcommand_from identify" -l top -x -d "How many candidates"
for option in strip-prefix add-prefix rename regex pop keep cast device metadata max-shard-size seed
    complete -c ckpt-studio -n "__fish_seen_subcommand_from export" -l $option -x
end
for option in recipe save-recipe
    complete -c ckpt-studio -n "__fish_seen_subcommand_from export" -l $option -r
end
for option in align drop-unexpected drop-mismatched fill-missing resize-mismatched whole force
    complete -c ckpt-studio -n "__fish_seen_subcommand_from export" -l $option
end
complete -c ckpt-studio -n "__fish_seen_subcommand_from export" -l format -x -a "pth safetensors pth-legacy"
