import io

import pytest
from configurations import CLIENT, OAUTH, TOKEN
from fakes import BASE_URL, CUT, FakeClock, ScriptedExchange, refused

from destination_sage_intacct.config import parse_config
from destination_sage_intacct.connection_check import check_token
from destination_sage_intacct.intacct.verdict import Answer
from destination_sage_intacct.protocol.output import Output
from destination_sage_intacct.wiring import connect

GRANTED = OAUTH | {"access_token": "granted"}


def told(*script, credentials=GRANTED, company="acme"):
    exchange = ScriptedExchange(*script)
    config = {"company_id": company, "credentials": credentials, "api_url": BASE_URL}
    parsed = parse_config(config)
    client = connect(parsed, config, Output(io.BytesIO()), FakeClock(), exchange=exchange)
    notices = list(check_token(parsed, client))
    assert exchange.is_used_up
    return notices, exchange


def about(company, entity=None):
    return Answer(200, payload={"active": True, "cny_id": company, "entity_id": entity})


def test_a_token_of_another_company_is_told():
    notices, exchange = told(about("other"))

    assert notices == [
        (
            "The token is for company other, but `company_id` is acme. Rows go to the token's company: if that is "
            "another one, stop this sync and authorize the app again, signed in to the right company."
        )
    ]
    assert exchange.asked == ["POST /oauth2/introspect"]
    assert exchange.forms == [{"client_id": "demo-client", "client_secret": "demo-secret", "token": "granted"}]


def test_a_token_of_this_company_in_any_case_says_nothing():
    assert told(about("Acme"))[0] == []


@pytest.mark.parametrize(
    "answer",
    [CUT, refused(500, "down"), refused(404, "no such thing"), Answer(200, payload={"active": False}), about(7)],
)
def test_a_server_that_does_not_tell_is_asked_once_and_nothing_is_said(answer):
    assert told(answer)[0] == []


@pytest.mark.parametrize("credentials", [TOKEN, CLIENT])
def test_without_an_apps_own_credentials_and_where_they_name_the_company_nothing_is_asked(credentials):
    assert told(credentials=credentials)[0] == []


def test_a_token_that_has_to_be_renewed_is_renewed_first():
    grant = Answer(200, payload={"access_token": "fresh"})

    notices, exchange = told(grant, about("other"), credentials=OAUTH)

    assert len(notices) == 1
    assert exchange.forms[1]["token"] == "fresh"


def test_a_word_for_the_top_level_that_is_no_entity_says_nothing():
    no_entity = Answer(200, payload={"ia::result": [], "ia::meta": {"totalCount": 0}})

    notices, exchange = told(about("acme", "Top level"), no_entity)

    assert notices == []
    assert exchange.asked == ["POST /oauth2/introspect", "POST /services/core/query"]


def test_an_entity_that_cannot_be_looked_up_is_told_if_no_new_token_helps():
    unproved, grant = (
        (about("acme", "100"), refused(403, "not permitted")),
        Answer(200, payload={"access_token": "new"}),
    )

    assert told(*unproved, grant, about("acme"))[0] == []
    (notice,), _ = told(*unproved, grant, *unproved)
    assert notice.startswith("The token is for entity 100, but `entity_id` is empty")
