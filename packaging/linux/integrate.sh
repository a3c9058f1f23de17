#!/bin/sh
# Puts Ckpt Studio into this user's menu and file associations, from wherever this folder is; or takes it out again.
#   ./integrate.sh install | remove | purge      purge: also the settings, notes and caches of this user
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${XDG_DATA_HOME:-$HOME/.local/share}
bin=$HOME/.local/bin
id=ckpt-studio

refresh() {
    mkdir -p "$data/mime/packages" "$data/applications"
    if command -v update-mime-database >/dev/null; then update-mime-database "$data/mime" || true; fi
    if command -v update-desktop-database >/dev/null; then update-desktop-database -q "$data/applications" || true; fi
}

remove() {
    ours | while read -r name; do
        rm -f "$data/$name"
        (cd "$data" && rmdir -p "$(dirname "$name")" 2>/dev/null) || true
    done
    if [ "$(readlink "$bin/ckpt-studio" 2>/dev/null)" = "$here/ckpt-studio" ]; then rm -f "$bin/ckpt-studio"; fi
    refresh
    # With no types of anybody left, all there is was generated from ours.
    if rmdir "$data/mime/packages" 2>/dev/null; then rm -rf "$data/mime"; fi
    if [ "$(ls -A "$data/applications")" = mimeinfo.cache ]; then rm "$data/applications/mimeinfo.cache"; fi
    rmdir "$data/applications" 2>/dev/null || true
}

# Every file of ours under share/, as a path relative to it.
ours() { (cd "$here/share" && find . -type f | sed 's|^\./||'); }

case ${1-} in
    install)
        ours | while read -r name; do
            mkdir -p "$data/$(dirname "$name")"
            cp "$here/share/$name" "$data/$name"
        done
        escaped=$(printf '%s' "$here/ckpt-studio" | sed 's/[\\&|]/\\&/g')
        sed -i "s|^Exec=ckpt-studio|Exec=\"$escaped\"|; s|^TryExec=.*|TryExec=$escaped|" "$data/applications/$id.desktop"
        mkdir -p "$bin"
        ln -sf "$here/ckpt-studio" "$bin/ckpt-studio"
        refresh
        ;;
    remove) remove ;;
    purge)
        remove
        rm -rf "${XDG_CONFIG_HOME:-$HOME/.config}/ckpt-studio" "${XDG_CACHE_HOME:-$HOME/.cache}/ckpt-studio" \
            "${XDG_STATE_HOME:-$HOME/.local/state}/ckpt-studio"
        ;;
    *)
        echo "usage: $0 install|remove|purge" >&2
        exit 2
        ;;
esac
