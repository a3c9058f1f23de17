"""What macOS is told of the application: above all the document types it opens."""

from __future__ import annotations

from typing import Any

PYTORCH = "org.ckptstudio.pytorch-checkpoint"
SAFETENSORS = "org.ckptstudio.safetensors"


def info_plist(version: str, system: str = "14.0") -> dict[str, Any]:
    """The keys that go into the application's Info.plist.

    Args:
        version: of the program.
        system: the oldest macOS that the Qt inside runs on.
    """
    return {
        "CFBundleDisplayName": "Ckpt Studio",
        "CFBundleShortVersionString": version,
        "CFBundleVersion": version,
        "LSMinimumSystemVersion": system,
        "LSApplicationCategoryType": "public.app-category.developer-tools",
        # PyInstaller makes an agent without windows of a program that can also be started in a terminal.
        "LSBackgroundOnly": False,
        "NSHighResolutionCapable": True,
        "NSRequiresAquaSystemAppearance": False,
        "CFBundleDevelopmentRegion": "en",
        "CFBundleLocalizations": ["en", "zh-Hans"],
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": "PyTorch checkpoint",
                "CFBundleTypeRole": "Editor",
                "LSHandlerRank": "Default",
                "LSItemContentTypes": [PYTORCH],
            },
            {
                "CFBundleTypeName": "Safetensors file",
                "CFBundleTypeRole": "Editor",
                "LSHandlerRank": "Default",
                "LSItemContentTypes": [SAFETENSORS],
            },
            {
                # "Open with" only: .bin belongs to nobody.
                "CFBundleTypeName": "PyTorch weights",
                "CFBundleTypeRole": "Editor",
                "LSHandlerRank": "Alternate",
                "CFBundleTypeExtensions": ["bin"],
            },
        ],
        "UTExportedTypeDeclarations": [
            {
                "UTTypeIdentifier": PYTORCH,
                "UTTypeDescription": "PyTorch checkpoint",
                "UTTypeConformsTo": ["public.data"],
                "UTTypeTagSpecification": {"public.filename-extension": ["pth", "pt", "ckpt"]},
            },
            {
                "UTTypeIdentifier": SAFETENSORS,
                "UTTypeDescription": "Safetensors file",
                "UTTypeConformsTo": ["public.data"],
                "UTTypeTagSpecification": {"public.filename-extension": ["safetensors"]},
            },
        ],
    }
