#!/bin/sh
# Makes the disk image of the macOS application; signs and notarises it when it is told with what.
#   packaging/macos/make-dmg.sh "dist/Ckpt Studio.app" dist/ckpt-studio.dmg
#   CKPT_STUDIO_SIGN_IDENTITY     name of a Developer ID Application certificate in the keychain
#   CKPT_STUDIO_NOTARY_PROFILE    name of credentials that `notarytool store-credentials` keeps in the keychain
set -eu
app=$1
image=$2
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if [ -n "${CKPT_STUDIO_SIGN_IDENTITY-}" ]; then
    codesign --force --deep --options runtime --timestamp --entitlements "$here/entitlements.plist" \
        --sign "$CKPT_STUDIO_SIGN_IDENTITY" "$app"
    codesign --verify --strict "$app"
fi
cp -R "$app" "$scratch/"
ln -s /Applications "$scratch/Applications"
rm -f "$image"
hdiutil create -volname "Ckpt Studio" -srcfolder "$scratch" -format UDZO -quiet "$image"
if [ -n "${CKPT_STUDIO_SIGN_IDENTITY-}" ]; then
    codesign --timestamp --sign "$CKPT_STUDIO_SIGN_IDENTITY" "$image"
fi
if [ -n "${CKPT_STUDIO_NOTARY_PROFILE-}" ]; then
    xcrun notarytool submit "$image" --keychain-profile "$CKPT_STUDIO_NOTARY_PROFILE" --wait
    xcrun stapler staple "$image"
fi
