"""Which languages there are, and putting one on."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from ckpt_studio.gui.settings import text_setting
from ckpt_studio.resources import resource_path
from ckpt_studio.wording.marking import QT_TRANSLATE_NOOP

# Each in its own words, so that one finds back from a language one cannot read.
LANGUAGES = {"en": "English", "zh_CN": "简体中文"}

# Words of Qt that its own translations lack; ours are asked first.
QT_OWN = (
    QT_TRANSLATE_NOOP("QFileDialog", "&Look in:"),
    QT_TRANSLATE_NOOP("QFileDialog", "Files of &type:"),
)


def chosen_locale() -> QLocale:
    """The language chosen in the menu, or else the system's."""
    code = text_setting("view/language", "")
    return QLocale(code) if code else QLocale.system()


def install_language(app: QCoreApplication, locale: QLocale | None = None) -> list[QTranslator]:
    """Loads the program's and Qt's own texts of a language; English needs none. The translators belong to `app`."""
    locale = locale or chosen_locale()
    QLocale.setDefault(locale)
    if locale.language() == QLocale.Language.English:
        return []
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    installed: list[QTranslator] = []
    for name, place in (("qtbase", folder), ("ckpt_studio", str(resource_path("translations")))):
        translator = QTranslator(app)
        if translator.load(locale, name, "_", place):
            app.installTranslator(translator)
            installed.append(translator)
    return installed
