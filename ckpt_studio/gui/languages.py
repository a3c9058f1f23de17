"""Which languages there are, and putting one on."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator
from PySide6.QtGui import QFontDatabase, QFontInfo, QGuiApplication

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

# Letters that Chinese and Japanese share look different in each; without these a system that speaks another language
# takes whichever comes first. macOS, Windows, Linux.
_CHINESE_FONTS = (
    "PingFang SC",
    "Microsoft YaHei UI",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
)


def chosen_locale() -> QLocale:
    """The language chosen in the menu, or else the system's."""
    code = text_setting("view/language", "")
    return QLocale(code) if code else QLocale.system()


def install_language(app: QCoreApplication, locale: QLocale | None = None) -> list[QTranslator]:
    """Loads the program's and Qt's own texts of a language; English needs none. The translators belong to `app`."""
    locale = QLocale(locale or chosen_locale())
    # The plain locale C leaves them out, and large numbers would be read in two ways.
    locale.setNumberOptions(locale.numberOptions() & ~QLocale.NumberOption.OmitGroupSeparator)
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
    if locale.language() == QLocale.Language.Chinese and isinstance(app, QGuiApplication):
        _prefer_chinese_letters(app)
    return installed


def change_language(app: QCoreApplication) -> None:
    """Puts the chosen language in the place of the present one; what is built from now on speaks it."""
    for translator in app.findChildren(QTranslator):
        app.removeTranslator(translator)
        translator.setParent(None)
    install_language(app)


def _prefer_chinese_letters(app: QGuiApplication) -> None:
    font, known = app.font(), set(QFontDatabase.families())
    # By its real name: an alias such as "Sans Serif" would give its place to the next one. Latin letters, × and …
    # stay as in English, for Chinese fonts make the signs as wide as a letter.
    families = [QFontInfo(font).family(), *font.families(), *(name for name in _CHINESE_FONTS if name in known)]
    font.setFamilies(list(dict.fromkeys(families)))
    app.setFont(font)
