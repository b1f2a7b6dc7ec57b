"""French or English, by the small words. Enough for mail; not a language detector."""

from __future__ import annotations

import re

_FRENCH = frozenset({
    "le", "la", "les", "des", "du", "un", "une", "et", "est", "pas", "ne", "que", "qui", "dans", "pour",
    "sur", "avec", "vous", "nous", "je", "il", "elle", "ce", "cette", "ces", "mais", "ou", "où", "sont",
    "être", "etre", "avoir", "fait", "plus", "aussi", "très", "tres", "comme", "par", "au", "aux", "se", "sa",
    "son", "ses", "leur", "si", "peut", "bien", "merci", "bonjour", "donc", "alors", "cela", "ça", "ca",
    "même", "meme", "sans", "tout", "tous", "faire", "quelque", "j'ai", "c'est", "d'un", "d'une", "n'est",
    "qu'il",
})  # fmt: skip
_ENGLISH = frozenset({
    "the", "a", "an", "and", "is", "not", "that", "which", "in", "for", "on", "with", "you", "we", "i", "he",
    "she", "it", "this", "these", "those", "but", "or", "where", "are", "be", "have", "has", "more", "also",
    "very", "like", "by", "at", "to", "of", "if", "can", "well", "thanks", "hello", "so", "then", "there",
    "was", "were", "would", "should", "from", "as", "my", "your", "they", "their", "what", "when", "how",
    "does", "do", "don't", "it's", "i'm", "isn't",
})  # fmt: skip
_WORDS = re.compile(r"[a-zà-öø-ÿœ]+(?:['’][a-zà-öø-ÿœ]+)?")
_ELIDED = re.compile(r"\b(?:[ldjcnsmt]|qu)['’](?=[a-zà-öø-ÿ])")


def language_of(text: str, otherwise: str) -> str:
    """ "fr" or "en", whichever the small words of the text's first 20,000 characters speak for; else `otherwise`.

    A text that says everything twice is in the language that it begins with.
    """
    french, english = _counted(text[:20_000])
    if min(french, english) * 3 > max(french, english) and french + english > 30:
        french, english = _counted(text[:500])
    if french + english < 2 or french == english:
        return otherwise
    return "fr" if french > english else "en"


def _counted(text: str) -> tuple[int, int]:
    sample = text.lower()
    words = [word.replace("’", "'") for word in _WORDS.findall(sample)]
    french = sum(word in _FRENCH for word in words) + len(_ELIDED.findall(sample))
    return french, sum(word in _ENGLISH for word in words)
