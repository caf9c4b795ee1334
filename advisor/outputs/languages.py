"""The language that a file is written in."""

from __future__ import annotations

from collections.abc import Container, Iterator

from advisor.core.saying import ENGLISH, Language


def language(key: str) -> Language:
    """A language by its key. English is at hand, others are read. Raises UnknownNameError."""
    if key == ENGLISH.key:
        return ENGLISH
    from advisor.catalogue import translations

    return translations.language(key)


class Languages(Container[str]):
    """The keys of the languages there are, looked up once somebody asks for another than English."""

    def __contains__(self, key: object) -> bool:
        return key == ENGLISH.key or key in self._keys()

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys())

    @staticmethod
    def _keys() -> list[str]:
        from advisor.catalogue.translations import languages

        return list(languages())
