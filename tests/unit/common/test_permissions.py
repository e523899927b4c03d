from common.bus.permissions import SERVICES, rights_of
from common.domain import FACTS, Request
from common.subjects import PATTERNS, wildcard


def test_every_fact_has_someone_who_may_tell_it() -> None:
    told = {subject for service in SERVICES for subject in rights_of(service.name).publish}
    own = {"resources", "heartbeat"}  # each service tells its own

    untold = [
        fact
        for fact in FACTS
        if wildcard(fact) not in told and PATTERNS[fact].split(".")[1] not in own
    ]

    assert untold == []


def test_every_question_has_someone_who_may_answer_it() -> None:
    answered = {request for service in SERVICES for request in service.answers}

    assert set(Request.__subclasses__()) == answered
