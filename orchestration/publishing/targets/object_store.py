"""Publishes a version to an object store (s3://, gs://, az://), below one folder:

    versions/<version>/marts.duckdb, report.html, marts.xlsx, <schema>/<mart>.parquet
    latest.json

A target with `parquet: engine` has <schema>/<mart>/<file>.parquet instead, as Spark wrote them.

The version's files come first. Then latest.json is replaced, by one request, which stores make atomic: whoever reads it
finds all files that it names. Versions that published/ no longer keeps are removed last.
"""

import base64
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlparse

from orchestration.programme.connections import FilledConnection
from orchestration.publishing.targets.version import PublishedVersion, TargetFailed
from orchestration.runtime.redaction import redact_people
from orchestration.runtime.remotes import CannotConnect, open_files
from orchestration.runtime.run_log import log

ATTEMPTS = 5
SECONDS_BEFORE_SECOND = 1.0
LATEST = "latest.json"
# Nothing else below versions/ is ever removed.
VERSION = re.compile(r"\d{4}-\d{2}-\d{2}T\d{6}Z(-\d+)?")
BLOCK = 2**20
# How Spark and fsspec call a store.
SAME_STORE = {"s3a": "s3", "s3": "s3", "gs": "gs"}
Result = TypeVar("Result")


def publish_to_store(
    version: PublishedVersion, connection: FilledConnection, path: str = "", of_engine: bool = False
) -> None:
    """Put the version into `path` below the connection's folder, with the engine's own Parquet files of marts or those
    of published/. Raises TargetFailed; then readers still find the version before."""
    try:
        files, root = open_files(connection)
        Store(files, f"{root}/{path}".rstrip("/"), connection, of_engine).publish(version)
    except CannotConnect as error:
        raise TargetFailed(str(error)) from None


class Store:
    """A folder of an object store; `files` is its fsspec file system, `of_engine` says whose Parquet files it gets."""

    def __init__(self, files: Any, root: str, connection: FilledConnection, of_engine: bool = False):
        self.files, self.root, self.connection, self.of_engine = files, root, connection, of_engine

    def publish(self, version: PublishedVersion) -> None:
        before = self.read_latest()
        if before.get("programme", version.programme) != version.programme:
            raise TargetFailed(
                f"{self.root} is of the programme {before['programme']}, not of {version.programme}. Give each"
                f" programme a `path:` of its own in settings.yml; if it has a new name, remove {LATEST} there"
            )
        if before.get("version") != version.name:
            sent = dict(self.send_files(version))
            latest = {**version.latest, "objects": sent, "parquet": list_parquet(version, sent)}
            text = (json.dumps(latest, indent=1) + "\n").encode()
            self.retry(lambda: self.files.pipe_file(f"{self.root}/{LATEST}", text), f"write {LATEST}")
            if self.read_latest() != json.loads(text):
                raise TargetFailed(f"{self.root}/{LATEST} was changed by somebody else while it was published")
        self.remove_old(version)

    def read_latest(self) -> dict[str, Any]:
        """The content of latest.json there; empty if there is none."""

        def read() -> dict[str, Any]:
            try:
                return dict(json.loads(self.files.cat_file(f"{self.root}/{LATEST}")))
            except FileNotFoundError:
                return {}

        try:
            return self.retry(read, f"read {LATEST}")
        except ValueError:
            raise TargetFailed(f"{self.root}/{LATEST} is not what is published from here. Remove it") from None

    def send_files(self, version: PublishedVersion) -> Iterator[tuple[str, dict[str, Any]]]:
        """Send what is not there yet; yields the path below the root, with size and SHA-256, of every file."""
        for file in sorted(path for path in version.folder.rglob("*") if path.is_file()):
            if not (self.of_engine and file.suffix == ".parquet"):
                name = file.relative_to(version.folder).as_posix()
                yield self.send_file(file, f"versions/{version.name}/{name}")
        if self.of_engine:
            yield from self.send_files_of_engine(version)

    def send_file(self, file: Path, inside: str) -> tuple[str, dict[str, Any]]:
        sha256, md5 = hash_file(file)
        if not self.is_there(inside, file, md5, is_reread=False):
            self.retry(lambda: self.files.put_file(str(file), f"{self.root}/{inside}"), f"write {inside}")
            if not self.is_there(inside, file, md5, is_reread=True):
                raise TargetFailed(f"{inside} differs from what was sent. The next run sends it again")
        return inside, {"bytes": file.stat().st_size, "sha256": sha256}

    def send_files_of_engine(self, version: PublishedVersion) -> Iterator[tuple[str, dict[str, Any]]]:
        """From a folder that this machine has, or within the store, which copies them itself."""
        if version.engine_files.keys() != version.rows.keys():
            raise TargetFailed(
                f"the engine has no files of version {version.name}. The next run that builds writes them; delete"
                " warehouse/fingerprint.json for one that builds everything"
            )
        for mart, urls in version.engine_files.items():
            for url in urls:
                parsed = urlparse(url)
                inside = f"versions/{version.name}/{mart.replace('.', '/')}/{unquote(parsed.path).rpartition('/')[2]}"
                try:
                    if parsed.scheme == "file":
                        yield self.send_file(Path(unquote(parsed.path)), inside)
                    else:
                        yield self.copy_within(url, inside)
                except FileNotFoundError:
                    raise TargetFailed(
                        f"{url} is gone from the engine's storage: a later run has begun to build. The next run that is"
                        " finished brings its own version"
                    ) from None

    def copy_within(self, url: str, inside: str) -> tuple[str, dict[str, Any]]:
        """Without this machine, which never has the bytes, and so no SHA-256 of them."""
        parsed = urlparse(url)
        if SAME_STORE.get(parsed.scheme) != self.connection.scheme:
            raise TargetFailed(
                f"the engine's storage is {parsed.scheme}://{parsed.netloc}, and the target is {self.connection.scheme}://."
                " `parquet: engine` needs a storage that is a folder or in the same object store"
            )
        source, target = f"{parsed.netloc}{unquote(parsed.path)}", f"{self.root}/{inside}"
        self.retry(lambda: self.files.copy(source, target), f"copy {inside}")
        size = self.retry(lambda: self.files.size(target), f"look up {inside}")
        if size != self.retry(lambda: self.files.size(source), f"look up {url}"):
            raise TargetFailed(f"{inside} differs from {url}. The next run copies it again")
        return inside, {"bytes": size}

    def is_there(self, inside: str, file: Path, md5: str, is_reread: bool) -> bool:
        """Whether the store has the file's bytes: by the checksum that it made itself, else by reading it again."""
        place = f"{self.root}/{inside}"
        try:
            info = self.retry(lambda: self.files.info(place), f"look up {inside}")
        except FileNotFoundError:
            return False
        if info.get("size") != file.stat().st_size:
            return False
        stored = read_md5(info)
        if stored is None and is_reread:
            stored = self.retry(lambda: self.hash_object(place), f"read {inside}")
        return stored == md5

    def hash_object(self, place: str) -> str:
        md5 = hashlib.md5(usedforsecurity=False)
        with self.files.open(place, "rb") as opened:
            while block := opened.read(BLOCK):
                md5.update(block)
        return md5.hexdigest()

    def remove_old(self, version: PublishedVersion) -> None:
        """Remove the versions that published/ no longer keeps: also those from before an erasure."""
        folder = f"{self.root}/versions"
        try:
            places = self.retry(lambda: self.files.ls(folder, detail=False), "list versions")
        except FileNotFoundError:
            return
        names = {place.rstrip("/").rpartition("/")[2] for place in places}
        for name in sorted(names - set(version.latest["versions"]) - {version.name}):
            if VERSION.fullmatch(name):
                self.retry(
                    lambda name=name: self.files.rm(f"{folder}/{name}", recursive=True), f"remove version {name}"
                )

    def retry(self, action: Callable[[], Result], what: str) -> Result:
        """The action's result. Raises TargetFailed if every attempt fails, FileNotFoundError at once."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return action()
            except FileNotFoundError:
                raise
            except PermissionError as error:
                problem = self.describe(error)
                break
            except OSError as error:
                problem = self.describe(error)
            except Exception as error:
                if not is_of_a_store(error):
                    raise
                problem = self.describe(error)
            if attempt < ATTEMPTS:
                log.warning("%s could not %s (%s); trying again", self.connection.name, what, problem)
                time.sleep(SECONDS_BEFORE_SECOND * 2 ** (attempt - 1))
        raise TargetFailed(f"could not {what} in {self.root}: {problem}")

    def describe(self, error: Exception) -> str:
        text = " ".join(str(error).split())
        return redact_people(
            self.connection.redact(f"{type(error).__name__}: {text}" if text else type(error).__name__)
        )


def is_of_a_store(error: Exception) -> bool:
    """Whether an error is one of the vendors' libraries, which have no base class in common."""
    return type(error).__module__.partition(".")[0] in ("aiohttp", "azure", "botocore", "gcsfs", "google", "s3fs")


def hash_file(file: Path) -> tuple[str, str]:
    """SHA-256, and MD5 as stores make it."""
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with file.open("rb") as opened:
        while block := opened.read(BLOCK):
            sha256.update(block)
            md5.update(block)
    return sha256.hexdigest(), md5.hexdigest()


def read_md5(info: dict[str, Any]) -> str | None:
    """The MD5 that a store made of an object, in hexadecimal; None if it made none, as of one sent in several parts."""
    if isinstance(text := info.get("md5Hash"), str):  # Google
        return base64.b64decode(text).hex()
    if content := (info.get("content_settings") or {}).get("content_md5"):  # Azure
        return bytes(content).hex()
    tag = str(info.get("ETag", "")).strip('"')  # Amazon, and those who speak its language
    return tag if re.fullmatch(r"[0-9a-f]{32}", tag) and not info.get("SSEKMSKeyId") else None


def list_parquet(version: PublishedVersion, sent: dict[str, Any]) -> dict[str, list[str]]:
    """The Parquet files of each mart, below the root."""
    begin = {mart: f"versions/{version.name}/{mart.replace('.', '/')}" for mart in version.rows}
    return {
        mart: sorted(path for path in sent if path == f"{start}.parquet" or path.startswith(f"{start}/"))
        for mart, start in begin.items()
    }
