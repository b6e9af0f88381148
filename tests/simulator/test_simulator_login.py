from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import jwt
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from zkteco_biometric.simulator import Simulator, Variant

from .api import CREDENTIALS, EMPLOYEES, GENERAL_LOGIN, JWT_LOGIN, TERMINALS, TRANSACTIONS, Api, SettableClock

NOT_PROVIDED = {"detail": "Authentication credentials were not provided."}
UNABLE = {"non_field_errors": ["Unable to log in with provided credentials."]}


def claims_of(token: str) -> dict[str, object]:
	claims: dict[str, object] = jwt.decode(token, options={"verify_signature": False})
	return claims


def test_a_jwt_log_in_answers_a_token_and_nothing_else(stranger: Api) -> None:
	response = stranger.log_in()
	assert response.status_code == 200
	assert list(response.json()) == ["token"]
	assert response.json()["token"].startswith("eyJ")


def test_the_jwt_has_the_claims_of_the_vendor_and_no_others(stranger: Api, clock: SettableClock) -> None:
	claims = claims_of(stranger.log_in().json()["token"])
	expires = int((clock.now + timedelta(days=1)).timestamp())
	assert claims == {"user_id": 1, "username": "admin", "email": "", "exp": expires}


def test_the_jwt_is_signed_with_hs256(stranger: Api) -> None:
	assert jwt.get_unverified_header(stranger.log_in().json()["token"])["alg"] == "HS256"


def test_a_general_token_is_forty_hexadecimal_digits(stranger: Api) -> None:
	token = stranger.log_in(GENERAL_LOGIN).json()["token"]
	assert len(bytes.fromhex(token)) == 20


def test_the_general_token_is_the_same_at_every_log_in(stranger: Api) -> None:
	assert stranger.use_general_token() == stranger.use_general_token()


@pytest.mark.parametrize("path", [JWT_LOGIN, GENERAL_LOGIN])
def test_credentials_may_come_as_a_form(stranger: Api, path: str) -> None:
	assert "token" in stranger.send("POST", path, data=CREDENTIALS).json()


@pytest.mark.parametrize("path", [JWT_LOGIN, GENERAL_LOGIN])
@pytest.mark.parametrize("wrong", [{"username": "other"}, {"password": "wrong"}])
def test_wrong_credentials_answer_400_not_401(stranger: Api, path: str, wrong: dict[str, str]) -> None:
	response = stranger.log_in(path, **wrong)
	assert (response.status_code, response.json()) == (400, UNABLE)


@pytest.mark.parametrize("path", [JWT_LOGIN, GENERAL_LOGIN])
@pytest.mark.parametrize("missing", ["username", "password"])
def test_a_missing_field_is_named(stranger: Api, path: str, missing: str) -> None:
	payload = {name: value for name, value in CREDENTIALS.items() if name != missing}
	response = stranger.post(path, payload)
	assert (response.status_code, response.json()) == (400, {missing: ["This field is required."]})


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"text"'])
def test_a_body_that_is_no_json_object_is_a_400(stranger: Api, body: str) -> None:
	response = stranger.send("POST", JWT_LOGIN, data=body)
	assert response.status_code == 400
	assert response.json()["detail"].startswith("JSON parse error")


def test_a_log_in_by_get_is_not_allowed(stranger: Api) -> None:
	response = stranger.get(JWT_LOGIN)
	assert (response.status_code, response.json()) == (405, {"detail": 'Method "GET" not allowed.'})


@pytest.mark.parametrize("path", [TRANSACTIONS, EMPLOYEES, TERMINALS])
@pytest.mark.parametrize("header", [None, "", "Bearer abc", "JWT", "Token", "Basic YWRtaW46c2ltdWxhdG9y"])
def test_without_a_usable_header_the_answer_is_401(stranger: Api, path: str, header: str | None) -> None:
	stranger.headers = {} if header is None else {"Authorization": header}
	response = stranger.get(path)
	assert (response.status_code, response.json()) == (401, NOT_PROVIDED)


def test_a_jwt_opens_the_api(api: Api) -> None:
	assert api.get(TRANSACTIONS).status_code == 200


def test_a_general_token_opens_the_api(stranger: Api) -> None:
	stranger.use_general_token()
	assert stranger.get(TRANSACTIONS).status_code == 200


def test_the_scheme_is_not_case_sensitive(api: Api) -> None:
	api.headers = {"Authorization": api.headers["Authorization"].replace("JWT", "jwt")}
	assert api.get(TRANSACTIONS).status_code == 200


def test_a_jwt_under_the_scheme_of_general_tokens_is_refused(stranger: Api) -> None:
	stranger.headers = {"Authorization": f"Token {stranger.use_jwt()}"}
	response = stranger.get(TRANSACTIONS)
	assert (response.status_code, response.json()) == (401, {"detail": "Invalid token."})


def test_a_general_token_under_the_scheme_of_jwts_is_refused(stranger: Api) -> None:
	stranger.headers = {"Authorization": f"JWT {stranger.use_general_token()}"}
	response = stranger.get(TRANSACTIONS)
	assert (response.status_code, response.json()) == (401, {"detail": "Error decoding signature."})


def test_a_jwt_of_another_server_has_an_invalid_signature(stranger: Api) -> None:
	with Simulator() as other:
		stranger.headers = {"Authorization": f"JWT {Api(other).use_jwt()}"}
	response = stranger.get(TRANSACTIONS)
	assert (response.status_code, response.json()) == (401, {"detail": "Invalid signature."})


def test_an_unsigned_jwt_is_refused(stranger: Api) -> None:
	unsigned = jwt.encode(claims_of(stranger.use_jwt()), "", algorithm="none")
	stranger.headers = {"Authorization": f"JWT {unsigned}"}
	assert stranger.get(TRANSACTIONS).status_code == 401


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_header_that_somebody_makes_up_opens_the_api_or_breaks_it(header: str) -> None:
	sim = Simulator(variant=Variant(accepts_basic=True))
	response = Client(sim).get(TRANSACTIONS, headers={"Authorization": header})
	assert response.status_code == 401
	assert sim.errors == []


def test_a_jwt_is_good_until_its_lifetime_is_over(api: Api, clock: SettableClock) -> None:
	clock.advance(hours=23, minutes=59, seconds=59)
	assert api.get(TRANSACTIONS).status_code == 200


def test_a_jwt_expires_by_the_clock_of_the_server(api: Api, clock: SettableClock) -> None:
	clock.advance(days=1)
	response = api.get(TRANSACTIONS)
	assert (response.status_code, response.json()) == (401, {"detail": "Signature has expired."})


def test_the_lifetime_of_a_jwt_can_be_short(clock: SettableClock) -> None:
	with Simulator(clock=clock, token_lifetime=timedelta(minutes=5)) as sim:
		claims = claims_of(Api(sim).log_in().json()["token"])
	assert claims["exp"] == int((clock.now + timedelta(minutes=5)).timestamp())


def test_a_general_token_does_not_expire(stranger: Api, clock: SettableClock) -> None:
	stranger.use_general_token()
	clock.advance(days=3650)
	assert stranger.get(TRANSACTIONS).status_code == 200


def test_expire_tokens_ends_every_jwt_issued_so_far(api: Api, sim: Simulator) -> None:
	sim.expire_tokens()
	sim.expire_tokens()
	response = api.get(TRANSACTIONS)
	assert (response.status_code, response.json()) == (401, {"detail": "Signature has expired."})


def test_expire_tokens_ends_the_general_token(stranger: Api, sim: Simulator) -> None:
	before = stranger.use_general_token()
	sim.expire_tokens()
	response = stranger.get(TRANSACTIONS)
	assert (response.status_code, response.json()) == (401, {"detail": "Invalid token."})
	assert stranger.use_general_token() != before


def test_a_log_in_right_after_expire_tokens_gives_a_good_token(api: Api, sim: Simulator) -> None:
	sim.expire_tokens()
	api.use_jwt()
	assert api.get(TRANSACTIONS).status_code == 200


def test_after_a_change_of_password_only_the_new_one_opens(stranger: Api, sim: Simulator) -> None:
	sim.change_password("new")
	assert stranger.log_in().status_code == 400
	assert stranger.log_in(password="new").status_code == 200


def test_a_change_of_password_leaves_tokens_good(api: Api, sim: Simulator) -> None:
	sim.change_password("new")
	assert api.get(TRANSACTIONS).status_code == 200


def test_rejected_log_ins_are_counted(stranger: Api, sim: Simulator) -> None:
	stranger.log_in(password="wrong")
	stranger.log_in()
	stranger.log_in(GENERAL_LOGIN, password="wrong")
	assert sim.rejected_logins == 2


def test_log_ins_at_once_share_one_general_token_and_are_all_counted(stranger: Api, sim: Simulator) -> None:
	with ThreadPoolExecutor(8) as pool:
		answers = list(pool.map(lambda _: stranger.log_in(GENERAL_LOGIN).json()["token"], range(8)))
		list(pool.map(lambda _: stranger.log_in(password="wrong"), range(8)))
	assert len(set(answers)) == 1
	assert sim.rejected_logins == 8


def test_a_missing_field_is_no_rejected_log_in(stranger: Api, sim: Simulator) -> None:
	stranger.post(JWT_LOGIN, {"username": "admin"})
	assert sim.rejected_logins == 0


def test_the_account_locks_after_so_many_rejections_in_a_row(stranger: Api, sim: Simulator) -> None:
	sim.lock_after = 2
	stranger.log_in(password="wrong")
	stranger.log_in(password="wrong")
	response = stranger.log_in()
	assert (response.status_code, sim.rejected_logins) == (400, 3)
	assert response.json() == {"non_field_errors": ["User account is locked."]}


def test_a_log_in_in_between_starts_the_count_anew(stranger: Api, sim: Simulator) -> None:
	sim.lock_after = 2
	for password in ("wrong", "simulator", "wrong"):
		stranger.log_in(password=password)
	assert stranger.log_in().status_code == 200


def test_a_new_password_unlocks_the_account(stranger: Api, sim: Simulator) -> None:
	sim.lock_after = 1
	stranger.log_in(password="wrong")
	sim.change_password("new")
	assert stranger.log_in(password="new").status_code == 200


def test_an_account_that_never_locks_takes_any_number_of_rejections(stranger: Api, sim: Simulator) -> None:
	assert sim.lock_after is None
	for _ in range(5):
		stranger.log_in(password="wrong")
	assert stranger.log_in().status_code == 200


def test_a_build_without_jwt_answers_a_json_404(stranger: Api, sim: Simulator) -> None:
	sim.variant = Variant(jwt=False)
	response = stranger.log_in()
	assert (response.status_code, response.json()) == (404, {"detail": "Not found."})


def test_a_build_without_jwt_may_answer_a_page_instead(stranger: Api, sim: Simulator) -> None:
	sim.variant = Variant(jwt=False, jwt_missing_as="html")
	response = stranger.log_in()
	assert response.status_code == 200
	assert "Page not found" in response.text


def test_a_build_without_jwt_takes_the_general_token_only(api: Api, sim: Simulator) -> None:
	sim.variant = Variant(jwt=False)
	assert api.get(TRANSACTIONS).json() == NOT_PROVIDED
	api.use_general_token()
	assert api.get(TRANSACTIONS).status_code == 200


def test_a_build_without_general_tokens_does_not_know_their_path(stranger: Api, sim: Simulator) -> None:
	stranger.use_general_token()
	sim.variant = Variant(general_token=False)
	assert "Page not found" in stranger.log_in(GENERAL_LOGIN).text
	assert stranger.get(TRANSACTIONS).json() == NOT_PROVIDED


def test_basic_credentials_work_where_the_build_takes_them(stranger: Api, sim: Simulator) -> None:
	sim.variant = Variant(accepts_basic=True)
	url = sim.url + TRANSACTIONS
	assert requests.get(url, auth=("admin", "simulator"), timeout=5).status_code == 200
	response = requests.get(url, auth=("admin", "wrong"), timeout=5)
	assert (response.status_code, response.json()) == (401, {"detail": "Invalid username/password."})


@pytest.mark.parametrize("path", [TRANSACTIONS, EMPLOYEES, TERMINALS])
def test_without_the_licence_a_good_token_is_answered_403(api: Api, sim: Simulator, path: str) -> None:
	sim.variant = Variant(licence=False)
	assert api.get(path).status_code == 403
	assert api.log_in().status_code == 200


def test_without_the_licence_a_bad_token_is_still_a_401(stranger: Api, sim: Simulator) -> None:
	sim.variant = Variant(licence=False)
	assert stranger.get(TRANSACTIONS).status_code == 401


def test_a_401_names_the_scheme_that_it_wants(stranger: Api) -> None:
	assert stranger.get(TRANSACTIONS).headers["WWW-Authenticate"] == 'JWT realm="api"'
