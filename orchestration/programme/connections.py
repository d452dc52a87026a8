"""`connections:` of settings.yml: databases, object stores, SFTP servers and REST APIs, by name.

    shop_db: postgresql://${DB_USER}:${DB_PASSWORD}@db.internal/shop
    lake: {url: s3://bucket/prefix, endpoint_url: "${S3_ENDPOINT}"}

A secret is written as a ${VARIABLE} of the environment only. Variables are filled in after the URL is parsed, so that a
password can have any character; nothing here is ever shown filled in.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import SplitResult, parse_qsl, quote, quote_plus, unquote, urlsplit

from pydantic import BaseModel, ConfigDict, model_validator

from orchestration.programme.problems import enumerate_names, suggest
from orchestration.programme.validation import refuse

Kind = Literal["database", "files", "api"]

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,79}")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9]*)(?:\+[A-Za-z0-9_]+)?://")
HIDDEN = "(secret)"

DATABASES = (
    *("postgresql", "mysql", "mariadb", "mssql", "oracle", "snowflake", "bigquery", "redshift"),
    *("duckdb", "sqlite", "clickhouse", "databricks", "trino", "awsathena"),
)
# Options of a connection to files, by scheme; what is left out, the vendor's own library looks for (AWS_PROFILE …).
FILE_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "s3": ("endpoint_url", "region", "access_key_id", "secret_access_key", "session_token", "anonymous"),
    "gs": ("endpoint_url", "credentials_file", "anonymous"),
    "az": ("account_name", "account_key", "sas_token", "connection_string"),
    "sftp": ("key_file", "key_passphrase", "host_key"),
}
# As dlt's rest_api names them in `client`.
API_OPTIONS = ("headers", "auth", "paginator")
_API_SCHEMES = ("http", "https")
_SCHEMES = (*DATABASES, *FILE_OPTIONS, *_API_SCHEMES)
_SECRET = re.compile(
    r"pass(word|wd|phrase)?$|secret|token$|[_-]key$|^key$|api_?key|credentials?$|connection_string", re.I
)
# These name a file or the kind of a thing.
_NO_SECRET = re.compile(r"_file$|^access_key_id$|^type$|^host_key$|_(url|path|location|name|param)$", re.I)


class VariableMissing(Exception):
    """Variables of the environment that a connection needs are not set; the message names them."""


@dataclass(frozen=True)
class FilledConnection:
    """A connection with its variables filled in. Its `repr` shows nothing of it.

    `path` is without its first `/` (a bucket and a prefix have none, a database is its name); `options` are those of
    settings.yml; `query` are those in the URL. `secrets` are the values that no message may show.
    """

    name: str
    scheme: str
    username: str | None = field(repr=False)
    password: str | None = field(repr=False)
    host: str = field(repr=False)
    port: int | None = field(repr=False)
    path: str = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    options: Mapping[str, Any] = field(repr=False)
    secrets: frozenset[str] = field(repr=False)

    def redact(self, text: str) -> str:
        """The text without any of the secrets, however they are quoted in it."""
        forms = {form for secret in self.secrets for form in _list_forms(secret)}
        for form in sorted(forms, key=len, reverse=True):
            text = text.replace(form, HIDDEN)
        return text


class Connection(BaseModel):
    """One connection as it is written, with its variables not filled in."""

    model_config = ConfigDict(frozen=True, extra="allow")

    url: str

    @model_validator(mode="before")
    @classmethod
    def _read_url(cls, value: Any) -> Any:
        written = {"url": value} if isinstance(value, str) else value
        if not isinstance(written, dict) or not isinstance(written.get("url"), str):
            # The value is not shown: it may have a secret in it.
            raise refuse(
                "a connection has no URL", "Write for example postgresql://${DB_USER}:${DB_PASSWORD}@host/name"
            )
        _check_url(written["url"])
        _check_options(written)
        return written

    @property
    def scheme(self) -> str:
        """The scheme with its driver, such as postgresql+psycopg."""
        return self.url.partition("://")[0].lower()

    @property
    def system(self) -> str:
        """The scheme without its driver."""
        return self.scheme.partition("+")[0]

    @property
    def kind(self) -> Kind:
        return "database" if self.system in DATABASES else "files" if self.system in FILE_OPTIONS else "api"

    @property
    def options(self) -> dict[str, Any]:
        """What is written beside the URL."""
        return dict(self.model_extra or {})

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the environment that it needs, in the order in which they are written."""
        found = [*VARIABLE.findall(self.url), *find_variables(self.options)]
        return tuple(dict.fromkeys(found))

    def fill(self, name: str, environment: Mapping[str, str] | None = None) -> FilledConnection:
        """The connection `name` with its variables. Raises VariableMissing if one is not set."""
        values = os.environ if environment is None else environment
        missing = [variable for variable in self.variables if variable not in values]
        if missing:
            raise VariableMissing(
                f"the connection {name} needs {enumerate_names(missing)}, which the environment lacks. Set"
                f" {'it' if len(missing) == 1 else 'them'}: export {missing[0]}=…"
            )
        parts = _split(self.url)
        texts = {part: _fill_text(unquote(text), values) if text is not None else None for part, text in parts.items()}
        query = {key: _fill_text(value, values) for key, value in parse_qsl(urlsplit(self.url).query)}
        options = fill_variables(self.options, values)
        secrets = {texts["password"], *(query[key] for key in query if is_secret(key))}
        # A variable at another place than the user, the host and the path is treated as a secret.
        secrets |= {values[variable] for variable in find_variables(self.options)}
        secrets |= {values[variable] for variable in VARIABLE.findall(urlsplit(self.url).query)}
        port = texts["port"]
        if port and not port.isdecimal():
            raise VariableMissing(f"the port of the connection {name} is not a number. Correct its variable")
        return FilledConnection(
            name=name,
            scheme=self.scheme,
            username=texts["username"],
            password=texts["password"],
            host=texts["host"] or "",
            port=int(port) if port else None,
            path=(texts["path"] or "").removeprefix("/"),
            query=query,
            options=options,
            secrets=frozenset(secret for secret in secrets if secret),
        )


def is_secret(name: str) -> bool:
    """Whether an option or a part of a URL's query is called like a secret.

    >>> [name for name in ("password", "account_key", "sslmode", "key_file", "token") if is_secret(name)]
    ['password', 'account_key', 'token']
    """
    return bool(_SECRET.search(name)) and not _NO_SECRET.search(name)


def check_connection_name(name: str) -> None:
    """Raises if the name cannot be that of a folder."""
    if not _NAME.fullmatch(name):
        message = f"the connection is called '{name}', which cannot be the name of a folder"
        raise refuse(message, "Write letters, digits, _ and - only, such as shop_db")


def _check_url(url: str) -> None:
    found = _SCHEME.match(url)
    if found is None:
        remedy = (
            "Write the URL itself, with variables for its secrets: postgresql://${DB_USER}:${DB_PASSWORD}@host/name"
        )
        raise refuse("the connection's URL has no scheme", remedy)
    system = found[1].lower()
    if system not in _SCHEMES:
        near = suggest("postgresql" if system == "postgres" else system, _SCHEMES)
        raise refuse(f"'{system}' is not a known kind of connection", f"{near}Write one of {enumerate_names(_SCHEMES)}")
    try:
        password = _split(url)["password"]
    except ValueError as error:
        raise refuse("the connection's URL cannot be read", "Write scheme://user:${PASSWORD}@host:port/name") from error
    if password and not _is_variables(password):
        raise refuse("the connection's URL has a password in it", "Write ${A_VARIABLE} instead, and set that variable")
    for key, value in parse_qsl(urlsplit(url).query):
        if is_secret(key) and not _is_variables(value):
            raise refuse(f"the connection's URL has a secret in it: {key}", "Write ${A_VARIABLE} instead")


def _check_options(written: Mapping[str, Any]) -> None:
    system = written["url"].partition("://")[0].partition("+")[0].lower()
    known = FILE_OPTIONS.get(system, API_OPTIONS if system in _API_SCHEMES else ())
    for name in written:
        if name != "url" and name not in known:
            remedy = f"{suggest(name, known)}The names here are {enumerate_names(('url', *known))}"
            raise refuse(f"'{name}' is not known in a connection to {system}", remedy)
    for place, name, value in _walk(written):
        if "${" in VARIABLE.sub("", value):
            raise refuse(f"{place} has a ${{ that begins no variable", "Write ${A_VARIABLE}: letters, digits and _")
        # In a header, anything may be a secret that is called like one or that authorises.
        if (is_secret(name) or name.lower() in ("authorization", "x-api-key")) and not _has_variable(value):
            raise refuse(f"{place} is a secret", "Write ${A_VARIABLE} instead, and set that variable")


def _walk(value: Any, place: str = "") -> Iterator[tuple[str, str, str]]:
    """Place, name and text of every text in nested options."""
    if isinstance(value, dict):
        for name, inner in value.items():
            inside = f"{place}.{name}" if place else name
            if isinstance(inner, str):
                yield inside, name, inner
            else:
                yield from _walk(inner, inside)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, place)


def find_variables(value: Any) -> Iterator[str]:
    """The variables that are written in a value, also inside of lists and mappings."""
    for _, _, text in _walk(value):
        yield from VARIABLE.findall(text)


def _has_variable(text: str) -> bool:
    return VARIABLE.search(text) is not None


def _is_variables(text: str) -> bool:
    """Whether a text consists of variables only."""
    return _has_variable(text) and not VARIABLE.sub("", text)


def fill_variables(value: Any, values: Mapping[str, str]) -> Any:
    """The value with its variables, also inside of lists and mappings."""
    if isinstance(value, dict):
        return {name: fill_variables(inner, values) for name, inner in value.items()}
    if isinstance(value, list):
        return [fill_variables(inner, values) for inner in value]
    return _fill_text(value, values) if isinstance(value, str) else value


def _fill_text(text: str, values: Mapping[str, str]) -> str:
    return VARIABLE.sub(lambda found: values[found[1]], text)


def _split(url: str) -> dict[str, str | None]:
    """The parts of a URL whose variables are not filled in. Raises ValueError if there is something else."""
    parts: SplitResult = urlsplit(url)
    account, at, place = parts.netloc.rpartition("@")
    username, colon, password = account.partition(":")
    host, port = place, None
    if found := re.fullmatch(r"(?P<host>\[[^\]]*\]|[^:]*):(?P<port>\d+|\$\{\w+\})", place):
        host, port = found["host"], found["port"]
    elif ":" in place and not place.startswith("["):
        raise ValueError("a port that is no number")
    return {
        "username": username if at else None,
        "password": password if colon else None,
        "host": host.strip("[]"),
        "port": port,
        "path": parts.path,
    }


def _list_forms(secret: str) -> set[str]:
    """A secret as it may be written: as it is, in a URL, and as Python shows a text."""
    return {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]} - {""}
