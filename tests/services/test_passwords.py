"""Passwords: what may be chosen, what is right, and at what cost."""

from __future__ import annotations

import threading

import pytest
from argon2 import PasswordHasher, extract_parameters

from lms.domain.errors import Refusal
from lms.services import passwords

GOOD = "calul-bătrân-paște-iarba"


def refusal_of(password: str, *about: str | None) -> str:
    with pytest.raises(Refusal) as refused:
        passwords.check_new(password, about=about)
    return refused.value.code


def test_a_hash_is_argon2id_as_decided() -> None:
    made = passwords.make_hash(GOOD)
    assert made.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert GOOD not in made
    assert made != passwords.make_hash(GOOD)


def test_right_and_wrong() -> None:
    made = passwords.make_hash(GOOD)
    assert passwords.verify(made, GOOD)
    for wrong in (
        "",
        GOOD.upper(),
        GOOD + " ",
        GOOD[:-1],
        "a" * 129,
        "\x00",
        GOOD + "\x00",
        "\ud800",
    ):
        assert not passwords.verify(made, wrong)


def test_nobody_has_no_password_and_costs_the_same() -> None:
    assert not passwords.verify(None, "")
    assert not passwords.verify(None, GOOD)
    # The mechanism behind equal times: the same parameters are computed for nobody.
    assert extract_parameters(passwords.DUMMY) == extract_parameters(passwords.make_hash(GOOD))


def test_a_broken_hash_is_wrong_and_no_accident() -> None:
    assert not passwords.verify("not a hash", GOOD)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("paşte-iarba-verde", "paște-iarba-verde"),  # cedilla and comma keyboards
        ("cafea\u0301-neagra", "cafeá-neagra"),
        ("ｐarolă lungă", "parolă lungă"),
    ],
)
def test_another_keyboard_gives_the_same_password(one: str, other: str) -> None:
    assert passwords.verify(passwords.make_hash(one), other)


def test_spaces_are_part_of_it() -> None:
    made = passwords.make_hash("  patru cuvinte alese  ")
    assert not passwords.verify(made, "patru cuvinte alese")


def test_all_of_a_long_one_counts() -> None:
    made = passwords.make_hash("x" * 127 + "1")
    assert not passwords.verify(made, "x" * 127 + "2")


def test_old_parameters_are_renewed() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD)
    assert passwords.verify(weak, GOOD)
    renewed = passwords.renewed(weak, GOOD)
    assert renewed is not None
    assert passwords.verify(renewed, GOOD)
    assert passwords.renewed(renewed, GOOD) is None
    assert passwords.renewed(None, GOOD) is None


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "correct horse battery staple",
        "numai litere mici",
        "9384710562",
        "Tq7#vR2!xw",
        "soare parola student vacanta",  # four common words in a row are a passphrase
        "x" * 40 + "yzabcq",
        "пароль-длинный",
    ],
)
def test_length_is_enough(password: str) -> None:
    passwords.check_new(password, about=("Ana Popescu", "ana.popescu@primaria.ro", "0017"))


@pytest.mark.parametrize("password", ["", "scurta", "123456789", "ăîșțâăîșț"])
def test_too_short(password: str) -> None:
    assert refusal_of(password) == "password-too-short"


def test_too_long_and_unclean() -> None:
    assert refusal_of("a1b2" * 33) == "password-too-long"
    assert refusal_of("x" * 10_000_000) == "password-too-long"
    assert refusal_of("parola-mea\x00secreta") == "password-unclean"
    assert refusal_of("parola-mea\ud800secreta") == "password-unclean"
    with pytest.raises(Refusal):
        passwords.make_hash("x" * 129)


@pytest.mark.parametrize(
    "password",
    [
        "1234567890",
        "0987654321",
        "qwertyuiop",
        "poiuytrewq",
        "abcdefghij",
        "aaaaaaaaaaaa",
        "abababababab",
        "abcabcabcabc",
        "password123",
        "Parola2018!",
        "P@r0la2018",
        "parolaparola",
        "Primaria2024",
        "administrator",
        "!!Romania1918!!",
        "bucuresti.2026",
        "parcurs-parola1",
        "țțțțțțțțțțțț",
        "2018-2018-2018",
    ],
)
def test_common_ones(password: str) -> None:
    assert refusal_of(password) == "password-common"


@pytest.mark.parametrize(
    "password",
    [
        "AnaPopescu1",
        "popescuana",
        "ana.popescu@primaria.ro",
        "Ana_Popescu_2026",
        "anaanaanaana",
        "Popéscu Ana!",
        "4n4p0p3scu99",
        "0017-004417",
    ],
)
def test_ones_own_name(password: str) -> None:
    about = ("Ana Popescu", "ana.popescu@primaria.ro", "0017-004417")
    assert refusal_of(password, *about) == "password-own-name"


def test_a_name_within_a_longer_password_is_fine() -> None:
    passwords.check_new("Ana are douăzeci de mere", about=("Ana Popescu", None))


def test_hashing_waits_its_turn_and_always_gives_it_back() -> None:
    right: list[bool] = []
    made = passwords.make_hash(GOOD)

    def check() -> None:
        right.append(passwords.verify(made, GOOD))

    threads = [threading.Thread(target=check) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert right == [True] * 8
    for _ in range(20):
        passwords.verify("not a hash", GOOD)
    assert passwords.verify(made, GOOD)


def test_a_queue_that_does_not_move_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing_free = threading.BoundedSemaphore(1)
    nothing_free.acquire()
    monkeypatch.setattr(passwords, "_AT_ONCE", nothing_free)
    monkeypatch.setattr(passwords, "_PATIENCE_SECONDS", 0.01)
    with pytest.raises(Refusal) as refused:
        passwords.verify(None, GOOD)
    assert (refused.value.status, refused.value.code) == (429, "server-busy")
