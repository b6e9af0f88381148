"""What can go wrong between us and a BioTime server, named by what happens next.

Two families: `FixTheSettings` waits for a person, `TryAgain` passes by itself. Every error carries a stable
`code` (stored, compared, never translated), a `message` (what was seen) and a `remedy` (what a person should do). These two
are wordings: English for logs and the command line, said in their reader's language where people see them.
"""

from __future__ import annotations

import json

from zkteco_biometric.wording import _, without

_SHORTEST_SECRET = 4


class BioTimeError(Exception):
	"""A request to the device did not give what it was asked for."""

	code = "device_error"
	remedy: str = _("Press Test Connection on the device's page and follow what it says.")
	needs_a_person = False
	may_be_its_size = False
	"""Whether a server may have failed since it was asked for too much at once."""

	def __init__(
		self,
		message: str,
		*,
		remedy: str | None = None,
		retry_after: float | None = None,
		may_be_its_size: bool | None = None,
	) -> None:
		super().__init__(message)
		self.message = message
		self.remedy = remedy or type(self).remedy
		self.retry_after = retry_after
		if may_be_its_size is not None:
			self.may_be_its_size = may_be_its_size

	def hide(self, *secrets: str) -> None:
		"""Takes out what a server repeats of a request, and nobody else may see.

		What is as short as a word's part is no secret, and would take letters out of every sentence.
		"""
		for secret in (one for one in secrets if len(one) >= _SHORTEST_SECRET):
			for written in (secret, json.dumps(secret, ensure_ascii=False)[1:-1]):
				self.message = without(self.message, written, "***")
		self.args = (self.message,)


class FixTheSettings(BioTimeError):
	"""Nothing changes until a person changes something: not repeated by itself."""

	needs_a_person = True


class TryAgain(BioTimeError):
	"""Likely to pass by itself: repeated with back-off, then in the next cycle."""


class WrongCredentials(FixTheSettings):
	"""The server refused user name and password. Never repeated: the vendor locks accounts."""

	code = "wrong_credentials"
	remedy = _(
		"Check the user name and the password on the device's page, and that the account can log in to "
		"the BioTime web page. No further log-in is tried until they change."
	)


class AccessDenied(FixTheSettings):
	"""The server knows us and still says no, also with a fresh token (401)."""

	code = "access_denied"
	remedy = _("Check on the BioTime server that this user is active and may use the API.")


class LicenceWithoutApi(FixTheSettings):
	"""403: logged in, but the API is not part of the licence or of the user's role."""

	code = "licence_without_api"
	remedy = _(
		"Ask the vendor for a licence with the API module, or give this BioTime user a role that may "
		"read transactions and personnel."
	)


class TlsFailed(FixTheSettings):
	"""The certificate could not be verified, or there is no TLS at that port."""

	code = "tls_failed"
	remedy = _(
		"If the server uses a private or self-signed certificate, attach its CA file on the device's "
		"page; if the port speaks plain HTTP, begin the URL with http://."
	)


class NotBioTime(FixTheSettings):
	"""A web page, or a missing route, where the API should be."""

	code = "not_biotime"
	remedy = _(
		"Check the URL: it is the address of the BioTime server with its port, such as "
		"http://192.0.2.10:8081."
	)


class Redirected(FixTheSettings):
	"""The server wants us elsewhere. Not followed: the token goes to the configured URL only."""

	code = "redirected"
	remedy = _("Enter the address that the server redirects to as the URL, if you trust it.")


class UnexpectedShape(FixTheSettings):
	"""JSON, but not the JSON of the contract."""

	code = "unexpected_shape"
	remedy = _(
		"Check that the URL is a BioTime server of version 8 or later; if it is, report the version to "
		"the app's makers."
	)


class Rejected(FixTheSettings):
	"""The server refused to change a person (400): an area that does not exist, a value that it does not take."""

	code = "rejected"
	remedy = _(
		"Check on the device's page which areas, or which field and values, enable and disable people, "
		"and compare them with the BioTime server."
	)


class NotOffered(FixTheSettings):
	"""This server has no such way of changing a person."""

	code = "not_offered"
	remedy = _(
		"Choose another way to enable and disable people on the device's page: this server does not "
		"offer that one."
	)


class NotFound(FixTheSettings):
	"""There is nobody with that id on the server (any more)."""

	code = "not_found"
	remedy = _(
		"Check on the BioTime server that the person exists there, with the employee's Biometric ID as "
		"the code."
	)


class Unreachable(TryAgain):
	"""No connection: name unknown, refused, no route, reset."""

	code = "unreachable"
	remedy = _(
		"Check that the BioTime server is switched on, that URL and port are right, and that a firewall "
		"lets this site through."
	)


class TimedOut(TryAgain):
	"""No answer within the time-out."""

	code = "timed_out"
	may_be_its_size = True
	remedy = _(
		"The server is slow or overloaded. If it happens again and again, lower the page size or raise "
		"the read time-out."
	)


class ServerError(TryAgain):
	"""5xx, 408 or 429."""

	code = "server_error"
	remedy = _(
		"The BioTime server failed. If it goes on for hours, restart its services or look at its own log."
	)


class ErrorCode(ServerError):
	"""Status 200 with `code` other than 0 in the envelope: an answer, and it says no."""

	code = "error_code"


class HtmlInsteadOfJson(TryAgain):
	"""Status 200 with a web page that says the server failed (contract, section 5.1)."""

	code = "html_instead_of_json"
	may_be_its_size = True
	remedy = _("The BioTime server shows an error page. If it goes on for hours, restart its services.")


class TruncatedBody(TryAgain):
	"""The connection ended, or the JSON did, before the answer was whole."""

	code = "truncated_body"
	may_be_its_size = True
	remedy = _(
		"The connection breaks off. If it happens again and again, lower the page size or check the network."
	)


def may_pass(code: str) -> bool:
	"""Whether an error of this code may pass by itself, so that nobody needs to do anything."""
	return code in {kind.code for kind in _kinds_of(TryAgain)}


def _kinds_of(family: type[BioTimeError]) -> set[type[BioTimeError]]:
	return set(family.__subclasses__()).union(*map(_kinds_of, family.__subclasses__()))
