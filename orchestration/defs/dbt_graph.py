"""The dbt project as Dagster's asset graph: every model is an asset, every data test a check."""

import json
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from dagster import AssetCheckKey, AssetKey, CodeReferencesMetadataValue, LocalFileCodeReference, MetadataValue
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from orchestration.defs import OWNERS
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.repository import DBT_PROJECT, REPOSITORY
from orchestration.programme.unvalidated_plan import read_owners
from orchestration.publishing.marts import SCHEMAS
from orchestration.runtime.environment import put_tools_on_path


class TreeTranslator(DagsterDbtTranslator):
    """Asset keys and groups from dbt's schemas: `marts/reach/reach__posts.sql` is `reach/posts` in the group reach."""

    def __init__(self, folder: ProgrammeFolder):
        super().__init__(DagsterDbtTranslatorSettings(enable_code_references=True))
        self.folder = folder

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return AssetKey([dbt_resource_props["source_name"], dbt_resource_props["name"]])
        return AssetKey([dbt_resource_props["schema"], dbt_resource_props["alias"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return str(dbt_resource_props["schema"])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> tuple[str, ...]:
        """The team, and for goals also the owners in plan.yml."""
        return (*OWNERS, *(read_owners(self.folder) if dbt_resource_props["schema"] == "goals" else ()))

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**super().get_metadata(dbt_resource_props), **self.describe_place(dbt_resource_props)}

    def get_tags(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, str]:
        is_python = dbt_resource_props.get("language") == "python"
        return {**super().get_tags(dbt_resource_props), **({"dagster/kind/python": ""} if is_python else {})}

    def describe_place(self, model: Mapping[str, Any]) -> Mapping[str, Any]:
        """Links to the model's description, and the path of the published mart."""
        is_mart = model["schema"] in SCHEMAS
        described_in = model["patch_path"] or model["original_file_path"]  # a source has no patch
        files = [DBT_PROJECT / described_in.split("://")[-1]]
        if is_mart:
            files.append(REPOSITORY / "docs" / "separation.md")
        links = CodeReferencesMetadataValue(
            code_references=[LocalFileCodeReference(file_path=str(file), label=file.name) for file in files]
        )
        return {
            "dagster/code_references": links,
            **({"readers_find_it_in": MetadataValue.path(self.folder.published_marts)} if is_mart else {}),
        }


class DbtGraph:
    """The manifest of the dbt project without the formats that the programme does not use, with Dagster's keys by dbt's
    unique ids."""

    def __init__(self, folder: ProgrammeFolder, unused_formats: Collection[str] = ()):
        put_tools_on_path()
        self.unused_formats = unused_formats
        self.project = DbtProject(DBT_PROJECT)
        self.project.prepare_if_dev()
        self.translator = TreeTranslator(folder)

    @property
    def manifest_file(self) -> Path:
        return self.project.manifest_path

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        return remove_formats(json.loads(self.manifest_file.read_text(encoding="utf-8")), self.unused_formats)

    @cached_property
    def asset_keys(self) -> Mapping[str, AssetKey]:
        """Of models and seeds."""
        return {
            unique_id: self.translator.get_asset_key(node)
            for unique_id, node in self.manifest["nodes"].items()
            if node["resource_type"] in ("model", "seed")
        }

    @cached_property
    def check_keys(self) -> Mapping[str, AssetCheckKey]:
        """Of data tests. A singular test that reads several models names in its meta the one that it checks."""
        tests = [unique_id for unique_id, node in self.manifest["nodes"].items() if node["resource_type"] == "test"]
        found = {
            test: get_asset_check_key_for_test(self.manifest, self.translator, test, self.project) for test in tests
        }
        return {test: key for test, key in found.items() if key}

    @cached_property
    def tables(self) -> Mapping[str, AssetKey]:
        """Of what each build builds: all but the views that are no marts."""
        return {model: key for model, key in self.asset_keys.items() if not self.is_view(model) or is_mart(key)}

    def find_tables(self, models: Iterable[str]) -> list[AssetKey]:
        """Keys of these models and, for views, of the models that they read, down to tables."""
        nodes = self.manifest["nodes"]
        waiting, found = list(models), set()
        while waiting:
            model = waiting.pop()
            found.add(model)
            if self.is_view(model):
                waiting += [parent for parent in nodes[model]["depends_on"]["nodes"] if parent in nodes]
        return [key for model, key in self.tables.items() if model in found]

    def is_view(self, model: str) -> bool:
        return self.manifest["nodes"][model]["config"]["materialized"] == "view"


def is_mart(key: AssetKey) -> bool:
    return key.path[0] in SCHEMAS


def remove_formats(manifest: Mapping[str, Any], formats: Collection[str]) -> Mapping[str, Any]:
    """The manifest without these formats' sources, and without the staging models, and their tests, that read nothing
    else but the plan and the ledger."""
    nodes, parents = manifest["nodes"], manifest["parent_map"]
    removed = {key for key, source in manifest["sources"].items() if source["name"] in formats}
    neutral = {
        key for key, node in nodes.items() if node["resource_type"] == "seed" or {"plan", "ledger"} & {*node["fqn"]}
    }
    candidates = {
        key for key, node in nodes.items() if node["resource_type"] == "test" or node["schema"] == "staging"
    } - neutral
    while found := {
        key
        for key in candidates - removed
        if not removed.isdisjoint(parents[key]) and (removed | neutral).issuperset(parents[key])
    }:
        removed |= found
    kept = {
        kind: {key: without(node, removed) for key, node in manifest[kind].items() if key not in removed}
        for kind in ("nodes", "sources", "unit_tests")
    }
    edges = {
        kind: {
            key: [end for end in ends if end not in removed]
            for key, ends in manifest[kind].items()
            if key not in removed
        }
        for kind in ("parent_map", "child_map")
    }
    return {**manifest, **kept, **edges}


def without(node: Mapping[str, Any], removed: Collection[str]) -> Mapping[str, Any]:
    depends_on = node.get("depends_on", {})
    if removed.isdisjoint(depends_on.get("nodes", ())):
        return node
    return {**node, "depends_on": {**depends_on, "nodes": [key for key in depends_on["nodes"] if key not in removed]}}
