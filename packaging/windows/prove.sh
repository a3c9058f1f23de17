#!/bin/sh
# Proves the Windows installer under Wine with a stand-in payload: installs, associates, upgrades, removes, silently.
#   packaging/windows/prove.sh
# Needs makensis and wine64 (Debian: nsis wine wine64). Everything it makes is in a temporary folder.
set -eu
project=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ckpt-nsis-XXXXXX")
export WINEPREFIX="$scratch/prefix" WINEDEBUG=-all WINEARCH=win64 WINEDLLOVERRIDES="mscoree,mshtml="
wine=$(command -v wine64 || command -v wine)
trap 'wineserver -k 2>/dev/null || true; rm -rf "$scratch"' EXIT

say() { echo "[prove] $*"; }
fail() { echo "[prove] FAILED: $*" >&2; exit 1; }

deep() { printf 'deep%.0s' $(seq 20); } # a name of 80 letters
payload() { # a stand-in bundle: version $1, with files of its own
    rm -rf "$scratch/payload"
    mkdir -p "$scratch/payload/_internal/deep/模型" "$scratch/payload/_internal/$(deep)/模型"
    cp "$(find /usr/lib -name cmd.exe -path '*64*' | head -1)" "$scratch/payload/ckpt-studio.exe"
    echo "MIT" >"$scratch/payload/LICENSE"
    echo "$1" | tee "$scratch/payload/_internal/deep/模型/version-$1.txt" \
        >"$scratch/payload/_internal/$(deep)/模型/version-$1.txt"
}
build() { # an installer of version $1
    payload "$1"
    (cd "$project" && makensis -WX -V2 -INPUTCHARSET UTF8 "-DVERSION=$1" "-DNUMBERS=$1.0" "-DPAYLOAD=$scratch/payload" \
        "-DOUTPUT=$scratch/ckpt-studio-$1.exe" "-DICON=$project/resources/icons/app/ckpt-studio.ico" \
        packaging/windows/installer.nsi)
}
registry() { # the value $2 of key $1, or nothing
    timeout 60 "$wine" reg query "$1" ${2:+/v "$2"} 2>/dev/null | tr -d '\r' | grep -e REG_ -e HKEY || true
}

build 1.0.0
build 1.1.0
say "compiled with -WX"
timeout 300 "$wine" wineboot --init >/dev/null 2>&1 || fail "wine does not start"
timeout 60 "$wine" winecfg /v win7 >/dev/null 2>&1
status=0
timeout 120 "$wine" "$scratch/ckpt-studio-1.0.0.exe" /S || status=$?
[ "$status" = 3 ] || fail "on Windows 7 it ended with $status, not with 3"
timeout 60 "$wine" winecfg /v win10 >/dev/null 2>&1
say "refuses a Windows that is too old"
folder="$WINEPREFIX/drive_c/labs/检查点"
uninstall_key='HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\CkptStudio'

# Somebody else's association and file must survive everything.
timeout 60 "$wine" reg add 'HKCU\Software\Classes\.pt' /ve /d Other.Program /f >/dev/null
timeout 120 "$wine" "$scratch/ckpt-studio-1.0.0.exe" /S /CurrentUser '/D=C:\labs\检查点'
[ -f "$folder/ckpt-studio.exe" ] || fail "not installed"
[ -f "$folder/_internal/deep/模型/version-1.0.0.txt" ] || fail "a file with a Chinese name is missing"
registry "$uninstall_key" DisplayVersion | grep -q 1.0.0 || fail "not listed among the programs"
registry 'HKCU\Software\Classes\.pth\OpenWithProgids' | grep -q CkptStudio.Checkpoint || fail ".pth: no open with"
registry 'HKCU\Software\Classes\.bin\OpenWithProgids' | grep -q CkptStudio.Checkpoint || fail ".bin: no open with"
registry 'HKCU\Software\Classes\.pt' | grep -q Other.Program || fail "took .pt from another program"
registry 'HKCU\Software\Classes\.pth' | grep -q 'Default.*CkptStudio' && fail "took .pth by default"
say "installed per user, silently, into a folder with Chinese letters; offered under open with only"

# The stand-in is a shell: it runs as long as something may still come to it.
sleep 60 | timeout 60 "$wine" "$folder/ckpt-studio.exe" >/dev/null 2>&1 &
running=$!
sleep 3
for try in "$scratch/ckpt-studio-1.1.0.exe /S /CurrentUser /D=C:\labs\检查点" "$folder/Uninstall.exe /S _?=C:\labs\检查点"; do
    status=0
    # shellcheck disable=SC2086 # the words of a command line
    timeout 120 "$wine" $try || status=$?
    [ "$status" = 4 ] || fail "with the program running it ended with $status, not with 4"
done
kill "$running" 2>/dev/null || true
timeout 30 "$wine" taskkill /F /IM ckpt-studio.exe >/dev/null 2>&1 || true
[ -f "$folder/_internal/deep/模型/version-1.0.0.txt" ] || fail "something was removed while the program ran"
say "refuses to upgrade or remove while the program runs"

echo "notes" >"$folder/my notes.txt"
timeout 120 "$wine" "$scratch/ckpt-studio-1.1.0.exe" /S /CurrentUser '/D=C:\labs\检查点'
[ -f "$folder/_internal/deep/模型/version-1.1.0.txt" ] || fail "the upgrade installed nothing"
[ ! -e "$folder/_internal/deep/模型/version-1.0.0.txt" ] || fail "the upgrade left old files"
registry "$uninstall_key" DisplayVersion | grep -q 1.1.0 || fail "the upgrade is not listed"
say "upgraded in place, nothing old left"

user=$(find "$WINEPREFIX/drive_c/users" -maxdepth 2 -name AppData | grep -v -i public | head -1)
for place in Roaming Local Local/cache; do mkdir -p "$user/$place/ckpt-studio/deep"; done
mkdir -p "$user/Local/cache/another"
timeout 120 "$wine" "$folder/Uninstall.exe" /S '_?=C:\labs\检查点'
if [ -e "$folder/ckpt-studio.exe" ] || [ -e "$folder/_internal" ]; then fail "files were left"; fi
[ -f "$folder/my notes.txt" ] || fail "removed a file of the user"
left=$(find "$user" -name 'ckpt-studio*')
[ -z "$left" ] || fail "settings were left: $left"
[ -d "$user/Local/cache/another" ] || fail "removed another program's cache"
[ -z "$(registry "$uninstall_key" DisplayVersion)" ] || fail "still listed"
registry 'HKCU\Software\Classes\.pt' | grep -q Other.Program || fail "lost another program's .pt"
for key in '.pth' '.safetensors' 'CkptStudio.Checkpoint' 'Applications\ckpt-studio.exe'; do
    [ -z "$(registry "HKCU\\Software\\Classes\\$key")" ] || fail "left the key $key"
done
say "removed: nothing left but the user's file"

# A folder so deep that paths in it are longer than the 260 letters that Windows once allowed; and by double click.
part=$(printf 'a%.0s' $(seq 100))
timeout 120 "$wine" "$scratch/ckpt-studio-1.1.0.exe" /S /CurrentUser /DoubleClick "/D=C:\\labs\\$part\\$part"
folder="$WINEPREFIX/drive_c/labs/$part/$part"
[ -f "$folder/_internal/$(deep)/模型/version-1.1.0.txt" ] || fail "not installed into a long path"
registry 'HKCU\Software\Classes\.pth' | grep -q CkptStudio.Checkpoint || fail "/DoubleClick: .pth is not ours"
registry 'HKCU\Software\Classes\.pt' | grep -q "BeforeCkptStudio.*Other.Program" || fail "/DoubleClick: forgot whose .pt was"
timeout 120 "$wine" "$folder/Uninstall.exe" /S "_?=C:\\labs\\$part\\$part"
[ ! -e "$folder/_internal" ] || fail "files were left in a long path"
registry 'HKCU\Software\Classes\.pt' | grep -q Other.Program || fail "did not give .pt back"
[ -z "$(registry 'HKCU\Software\Classes\.pt' BeforeCkptStudio)" ] || fail "left a note in .pt"
[ -z "$(registry 'HKCU\Software\Classes\.pth')" ] || fail "left the key .pth"
say "installed into a path of more than 260 letters, by double click; removed, .pt given back to whose it was"

timeout 120 "$wine" "$scratch/ckpt-studio-1.1.0.exe" /S /CurrentUser
folder="$user/Local/Programs/Ckpt Studio"
[ -f "$folder/ckpt-studio.exe" ] || fail "per user without a folder: not where programs of one user are"
timeout 120 "$wine" "$folder/Uninstall.exe" /S
timeout 120 wineserver -w
[ ! -e "$folder" ] || fail "per user without a folder: files were left"

timeout 120 "$wine" "$scratch/ckpt-studio-1.1.0.exe" /S /AllUsers
installed=$(find "$WINEPREFIX/drive_c/Program Files" -name ckpt-studio.exe)
[ -n "$installed" ] || fail "not installed for all users"
registry 'HKLM\Software\Classes\.safetensors\OpenWithProgids' | grep -q CkptStudio || fail "all users: no open with"
mkdir -p "$user/Roaming/ckpt-studio"
# Without NSIS's `_?=` it goes on as a copy of itself, so that even the uninstaller goes.
timeout 120 "$wine" "$(dirname "$installed")/Uninstall.exe" /S
timeout 120 wineserver -w
[ ! -e "$(dirname "$installed")" ] || fail "all users: files were left"
[ -z "$(registry 'HKLM\Software\Classes\CkptStudio.Safetensors')" ] || fail "all users: keys were left"
[ -d "$user/Roaming/ckpt-studio" ] || fail "all users: took a user's settings"
say "installed for all users, and removed"
