"""The trainer's page of a course: folded by module, the one at work open, counts in its line."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from teach_room import editor, text_of
from world import House

OPEN = re.compile(
    r'id="module-([^"]+)"[^>]*>\s*<details( open)?>\s*<summary>(.*?)</summary>', re.DOTALL
)


def folds(trainer: FlaskClient, path: str = "/teach/por") -> dict[str, tuple[bool, str]]:
    """Module → whether it stands open, and its summary line."""
    page = trainer.get(path).get_data(as_text=True)
    return {
        key: (bool(is_open), re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", line)).strip())
        for key, is_open, line in OPEN.findall(page)
    }


def opened(trainer: FlaskClient, path: str = "/teach/por") -> list[str]:
    return [key for key, (is_open, _line) in folds(trainer, path).items() if is_open]


def test_a_published_course_is_folded_and_its_lines_count(trainer: FlaskClient) -> None:
    assert opened(trainer) == []
    line = folds(trainer)["m1"][1]
    assert "2 lessons · 1 test · " in line
    assert line.endswith("Published")


def test_what_differs_from_the_publication_stands_open(trainer: FlaskClient) -> None:
    form = editor(trainer, "/teach/por/lesson/m2-a").fill(title="Alt titlu")
    assert trainer.post("/teach/por/lesson/m2-a", data=form.press("save")).status_code == 303
    assert opened(trainer) == ["m2"]
    assert folds(trainer)["m2"][1].endswith("Changed"), "folded, it would not be seen"


def test_one_comes_back_to_the_module_one_worked_on(house: House, trainer: FlaskClient) -> None:
    back = re.search(r'href="(/teach/por\?open=m2)#module-m2"', text(trainer))
    assert back
    assert opened(trainer, back[1]) == ["m2"]
    for path in ("/teach/por/module/m1/move", "/teach/por/activity/m1-b/move"):
        sent = house.post(trainer, path, {"to": "up"})
        assert opened(trainer, sent.headers["Location"]) == ["m1"], path
    assert opened(trainer, "/teach/por?open=no-such") == ["m1"], "the changed one"
    assert "Un titlu" not in text_of(trainer.get("/teach/por?open=Un+titlu"))


def text(trainer: FlaskClient) -> str:
    page: str = trainer.get("/teach/por/lesson/m2-a").get_data(as_text=True)
    return page
