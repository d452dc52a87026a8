"""Where else a published version goes: PostgreSQL and object stores, as `publish:` of settings.yml says.

A target gets what published/ has, after it is published there: so a target that is down or full never keeps a version
from its other readers, and the next run brings it up to date. `targets` decides what goes where; `postgres` and
`object_store` each publish one version to one target, all of it or nothing.
"""
