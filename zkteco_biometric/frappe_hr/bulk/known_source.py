"""Whether a function of HRMS is still the one that this app's stand-in was written for."""

import hashlib
import inspect
import io
import tokenize
from collections.abc import Callable

_LAYOUT = {
	tokenize.COMMENT,
	tokenize.NL,
	tokenize.NEWLINE,
	tokenize.INDENT,
	tokenize.DEDENT,
	tokenize.ENCODING,
	tokenize.ENDMARKER,
}


def fingerprint(function: Callable) -> str:
	"""Of its words, whatever their layout and comments; the same on every version of Python."""
	words = tokenize.generate_tokens(io.StringIO(inspect.getsource(function)).readline)
	return hashlib.sha1(
		" ".join(word.string for word in words if word.type not in _LAYOUT).encode()
	).hexdigest()
