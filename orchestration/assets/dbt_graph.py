"""dbt's project as Dagster's graph: every model is an asset, every data test a check, and where each is described."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from graphlib import TopologicalSorter
from typing import Any

from dagster import AssetCheckKey, AssetKey, CodeReferencesMetadataValue, LocalFileCodeReference, MetadataValue
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from orchestration.assets import OWNERS
from orchestration.environment import REPOSITORY, find_folder, put_tools_on_path
from orchestration.programme.owners import read_owners
from orchestration.publishing.marts import SCHEMAS
from orchestration.warehouse import DBT_PROJECT

put_tools_on_path()
PROJECT = DbtProject(DBT_PROJECT)
PROJECT.prepare_if_dev()


class TreeTranslator(DagsterDbtTranslator):
    """Keys and groups from the tree: `marts/reach/reach__posts.sql` is `reach/posts` in the group reach."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return AssetKey([dbt_resource_props["source_name"], dbt_resource_props["name"]])
        return AssetKey([dbt_resource_props["schema"], dbt_resource_props["alias"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return dbt_resource_props["schema"]

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> tuple[str, ...]:
        # Whoever mends it, and of goals whoever set them.
        return (*OWNERS, *(read_owners(find_folder()) if dbt_resource_props["schema"] == "goals" else ()))

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**super().get_metadata(dbt_resource_props), **describe_place(dbt_resource_props)}

    def get_tags(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, str]:
        is_python = dbt_resource_props.get("language") == "python"
        return {**super().get_tags(dbt_resource_props), **({"dagster/kind/python": ""} if is_python else {})}


def describe_place(model: Mapping[str, Any]) -> Mapping[str, Any]:
    """Links to what says how it is made, beside the model itself, and where readers find it."""
    is_mart = model["schema"] in SCHEMAS
    described_in = model["patch_path"] or model["original_file_path"]  # a source is its own description
    files = [DBT_PROJECT / described_in.split("://")[-1]]
    if is_mart:
        files.append(REPOSITORY / "docs" / "border.md")
    links = [LocalFileCodeReference(file_path=str(file), label=file.name) for file in files]
    return {
        "dagster/code_references": CodeReferencesMetadataValue(code_references=links),
        **({"readers_find_it_in": MetadataValue.path(find_folder().published_marts)} if is_mart else {}),
    }


TRANSLATOR = TreeTranslator(DagsterDbtTranslatorSettings(enable_code_references=True))


@cache
def read_manifest() -> Mapping[str, Any]:
    return json.loads(PROJECT.manifest_path.read_text(encoding="utf-8"))


@cache
def find_asset_keys() -> Mapping[str, AssetKey]:
    """Of models and seeds, by unique id."""
    nodes = read_manifest()["nodes"].items()
    return {key: TRANSLATOR.get_asset_key(node) for key, node in nodes if node["resource_type"] in ("model", "seed")}


def find_table_keys(models: Iterable[str]) -> list[AssetKey]:
    """Of these models, and of what each of them that is a view stands on, down to tables."""
    nodes = read_manifest()["nodes"]
    waiting, found = list(models), {}
    while waiting:
        model = waiting.pop()
        found[model] = find_asset_keys()[model]
        if nodes[model]["config"]["materialized"] == "view":
            waiting += [parent for parent in nodes[model]["depends_on"]["nodes"] if parent in nodes]
    return list(found.values())


@cache
def find_check_keys() -> Mapping[str, AssetCheckKey]:
    """Of data tests, by unique id. A singular test of several models names in its meta the one that it is about."""
    tests = [key for key, node in read_manifest()["nodes"].items() if node["resource_type"] == "test"]
    return {
        test: key for test in tests if (key := get_asset_check_key_for_test(read_manifest(), TRANSLATOR, test, PROJECT))
    }


@cache
def find_order() -> Mapping[str, int]:
    """Places of models, seeds and tests in the order of the graph, which is how Dagster wants to be told of them."""
    nodes = read_manifest()["nodes"]
    parents = {key: set(node["depends_on"].get("nodes", ())) & nodes.keys() for key, node in nodes.items()}
    return {key: place for place, key in enumerate(TopologicalSorter(parents).static_order())}
