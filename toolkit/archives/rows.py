"""XML tables read row by row, with nothing that XML can do beyond tags and attributes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from django.utils.translation import gettext as _

from toolkit.archives.unreadable import Unreadable


def rows_of(stream: IO[bytes], name: str) -> Iterator[dict[str, str]]:
    """The attributes of each <row>, one at a time: the tree of the document is never built.

    Raises Unreadable on anything that is not well formed, and on any DTD: with it go entities, bombs and addresses of
    other files.
    """
    try:
        root = None
        for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
            if root is None:
                root = element
            elif event == "end" and element.tag == "row":
                yield dict(element.attrib)
                root.clear()
    except DefusedXmlException as error:
        said = _("“%(name)s” is refused: it declares a DTD or entities, which an archive has no need of.")
        raise Unreadable(said % {"name": name}) from error
    except (ParseError, LookupError, ValueError) as error:
        said = _("“%(name)s” is not well-formed XML (%(reason)s).")
        raise Unreadable(said % {"name": name, "reason": error}) from error
