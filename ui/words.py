"""Numbers as people say them, for pages: those of the core. ``words.js`` says the same in the browser."""

from core.figures import about as about
from core.figures import count as count
from core.figures import duration as duration
from core.figures import mark as mark
from core.figures import plural as plural
from core.figures import short as short
from core.figures import size as size
