"""`rafid dashboards`: what is written and imported, against a server that speaks the documented protocol."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deploy.kibana.pack import packed, saved_objects
from rafid import cli
from tests.support.scripted_kibana import scripted_kibana


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["dashboards", *arguments])


def test_an_export_is_the_packed_objects(tmp_path: Path) -> None:
    assert run("export", str(tmp_path / "out.ndjson"), "--language", "ar").exit_code == 0
    assert (tmp_path / "out.ndjson").read_bytes() == packed(saved_objects("ar"))


def test_importing_twice_leaves_each_object_once() -> None:
    with scripted_kibana() as kibana:
        results = [run("import", "--kibana", kibana.url) for _ in range(2)]

        assert [result.exit_code for result in results] == [0, 0]
        assert results[0].output == results[1].output
        assert f"{kibana.url}/app/dashboards#/view/rafid-search" in results[0].output
        assert {key[2] for key in kibana.objects} == {saved["id"] for saved in saved_objects()}


def test_what_is_there_is_kept_when_it_is_not_to_be_overwritten() -> None:
    with scripted_kibana() as kibana:
        run("import", "--kibana", kibana.url)
        result = run("import", "--kibana", kibana.url, "--no-overwrite")

        assert result.exit_code == 1
        named = f"{result.output}{result.exception}"
        assert "dashboard rafid-search: there is one already" in named
        assert "index-pattern rafid-news: there is one already" in named


def test_a_partial_failure_fails_with_a_line_for_each_object() -> None:
    with scripted_kibana(unknown_types=("search",)) as kibana:
        result = run("import", "--kibana", kibana.url)

        assert result.exit_code == 1
        assert "search rafid-hits: this Kibana knows no such type" in str(result.exception)


@pytest.mark.parametrize(
    ("arguments", "authorization"),
    [(["--kibana-api-key", "a2V5"], "ApiKey a2V5"), (["--kibana-user", "u", "--kibana-password", "p"], "Basic dTpw")],
)
def test_it_logs_in_by_key_or_user(arguments: list[str], authorization: str) -> None:
    with scripted_kibana(authorization=authorization) as kibana:
        assert run("import", "--kibana", kibana.url, *arguments).exit_code == 0
        refused = run("import", "--kibana", kibana.url)

        assert refused.exit_code == 1
        assert "401, no such user, password or API key" in str(refused.exception)


def test_objects_go_into_the_space_that_is_named() -> None:
    with scripted_kibana(spaces=("default", "desk")) as kibana:
        assert run("import", "--kibana", kibana.url, "--space", "desk").exit_code == 0
        assert {key[0] for key in kibana.objects} == {"desk"}

        missing = run("import", "--kibana", kibana.url, "--space", "none")
        assert "404, no such space" in str(missing.exception)


def test_no_kibana_there_is_one_line() -> None:
    result = run("import", "--kibana", "http://127.0.0.1:9")

    assert result.exit_code == 1
    assert "Kibana does not answer at http://127.0.0.1:9" in str(result.exception)


@pytest.mark.parametrize("url", ["kibana:5601", "http://me:secret@kibana:5601", "ftp://kibana"])
def test_what_is_no_address_is_wrong_usage_and_shows_no_secret(url: str) -> None:
    result = run("import", "--kibana", url)

    assert result.exit_code == 2
    assert "secret" not in result.output
