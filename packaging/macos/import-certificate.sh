#!/bin/sh
# Puts the certificate and the credentials for signing into a keychain of this machine's own; without them, does nothing.
#   MACOS_CERTIFICATE            a Developer ID Application certificate with its key: a .p12 file in base64
#   MACOS_CERTIFICATE_PASSWORD   its password
#   MACOS_NOTARY_USER, MACOS_NOTARY_PASSWORD, MACOS_NOTARY_TEAM   for `notarytool`; kept as CKPT_STUDIO_NOTARY_PROFILE
set -eu
if [ -z "${MACOS_CERTIFICATE-}" ]; then
    echo "no certificate: the application is not signed by anybody"
    exit 0
fi
keychain=${RUNNER_TEMP:-$(mktemp -d)}/ckpt-studio.keychain-db
password=$(openssl rand -hex 16)
file=$(mktemp)
trap 'rm -f "$file"' EXIT
printf '%s' "$MACOS_CERTIFICATE" | base64 --decode >"$file"
security create-keychain -p "$password" "$keychain"
security set-keychain-settings -lut 21600 "$keychain"
security unlock-keychain -p "$password" "$keychain"
security import "$file" -f pkcs12 -P "$MACOS_CERTIFICATE_PASSWORD" -T /usr/bin/codesign -k "$keychain"
security set-key-partition-list -S apple-tool:,apple: -s -k "$password" "$keychain" >/dev/null
security list-keychains -d user -s "$keychain" login.keychain-db
if [ -n "${CKPT_STUDIO_NOTARY_PROFILE-}" ]; then
    xcrun notarytool store-credentials "$CKPT_STUDIO_NOTARY_PROFILE" --keychain "$keychain" \
        --apple-id "$MACOS_NOTARY_USER" --password "$MACOS_NOTARY_PASSWORD" --team-id "$MACOS_NOTARY_TEAM"
fi
