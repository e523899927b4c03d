from exchange_sim.core.allowance import POOL_WINDOW, Allowance, Limits, Refusal
from exchange_sim.core.timeframes import DAY, MINUTE

START = 29_000_000 * MINUTE


def allowance() -> Allowance:
    return Allowance(Limits(weight_per_minute=100, pools=(("funding", 3),), patience=2))


def test_weight_adds_up_to_the_limit_and_not_beyond() -> None:
    counted = allowance()

    assert counted.charge("a", 60, None, START).used == 60
    full = counted.charge("a", 40, None, START + 1)
    over = counted.charge("a", 1, None, START + 45_000)
    assert (full.used, full.refusal) == (100, None)
    assert (over.used, over.refusal, over.retry_after) == (101, Refusal.OVER_LIMIT, 15)


def test_a_new_minute_starts_at_nothing() -> None:
    counted = allowance()
    counted.charge("a", 101, None, START)

    fresh = counted.charge("a", 5, None, START + MINUTE)
    assert (fresh.used, fresh.refusal) == (5, None)


def test_addresses_do_not_share_their_weight() -> None:
    counted = allowance()
    counted.charge("a", 101, None, START)

    assert counted.charge("b", 5, None, START).used == 5


def test_going_on_after_refusals_is_answered_with_a_ban_that_grows() -> None:
    counted = allowance()
    now = START
    bans = []
    for _ in range(3):
        verdicts = [counted.charge("a", 101, None, now) for _ in range(3)]
        assert [verdict.refusal for verdict in verdicts] == [
            Refusal.OVER_LIMIT,
            Refusal.OVER_LIMIT,
            Refusal.BANNED,
        ]
        bans.append(verdicts[-1].retry_after)
        still = counted.charge("a", 1, None, verdicts[-1].until - 1)
        assert still.refusal is Refusal.BANNED
        now = verdicts[-1].until
        assert counted.charge("a", 1, None, now).refusal is None

    assert bans == [120, 240, 480]


def test_no_ban_is_longer_than_three_days() -> None:
    counted = allowance()
    now = START
    longest = 0
    for _ in range(20):
        verdict = [counted.charge("a", 101, None, now) for _ in range(3)][-1]
        longest, now = verdict.until - now, verdict.until

    assert longest == 3 * DAY


def test_a_pool_has_a_limit_of_its_own_over_five_minutes() -> None:
    counted = allowance()
    window = START // POOL_WINDOW * POOL_WINDOW

    verdicts = [counted.charge("a", 0, "funding", window + 1_000) for _ in range(4)]
    assert [verdict.refusal for verdict in verdicts] == [None, None, None, Refusal.OVER_LIMIT]
    assert verdicts[-1].retry_after == 299
    assert counted.charge("a", 1, None, window + 1_000).refusal is None
    assert counted.charge("a", 0, "funding", window + POOL_WINDOW).refusal is None
