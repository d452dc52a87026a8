"""Opens the connections of settings.yml: a database by SQLAlchemy, files by fsspec.

Neither error messages nor `repr` of what is returned here may be shown without `FilledConnection.redact`.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from orchestration.programme.connections import FilledConnection

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mysql+pymysql"}
# What makes a session read only, by SQLAlchemy's name of the dialect. Others are read only by what is sent to them.
_READ_ONLY = {
    "postgresql": "set session characteristics as transaction read only",
    "mysql": "set session transaction read only",
    "mariadb": "set session transaction read only",
    "sqlite": "pragma query_only = on",
}
SECONDS_TO_CONNECT = 30


class CannotConnect(Exception):
    """A connection cannot be opened as it is written; the message, without secrets, says what to do."""


def make_url(connection: FilledConnection) -> "URL":
    """SQLAlchemy's URL, with the driver that the project installs where none is named."""
    from sqlalchemy import URL

    return URL.create(
        _DRIVERS.get(connection.scheme, connection.scheme),
        connection.username,
        connection.password,
        connection.host or None,
        connection.port,
        connection.path or None,
        dict(connection.query),
    )


def open_engine(
    connection: FilledConnection, is_read_only: bool = True, time_limit: timedelta | None = None
) -> "Engine":
    """An engine that is to be disposed of. Sessions are read only where the database can, and one that does not answer
    within `time_limit` is given up. JSON arrives as the text that the database has. Raises CannotConnect."""
    import sqlalchemy
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    url = make_url(connection)
    seconds = int(time_limit.total_seconds()) if time_limit else 0
    arguments: dict[str, Any] = {}
    if url.drivername == "postgresql+psycopg":
        arguments = {"connect_timeout": SECONDS_TO_CONNECT}
    elif url.drivername == "mysql+pymysql":
        arguments = {"connect_timeout": SECONDS_TO_CONNECT, **({"read_timeout": seconds} if seconds else {})}
    elif url.get_backend_name() == "duckdb" and is_read_only:
        arguments = {"read_only": True}
    try:
        options = (
            {"json_deserializer": _keep_text} if url.get_backend_name() in ("postgresql", "mysql", "sqlite") else {}
        )
        engine = sqlalchemy.create_engine(url, connect_args=arguments, poolclass=sqlalchemy.NullPool, **options)
    except (ImportError, NoSuchModuleError) as error:
        raise CannotConnect(
            f"the driver of {url.drivername} is not installed ({error}). make nightly installs those that the project"
            " knows; install any other beside it: .tools/bin/uv pip install …"
        ) from None
    except ArgumentError as error:
        raise CannotConnect(connection.redact(str(error))) from None

    @sqlalchemy.event.listens_for(engine, "connect")
    def prepare(opened: Any, _: object) -> None:
        statements = [_READ_ONLY[engine.dialect.name]] if is_read_only and engine.dialect.name in _READ_ONLY else []
        if seconds and engine.dialect.name == "postgresql":
            statements.append(f"set session statement_timeout = '{seconds}s'")
        cursor = opened.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()
        if statements and engine.dialect.name == "postgresql":
            opened.commit()

    return engine


def _keep_text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def open_files(connection: FilledConnection) -> tuple[Any, str]:
    """An fsspec file system, and the path in it that the URL names, without a `/` at its end. Raises CannotConnect."""
    import fsspec

    options = dict(connection.options)
    match connection.scheme:
        case "s3":
            names = {"access_key_id": "key", "secret_access_key": "secret", "session_token": "token"}
            arguments = {names[name]: options[name] for name in names if name in options}
            arguments["anon"] = str(options.get("anonymous", "false")).lower() == "true"
            arguments["client_kwargs"] = {"region_name": options["region"]} if "region" in options else {}
            if options.get("endpoint_url"):
                arguments["endpoint_url"] = options["endpoint_url"]
        case "gs":
            anonymous = str(options.get("anonymous", "false")).lower() == "true"
            arguments = {"token": "anon" if anonymous else options.get("credentials_file")}
            if options.get("endpoint_url"):
                return _open_other_gcs(arguments, str(options["endpoint_url"])), _name_place(connection)
        case "az":
            arguments = dict(options)
        case "sftp":
            return _open_sftp(connection), f"/{connection.path}".rstrip("/")
        case _:
            arguments = {"client_kwargs": {"headers": options["headers"]}} if "headers" in options else {}
            base = f"{connection.scheme}://{connection.host}{f':{connection.port}' if connection.port else ''}"
            return fsspec.filesystem("http", **arguments), f"{base}/{connection.path}".rstrip("/")
    try:
        # No cached listings: each run looks anew.
        opened = fsspec.filesystem(connection.scheme, use_listings_cache=False, skip_instance_cache=True, **arguments)
    except ImportError as error:
        raise CannotConnect(f"{error}. make nightly installs what the connections of settings.yml need") from None
    return opened, _name_place(connection)


def _name_place(connection: FilledConnection) -> str:
    return f"{connection.host}/{connection.path}".rstrip("/")


def _open_other_gcs(arguments: dict[str, Any], endpoint: str) -> Any:
    """A server that speaks the API of Google Cloud Storage. gcsfs's default class would ask Google by gRPC what kind of
    bucket it is, and wait a minute for an answer."""
    try:
        from gcsfs.core import GCSFileSystem
    except ImportError as error:
        raise CannotConnect(f"{error}. make nightly installs what the connections of settings.yml need") from None
    return GCSFileSystem(endpoint_url=endpoint, use_listings_cache=False, skip_instance_cache=True, **arguments)


def _open_sftp(connection: FilledConnection) -> Any:
    """A file system over SFTP that trusts only the server whose key is known (`host_key`, or ~/.ssh/known_hosts)."""
    import paramiko
    from fsspec.implementations.sftp import SFTPFileSystem

    class CheckedSFTP(SFTPFileSystem):  # type: ignore[misc]
        cachable = False

        def _connect(self) -> None:
            client = paramiko.SSHClient()
            client.load_system_host_keys()
            if expected := connection.options.get("host_key"):
                kind, _, key = str(expected).partition(" ")
                port = connection.port or 22
                place = connection.host if port == 22 else f"[{connection.host}]:{port}"
                found = paramiko.PKey.from_type_string(kind, _decode_key(key))
                client.get_host_keys().add(place, kind, found)
            client.set_missing_host_key_policy(paramiko.RejectPolicy())
            client.connect(self.host, **self.ssh_kwargs)
            self.client, self.ftp = client, client.open_sftp()

    arguments = {
        "port": connection.port or 22,
        "username": connection.username,
        "password": connection.password,
        "key_filename": connection.options.get("key_file"),
        "passphrase": connection.options.get("key_passphrase"),
        "timeout": SECONDS_TO_CONNECT,
    }
    return CheckedSFTP(connection.host, **{name: value for name, value in arguments.items() if value is not None})


def _decode_key(text: str) -> bytes:
    import base64
    import binascii

    try:
        return base64.b64decode(text.split()[0], validate=True)
    except (binascii.Error, IndexError):
        raise CannotConnect(
            "host_key is no key. Copy the line that `ssh-keyscan host` prints, without the host"
        ) from None


def list_errors(connection: FilledConnection) -> tuple[type[Exception], ...]:
    """What the library of a connection to files may raise. Their messages may have a secret in them."""
    errors: list[type[Exception]] = [OSError, ValueError, RuntimeError, KeyError]
    match connection.scheme:
        case "s3":
            from botocore.exceptions import BotoCoreError, ClientError

            errors += [BotoCoreError, ClientError]
        case "sftp":
            from paramiko import SSHException

            errors += [SSHException]
        case "http" | "https":
            from aiohttp import ClientError as HttpError

            errors += [HttpError]
        case "az":
            from azure.core.exceptions import AzureError

            errors += [AzureError]
    return tuple(errors)
