"""Which dependency groups connections need, and that these groups exist."""

import tomllib

from orchestration.programme.connections import DATABASES, FILE_OPTIONS, Connection
from orchestration.programme.packages import list_groups
from orchestration.programme.repository import REPOSITORY


def test_groups_of_connections():
    urls = ("mariadb://h/d", "mysql://h/d", "s3://b", "https://h", "oracle://h/d")
    assert list_groups(Connection.model_validate(url) for url in urls) == ["pulling", "mysql", "s3"]
    assert list_groups([]) == []


def test_every_group_is_in_pyproject():
    groups = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["dependency-groups"]
    schemes = [f"{scheme}://h/d" for scheme in (*DATABASES, *FILE_OPTIONS, "https")]
    assert set(list_groups(Connection.model_validate(url) for url in schemes)) <= set(groups)
