import io

import pytest
from configurations import CLIENT, OAUTH, TOKEN
from fakes import BASE_URL, CUT, FakeClock, ScriptedTransport, refused

from destination_sage_intacct.config import ConfigError, parse_config
from destination_sage_intacct.connect import connect
from destination_sage_intacct.connection_check import check_token
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.protocol.output import Output

GRANTED = OAUTH | {"access_token": "granted"}

NOT_TOLD = (
    "Sage Intacct does not report whether the token is for the top level, where rows should go because `entity_id` is "
    "empty. If it was granted inside an entity, they go to that entity: authorize the app at the top level."
)
NO_COMPANY = (
    "Sage Intacct does not report which company the token is for, so nothing was compared with `company_id` (acme). "
    "Rows go to the token's company: make sure that it was granted in the right one."
)
MAY_BE = (
    "The token may be for an entity, 100, but `entity_id` is empty, which means the top level. If there is such an "
    "entity, rows go there: set `entity_id` to it, or authorize the app at the top level."
)


def checked(*script, credentials=GRANTED, company="acme", writes=True, **settings):
    transport = ScriptedTransport(*script)
    config = {"company_id": company, "credentials": credentials, "api_url": BASE_URL, **settings}
    parsed = parse_config(config)
    client = connect(parsed, config, Output(io.BytesIO()), FakeClock(), transport=transport)
    try:
        return list(check_token(parsed, client, writes=writes)), transport
    finally:
        assert transport.is_used_up


def about(company, entity=None, entity_key=None):
    return Answer(200, payload={"active": True, "cny_id": company, "entity_id": entity, "entity_key": entity_key})


NO_ENTITY = Answer(200, payload={"ia::result": [], "ia::meta": {"totalCount": 0}})
GRANT = Answer(200, payload={"access_token": "fresh"})
CONFIRMED = Answer(200, payload=about("4711").payload | {"company_key": "12"})
READING = {"writes": False}
GIVEN = TOKEN["access_token"]
NO_ANSWERS = (CUT, refused(500, "down"), Answer(200, payload="a page"), Answer(401, unreadable="an HTML page"))
FORM = {"client_id": "demo-client", "client_secret": "demo-secret", "token": "granted"}


@pytest.mark.parametrize(("company", "writes"), [("other", True), ("other", False), (12, True)])
def test_a_token_of_another_company_ends_the_run_with_what_was_compared_and_how_to_confirm_it(company, writes):
    with pytest.raises(ConfigError) as caught:
        checked(about(company), writes=writes)
    assert caught.value.key == "company_id"
    assert str(caught.value) == (
        f"The token is for company {company}, as Sage Intacct reports it, but `company_id` is acme. Rows would go to "
        "the token's company. If that is another one, authorize the app again, signed in to the right company. If both "
        f"are the same company, confirm it: set `company_id` to {company}."
    )


@pytest.mark.parametrize(
    ("script", "settings", "notices"),
    [
        ([about("Acme")], {}, []),
        ([CUT, about("acme")], {}, []),
        ([about(12)], {"company": "12"}, []),
        ([], {"credentials": CLIENT}, []),  # they name the company themselves
        ([refused(401, "no client")], {"credentials": TOKEN}, [NO_COMPANY]),
        # Without rows to write, or with an entity in each request, it may be any entity.
        ([about("acme", "100", "7")], READING, []),
        ([about("acme", "100", "7")], {"entity_id": "200"}, []),
        ([about("acme", "Top level"), NO_ENTITY], {}, []),
        ([about("acme", "100"), refused(403, "not permitted")], {}, [MAY_BE]),
        # A server that does not say it is asked again if that may help, and the top level is unproved.
        *(
            (script, settings, notices)
            for script in ([refused(404, "no such thing")], *([lost] * 3 for lost in NO_ANSWERS))
            for settings, notices in (({}, [NO_COMPANY, NOT_TOLD]), ({"entity_id": "1"}, [NO_COMPANY]), (READING, []))
        ),
    ],
)
def test_what_is_not_known_of_a_token_is_a_notice(script, settings, notices):
    assert checked(*script, **settings)[0] == notices


OF_ENTITY, NO_RECORDS = about("acme", "100", "7"), Answer(200, payload={"ia::result": []})
# A token that has ended is renewed, and the new one asked about.
RENEWED = [refused(401, "expired"), GRANT, NO_RECORDS, OF_ENTITY]
ENDED = [Answer(200, payload={"active": False}), refused(401, "expired")]


@pytest.mark.parametrize("script", [[about("acme", 100, 7)], [OF_ENTITY], *([ended, *RENEWED] for ended in ENDED)])
def test_a_token_of_an_entity_takes_no_row_of_the_top_level(script):
    with pytest.raises(ConfigError, match=r"^The token is for entity 100, but `entity_id` is empty") as caught:
        checked(*script)
    assert caught.value.key == "entity_id"


@pytest.mark.parametrize(
    ("answer", "settings", "form", "token"),
    [
        *((CONFIRMED, {"company": name}, FORM, None) for name in ("4711", "12")),  # either of its names
        # Without an app, it is asked about by itself.
        (about("Acme", "100", "7"), {"credentials": TOKEN, "entity_id": "100"}, {"token": GIVEN}, GIVEN),
    ],
)
def test_a_token_is_asked_about_once_and_its_company_confirmed(answer, settings, form, token):
    notices, transport = checked(answer, **settings)
    assert notices == []
    assert (transport.asked, transport.forms) == (["POST /oauth2/introspect"], [form])
    assert transport.requests[0].token == token


def test_a_token_that_has_to_be_renewed_is_renewed_first():
    notices, transport = checked(GRANT, about("acme"), credentials=OAUTH)
    assert notices == []
    assert transport.forms[1]["token"] == "fresh"
