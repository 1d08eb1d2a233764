"""Pages of long lists."""

from __future__ import annotations

import pytest
from factories.people import make_person
from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.domain.errors import Refusal
from lms.models import Person
from lms.services.paging import PAGE_SIZE, page_of, read_page


@pytest.mark.parametrize("text", [None, "", "1", "001"])
def test_no_page_named_is_the_first(text: str | None) -> None:
    assert read_page(text) == 1


@pytest.mark.parametrize(
    "text", ["-1", "0", "1.5", "1e3", "٣", "²", " 1", "abc", "9999999999", "1000001", "\x00"]
)
def test_what_is_no_page_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_page(text)
    assert refused.value.code == "page-unknown"


def test_pages_hold_fifty_and_cover_everything(session: Session) -> None:
    for number in range(PAGE_SIZE * 2 + 3):
        make_person(session, f"Persoana {number:03}")
    statement = select(Person).order_by(Person.name_key)
    pages = [page_of(session, statement, number) for number in (1, 2, 3)]
    assert [len(page.items) for page in pages] == [50, 50, 3]
    assert {page.pages for page in pages} == {3}
    assert {page.total for page in pages} == {103}
    names = [person.name for page in pages for person in page.items]
    assert names == sorted(set(names))


def test_behind_the_last_page_is_the_last(session: Session) -> None:
    make_person(session)
    page = page_of(session, select(Person).order_by(Person.id), 1_000_000)
    assert (page.page, page.pages, len(page.items)) == (1, 1, 1)


def test_an_empty_list_has_one_empty_page(session: Session) -> None:
    page = page_of(session, select(Person), 7)
    assert (page.page, page.pages, page.total, page.items) == (1, 1, 0, ())


@pytest.mark.parametrize("number", [0, -1, 1_000_001, 10**30])
def test_a_number_that_is_no_page_is_refused(session: Session, number: int) -> None:
    with pytest.raises(Refusal):
        page_of(session, select(Person), number)
