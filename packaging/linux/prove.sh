#!/bin/sh
# Proves the Linux downloads in DIST (default: dist/): installs, starts, associates, upgrades and removes them, in a
# clean root.
#   [WINDOW_SECONDS=1] packaging/linux/prove.sh [DIST [packages]]     with the word: only the .deb and the .rpm
# The .deb and .rpm parts need root, debootstrap and a mirror of this system (Debian or Ubuntu; the .rpm also rpmbuild);
# without root they are skipped, and it says so. Everything it makes is in a temporary folder.
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
for place in .config .cache .local/state; do mkdir -p "$home/$place/ckpt-studio/deep" "$home/$place/another"; done
HOME=$home XDG_DATA_HOME=$home/.local/share sh "$folder/integrate.sh" purge
left=$(find "$home" -name 'ckpt*')
[ -z "$left" ] || fail "integrate.sh purge left: $left"
[ -d "$home/.config/another" ] || fail "integrate.sh purge took what is not ours"
say "archive: menu entry added and removed, settings removed on request"

# --- the Python packages: a clean environment ----------------------------------------------------------------------
for package in "$dist"/ckpt_studio-*.whl "$dist"/ckpt_studio-*.tar.gz; do
    python3 -m venv --clear "$scratch/venv"
    "$scratch/venv/bin/pip" install --quiet --disable-pip-version-check "$package"
    (cd / && python3 "$project/packaging/smoke.py" "$scratch/venv/bin/ckpt-studio" --max-seconds 3)
    [ -f "$scratch/venv/share/applications/$id.desktop" ] || fail "$(basename "$package") has no menu entry"
    "$scratch/venv/bin/pip" uninstall --quiet --yes ckpt-studio
    left=$(find "$scratch/venv" -iname '*ckpt*studio*')
    [ -z "$left" ] || fail "pip uninstall left: $left"
    say "installed from $(basename "$package"), tried, removed"
done
fi

if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null; then
    say "skipped: the .deb and .rpm in a clean root (needs root and debootstrap)"
    exit 0
fi

# --- the .deb: a clean root of this system -------------------------------------------------------------------------
deb=$(one "$dist"/ckpt-studio_*.deb)
# A bundle needs the C library it was built with, so the clean root is one of the system it was built on.
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
components=$(. /etc/os-release && if [ "$ID" = ubuntu ]; then echo main,universe; else echo main; fi)
debootstrap --variant=minbase --components="$components" "$codename" "$root" >"$scratch/debootstrap.log" 2>&1 || {
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
get() { inside apt-get install -y -qq --no-install-recommends "$@" >"$scratch/apt.log" 2>&1 || { tail -20 "$scratch/apt.log"; fail "apt-get install $*"; }; }

inside apt-get update -qq
# What any desktop has, and what the trial itself needs; what is there before does not count as left behind.
get shared-mime-info desktop-file-utils libglib2.0-bin
files >"$scratch/before"

# An older version first: the same package with another number and a file that the new one does not have.
dpkg-deb -R "$deb" "$scratch/old"
sed -i 's/^Version: .*/Version: 0.0.1/' "$scratch/old/DEBIAN/control"
touch "$scratch/old/usr/lib/ckpt-studio/_internal/of-the-old-version"
dpkg-deb -Znone -b "$scratch/old" "$root/tmp/old.deb" >/dev/null
rm -rf "$scratch/old"
get /tmp/old.deb
rm "$root/tmp/old.deb"
[ -e "$root/usr/lib/ckpt-studio/_internal/of-the-old-version" ] || fail "the older version was not installed"
cp "$deb" "$root/tmp/package.deb"
get /tmp/package.deb
[ ! -e "$root/usr/lib/ckpt-studio/_internal/of-the-old-version" ] || fail "upgrading left a file of the older version"
version=$(dpkg-deb -f "$deb" Version)
[ "$(inside dpkg-query -W -f '${Version}' ckpt-studio)" = "$version" ] || fail "not upgraded"
say "deb: upgraded from an older version, of which nothing is left"
unmet=$(inside sh -c 'find /usr/lib/ckpt-studio -name "*.so*" -type f | while read -r library; do
    LD_LIBRARY_PATH=/usr/lib/ckpt-studio/_internal ldd "$library" 2>/dev/null | grep "not found" | sed "s|^|$library: |"; done' || true)
[ -z "$unmet" ] || fail "libraries that neither the bundle nor its dependencies bring:
$unmet"
say "deb: every library is met by the package's own dependencies"
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

get xvfb xauth xdotool python3
mkdir -p "$root/tmp/project/packaging" "$root/tmp/project/resources" "$root/tmp/files"
cp "$project/packaging/smoke.py" "$root/tmp/project/packaging/"
cp "$project/resources/sample.pth" "$project/resources/sample_model.py" "$root/tmp/project/resources/"
inside python3 /tmp/project/packaging/smoke.py /usr/bin/ckpt-studio --max-seconds "$seconds"
# What a file manager does on a double click.
cp "$project/resources/sample.pth" "$root/tmp/files/double click 双击.pth"
inside xvfb-run -a sh -c '
    gio open "/tmp/files/double click 双击.pth"
    for _ in $(seq 60); do
        if window=$(xdotool search --onlyvisible --name "double click 双击"); then break; fi
        sleep 0.5
    done
    [ -n "$window" ] || exit 1
    xdotool windowfocus "$window" key --window "$window" ctrl+q
    sleep 1' >/dev/null 2>&1 || fail "a double click on a .pth opens no window"
say "deb: a double click on a .pth opens it"

# What the libraries of this system are called in .rpm packages is asked of rpm itself, as distributions do.
if command -v rpmbuild >/dev/null; then
    find "$root/usr/lib" "$root/lib" -name '*.so.*' 2>/dev/null | /usr/lib/rpm/elfdeps --provides 2>/dev/null |
        sort -u >"$scratch/provided"
fi

inside apt-get purge -y -qq --autoremove ckpt-studio xvfb xauth xdotool python3 >/dev/null 2>&1
files >"$scratch/after"
left=$(comm -13 "$scratch/before" "$scratch/after" | grep -v -e '^./var/lib/systemd' -e '^./root/' -e '^./var/cache' || true)
ours=$(echo "$left" | grep -i ckpt || true)
[ -z "$ours" ] || fail "removing left: $ours"
say "deb: tried in a window, removed; of ours nothing is left ($(echo "$left" | grep -c . || true) paths of other packages)"

# --- the .rpm: its own database in an empty root -------------------------------------------------------------------
if ! command -v rpmbuild >/dev/null; then
    say "skipped: the .rpm (no rpmbuild here)"
    exit 0
fi
rpm_file=$(one "$dist"/ckpt-studio-[0-9]*.rpm)
rpm_root=$scratch/rpm
mkdir -p "$rpm_root"
stand_in() { # NAME VERSION: an .rpm with the lines of standard input as the rest of its description
    {
        printf 'Name: %s\nVersion: %s\nRelease: 1\nSummary: stand-in\nLicense: none\nAutoReqProv: no\n' "$1" "$2"
        cat
    } >"$scratch/$1.spec"
    rpmbuild -bb --quiet --define "_topdir $scratch/rpmbuild" "$scratch/$1.spec" >"$scratch/rpmbuild.log" 2>&1 ||
        { cat "$scratch/rpmbuild.log"; fail "rpmbuild"; }
    find "$scratch/rpmbuild/RPMS" -name "$1-*.rpm"
}
# All that the package may ask of a distribution: libraries by what rpm calls them, and two names that are the same in
# Fedora and openSUSE.
system=$({
    sed 's/^/Provides: /' "$scratch/provided"
    echo "Provides: glibc = $(getconf GNU_LIBC_VERSION | cut -d' ' -f2)"
    echo "Provides: fontconfig = 2"
    printf '%%description\n\n%%files\n'
} | stand_in system 1)
old=$(printf '%%description\n\n%%install\nmkdir -p %%{buildroot}/usr/lib/ckpt-studio\ntouch %%{buildroot}/usr/lib/ckpt-studio/old\n%%files\n/usr/lib/ckpt-studio\n' | stand_in ckpt-studio 0.0.1)
rpm --root "$rpm_root" --initdb
rpm --root "$rpm_root" --install --nosignature "$system" "$old"
rpm --root "$rpm_root" --upgrade --nosignature "$rpm_file" || fail "the .rpm asks for what distributions do not have"
[ ! -e "$rpm_root/usr/lib/ckpt-studio/old" ] || fail "upgrading the .rpm left a file of the older version"
"$rpm_root/usr/bin/ckpt-studio" --version
python3 "$project/packaging/smoke.py" "$rpm_root/usr/lib/ckpt-studio/ckpt-studio" --no-window
rpm --root "$rpm_root" --erase ckpt-studio
left=$(find "$rpm_root" -iname '*ckpt*')
[ -z "$left" ] || fail "erasing the .rpm left: $left"
say "rpm: dependencies met by name, upgraded, tried, erased"
say "all downloads work"
