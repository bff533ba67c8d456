"""`GET /`, for somebody with a browser; and what clients of others ask beside records."""

import urllib.request
from urllib.parse import urlsplit


def page_of(rest):
    address = urlsplit(rest.emulator.url)
    with urllib.request.urlopen(f"http://{address.netloc}/", timeout=30) as answer:
        assert answer.headers.get_content_type() == "text/html"
        return answer.read().decode()


def test_the_page_shows_records_requests_and_counters(rest):
    rest.create("/objects/accounts-receivable/customer", {"id": "C-77", "name": "Zyx Holding"})

    shown = page_of(rest)

    assert "accounts-receivable/customer: 4" in shown
    assert "C-77" in shown
    assert "Zyx Holding" in shown
    assert "<td>POST</td><td><code>/objects/accounts-receivable/customer</code></td><td>201</td>" in shown
    assert "POST /objects/accounts-receivable/customer&quot;:1" in shown


def test_what_others_wrote_cannot_run_in_the_page(rest):
    rest.create("/objects/accounts-receivable/customer", {"id": "<script>alert(1)</script>", "name": "<img src=x>"})

    shown = page_of(rest)

    assert "<script>" not in shown
    assert "<img" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown


def test_looking_at_the_page_is_no_request_of_the_api(rest):
    before = rest.emulator.stats()["requests"]

    page_of(rest)

    assert rest.emulator.stats()["requests"] == before


def test_a_session_has_an_id_and_an_end(rest):
    answer = rest.get("/services/core/session/id")

    assert answer.result == {"sessionId": "emulator-session", "expiresIn": 21600}
