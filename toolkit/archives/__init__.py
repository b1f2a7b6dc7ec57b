"""Archives of forums, read in place and without trust. The only public door of the package.

Nothing here raises anything but `Unreadable`, whatever the bytes are.
"""

from toolkit.archives.discourse import read_discourse
from toolkit.archives.forum_json import read_json
from toolkit.archives.html import Names, markdown_of_page
from toolkit.archives.ledger import Ledger, Line
from toolkit.archives.repair import repaired
from toolkit.archives.shape import Archive, Author, Discussion, Happening, Said, Version
from toolkit.archives.stackexchange import read_stackexchange
from toolkit.archives.unreadable import Unreadable

__all__ = [
    "Archive",
    "Author",
    "Discussion",
    "Happening",
    "Ledger",
    "Line",
    "Names",
    "Said",
    "Unreadable",
    "Version",
    "markdown_of_page",
    "read_discourse",
    "read_json",
    "read_stackexchange",
    "repaired",
]
