"""Keys, callers and their allowances: what is kept, who is who, how often."""

from pathlib import Path

import pytest

from api.adapters.key_file import KeyFile, KeysUnreadableError
from api.core.allowances import Allowances
from api.core.callers import address_name, is_loopback
from api.core.errors import InvalidParameterError
from api.handlers import keys
from common.errors import SettingsError


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "made" / "keys.json")


def test_a_key_is_recognised_and_cannot_be_read_back(file: KeyFile, tmp_path: Path) -> None:
    key = keys.create(file, name="my bot", permissions=["read", "scan"])

    known = file.ring().recognise(key)
    assert known is not None
    assert known.permissions == ("read", "scan")
    kept = (tmp_path / "made" / "keys.json").read_text()
    assert key not in kept
    assert key.rpartition("_")[2] not in kept
    assert (tmp_path / "made" / "keys.json").stat().st_mode & 0o077 == 0


def test_nothing_but_the_whole_key_is_recognised(file: KeyFile) -> None:
    key = keys.create(file, name="my bot", permissions=["read"])
    other = keys.create(file, name="another", permissions=["read"])
    ring = file.ring()

    for wrong in (
        *("", "scanner_", key[:-1], key + "0", key.upper(), f" {key}", key + "\n", key[8:]),
        *(key[:-1] + "é", key[:-1] + "\udcff", other[:17] + key[17:], "A" * 10_000),
    ):
        assert ring.recognise(wrong) is None, wrong


def test_a_revoked_key_stays_on_the_list_and_opens_nothing(file: KeyFile) -> None:
    key, kept = (keys.create(file, name=name, permissions=["read"]) for name in ("old", "new"))
    key_id = key.split("_")[1]

    keys.revoke(file, key_id)

    assert file.ring().recognise(key) is None
    assert not file.ring().stands(key_id)
    assert file.ring().recognise(kept) is not None
    [first, second] = keys.listed(file)
    assert "revoked" in first
    assert second.endswith("new")
    with pytest.raises(InvalidParameterError, match=f"was '{key_id}'"):
        keys.revoke(file, key_id)


@pytest.mark.parametrize(
    ("name", "permissions", "sentence"),
    [
        ("a\nb", ["read"], r"name must be 1 to 80 characters on one line, was 'a\\nb'"),
        ("", ["read"], "was ''"),
        ("x" * 81, ["read"], "name must be 1 to 80"),
        ("bot", ["write"], "permission must be one of chat, read, scan, was 'write'"),
        ("bot", [], "name must be"),
    ],
)
def test_a_key_that_cannot_be_meant_is_not_made(
    file: KeyFile, name: str, permissions: list[str], sentence: str
) -> None:
    with pytest.raises(InvalidParameterError, match=sentence):
        keys.create(file, name=name, permissions=permissions)

    assert file.ring().keys == ()


def test_a_damaged_file_lets_nobody_in_and_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text('{"keys": [{"id": "nonsense"}]}')
    file = KeyFile(path)

    with pytest.raises(KeysUnreadableError, match=str(path)):
        file.ring()
    with pytest.raises(SettingsError, match=r"\[api\] keys_file"):
        file.check()
    with pytest.raises(KeysUnreadableError):
        keys.create(file, name="bot", permissions=["read"])
    assert "nonsense" in path.read_text()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SettingsError, match="keys_file cannot be written, was"):
        keys.create(KeyFile(tmp_path / "file" / "keys.json"), name="bot", permissions=["read"])


def test_a_bucket_fills_at_its_pace_and_never_over() -> None:
    allowances = Allowances(per_minute=60, burst=2)

    assert [allowances.take("a", 100.0) for _ in range(3)] == [0, 0, 1]
    assert allowances.take("b", 100.0) == 0
    assert allowances.take("a", 100.5) == 1
    assert allowances.take("a", 101.0) == 0
    assert [allowances.take("a", 10_000.0) for _ in range(3)] == [0, 0, 1]


def test_a_slow_bucket_says_how_long() -> None:
    allowances = Allowances(per_minute=0.5, burst=1)

    assert [allowances.take("a", 0.0) for _ in range(2)] == [0, 120]


def test_only_so_many_callers_are_remembered() -> None:
    allowances = Allowances(per_minute=1, burst=1, kept=2)
    for caller in ("a", "b", "c"):
        allowances.take(caller, 0.0)

    assert [allowances.take(caller, 0.0) for caller in ("c", "b")] == [60, 60]
    assert allowances.take("a", 0.0) == 0


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("192.0.2.1", "address 192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "address 2001:db8:1:2::/64"),
        ("::1", "address ::/64"),
        ("::ffff:192.0.2.1", "address 192.0.2.1"),
        ("testclient\r\n", "address unknown"),
        (None, "address unknown"),
    ],
)
def test_an_address_is_named_as_whoever_has_it(address: str | None, name: str) -> None:
    assert address_name(address) == name


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.2", False),
        ("scanner.example", False),
        ("", False),
    ],
)
def test_loopback_is_what_only_this_machine_reaches(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
