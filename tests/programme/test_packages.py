"""Which dependency groups connections need, and that these groups exist."""

import tomllib

from orchestration.programme.connections import DATABASES, FILE_OPTIONS
from orchestration.programme.packages import list_groups
from orchestration.programme.repository import REPOSITORY
from orchestration.programme.settings import Settings


def connect_to(*urls: str, **settings: str) -> Settings:
    return Settings(connections={f"c{number}": url for number, url in enumerate(urls)}, **settings)


def test_groups_of_connections():
    urls = ("mariadb://h/d", "mysql://h/d", "s3://b", "https://h", "oracle://h/d")
    assert list_groups(connect_to(*urls)) == ["pulling", "mysql", "s3"]
    assert list_groups(connect_to()) == []
    assert list_groups(connect_to("postgresql://h/d", history="c0")) == ["pulling", "postgresql", "dagster-postgres"]


def test_every_group_is_in_pyproject():
    groups = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["dependency-groups"]
    schemes = [f"{scheme}://h/d" for scheme in (*DATABASES, *FILE_OPTIONS, "https")]
    assert set(list_groups(connect_to(*schemes))) <= set(groups)
