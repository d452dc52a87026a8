"""Gives dbt's sessions the programme's key for pseudonyms, without the key in a statement that is logged.

The key is read from PSEUDONYM_KEY, else from the file that PSEUDONYM_KEY_FILE names (orchestration makes it); without
either, from the sample programme's, like the paths in profiles.yml.
"""

from dbt.adapters.duckdb.plugins import BasePlugin
from keyed import read_key, set_pads


class Plugin(BasePlugin):
    def initialize(self, plugin_config):
        self._key = read_key()

    def configure_cursor(self, cursor):
        set_pads(cursor, self._key)
