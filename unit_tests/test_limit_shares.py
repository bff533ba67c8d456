"""What connectors get of a tenant, in simulated time; requests of 2.75 s are batches of 500, of 0.255 s single rows."""

import pytest
from tenant_simulation import MINUTE, Tenant

SEEDS = range(10)


@pytest.mark.parametrize(
    ("places", "request_seconds", "least"),
    [(1, 2.75, 0.93), (2, 2.75, 0.93), (6, 2.75, 0.9), (1, 0.255, 0.85), (2, 0.255, 0.85), (6, 0.255, 0.9)],
)
def test_one_connector_uses_what_a_tenant_gives_from_the_first_minute(places, request_seconds, least):
    for seed in SEEDS:
        tenant = Tenant(places, request_seconds)
        connector = tenant.join(seed)
        tenant.run(2)

        assert tenant.use(connector, range(2)) >= least


@pytest.mark.parametrize("request_seconds", [0.255, 2.75])
@pytest.mark.parametrize("places", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("retry_after", [1.0, 5.0])
def test_asking_for_more_costs_one_connector_little(places, request_seconds, retry_after):
    for seed in SEEDS:
        tenant = Tenant(places, request_seconds, retry_after)
        connector = tenant.join(seed)
        tenant.run(10)

        assert tenant.use(connector, range(10)) >= 0.84


def test_a_connector_that_is_refused_knocks_about_five_times_a_minute_at_most():
    for places in (1, 2, 4):
        tenant = Tenant(places, 0.255)
        connector = tenant.join(seed=0)
        tenant.run(20)

        assert connector.refused <= 6 * 20


@pytest.mark.parametrize("ceiling", [6, 20])
@pytest.mark.parametrize("begins", [0.0, 1.0, 60.0])
def test_two_connectors_share_a_tenant_of_six_within_two_to_one_in_every_minute(begins, ceiling):
    for seed in SEEDS:
        tenant = Tenant(6, 2.75)
        first, second = tenant.join(seed, ceiling), tenant.join(seed + 1000, ceiling, begins)
        tenant.run(10)

        for minute in range(2, 10):
            assert 0.5 <= first.served[minute] / second.served[minute] <= 2


@pytest.mark.parametrize("begins", [0.0, 1.0, 60.0])
@pytest.mark.parametrize("request_seconds", [0.255, 0.5, 1.0, 2.75])
def test_over_ten_minutes_two_connectors_share_whatever_their_requests_take(request_seconds, begins):
    for seed in SEEDS:
        tenant = Tenant(6, request_seconds)
        first, second = tenant.join(seed), tenant.join(seed + 1000, begins=begins)
        tenant.run(12)

        assert 0.5 <= first.served_in(range(2, 12)) / second.served_in(range(2, 12)) <= 2
        assert tenant.use(first, range(2, 12)) + tenant.use(second, range(2, 12)) >= 0.84


@pytest.mark.parametrize("request_seconds", [0.255, 2.75])
def test_a_connector_that_comes_second_to_a_full_tenant_wins_places(request_seconds):
    for seed in SEEDS:
        tenant = Tenant(6, request_seconds)
        first, second = tenant.join(seed), tenant.join(seed + 1000, begins=MINUTE)
        tenant.run(4)

        assert second.refused > 0
        assert second.served[1] > 0
        assert second.served[3] >= first.served[3] / 3


@pytest.mark.parametrize(("places", "request_seconds"), [(1, 0.255), (1, 2.75), (2, 0.255), (2, 2.75)])
def test_a_tenant_too_small_to_leave_a_place_open_is_shared_over_time(places, request_seconds):
    for seed in SEEDS:
        tenant = Tenant(places, request_seconds)
        first, second = tenant.join(seed), tenant.join(seed + 1000, begins=MINUTE)
        tenant.run(21)

        assert 0.5 <= first.served_in(range(1, 21)) / second.served_in(range(1, 21)) <= 2


@pytest.mark.parametrize("request_seconds", [0.255, 2.75])
def test_a_connector_that_is_left_alone_takes_everything_back(request_seconds):
    for seed in SEEDS:
        tenant = Tenant(6, request_seconds)
        first, _ = tenant.join(seed), tenant.join(seed + 1000, begins=MINUTE, ends=3 * MINUTE)
        tenant.run(5)

        assert tenant.use(first, [4]) >= 0.9
