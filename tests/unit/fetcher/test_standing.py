from fetcher.core.standing import Standing


def test_a_source_is_left_alone_after_three_failures_in_a_row() -> None:
    standing = Standing(rest=60)
    for _ in range(2):
        standing.failed(now=10)
    assert standing.may_ask(11)

    standing.failed(now=10)

    assert standing.down
    assert not standing.may_ask(69)


def test_an_answer_in_between_clears_it() -> None:
    standing = Standing(rest=60)
    standing.failed(0)
    standing.failed(0)
    standing.answered()
    standing.failed(0)

    assert standing.may_ask(1)


def test_after_a_rest_one_tries_and_the_others_wait_for_what_comes_of_it() -> None:
    standing = Standing(rest=60)
    standing.lose(0)

    assert standing.may_ask(60)
    assert not standing.may_ask(60)
    standing.answered()
    assert standing.may_ask(60)
