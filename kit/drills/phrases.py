"""Values of lines that many drills expect or observe, in both languages."""

from __future__ import annotations

from kit.words import Words

ABOVE_ZERO = Words("above 0", "1以上")


def within(seconds: float) -> Words:
    return Words(f"within {seconds:.0f} s", f"{seconds:.0f}秒以内")


def after(seconds: float) -> Words:
    return Words(f"after {seconds:.1f} s", f"{seconds:.1f}秒後")


def took(seconds: float) -> Words:
    return Words(f"{seconds:.1f} s", f"{seconds:.1f}秒")
