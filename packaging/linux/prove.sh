#!/bin/sh
# Proves the Linux downloads in DIST (default: dist/): installs, starts, associates and removes them in a clean root.
#   [WINDOW_SECONDS=1] packaging/linux/prove.sh [DIST [packages]]     with the word: only the .deb and the .rpm
# The .deb and .rpm parts need root, debootstrap and a Debian mirror (as debootstrap finds it); without root they are
# skipped, and it says so. Everything it makes is in a temporary folder.
set -eu
project=$(cd "$(dirname "$0")/../.." && pwd)
dist=$(cd "${1:-$project/dist}" && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ckpt-prove-XXXXXX")
root=$scratch/root
id=ckpt-studio
seconds=${WINDOW_SECONDS:-1} # until the window is there; more on a busy machine

say() { echo "[prove] $*"; }
fail() { echo "[prove] FAILED: $*" >&2; exit 1; }
one() { # the only file of a pattern
    [ $# -eq 1 ] && [ -e "$1" ] || fail "expected one file: $*"
    echo "$1"
}
clean_up() {
    for place in dev proc; do
        if mountpoint -q "$root/$place" 2>/dev/null; then umount -l "$root/$place"; fi
    done
    rm -rf --one-file-system "$scratch"
}
trap clean_up EXIT

if [ "${2-}" != packages ]; then
# --- the archive: any folder, any user ---------------------------------------------------------------------------
archive=$(one "$dist"/ckpt-studio-[0-9]*-linux-*.tar.xz)
home=$scratch/home
away="$scratch/a place 地方"
mkdir -p "$away" "$home"
tar -xJf "$archive" -C "$away"
folder=$(one "$away"/ckpt-studio-*)
say "archive: unpacked into a folder with a blank and Chinese letters"
python3 "$project/packaging/smoke.py" "$folder/ckpt-studio" --max-seconds "$seconds"
HOME=$home XDG_DATA_HOME=$home/.local/share sh "$folder/integrate.sh" install
HOME=$home "$home/.local/bin/ckpt-studio" --version >/dev/null
if command -v desktop-file-validate >/dev/null; then
    desktop-file-validate "$home/.local/share/applications/$id.desktop"
fi
HOME=$home XDG_DATA_HOME=$home/.local/share sh "$folder/integrate.sh" remove
left=$(find "$home" ! -type d)
[ -z "$left" ] || fail "integrate.sh remove left: $left"
say "archive: menu entry added and removed"

# --- the Python packages: a clean environment ----------------------------------------------------------------------
for package in "$dist"/ckpt_studio-*.whl "$dist"/ckpt_studio-*.tar.gz; do
    python3 -m venv --clear "$scratch/venv"
    "$scratch/venv/bin/pip" install --quiet --disable-pip-version-check "$package"
    (cd / && python3 "$project/packaging/smoke.py" "$scratch/venv/bin/ckpt-studio" --max-seconds 3)
    say "installed from $(basename "$package") and tried"
done
fi

if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null; then
    say "skipped: the .deb and .rpm in a clean root (needs root and debootstrap)"
    exit 0
fi

# --- the .deb: a clean Debian ------------------------------------------------------------------------------------
deb=$(one "$dist"/ckpt-studio_*.deb)
debootstrap --variant=minbase bookworm "$root" >"$scratch/debootstrap.log" 2>&1 || {
    tail -5 "$scratch/debootstrap.log"
    fail "debootstrap"
}
cp /etc/resolv.conf "$root/etc/" 2>/dev/null || true
for setting in /etc/apt/apt.conf /etc/apt/apt.conf.d/*proxy*; do
    if [ -f "$setting" ]; then cp "$setting" "$root$setting"; fi
done
mount --bind /proc "$root/proc"
mount --bind /dev "$root/dev"
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
files() { (cd "$root" && find . -xdev \( -path ./proc -o -path ./dev -o -path ./tmp -o -path ./var/cache -o -path ./var/log -o -path ./var/lib/apt -o -path ./var/lib/dpkg \) -prune -o -print | sort); }

inside apt-get update -qq
# What any desktop has, and what the trial itself needs; what is there before does not count as left behind.
inside apt-get install -y -qq --no-install-recommends shared-mime-info desktop-file-utils libglib2.0-bin >/dev/null 2>&1
files >"$scratch/before"

cp "$deb" "$root/tmp/package.deb"
inside apt-get install -y -qq --no-install-recommends /tmp/package.deb >/dev/null 2>"$scratch/apt.log" || {
    cat "$scratch/apt.log"
    fail "the .deb does not install"
}
unmet=$(inside sh -c 'find /usr/lib/ckpt-studio -name "*.so*" -type f | while read -r library; do
    LD_LIBRARY_PATH=/usr/lib/ckpt-studio/_internal ldd "$library" 2>/dev/null | grep "not found" | sed "s|^|$library: |"; done' || true)
[ -z "$unmet" ] || fail "libraries that neither the bundle nor its dependencies bring:
$unmet"
say "deb: installed; every library is met by the package's own dependencies"
inside ckpt-studio --version
inside env QT_QPA_PLATFORM=offscreen timeout 20 ckpt-studio --help >/dev/null

for name in a.pth b.pt c.ckpt d.pth.tar e.safetensors f.bin; do printf '\200\002data' >"$root/tmp/$name"; done
kind() { inside gio info -a standard::content-type "/tmp/$1" | sed -n 's/.*content-type: //p'; }
for name in a.pth b.pt c.ckpt d.pth.tar; do
    [ "$(kind $name)" = application/x-pytorch-checkpoint ] || fail "$name is $(kind $name)"
done
[ "$(kind e.safetensors)" = application/x-safetensors ] || fail "e.safetensors is $(kind e.safetensors)"
[ "$(kind f.bin)" != application/x-pytorch-checkpoint ] || fail ".bin was taken over"
inside gio mime application/x-pytorch-checkpoint | grep -q "$id.desktop" || fail "not associated"
inside gio mime application/x-safetensors | grep -q "$id.desktop" || fail "not associated"
say "deb: file types known and associated, .bin left alone"

inside apt-get install -y -qq --no-install-recommends xvfb xauth xdotool python3 >/dev/null 2>&1
mkdir -p "$root/tmp/project/packaging"
cp "$project/packaging/smoke.py" "$root/tmp/project/packaging/"
mkdir -p "$root/tmp/project/resources"
cp "$project/resources/sample.pth" "$project/resources/sample_model.py" "$root/tmp/project/resources/"
inside python3 /tmp/project/packaging/smoke.py /usr/bin/ckpt-studio --max-seconds "$seconds"
inside apt-get purge -y -qq --autoremove ckpt-studio xvfb xauth xdotool python3 >/dev/null 2>&1
files >"$scratch/after"
left=$(comm -13 "$scratch/before" "$scratch/after" | grep -v -e '^./var/lib/systemd' -e '^./root/' -e '^./var/cache' || true)
ours=$(echo "$left" | grep -i ckpt || true)
[ -z "$ours" ] || fail "removing left: $ours"
say "deb: tried in a window, removed; of ours nothing is left ($(echo "$left" | grep -c . || true) paths of other packages)"

# --- the .rpm: its own database in an empty root -----------------------------------------------------------------
if command -v rpm >/dev/null; then
    rpm_file=$(one "$dist"/ckpt-studio-*.rpm)
    rpm_root=$scratch/rpm
    mkdir -p "$rpm_root"
    rpm --root "$rpm_root" --initdb
    rpm --root "$rpm_root" --install --nodeps --nosignature "$rpm_file"
    "$rpm_root/usr/bin/ckpt-studio" --version
    python3 "$project/packaging/smoke.py" "$rpm_root/usr/lib/ckpt-studio/ckpt-studio" --no-window
    rpm --root "$rpm_root" --erase --nodeps ckpt-studio
    left=$(find "$rpm_root" -iname '*ckpt*')
    [ -z "$left" ] || fail "erasing the .rpm left: $left"
    say "rpm: installed, tried, erased"
else
    say "skipped: the .rpm (no rpm here)"
fi
say "all downloads work"
