"""connections: of settings.yml: URLs with variables, kinds, and that a secret is nowhere but in the environment."""

from pathlib import Path

import pytest

from orchestration.programme import ProgrammeError, read_programme
from orchestration.programme.connections import Connection, FilledConnection, VariableMissing

# What a URL would have to escape, and what would show in a message.
PASSWORD = "p@ss/w:rd#?%41 ö'"


def read(folder: Path, settings: str) -> dict[str, Connection]:
    (folder / "landing").mkdir(exist_ok=True)
    (folder / "extracts.yml").write_text("extracts: []\n")
    (folder / "plan.yml").write_text("programme: N\ncurrency: EUR\ntimezone: UTC\n")
    (folder / "settings.yml").write_text(settings)
    return read_programme(folder).settings.connections


def fill(url: str, **environment: str) -> FilledConnection:
    return Connection.model_validate(url).fill("one", environment)


def test_a_password_can_have_any_character(tmp_path: Path):
    settings = (
        "connections:\n  shop_db: postgresql://${DB_USER}:${DB_PASSWORD}@db.internal:${PORT}/shop?sslmode=require\n"
    )
    connection = read(tmp_path, settings)["shop_db"]
    assert connection.variables == ("DB_USER", "DB_PASSWORD", "PORT")
    filled = connection.fill("shop_db", {"DB_USER": "me@x", "DB_PASSWORD": PASSWORD, "PORT": "5433"})
    assert (filled.username, filled.password, filled.host, filled.port) == ("me@x", PASSWORD, "db.internal", 5433)
    assert (filled.path, filled.query) == ("shop", {"sslmode": "require"})


@pytest.mark.parametrize(
    ("url", "kind", "host", "path"),
    [
        ("mysql+pymysql://${U}:${P}@h/shop", "database", "h", "shop"),
        ("duckdb:////data/shop.duckdb", "database", "", "/data/shop.duckdb"),
        ("postgresql://[::1]:5432/shop", "database", "::1", "shop"),
        ("s3://bucket/pre/fix", "files", "bucket", "pre/fix"),
        ("sftp://${U}@host:2222/exports", "files", "host", "exports"),
        ("https://api.example/v1", "api", "api.example", "v1"),
    ],
)
def test_what_a_url_connects_to(url: str, kind: str, host: str, path: str):
    filled = fill(url, U="u", P="p")
    assert (Connection.model_validate(url).kind, filled.host, filled.path) == (kind, host, path)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("postgresql://me:hunter2@h/d", "the connection's URL has a password in it. Write ${A_VARIABLE} instead"),
        ("postgresql://me:hunter2${X}@h/d", "the connection's URL has a password in it"),
        ("postgresql://me@h/d?password=hunter2", "the connection's URL has a secret in it: password"),
        ("hunter2", "the connection's URL has no scheme"),
        ("[hunter2]", "a connection has no URL"),
        ("{url: s3://b, secret_access_key: hunter2}", "secret_access_key is a secret. Write ${A_VARIABLE} instead"),
        ("{url: https://x, auth: {type: bearer, token: hunter2}}", "auth.token is a secret"),
        ("{url: https://x, headers: {X-Access-Token: hunter2}}", "headers.X-Access-Token is a secret"),
        (
            "{url: s3://b, acess_key_id: x}",
            "'acess_key_id' is not known in a connection to s3. Did you mean 'access_key_id'?",
        ),
        ("postgres://h/d", "'postgres' is not a known kind of connection. Did you mean 'postgresql'?"),
        ("postgresql://h:port/d", "the connection's URL cannot be read"),
        ("{url: 's3://b/${PREFIX'}", "url has a ${ that begins no variable. Write ${A_VARIABLE}"),
        ("s3://b/${MY-PREFIX}", "url has a ${ that begins no variable"),
        ("{url: s3://b, endpoint_url: '${}'}", "endpoint_url has a ${ that begins no variable"),
    ],
)
def test_a_mistake_in_a_connection_has_its_line_and_shows_no_secret(tmp_path: Path, written: str, said: str):
    with pytest.raises(ProgrammeError) as caught:
        read(tmp_path, f"keep_pulls: 3\nconnections:\n  one: {written}\n")
    assert str(caught.value).startswith(f"settings.yml line 3: {said}"), caught.value
    assert "hunter2" not in str(caught.value)


def test_connections_that_are_no_list_and_bad_names_are_refused(tmp_path: Path):
    with pytest.raises(ProgrammeError, match="line 1: connections must be a list") as caught:
        read(tmp_path, "connections: postgresql://me:hunter2@h/d\n")
    assert "hunter2" not in str(caught.value)
    with pytest.raises(ProgrammeError, match=r"called '\.\./x', which cannot be the name of a folder"):
        read(tmp_path, "connections: {../x: s3://b}\n")


def test_a_missing_variable_is_named():
    with pytest.raises(VariableMissing, match="the connection one needs U, P, which the environment lacks"):
        fill("postgresql://${U}:${P}@h/d")


def test_a_secret_is_hidden_in_any_text():
    filled = fill("postgresql://${U}:${P}@h/d", U="user", P=PASSWORD)
    from urllib.parse import quote, quote_plus

    told = f"at {PASSWORD} {quote(PASSWORD)} {quote_plus(PASSWORD)} {PASSWORD!r} user@h"
    hidden = filled.redact(told)
    assert "w:rd" not in hidden and "w%3A" not in hidden and hidden.endswith("user@h")
    assert PASSWORD not in repr(filled)


def test_options_are_filled_in_and_hidden():
    written = {"url": "https://x", "auth": {"type": "bearer", "token": "${TOKEN}"}, "headers": {"A": "b"}}
    filled = Connection.model_validate(written).fill("api", {"TOKEN": "tok-123"})
    assert filled.options == {"auth": {"type": "bearer", "token": "tok-123"}, "headers": {"A": "b"}}
    assert filled.redact("Bearer tok-123") == "Bearer (secret)"
