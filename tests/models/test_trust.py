"""Consent is for a content, not for a name."""

from __future__ import annotations

from pathlib import Path

from ckpt_studio.models.trust import CodeRequest, Trust


def test_consent_holds_for_that_very_content(tmp_path: Path) -> None:
    code = tmp_path / "net.py"
    code.write_text("class Net: ...")
    trust = Trust(tmp_path / "settings" / "trust.json")
    request = CodeRequest.of(str(code), "/usr/bin/python3", "net.py:Net")
    assert not trust.allows(request)
    trust.remember(request)
    assert Trust(tmp_path / "settings" / "trust.json").allows(request)
    assert trust.remembered == (str(code),)
    code.write_text("class Net: pass")
    assert not trust.allows(CodeRequest.of(str(code), "/usr/bin/python3", "net.py:Net"))
    copy = tmp_path / "elsewhere" / "net.py"
    copy.parent.mkdir()
    copy.write_text("class Net: ...")
    # The same words beside other siblings are other code.
    assert not trust.allows(CodeRequest.of(str(copy), "/usr/bin/python3", "net.py:Net"))
    trust.forget_all()
    assert not trust.allows(request)


def test_without_a_file_it_is_kept_in_memory_and_unknown_code_is_never_remembered(tmp_path: Path) -> None:
    code = tmp_path / "net.py"
    code.write_text("x")
    trust = Trust()
    request = CodeRequest.of(str(code), "python", "net.py:x")
    trust.remember(request)
    assert trust.allows(request)
    assert not Trust().allows(request)
    unknown = CodeRequest.of("", "python", "somewhere:net")
    trust.remember(unknown)
    assert not trust.allows(unknown)


def test_a_damaged_file_means_asking_again(tmp_path: Path) -> None:
    code = tmp_path / "net.py"
    code.write_text("x")
    request = CodeRequest.of(str(code), "python", "net.py:x")
    for text in ("{", "[]", '{"allowed": 3}', ""):
        (tmp_path / "trust.json").write_text(text)
        assert not Trust(tmp_path / "trust.json").allows(request)
