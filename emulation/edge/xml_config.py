"""CloudFront's XML, without its namespace, as small typed look-ups."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

#: The XML comes from the emulator on loopback, never from a viewer.
_parse = ElementTree.fromstring


class Xml:
    """One element; a missing element behaves as an empty one."""

    def __init__(self, element: ElementTree.Element | None) -> None:
        self._element = element

    @classmethod
    def parse(cls, content: bytes) -> Xml:
        return cls(_parse(content))

    def __bool__(self) -> bool:
        return self._element is not None

    def get(self, *path: str) -> Xml:
        element = self._element
        for name in path:
            if element is None:
                break
            element = next((child for child in element if _local(child) == name), None)
        return Xml(element)

    def text(self, *path: str, default: str = "") -> str:
        element = self.get(*path)._element
        return default if element is None or element.text is None else element.text.strip()

    def number(self, *path: str, default: float) -> float:
        text = self.text(*path)
        return float(text) if text else default

    def true(self, *path: str) -> bool:
        return self.text(*path).lower() == "true"

    def items(self, *path: str) -> Iterator[Xml]:
        """Children of ``…/Items``."""
        holder = self.get(*path, "Items")._element
        yield from (Xml(child) for child in (holder if holder is not None else ()))

    def names(self, *path: str) -> list[str]:
        return [item.text() for item in self.items(*path)]

    def find_all(self, name: str) -> Iterator[Xml]:
        """Every descendant of that name."""
        if self._element is not None:
            yield from (Xml(child) for child in self._element.iter() if _local(child) == name)


def _local(element: ElementTree.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]
