"""uv.lock pins every package that is installed by its hash."""

import tomllib

from tests.conftest import REPOSITORY


def test_every_package_of_the_lock_is_pinned_by_hash():
    locked = tomllib.loads((REPOSITORY / "uv.lock").read_text())["package"]
    packages = [package for package in locked if package["source"] != {"virtual": "."}]
    assert len(packages) > 100
    for package in packages:
        assert package["source"].keys() == {"registry"}, f"{package['name']} comes from no package index"
        files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else [])]
        assert files, package["name"]
        assert all(file["hash"].startswith("sha256:") for file in files), package["name"]
