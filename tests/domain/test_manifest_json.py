"""A published course is kept as JSON and comes back as the same value."""

import json

from lms.domain.curriculum import Manifest, Source, Term, Verification


def test_points_to_verify_survive_as_json() -> None:
    manifest = Manifest(
        number=3,
        key="por",
        title="Curs",
        summary="",
        workshop="",
        language="ro",
        modules=(),
        glossary=(Term("am", "AM", "<em>x</em>"),),
        sources=(Source("S1", "Ordin", official=True),),
        to_verify=(Verification(1, "Achiziții", "Pragurile.", ("M9-07", "M9-08")),),
        assets={"files/a.xlsx": "00"},
    )
    assert Manifest.from_json(json.loads(json.dumps(manifest.to_json()))) == manifest


def test_a_manifest_of_before_the_points_to_verify_is_still_read() -> None:
    manifest = Manifest(1, "por", "Curs", "", "", "ro", ())
    older = manifest.to_json()
    del older["to_verify"]
    assert Manifest.from_json(older) == manifest
