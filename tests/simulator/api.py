"""A minimal client: just enough to see what the simulator answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import requests

from zkteco_biometric.simulator import Simulator

TRANSACTIONS = "/iclock/api/transactions/"
EMPLOYEES = "/personnel/api/employees/"
AREAS = "/personnel/api/areas/"
TERMINALS = "/iclock/api/terminals/"
JWT_LOGIN = "/jwt-api-token-auth/"
GENERAL_LOGIN = "/api-token-auth/"
CREDENTIALS = {"username": "admin", "password": "simulator"}
TIMEOUT = 5


class SettableClock:
	"""A server's clock that stands still until it is told otherwise."""

	def __init__(self) -> None:
		self.now = datetime(2024, 6, 5, 12, 0, 0, tzinfo=timezone.utc)

	def __call__(self) -> datetime:
		return self.now

	def advance(self, **span: float) -> None:
		self.now += timedelta(**span)


class Api:
	"""Asks a simulator, with a token by default."""

	def __init__(self, sim: Simulator) -> None:
		self.sim = sim
		self.headers: dict[str, str] = {}

	def log_in(self, path: str = JWT_LOGIN, **credentials: str) -> requests.Response:
		"""Try to log in, with the right credentials unless told otherwise; remembers no token."""
		return self.send("POST", path, json={**CREDENTIALS, **credentials}, headers={})

	def use_jwt(self) -> str:
		"""Log in, and send the JWT from now on."""
		token = self.log_in().json()["token"]
		self.headers = {"Authorization": f"JWT {token}"}
		return str(token)

	def use_general_token(self) -> str:
		"""Log in, and send the general token from now on."""
		token = self.log_in(GENERAL_LOGIN).json()["token"]
		self.headers = {"Authorization": f"Token {token}"}
		return str(token)

	def send(self, method: str, path: str, **options: Any) -> requests.Response:
		"""Any request; follows no redirects unless told to."""
		options = {"headers": self.headers, "timeout": TIMEOUT, "allow_redirects": False, **options}
		return requests.request(method, self.sim.url + path, **options)

	def get(self, path: str, /, **params: Any) -> requests.Response:
		"""A GET with these query parameters."""
		return self.send("GET", path, params={name: str(value) for name, value in params.items()})

	def post(self, path: str, payload: object) -> requests.Response:
		"""A POST of that JSON."""
		return self.send("POST", path, json=payload)

	def page(self, path: str = TRANSACTIONS, /, **params: Any) -> dict[str, Any]:
		"""The page of a list, which has to be a good one."""
		response = self.get(path, **params)
		assert response.status_code == 200, response.text
		page: dict[str, Any] = response.json()
		return page

	def rows(self, path: str = TRANSACTIONS, /, **params: Any) -> list[dict[str, Any]]:
		"""The rows of one page, which may hold up to a thousand."""
		rows: list[dict[str, Any]] = self.page(path, **{"page_size": 1000, **params})["data"]
		return rows

	def ids(self, path: str = TRANSACTIONS, /, **params: Any) -> list[int]:
		"""The ids of the rows of one page."""
		return [row["id"] for row in self.rows(path, **params)]


def without(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
	"""The row without these fields."""
	return {name: value for name, value in row.items() if name not in names}
