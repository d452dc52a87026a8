"""A session on a Spark Connect server: what is set for it, and what must be true of it before anything is built."""

from collections.abc import Mapping
from typing import Any

from dbt.adapters.sparksession.losses import Watch
from dbt_common.exceptions import DbtRuntimeError

# QUALIFY came with it.
LEAST_VERSION = (4, 2)
# Of one request. With the waits between them half a minute; by default Spark's client goes on for ten.
RETRIES, LONGEST_WAIT = 7, 10_000


def connect(url: str, settings: Mapping[str, str], watch: Watch) -> Any:
    """Raises DbtRuntimeError if the server is too old or refuses a setting, what Spark raises if it does not answer."""
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession
    from pyspark.sql.connect.client.retries import DefaultPolicy

    session: Any = SparkSession.builder.remote(url).create()
    session.client.set_retry_policies([DefaultPolicy(max_retries=RETRIES, max_backoff=LONGEST_WAIT)])
    version = tuple(int(part) for part in session.version.split(".")[:2])
    if version < LEAST_VERSION:
        raise DbtRuntimeError(
            f"The Spark Connect server at {describe_place(url)} runs Spark {session.version}. The models need"
            f" {'.'.join(map(str, LEAST_VERSION))} or later"
        )
    for name, value in settings.items():
        try:
            session.conf.set(name, value)
        except PySparkException as error:
            if "CANNOT_MODIFY" not in str(error):
                raise
            raise DbtRuntimeError(
                f"The Spark Connect server at {describe_place(url)} does not let a session set {name}. Take it out of"
                " `config` in settings.yml, and give it to the server when it is started (--conf)"
            ) from None
    session.registerProgressHandler(watch.look_at_server)
    return session


def describe_place(url: str) -> str:
    """Without what may be secret: parameters follow the host."""
    return url.partition("/;")[0].partition(";")[0]
